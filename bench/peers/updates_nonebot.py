"""NoneBot2 takes updates by its Telegram adapter: `Event.parse_event`, then a matcher of all.

See bench/peers/turns.py. Two costs of its own way in are left out in its
favour: the request of a webhook, and a dump of each event, made for its log even where that is off.
What its adapter cannot read it refuses by exceptions of many kinds.
"""

import json
from contextlib import suppress

import nonebot
from nonebot.adapters.telegram import Adapter, Bot, Event
from nonebot.adapters.telegram.config import BotConfig
from nonebot.log import logger

from bench.peers.turns import Handled, run, turns


async def main() -> None:
    logger.remove()  # it would speak on our standard output
    nonebot.init(driver="~fastapi", telegram_bots=[])
    nonebot.get_driver().register_adapter(Adapter)
    bot = Bot(nonebot.get_adapter(Adapter), "1", config=BotConfig(token="1:bench"))  # noqa: S106
    bot.username = "bench_bot"
    handled = Handled()

    async def handle() -> None:
        await handled()

    nonebot.on().append_handler(handle)

    async def take(payloads: list[bytes]) -> None:
        for raw in payloads:
            with suppress(Exception):
                await bot.handle_event(Event.parse_event(json.loads(raw)))

    await turns(take, handled)


if __name__ == "__main__":
    run(main)
