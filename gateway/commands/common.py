"""What commands share: settings, the event loop, the store."""

import asyncio
import os
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import click

from core.errors import ConfigurationError, NotFound
from core.model.ids import IdentityId
from core.rules.numbers import parse
from core.store.store import Store, open_store
from gateway.cli import DEFAULT_FILE
from gateway.logs import set_up_logs
from gateway.registry import Kinds
from gateway.settings import Settings
from gateway.settings_file import Loaded, load
from gateway.storage import redis_of, store_settings


def loaded(config: Path | None, overrides: dict[str, str] | None = None) -> Loaded:
    """The settings of --config or of ./trunkline.toml. Raises ConfigurationError."""
    if config is None and DEFAULT_FILE.exists():
        config = DEFAULT_FILE
    if config and not config.exists():
        raise ConfigurationError(f"there is no file {config}")
    return load(config, environ=os.environ, kinds=Kinds(), overrides=overrides)


def settings_of(config: Path | None, *, verbose: bool) -> Settings:
    """Settings and logs for a command; warnings go to the terminal."""
    set_up_logs(verbose=verbose)
    found = loaded(config)
    for warning in found.warnings:
        click.echo(f"warning: {warning}", err=True)
    return found.settings


def run_loop(main: Coroutine[Any, Any, None]) -> None:
    """Run to the end, on the faster event loop."""
    import uvloop

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main)


@asynccontextmanager
async def store_of(settings: Settings) -> AsyncIterator[Store]:
    """The installation's store, beside a gateway that may be running."""
    async with (
        redis_of(settings, os.environ, exclusive=False) as (url, _),
        open_store(store_settings(settings, url)) as store,
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
