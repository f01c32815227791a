"""Waiting for the store, and doing things beside one another."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any, TypeVar

import structlog

from core.errors import Stale, StoreError

T = TypeVar("T")

log = structlog.get_logger()


class Patience:
    """Of one account."""

    def __init__(self, account: str, retry_seconds: float) -> None:
        self._account = account
        self._retry_seconds = retry_seconds

    async def until_stored(self, act: Callable[[], Awaitable[T]]) -> T:
        """Nothing is acknowledged meanwhile: the mail stays where it is, on the server.

        Raises Stale when somebody else reads this mailbox now.
        """
        while True:
            try:
                return await act()
            except Stale:
                raise
            except (StoreError, OSError) as error:
                log.warning("store not ready", account=self._account, why=type(error).__name__)
                await asyncio.sleep(self._retry_seconds)


async def together(acts: Sequence[Coroutine[Any, Any, T]]) -> list[T]:
    """All of them at once, results in their order. The first failure ends the others, and leaves
    as it is.
    """
    if len(acts) == 1:
        return [await acts[0]]
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(act) for act in acts]
    except BaseExceptionGroup as failures:
        raise _first(failures) from None
    return [task.result() for task in tasks]


def _first(failure: BaseException) -> BaseException:
    while isinstance(failure, BaseExceptionGroup):
        failure = failure.exceptions[0]
    return failure
