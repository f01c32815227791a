"""Writing what must not be lost, however long the disk is full or busy."""

import asyncio
import sqlite3
from collections.abc import Callable
from typing import Final, TypeVar

import structlog

from core.errors import StoreError
from gateway.sqlite import Database

PAUSE_SECONDS: Final = 1.0

T = TypeVar("T")
log = structlog.get_logger()


async def persist(database: Database, work: Callable[[sqlite3.Connection], T]) -> T:
    """Write until it is written."""
    told = False
    while True:
        try:
            return await database.write(work)
        except StoreError as error:
            if not told:
                log.error("webhooks wait for their file", reason=str(error))
            told = True
            await asyncio.sleep(PAUSE_SECONDS)
