"""aiogram takes updates: `Dispatcher.feed_raw_update`, with a handler for each kind.

See bench/peers/turns.py. What it cannot read it refuses by an exception.
"""

import json
from contextlib import suppress

from aiogram import Bot, Dispatcher
from pydantic import ValidationError

from bench.peers.turns import Handled, run, turns


async def main() -> None:
    handled = Handled()
    dispatcher, bot = Dispatcher(), Bot("1:bench")

    async def handle(_event: object) -> None:
        await handled()

    for kind, observer in dispatcher.observers.items():
        if kind not in {"update", "error"}:
            observer.register(handle)

    async def take(payloads: list[bytes]) -> None:
        for raw in payloads:
            with suppress(ValidationError):
                await dispatcher.feed_raw_update(bot, json.loads(raw))

    await turns(take, handled)


if __name__ == "__main__":
    run(main)
