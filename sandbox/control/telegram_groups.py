"""Control of groups on the Telegram side: members, topics, pins.

POST /control/telegram/groups       {title, persons: [key], forum=false}     -> the chat
POST /control/telegram/join         {person, chat_id, by?}                   -> the service message
POST /control/telegram/leave        {person, chat_id, by?}
POST /control/telegram/bot_admin    {person, chat_id, admin=true, bot_id?}
POST /control/telegram/pin          {person, message_id, chat_id?}
POST /control/telegram/rename_group {person, chat_id, title}
POST /control/telegram/open_topic   {person, chat_id, name}                  -> {thread_id}
POST /control/telegram/rename_topic {person, chat_id, thread_id, name}
POST /control/telegram/close_topic  {person, chat_id, thread_id, closed=true}

What happens is answered as the service message that everybody in the group sees.
"""

from aiohttp import web

from sandbox.control.reading import answer, read_fields
from sandbox.telegram.phone import Phone
from sandbox.telegram.wire import chat_json, message_json
from sandbox.world import World


class TelegramGroupsControl:
    """Translates control requests into what is done to groups."""

    def __init__(self, world: World) -> None:
        self._phone = Phone(world)

    def routes(self) -> list[web.RouteDef]:
        """The addresses of this part."""
        base = "/control/telegram"
        return [
            web.post(f"{base}/groups", self.create_group),
            web.post(f"{base}/join", self.join),
            web.post(f"{base}/leave", self.leave),
            web.post(f"{base}/bot_admin", self.bot_admin),
            web.post(f"{base}/pin", self.pin),
            web.post(f"{base}/rename_group", self.rename_group),
            web.post(f"{base}/open_topic", self.open_topic),
            web.post(f"{base}/rename_topic", self.rename_topic),
            web.post(f"{base}/close_topic", self.close_topic),
        ]

    async def create_group(self, request: web.Request) -> web.Response:
        """Open a group."""
        fields = await read_fields(request)
        chat = self._phone.create_group(
            fields.text("title"), fields.texts("persons"), forum=fields.flag("forum")
        )
        return answer(chat_json(chat))

    async def join(self, request: web.Request) -> web.Response:
        """Come into a group."""
        fields = await read_fields(request)
        by = fields.text_or_none("by")
        message = self._phone.join(fields.text("person"), fields.integer("chat_id"), added_by=by)
        return answer(message_json(message))

    async def leave(self, request: web.Request) -> web.Response:
        """Go, or be removed."""
        fields = await read_fields(request)
        by = fields.text_or_none("by")
        message = self._phone.leave(fields.text("person"), fields.integer("chat_id"), removed_by=by)
        return answer(message_json(message))

    async def bot_admin(self, request: web.Request) -> web.Response:
        """Make a bot an admin, or an ordinary member."""
        fields = await read_fields(request)
        self._phone.make_bot_admin(
            fields.text("person"),
            fields.integer("chat_id"),
            admin=fields.flag("admin", default=True),
            bot_id=fields.integer_or_none("bot_id"),
        )
        return answer({})

    async def pin(self, request: web.Request) -> web.Response:
        """Pin a message."""
        fields = await read_fields(request)
        chat_id = fields.integer_or_none("chat_id")
        message = self._phone.pin(fields.text("person"), chat_id, fields.integer("message_id"))
        return answer(message_json(message))

    async def rename_group(self, request: web.Request) -> web.Response:
        """Give a group another title."""
        fields = await read_fields(request)
        message = self._phone.rename_group(
            fields.text("person"), fields.integer("chat_id"), fields.text("title")
        )
        return answer(message_json(message))

    async def open_topic(self, request: web.Request) -> web.Response:
        """Open a topic."""
        fields = await read_fields(request)
        thread_id = self._phone.open_topic(
            fields.text("person"), fields.integer("chat_id"), fields.text("name")
        )
        return answer({"thread_id": thread_id})

    async def rename_topic(self, request: web.Request) -> web.Response:
        """Give a topic another name."""
        fields = await read_fields(request)
        message = self._phone.rename_topic(
            fields.text("person"),
            fields.integer("chat_id"),
            fields.integer("thread_id"),
            fields.text("name"),
        )
        return answer(message_json(message))

    async def close_topic(self, request: web.Request) -> web.Response:
        """Close a topic, or open it again."""
        fields = await read_fields(request)
        message = self._phone.close_topic(
            fields.text("person"),
            fields.integer("chat_id"),
            fields.integer("thread_id"),
            closed=fields.flag("closed", default=True),
        )
        return answer(message_json(message))
