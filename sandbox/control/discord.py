"""Control of the Discord side: be a person who writes.

POST /control/discord/say       {person, text?, place?, reply_to?, sticker?, silent?, extra?,
                                 files?: [{name, content (base64), media_type?, description?}]}
POST /control/discord/voice     {person, content (base64), seconds?, place?}
POST /control/discord/forward   {person, message_id, place?}
POST /control/discord/poll      {person, question, answers: [text], multiple?, place?}
POST /control/discord/vote      {person, message_id, answers: [1, ...]}
POST /control/discord/end_poll  {message_id}
POST /control/discord/edit      {person, message_id, text}
POST /control/discord/unfurl    {message_id, embeds: [{...}]}    previews of links, which is no edit
POST /control/discord/delete    {person, message_ids: [id]}      several: at once, as a moderator
POST /control/discord/react     {person, message_id, emoji, on=true}
POST /control/discord/clear_reactions {person, message_id, emoji?}
POST /control/discord/pin       {person, message_id, pinned=true}
POST /control/discord/type      {person, place?}
POST /control/discord/announce  {name, place, text?, embeds?}    a webhook writes
POST /control/discord/open_thread {person, name, place? or under?: message id, private?,
                                 invite?: [key or bot id]}       -> the thread
POST /control/discord/forum_post {person, title, text, place="questions", tags?: [name], files?}
POST /control/discord/join_thread, leave_thread {person, place}
POST /control/discord/archive   {person, place, archived=true, locked?}
POST /control/discord/rename    {person, place, name}
POST /control/discord/remove_channel {person, place}

`place` is the id or name of a channel or thread; missing: direct messages with the first bot.
Messages are answered as Discord's `Message` objects, threads as `Channel` objects.
"""

from aiohttp import web

from sandbox.control.reading import Fields, answer, read_fields
from sandbox.discord.app import DiscordApp, File
from sandbox.discord.messages import Message
from sandbox.discord.wire import channel_json
from sandbox.discord.wire_messages import message_json

BASE = "/control/discord"


class DiscordControl:
    """Translates control requests into acts in the app."""

    def __init__(self, app: DiscordApp) -> None:
        self._app = app

    def routes(self) -> list[web.RouteDef]:
        """The addresses of this part."""
        return [
            web.post(f"{BASE}/say", self.say),
            web.post(f"{BASE}/voice", self.voice),
            web.post(f"{BASE}/forward", self.forward),
            web.post(f"{BASE}/poll", self.poll),
            web.post(f"{BASE}/vote", self.vote),
            web.post(f"{BASE}/end_poll", self.end_poll),
            web.post(f"{BASE}/edit", self.edit),
            web.post(f"{BASE}/unfurl", self.unfurl),
            web.post(f"{BASE}/delete", self.delete),
            web.post(f"{BASE}/react", self.react),
            web.post(f"{BASE}/clear_reactions", self.clear_reactions),
            web.post(f"{BASE}/pin", self.pin),
            web.post(f"{BASE}/type", self.type),
            web.post(f"{BASE}/announce", self.announce),
            web.post(f"{BASE}/open_thread", self.open_thread),
            web.post(f"{BASE}/forum_post", self.forum_post),
            web.post(f"{BASE}/join_thread", self.join_thread),
            web.post(f"{BASE}/leave_thread", self.leave_thread),
            web.post(f"{BASE}/archive", self.archive),
            web.post(f"{BASE}/rename", self.rename),
            web.post(f"{BASE}/remove_channel", self.remove_channel),
        ]

    async def say(self, request: web.Request) -> web.Response:
        """Write a message."""
        fields = await read_fields(request)
        message = self._app.say(
            fields.text("person"),
            fields.text("text", ""),
            fields.text_or_none("place"),
            files=_files(fields),
            reply_to=fields.text_or_none("reply_to"),
            sticker=fields.text_or_none("sticker"),
            silent=fields.flag("silent"),
            extra=fields.object_or_none("extra"),
        )
        return self._told(message)

    async def voice(self, request: web.Request) -> web.Response:
        """Send a voice message."""
        fields = await read_fields(request)
        content, place = fields.content("content"), fields.text_or_none("place")
        seconds = fields.number("seconds", 2.5)
        return self._told(self._app.voice(fields.text("person"), content, place, seconds=seconds))

    async def forward(self, request: web.Request) -> web.Response:
        """Pass a message on."""
        fields = await read_fields(request)
        person, place = fields.text("person"), fields.text_or_none("place")
        return self._told(self._app.forward(person, fields.text("message_id"), place))

    async def poll(self, request: web.Request) -> web.Response:
        """Ask everybody."""
        fields = await read_fields(request)
        message = self._app.poll(
            fields.text("person"),
            fields.text("question"),
            fields.texts("answers"),
            fields.text_or_none("place"),
            multiple=fields.flag("multiple"),
        )
        return self._told(message)

    async def vote(self, request: web.Request) -> web.Response:
        """Choose answers of a poll."""
        fields = await read_fields(request)
        answers = fields.integers("answers")
        self._app.vote(fields.text("person"), fields.text("message_id"), *answers)
        return answer({})

    async def end_poll(self, request: web.Request) -> web.Response:
        """Let a poll be over."""
        self._app.end_poll((await read_fields(request)).text("message_id"))
        return answer({})

    async def edit(self, request: web.Request) -> web.Response:
        """Write a message anew."""
        fields = await read_fields(request)
        person, text = fields.text("person"), fields.text("text")
        return self._told(self._app.edit(person, fields.text("message_id"), text))

    async def unfurl(self, request: web.Request) -> web.Response:
        """Let Discord show previews of links."""
        fields = await read_fields(request)
        embeds = fields.objects_or_none("embeds") or []
        return self._told(self._app.unfurl(fields.text("message_id"), *embeds))

    async def delete(self, request: web.Request) -> web.Response:
        """Take messages away."""
        fields = await read_fields(request)
        person, which = fields.text("person"), fields.texts("message_ids")
        if len(which) == 1:
            self._app.delete(person, which[0])
        else:
            self._app.delete_many(person, which)
        return answer({})

    async def react(self, request: web.Request) -> web.Response:
        """React, or take it back."""
        fields = await read_fields(request)
        act = self._app.react if fields.flag("on", default=True) else self._app.unreact
        act(fields.text("person"), fields.text("message_id"), fields.text("emoji"))
        return answer({})

    async def clear_reactions(self, request: web.Request) -> web.Response:
        """Take reactions away as a moderator."""
        fields = await read_fields(request)
        which, emoji = fields.text("message_id"), fields.text_or_none("emoji")
        self._app.clear_reactions(fields.text("person"), which, emoji)
        return answer({})

    async def pin(self, request: web.Request) -> web.Response:
        """Pin a message, or unpin it."""
        fields = await read_fields(request)
        pinned = fields.flag("pinned", default=True)
        self._app.pin(fields.text("person"), fields.text("message_id"), pinned=pinned)
        return answer({})

    async def type(self, request: web.Request) -> web.Response:
        """Begin to write."""
        fields = await read_fields(request)
        self._app.type(fields.text("person"), fields.text_or_none("place"))
        return answer({})

    async def announce(self, request: web.Request) -> web.Response:
        """Let a webhook write."""
        fields = await read_fields(request)
        text, embeds = fields.text("text", ""), fields.objects_or_none("embeds") or []
        return self._told(
            self._app.announce(fields.text("name"), fields.text("place"), text, embeds)
        )

    async def open_thread(self, request: web.Request) -> web.Response:
        """Open a thread."""
        fields = await read_fields(request)
        person = fields.text("person")
        thread = self._app.open_thread(
            person,
            fields.text("name"),
            fields.text_or_none("place"),
            under=fields.text_or_none("under"),
            private=fields.flag("private"),
            invite=fields.texts("invite", required=False),
        )
        return answer(channel_json(thread, self._app.user(person)), status=201)

    async def forum_post(self, request: web.Request) -> web.Response:
        """Open a post of a forum."""
        fields = await read_fields(request)
        message = self._app.forum_post(
            fields.text("person"),
            fields.text("title"),
            fields.text("text"),
            fields.text("place", "questions"),
            tags=fields.texts("tags", required=False),
            files=_files(fields),
        )
        return self._told(message)

    async def join_thread(self, request: web.Request) -> web.Response:
        """Come into a thread."""
        fields = await read_fields(request)
        self._app.join_thread(fields.text("person"), fields.text("place"))
        return answer({})

    async def leave_thread(self, request: web.Request) -> web.Response:
        """Leave a thread."""
        fields = await read_fields(request)
        self._app.leave_thread(fields.text("person"), fields.text("place"))
        return answer({})

    async def archive(self, request: web.Request) -> web.Response:
        """Put a thread away, or fetch it back."""
        fields = await read_fields(request)
        locked = fields.flag("locked") if "locked" in fields.names() else None
        archived = fields.flag("archived", default=True)
        place = fields.text("place")
        self._app.archive(fields.text("person"), place, archived=archived, locked=locked)
        return answer({})

    async def rename(self, request: web.Request) -> web.Response:
        """Give a channel or thread another name."""
        fields = await read_fields(request)
        self._app.rename(fields.text("person"), fields.text("place"), fields.text("name"))
        return answer({})

    async def remove_channel(self, request: web.Request) -> web.Response:
        """Delete a channel or thread."""
        fields = await read_fields(request)
        self._app.remove_channel(fields.text("person"), fields.text("place"))
        return answer({})

    def _told(self, message: Message) -> web.Response:
        body = message_json(message, self._app.state.links, message.author)
        return answer(body, status=201)


def _files(fields: Fields) -> list[File]:
    given = [Fields(body) for body in fields.objects_or_none("files") or []]
    return [
        File(
            name=one.text("name"),
            content=one.content("content"),
            media_type=one.text_or_none("media_type"),
            description=one.text_or_none("description"),
        )
        for one in given
    ]
