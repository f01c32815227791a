"""What this process holds: tasks, threads, descriptors, child processes."""

import asyncio
import gc
import os
import re
import threading
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Final

import psutil

DESCRIPTORS: Final = Path("/dev/fd")
OF_THE_LOOP: Final = "asyncio_"
"""The event loop's own threads for what blocks; they end with it."""


def held() -> Counter[str]:
    """How many of each kind. What one was before, less what one is later, is what has stayed."""
    gc.collect()  # what nobody refers to is closed, with a warning, which is an error
    tasks = Counter(f"task {one.get_coro()!r}".partition(" at 0x")[0] for one in _tasks())
    names = (re.sub(r"\d+", "", one.name) for one in threading.enumerate())
    threads = Counter(f"thread {one}" for one in names if not one.startswith(OF_THE_LOOP[:-1]))
    children = Counter(f"process {one.name()}" for one in psutil.Process().children(recursive=True))
    return tasks + threads + children + Counter(_descriptors())


def _tasks() -> set[asyncio.Task[object]]:
    return asyncio.all_tasks() - {asyncio.current_task()}


def _descriptors() -> list[str]:
    """Sockets and pipes without their numbers."""
    found = []
    for one in os.listdir(DESCRIPTORS):  # noqa: PTH208 - by numbers, of which one is the list's
        with suppress(OSError):
            found.append(f"descriptor {re.sub(r'[0-9]+', '', os.readlink(DESCRIPTORS / one))}")  # noqa: PTH115
    return found
