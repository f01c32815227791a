"""python-telegram-bot takes updates: `Update.de_json`, `Application.process_update`, a handler.

See bench/peers/turns.py.
"""

import json
from typing import Any

from telegram import Update
from telegram.ext import Application, TypeHandler
from telegram.request import BaseRequest, RequestData
from typing_extensions import override

from bench.peers.turns import Handled, run, turns

ME = {"id": 1, "is_bot": True, "first_name": "Bench", "username": "bench_bot"}


class Offline(BaseRequest):
    """The library asks who its bot is before it works, and nothing after that."""

    @property
    @override
    def read_timeout(self) -> float | None:
        return None

    @override
    async def initialize(self) -> None: ...

    @override
    async def shutdown(self) -> None: ...

    @override
    async def do_request(
        self, url: str, method: str, request_data: RequestData | None = None, *_: Any, **__: Any
    ) -> tuple[int, bytes]:
        return 200, json.dumps({"ok": True, "result": ME}).encode()


async def main() -> None:
    handled = Handled()
    application = (
        Application.builder()
        .token("1:bench")
        .updater(None)
        .job_queue(None)
        .request(Offline())
        .get_updates_request(Offline())
        .build()
    )
    application.add_handler(TypeHandler(Update, handled))

    async def take(payloads: list[bytes]) -> None:
        for raw in payloads:
            update = Update.de_json(json.loads(raw), application.bot)
            await application.process_update(update)

    async with application:
        await turns(take, handled)


if __name__ == "__main__":
    run(main)
