"""`trunkline up`: the gateway."""

import os
import signal
from contextlib import suppress
from typing import TYPE_CHECKING

import click

from core.errors import ConfigurationError
from gateway.commands.output import Asked, data, let_go, say, warn
from gateway.commands.reading import loaded
from gateway.garbage import settled
from gateway.settings import Settings

if TYPE_CHECKING:
    from gateway.app import Running


@click.command()
@click.option("--bind", help="host:port to listen on, instead of web.bind.")
@click.option(
    "--only",
    multiple=True,
    metavar="ROLES",
    help="A part of the work: web, worker, adapter or adapter:ID, several with commas between.",
)
@click.option("--no-hand-over", is_flag=True, hidden=True, help="All work goes by the lanes.")
@click.pass_obj
def command(asked: Asked, bind: str | None, only: tuple[str, ...], *, no_hand_over: bool) -> None:
    """Run the gateway until it is told to end.

    With --only this process does a part of it, and others of the same data directory the rest. One
    without the role web listens only if --bind says where: for an inbox' /hooks and its health.
    """
    # It may come before the gateway can hear it, and would end the process without a word.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGHUP})
    from gateway.app import Options, run_gateway
    from gateway.logs import set_up_logs
    from gateway.work.common import run_loop

    overrides = {"web.bind": bind} if bind else None
    found = loaded(asked, overrides)
    set_up_logs(verbose=asked.verbose, form=found.settings.logs.format)
    warn(found.warnings)
    if not found.settings.channels:
        raise ConfigurationError(
            "no channel is configured: `trunkline init` writes settings with one, or add a"
            " [[channel]] to yours; `trunkline demo` needs none"
        )

    def again() -> Settings:
        found = loaded(asked, overrides)
        warn(found.warnings)
        return found.settings

    options = Options(hand_over=not no_hand_over, only=only, listens=bind is not None, reload=again)
    try:
        run_loop(run_gateway(found.settings, os.environ, _started, options))
    finally:
        let_go()


def _started(running: "Running") -> None:
    settled()
    with suppress(OSError):  # a full disk below its output keeps nobody from being answered
        _announce(running)


def _announce(running: "Running") -> None:
    if not running.web:
        say(f"Health and /hooks: {running.url}" if running.url else "Running.")
        return
    data(f"Agent page and API: {running.url}")
    if not running.desk.tokens.list():
        say("Nobody can sign in yet: `trunkline token new NAME` makes a token.")
