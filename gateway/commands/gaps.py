"""`trunkline gaps`: what was said and could not be read."""

from pathlib import Path

import click

from core.gaps import Gaps, KnownGap
from gateway.commands.common import run_loop, settings_of, store_of
from gateway.settings import Settings
from gateway.storage import now


def run(*, config: Path | None, verbose: bool, limit: int) -> None:
    run_loop(_list(settings_of(config, verbose=verbose), limit))


async def _list(settings: Settings, limit: int) -> None:
    accounts = [channel.id for channel in settings.channels]
    async with store_of(settings) as store:
        found = await Gaps(store, now).latest(accounts, limit)
    for gap in found:
        click.echo(_line(gap))
    if not found:
        click.echo("Nothing is known to be missing.")


def _line(gap: KnownGap) -> str:
    since, until = (f"{one:%Y-%m-%d %H:%M:%S}" for one in (gap.since, gap.until))
    where = gap.thread or f"{gap.account}, it is not known where"
    return f"{since} to {until} UTC  {where}: {gap.reason}"
