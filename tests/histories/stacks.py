"""What everybody waits for, who does not come to an end."""

import asyncio
import gc
from collections.abc import Iterator
from typing import Any


def awaited() -> Iterator[str]:
    """Each task that is not done: its name, and a line for each coroutine down to where it waits.

    Of every loop of the process, whoever asks: a signal, say.
    """
    gc.unfreeze()  # what a gateway has set aside as it started is not among its objects
    for one in gc.get_objects():
        if isinstance(one, asyncio.Task) and not one.done():
            yield "\n    ".join((one.get_name(), *_within(one.get_coro())))


def _within(what: Any) -> Iterator[str]:
    while frame := getattr(what, "cr_frame", None):
        yield f"{frame.f_code.co_filename}:{frame.f_lineno} {frame.f_code.co_name}"
        what = what.cr_await
