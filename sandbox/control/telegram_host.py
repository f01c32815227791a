"""Control of Telegram itself: limits, groups, old updates, how webhooks are served.

POST /control/telegram/settings  {webhook_timeout_seconds?, webhook_retry_seconds?,
                                  webhook_retry_seconds_max?, flood?: {private_per_second?,
                                  private_burst?, group_per_minute?, bot_per_second?}|null}
                                  -> the settings; what is missing gets its usual value
POST /control/telegram/replay    {update_id, bot_id?}          an old update again as it was
POST /control/telegram/flood     {chat_id, seconds}            429 for this chat whatever comes
POST /control/telegram/basic_groups  {title, persons: [key]}   -> the chat, of kind "group"
POST /control/telegram/migrate   {chat_id}                     -> the supergroup it has become
POST /control/telegram/remove_bot  {chat_id, removed=true, bot_id?}   throw out, or let back in
"""

from dataclasses import asdict

from aiohttp import web

from sandbox.control.reading import Fields, answer, read_fields
from sandbox.errors import ActError
from sandbox.payload import Json
from sandbox.telegram.host import TelegramHost
from sandbox.telegram.settings import FloodLimits, TelegramSettings
from sandbox.telegram.wire import chat_json
from sandbox.world import World


class TelegramHostControl:
    """Translates control requests into what Telegram does."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._host = TelegramHost(world)

    def routes(self) -> list[web.RouteDef]:
        """The addresses of this part."""
        base = "/control/telegram"
        return [
            web.post(f"{base}/settings", self.settings),
            web.post(f"{base}/replay", self.replay),
            web.post(f"{base}/flood", self.flood),
            web.post(f"{base}/basic_groups", self.create_basic_group),
            web.post(f"{base}/migrate", self.migrate),
            web.post(f"{base}/remove_bot", self.remove_bot),
        ]

    async def settings(self, request: web.Request) -> web.Response:
        """Change how Telegram behaves."""
        settings = _settings(await read_fields(request))
        self._world.telegram.settings = settings
        return answer(asdict(settings))

    async def replay(self, request: web.Request) -> web.Response:
        """Deliver an old update again."""
        fields = await read_fields(request)
        self._host.replay(fields.integer("update_id"), fields.integer_or_none("bot_id"))
        return answer({})

    async def flood(self, request: web.Request) -> web.Response:
        """Refuse everything about one chat for a while."""
        fields = await read_fields(request)
        self._host.flood(fields.integer("chat_id"), fields.number("seconds", 1.0))
        return answer({})

    async def create_basic_group(self, request: web.Request) -> web.Response:
        """Open a basic group."""
        fields = await read_fields(request)
        chat = self._host.create_basic_group(fields.text("title"), fields.texts("persons"))
        return answer(chat_json(chat))

    async def migrate(self, request: web.Request) -> web.Response:
        """Make a basic group a supergroup."""
        fields = await read_fields(request)
        return answer(chat_json(self._host.migrate_group(fields.integer("chat_id"))))

    async def remove_bot(self, request: web.Request) -> web.Response:
        """Throw a bot out of a group, or let it back in."""
        fields = await read_fields(request)
        self._host.remove_bot(
            fields.integer("chat_id"),
            removed=fields.flag("removed", default=True),
            bot_id=fields.integer_or_none("bot_id"),
        )
        return answer({})


def _settings(fields: Fields) -> TelegramSettings:
    usual = TelegramSettings()
    timeout = fields.number("webhook_timeout_seconds", usual.webhook_timeout_seconds)
    first = fields.number("webhook_retry_seconds", usual.webhook_retry_seconds)
    longest = fields.number("webhook_retry_seconds_max", usual.webhook_retry_seconds_max)
    if min(timeout, first, longest) <= 0:
        raise ActError("the seconds must be more than 0")
    flood = fields.object_or_none("flood")
    return TelegramSettings(
        webhook_timeout_seconds=timeout,
        webhook_retry_seconds=first,
        webhook_retry_seconds_max=longest,
        flood=None if flood is None else _limits(flood),
    )


def _limits(body: Json) -> FloodLimits:
    fields, usual = Fields(body), FloodLimits()
    limits = FloodLimits(
        private_per_second=fields.number("private_per_second", usual.private_per_second),
        private_burst=fields.integer("private_burst", usual.private_burst),
        group_per_minute=fields.integer("group_per_minute", usual.group_per_minute),
        bot_per_second=fields.integer("bot_per_second", usual.bot_per_second),
    )
    if min(asdict(limits).values()) <= 0:
        raise ActError("the limits of 'flood' must be more than 0")
    return limits
