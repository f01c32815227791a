"""Knows whether the store answers, for /readyz."""

import asyncio
from typing import Final

from core.store.store import Store

PROBE_SECONDS: Final = 2.0


class StoreWatch:
    """`state` is "ok", or what is wrong."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.state = "ok"

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            try:
                await self._store.read.one("PING")
                self.state = "ok"
            except Exception as error:  # noqa: BLE001 - whatever it is, the store does not answer
                self.state = str(error)
            await asyncio.sleep(PROBE_SECONDS)
