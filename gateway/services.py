"""What runs in the background of a gateway: which process runs it, and what happens when it fails.

A service is a loop that ends by being cancelled. One that fails is told of and begins anew after a
pause, and the others go on: a fault in it must not cost the gateway. A store that is away is none:
a service waits for it.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple

import structlog

from core.errors import StoreFull, StoreUnavailable
from gateway.locks import FileLock, until
from gateway.roles import Role, Roles

BACK_OFF_SECONDS: Final = (1.0, 2.0, 5.0, 15.0, 60.0)
"""Pauses after the first, second ... failure in a row; the last one repeats."""

STEADY_SECONDS: Final = 120.0
"""After running so long, the next failure counts as the first."""

LOOK_SECONDS: Final = 0.5
"""Whoever stands by looks so often whether the process that runs a service has gone."""

log = structlog.get_logger()


class Service(NamedTuple):
    """`run` begins it, each time anew. With `alone` one process of the data directory runs it at a
    time, and another takes over as soon as that one is gone, however it went: for whoever writes
    a file of its own there, or is one inbox.
    """

    name: str
    role: Role
    run: Callable[[], Coroutine[Any, Any, None]]
    alone: bool = False


@asynccontextmanager
async def running(services: Iterable[Service], roles: Roles, data_dir: Path) -> AsyncIterator[None]:
    """Those of this process' roles run as long as the context is open."""
    async with asyncio.TaskGroup() as tasks:
        begun = [
            tasks.create_task(_run(service, data_dir), name=service.name)
            for service in services
            if roles.has(service.role)
        ]
        try:
            yield
        finally:
            for task in begun:
                task.cancel()


async def _run(service: Service, data_dir: Path) -> None:
    if not service.alone:
        return await _again(service)
    with FileLock(data_dir / f"{service.name.replace(' ', '-')}.lock") as lock:
        if not lock.take():
            log.info("standing by: another process runs it", service=service.name)
            await until(lock.take, every_seconds=LOOK_SECONDS)
        return await _again(service)


async def _again(service: Service) -> None:
    failures, waiting, clock = 0, False, asyncio.get_running_loop().time
    while True:
        began = clock()
        try:
            await service.run()
            return
        except Exception as error:  # whatever it is: the others go on
            if (task := asyncio.current_task()) and task.cancelling():
                log.exception("a service failed as it was ended", service=service.name)
                return  # a task group of its own has hidden the end from it (Python < 3.13)
            if isinstance(error, StoreUnavailable | StoreFull):
                pause = BACK_OFF_SECONDS[0]
                if not waiting or clock() - began > STEADY_SECONDS:
                    log.warning("waiting for the store", service=service.name, reason=str(error))
                waiting = True
            else:
                waiting = False
                failures = 1 if clock() - began > STEADY_SECONDS else failures + 1
                pause = BACK_OFF_SECONDS[min(failures, len(BACK_OFF_SECONDS)) - 1]
                log.exception("a service failed", service=service.name, again_in_seconds=pause)
        await asyncio.sleep(pause)
