"""Keeps a search index until it is killed.

python -m tests.store.search_victim URL DIRECTORY
"""

import asyncio
import sys
from pathlib import Path

from core.store.store import StoreSettings, open_store
from gateway.search import open_search


async def main(url: str, directory: str) -> None:
    async with (
        open_store(StoreSettings(url=url)) as store,
        open_search(Path(directory), store) as search,
    ):
        await search.keep()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
