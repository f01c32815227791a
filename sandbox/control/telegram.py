"""Control of the Telegram side: be a person with a phone.

POST /control/telegram/say      {person, text, entities?, chat_id?, reply_to?, thread_id?,
                                 bot_id?, extra?}
POST /control/telegram/file     {person, name, content (base64), media_type?, as_photo?,
                                 and the fields of say}
POST /control/telegram/edit     {person, message_id, text, entities?, chat_id?}
POST /control/telegram/tap      {person, message_id, data, chat_id?}        -> {callback_query_id}
POST /control/telegram/react    {person, message_id, emoji|null, chat_id?}
POST /control/telegram/block    {person, blocked=true, bot_id?}
POST /control/telegram/groups   {title, persons: [key], forum=false}        -> the chat
POST /control/telegram/inject   {update: {...}, bot_id?}                     -> {update_id}
POST /control/telegram/bots     {name, username}                             -> {bot_id, token}
POST /control/telegram/revoke   {bot_id?, token?}   with `token` the bot gets that one instead
GET  /control/telegram/seen/<person>   -> {chats: [{chat, blocked, bots, messages: [...]}]}
GET  /control/telegram/files/<file_id> -> the bytes

Messages are answered as Bot API `Message` objects.
"""

from aiohttp import web

from sandbox.control.reading import Fields, answer, read_fields
from sandbox.payload import Json
from sandbox.telegram.phone import Phone, Saying
from sandbox.telegram.state import Bot, Chat, Message
from sandbox.telegram.wire import chat_json, message_json
from sandbox.world import World


class TelegramControl:
    """Translates control requests into acts on the phone."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._phone = Phone(world)

    def routes(self) -> list[web.RouteDef]:
        """The addresses of this part."""
        base = "/control/telegram"
        return [
            web.post(f"{base}/say", self.say),
            web.post(f"{base}/file", self.send_file),
            web.post(f"{base}/edit", self.edit),
            web.post(f"{base}/tap", self.tap),
            web.post(f"{base}/react", self.react),
            web.post(f"{base}/block", self.block),
            web.post(f"{base}/groups", self.create_group),
            web.post(f"{base}/inject", self.inject),
            web.post(f"{base}/bots", self.add_bot),
            web.post(f"{base}/revoke", self.revoke),
            web.get(f"{base}/seen/{{person}}", self.seen),
            web.get(f"{base}/files/{{file_id}}", self.file),
        ]

    async def say(self, request: web.Request) -> web.Response:
        """Write a message as a person."""
        fields = await read_fields(request)
        message = self._phone.say(fields.text("person"), _saying(fields))
        return answer(message_json(message))

    async def send_file(self, request: web.Request) -> web.Response:
        """Send a document or photo as a person."""
        fields = await read_fields(request)
        message = self._phone.send_file(
            fields.text("person"),
            fields.content("content"),
            fields.text("name"),
            fields.text("media_type", "application/octet-stream"),
            as_photo=fields.flag("as_photo"),
            saying=_saying(fields),
        )
        return answer(message_json(message))

    async def edit(self, request: web.Request) -> web.Response:
        """Edit a person's own message."""
        fields = await read_fields(request)
        message = self._phone.edit(
            fields.text("person"),
            fields.integer_or_none("chat_id"),
            fields.integer("message_id"),
            fields.text("text"),
            fields.objects_or_none("entities"),
        )
        return answer(message_json(message))

    async def tap(self, request: web.Request) -> web.Response:
        """Tap an inline button."""
        fields = await read_fields(request)
        query_id = self._phone.tap(
            fields.text("person"),
            fields.integer_or_none("chat_id"),
            fields.integer("message_id"),
            fields.text("data"),
        )
        return answer({"callback_query_id": query_id})

    async def react(self, request: web.Request) -> web.Response:
        """Set or take back a reaction."""
        fields = await read_fields(request)
        self._phone.react(
            fields.text("person"),
            fields.integer_or_none("chat_id"),
            fields.integer("message_id"),
            fields.text_or_none("emoji"),
        )
        return answer({})

    async def block(self, request: web.Request) -> web.Response:
        """Block or unblock the bot."""
        fields = await read_fields(request)
        self._phone.block(
            fields.text("person"),
            blocked=fields.flag("blocked", default=True),
            bot_id=fields.integer_or_none("bot_id"),
        )
        return answer({})

    async def create_group(self, request: web.Request) -> web.Response:
        """Open a group."""
        fields = await read_fields(request)
        chat = self._phone.create_group(
            fields.text("title"), fields.texts("persons"), forum=fields.flag("forum")
        )
        return answer(chat_json(chat))

    async def inject(self, request: web.Request) -> web.Response:
        """Queue an update as it is."""
        fields = await read_fields(request)
        update = fields.object_or_none("update") or {}
        update_id = self._phone.inject(update, fields.integer_or_none("bot_id"))
        return answer({"update_id": update_id})

    async def add_bot(self, request: web.Request) -> web.Response:
        """Register another bot."""
        fields = await read_fields(request)
        bot = self._world.telegram.add_bot(fields.text("name"), fields.text("username"))
        return answer({"bot_id": bot.id, "token": bot.token})

    async def revoke(self, request: web.Request) -> web.Response:
        """Make a bot's token invalid, or replace it."""
        fields = await read_fields(request)
        bot: Bot = self._phone.bot(fields.integer_or_none("bot_id"))
        bot.revoke(fields.text_or_none("token"))
        return answer({"bot_id": bot.id, "revoked": bot.revoked})

    async def seen(self, request: web.Request) -> web.Response:
        """Everything that a person sees in their Telegram app."""
        person = self._world.person(request.match_info["person"])
        chats = self._world.telegram.chats_of(person)
        return answer({"chats": [_chat_view(chat) for chat in chats]})

    async def file(self, request: web.Request) -> web.Response:
        """A file as the phone shows it; always as a download."""
        stored = self._world.telegram.files.get(request.match_info["file_id"])
        if stored is None:
            raise web.HTTPNotFound
        headers = {"Content-Disposition": "attachment"}
        body = stored.content
        return web.Response(body=body, headers=headers, content_type="application/octet-stream")


def _saying(fields: Fields) -> Saying:
    return Saying(
        text=fields.text("text", ""),
        entities=fields.objects_or_none("entities"),
        chat_id=fields.integer_or_none("chat_id"),
        bot_id=fields.integer_or_none("bot_id"),
        reply_to=fields.integer_or_none("reply_to"),
        thread_id=fields.integer_or_none("thread_id"),
        extra=fields.object_or_none("extra"),
    )


def _chat_view(chat: Chat) -> Json:
    return {
        "chat": chat_json(chat),
        "blocked": chat.blocked,
        "bots": [{"id": bot.id, "name": bot.name} for bot in chat.bots],
        "messages": [_message_view(message) for message in chat.messages.values()],
    }


def _message_view(message: Message) -> Json:
    given = [kind for own in message.reactions.values() for kind in own]
    reactions = [kind["emoji"] for kind in given if "emoji" in kind]
    return message_json(message) | {"reactions": reactions}
