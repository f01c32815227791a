"""`trunkline up`: the gateway."""

import os
from pathlib import Path

import click

from core.errors import ConfigurationError
from gateway.app import Options, Running, run_gateway
from gateway.commands.common import loaded, run_loop
from gateway.logs import set_up_logs


def run(*, config: Path | None, verbose: bool, bind: str | None, hand_over: bool) -> None:
    set_up_logs(verbose=verbose)
    found = loaded(config, {"web.bind": bind} if bind else None)
    for warning in found.warnings:
        click.echo(f"warning: {warning}", err=True)
    if not found.settings.channels:
        raise ConfigurationError(
            "no channel is configured: add a [[channel]] to trunkline.toml, or try "
            "`trunkline demo`, which needs none"
        )
    options = Options(hand_over=hand_over)
    run_loop(run_gateway(found.settings, os.environ, _announce, options))


def _announce(running: Running) -> None:
    click.echo(f"Agent page and API: {running.url}")
    if not running.desk.tokens.list():
        click.echo("Nobody can sign in yet: `trunkline token new NAME` makes a token.")
