"""Control of the Telegram side: be a person with a phone.

POST /control/telegram/say      {person, text, entities?, chat_id?, reply_to?, thread_id?,
                                 quote?, origin?, bot_id?, extra?}
POST /control/telegram/start    {person, payload?, bot_id?}
POST /control/telegram/send     {person, kind, value?, name?, content? (base64), media_type?,
                                 and the fields of say}    kinds: see phone/given.py
POST /control/telegram/album    {person, kinds: [kind], files?: [{name, content, media_type?}],
                                 and the fields of say}                       -> [messages]
POST /control/telegram/forward  {person, from: "user"|"hidden_user"|"chat"|"channel", name,
                                 and the fields of say}
POST /control/telegram/file     {person, name, content (base64), media_type?, as_photo?,
                                 and the fields of say}
POST /control/telegram/edit     {person, message_id, text, entities?, chat_id?}
POST /control/telegram/edit_media {person, message_id, kind, name?, content?, media_type?, chat_id?}
POST /control/telegram/delete   {person, message_ids: [id], chat_id?}
POST /control/telegram/move     {person, message_id, value: {latitude, longitude, ...}|null to stop,
                                 chat_id?}
POST /control/telegram/tap      {person, message_id, data, chat_id?}        -> {callback_query_id}
POST /control/telegram/react    {person, message_id, emoji|null or emojis: [], chat_id?}
POST /control/telegram/block    {person, blocked=true, bot_id?}
POST /control/telegram/inject   {update: {...}, bot_id?}                     -> {update_id}
POST /control/telegram/connect  {person, rights?: {can_reply: true, ...}, bot_id?}
                                 let a bot into one's account   -> {business_connection_id}
POST /control/telegram/disconnect {person, bot_id?}
POST /control/telegram/expire_files {}               download paths answer 404 until asked for anew
POST /control/telegram/lose_file {file_id}
POST /control/telegram/forbid_voice {person, forbidden=true}
POST /control/telegram/bots     {name, username}                             -> {bot_id, token}
POST /control/telegram/revoke   {bot_id?, token?}   with `token` the bot gets that one instead
GET  /control/telegram/seen/<person>   -> {chats: [{chat, blocked, bots, messages: [...]}]}
GET  /control/telegram/files/<file_id> -> the bytes

`chat_id`: missing, the chat with the bot; another person's Telegram id, the chat with that person.
Messages are answered as Bot API `Message` objects.
"""

from aiohttp import web

from sandbox.control.reading import Fields, answer, read_fields
from sandbox.payload import Json
from sandbox.persons import Person
from sandbox.telegram.phone import Phone, Saying
from sandbox.telegram.phone.given import Given
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
            web.post(f"{base}/start", self.start),
            web.post(f"{base}/send", self.send),
            web.post(f"{base}/album", self.album),
            web.post(f"{base}/forward", self.forward),
            web.post(f"{base}/move", self.move),
            web.post(f"{base}/edit_media", self.edit_media),
            web.post(f"{base}/delete", self.delete),
            web.post(f"{base}/edit", self.edit),
            web.post(f"{base}/tap", self.tap),
            web.post(f"{base}/react", self.react),
            web.post(f"{base}/block", self.block),
            web.post(f"{base}/inject", self.inject),
            web.post(f"{base}/connect", self.connect),
            web.post(f"{base}/disconnect", self.disconnect),
            web.post(f"{base}/expire_files", self.expire_files),
            web.post(f"{base}/lose_file", self.lose_file),
            web.post(f"{base}/forbid_voice", self.forbid_voice),
            web.post(f"{base}/bots", self.add_bot),
            web.post(f"{base}/revoke", self.revoke),
            web.get(f"{base}/seen/{{person}}", self.seen),
            web.get(f"{base}/files/{{file_id}}", self.file),
        ]

    async def say(self, request: web.Request) -> web.Response:
        """Write a message as a person."""
        fields = await read_fields(request)
        message = self._phone.say(fields.text("person"), _saying(fields))
        return _told(message)

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
        return _told(message)

    async def start(self, request: web.Request) -> web.Response:
        """Open the bot, by a deep link when there is a payload."""
        fields = await read_fields(request)
        message = self._phone.start(
            fields.text("person"),
            fields.text("payload", ""),
            bot_id=fields.integer_or_none("bot_id"),
        )
        return _told(message)

    async def send(self, request: web.Request) -> web.Response:
        """Send something of any kind."""
        fields = await read_fields(request)
        message = self._phone.send(
            fields.text("person"),
            fields.text("kind"),
            _saying(fields),
            file=_given_or_none(fields),
            value=fields.object_or_none("value"),
        )
        return _told(message)

    async def album(self, request: web.Request) -> web.Response:
        """Send several media as one."""
        fields = await read_fields(request)
        given = [_given(Fields(body)) for body in fields.objects_or_none("files") or []]
        messages = self._phone.album(
            fields.text("person"), fields.texts("kinds"), _saying(fields), files=given
        )
        return answer([message_json(message, _actor(message)) for message in messages])

    async def forward(self, request: web.Request) -> web.Response:
        """Pass on what somebody else wrote."""
        fields = await read_fields(request)
        message = self._phone.forward(
            fields.text("person"), fields.text("from"), fields.text("name"), _saying(fields)
        )
        return _told(message)

    async def move(self, request: web.Request) -> web.Response:
        """Move or stop a live location."""
        fields = await read_fields(request)
        message = self._phone.move(
            fields.text("person"),
            fields.integer_or_none("chat_id"),
            fields.integer("message_id"),
            fields.object_or_none("value"),
        )
        return _told(message)

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
        return _told(message)

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
            fields.text_or_none("emoji") or fields.texts("emojis", required=False),
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

    async def edit_media(self, request: web.Request) -> web.Response:
        """Put another medium into a person's own message."""
        fields = await read_fields(request)
        message = self._phone.edit_media(
            fields.text("person"),
            fields.integer_or_none("chat_id"),
            fields.integer("message_id"),
            fields.text("kind"),
            _given_or_none(fields),
        )
        return _told(message)

    async def delete(self, request: web.Request) -> web.Response:
        """Delete a message."""
        fields = await read_fields(request)
        self._phone.delete(
            fields.text("person"),
            fields.integer_or_none("chat_id"),
            *fields.integers("message_ids"),
        )
        return answer({})

    async def inject(self, request: web.Request) -> web.Response:
        """Queue an update as it is."""
        fields = await read_fields(request)
        update = fields.object_or_none("update") or {}
        update_id = self._phone.inject(update, fields.integer_or_none("bot_id"))
        return answer({"update_id": update_id})

    async def connect(self, request: web.Request) -> web.Response:
        """Let a bot into a person's account."""
        fields = await read_fields(request)
        connection = self._phone.connect_business(
            fields.text("person"),
            fields.integer_or_none("bot_id"),
            rights=fields.object_or_none("rights"),
        )
        return answer({"business_connection_id": connection.id})

    async def disconnect(self, request: web.Request) -> web.Response:
        """Send a bot away from a person's account."""
        fields = await read_fields(request)
        self._phone.disconnect_business(fields.text("person"), fields.integer_or_none("bot_id"))
        return answer({})

    async def expire_files(self, request: web.Request) -> web.Response:
        """Let every download path expire."""
        await read_fields(request)
        self._phone.expire_files()
        return answer({})

    async def lose_file(self, request: web.Request) -> web.Response:
        """Make a file unavailable for good."""
        self._phone.lose_file((await read_fields(request)).text("file_id"))
        return answer({})

    async def forbid_voice(self, request: web.Request) -> web.Response:
        """Take no voice messages."""
        fields = await read_fields(request)
        forbidden = fields.flag("forbidden", default=True)
        self._phone.forbid_voice(fields.text("person"), forbidden=forbidden)
        return answer({})

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
        return answer({"chats": [_chat_view(chat, person) for chat in chats]})

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
        quote=fields.text("quote", ""),
        origin=fields.object_or_none("origin"),
        thread_id=fields.integer_or_none("thread_id"),
        extra=fields.object_or_none("extra"),
    )


def _told(message: Message) -> web.Response:
    return answer(message_json(message, _actor(message)))


def _actor(message: Message) -> Person | None:
    """Whose phone it was written on."""
    return message.sender if isinstance(message.sender, Person) else None


def _given(fields: Fields) -> Given:
    media_type = fields.text("media_type", "application/octet-stream")
    return Given(fields.content("content"), fields.text("name"), media_type)


def _given_or_none(fields: Fields) -> Given | None:
    return None if fields.text_or_none("content") is None else _given(fields)


def _chat_view(chat: Chat, person: Person) -> Json:
    return {
        "chat": chat_json(chat, person),
        "blocked": chat.blocked,
        "bots": [{"id": bot.id, "name": bot.name} for bot in chat.bots],
        "messages": [_message_view(message, person) for message in chat.messages.values()],
    }


def _message_view(message: Message, person: Person) -> Json:
    """A `Message`, and what the app shows besides: reactions, no sound, read by the other."""
    given = [kind for own in message.reactions.values() for kind in own]
    reactions = [kind["emoji"] for kind in given if "emoji" in kind]
    shown = {"reactions": reactions, "silent": message.silent, "read": message.read}
    return message_json(message, person) | shown
