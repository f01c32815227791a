"""What commands share that touch the installation: settings, the event loop, the store."""

import asyncio
import os
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any, Final

import structlog

from core.errors import NotFound
from core.model.ids import IdentityId
from core.rules.numbers import parse
from core.store.store import Store
from gateway.commands.output import Asked, warn
from gateway.commands.reading import loaded
from gateway.logs import set_up_logs
from gateway.settings import Settings
from gateway.storage import open_stored, redis_of

BROKEN_TLS: Final = "Fatal error on SSL protocol"

log = structlog.get_logger()


def settings_of(asked: Asked) -> Settings:
    """Settings and logs for a command; warnings go to the terminal."""
    found = loaded(asked)
    set_up_logs(verbose=asked.verbose, form=found.settings.logs.format, terse=True)
    warn(found.warnings)
    return found.settings


def run_loop(main: Coroutine[Any, Any, None]) -> None:
    """Run to the end, on the faster event loop."""
    import uvloop

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.get_loop().set_exception_handler(tell)
        runner.run(main)


def tell(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """What no task has caught goes to the logs. uvloop takes a TLS connection that was closed while
    it read from it for a mistake: whoever used that connection has been told that it broke.
    """
    error = context.get("exception")
    if isinstance(error, RuntimeError) and context.get("message", "").startswith(BROKEN_TLS):
        log.info("a TLS connection was closed while it was read from", reason=str(error))
    else:
        loop.default_exception_handler(context)


@asynccontextmanager
async def store_of(settings: Settings) -> AsyncIterator[Store]:
    """The installation's store, beside a gateway that may be running."""
    async with (
        redis_of(settings, os.environ) as (url, _),
        open_stored(settings, url) as (store, _),
    ):
        yield store


async def identity_of(store: Store, text: str) -> IdentityId:
    """An identity by its id, or the customer of a conversation by its number. Raises NotFound."""
    if text.upper().startswith("T-"):
        return (await store.legs.head(await store.legs.by_number(parse(text)))).author
    if text.count(":") < 2:
        raise NotFound(
            f"{text!r} is neither an identity like telegram:tg-main:4711 nor a number like T-7KQ4-M"
        )
    return (await store.people.identity(IdentityId(text))).id
