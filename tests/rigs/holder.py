"""A process that holds something: python -m tests.rigs.holder URL TERM_SECONDS

It says on stdout `held` when it has it and `lost` when it was lost, a line each, and tries again.
"""

import asyncio
import sys

from core.errors import Stale
from core.store.store import StoreSettings, open_store


async def main(url: str, term_seconds: float) -> None:
    async with open_store(StoreSettings(url=url, lease_seconds=term_seconds)) as store:
        while True:
            try:
                async with store.holds("bot")("receive"):
                    print("held", flush=True)
                    await asyncio.Event().wait()
            except Stale:
                print("lost", flush=True)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], float(sys.argv[2])))
