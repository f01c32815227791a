"""The command line. What a command needs is imported when it runs, so that help comes at once."""

import sys
from collections.abc import Callable
from functools import wraps
from importlib import import_module
from pathlib import Path
from typing import Any, Final, TypeVar

import click

from core.errors import ConfigurationError, StoreUnavailable, TrunklineError

DEFAULT_FILE: Final = Path("trunkline.toml")
MISCONFIGURED, FAILED = 2, 1

F = TypeVar("F", bound=Callable[..., Any])


def _faults_as_words(command: F) -> F:
    """Errors that we know are for the operator: words and an exit code, no traceback."""

    @wraps(command)
    def guarded(*arguments: Any, **options: Any) -> None:
        try:
            command(*arguments, **options)
        except BaseExceptionGroup as group:
            _give_up(_only(group))
        except TrunklineError as error:
            _give_up(error)
        except KeyboardInterrupt:
            sys.exit(130)

    return guarded  # type: ignore[return-value]


def _only(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """The first error that we know, else the group."""
    for error in group.exceptions:
        found = _only(error) if isinstance(error, BaseExceptionGroup) else error
        if isinstance(found, TrunklineError):
            return found
    return group


def _give_up(error: BaseException) -> None:
    if not isinstance(error, TrunklineError):
        raise error
    click.echo(f"trunkline: {error}", err=True)
    told = isinstance(error, ConfigurationError | StoreUnavailable)
    sys.exit(MISCONFIGURED if told else FAILED)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--config",
    type=click.Path(path_type=Path, dir_okay=False),
    help=f"The settings. [default: {DEFAULT_FILE}, if it is there]",
)
@click.option("--verbose", "-v", is_flag=True, help="Log more.")
@click.version_option(package_name="trunkline", prog_name="trunkline")
@click.pass_context
def main(context: click.Context, config: Path | None, *, verbose: bool) -> None:
    """Every person has one conversation, whichever line they call on."""
    context.obj = {"config": config, "verbose": verbose}


def _run(context: click.Context, module: str, /, **options: Any) -> None:
    """Call `run` of the command's module with what was said before and after its name."""
    import_module(f"gateway.commands.{module}").run(**context.obj, **options)


@main.command()
@click.option("--port", default=8080, show_default=True, help="Of the agent page; 0 is any.")
@click.option("--sandbox-port", default=8081, show_default=True, help="Of the customers' page.")
@click.option("--seconds", type=float, default=None, help="Stop after so long.", hidden=True)
@click.pass_context
@_faults_as_words
def demo(context: click.Context, port: int, sandbox_port: int, seconds: float | None) -> None:
    """Try everything: emulated platforms, no account, no configuration."""
    _run(context, "demo", port=port, sandbox_port=sandbox_port, seconds=seconds)


@main.command()
@click.option("--bind", help="host:port to listen on, instead of web.bind.")
@click.option("--no-hand-over", is_flag=True, hidden=True, help="All work goes by the lanes.")
@click.pass_context
@_faults_as_words
def up(context: click.Context, bind: str | None, *, no_hand_over: bool) -> None:
    """Run the gateway until it is told to end."""
    _run(context, "up", bind=bind, hand_over=not no_hand_over)


@main.command()
@click.pass_context
@_faults_as_words
def check(context: click.Context) -> None:
    """Say whether the settings are right, and what is not. Nothing is contacted."""
    _run(context, "check")


@main.command()
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.pass_context
@_faults_as_words
def doctor(context: click.Context, *, as_json: bool) -> None:
    """Look at Redis and at every inbox on its platform: what is wrong, and what would help.

    It may run beside the gateway. Nothing is received, sent or changed.
    """
    _run(context, "doctor", as_json=as_json)


@main.command()
@click.argument("to")
@click.argument("text")
@click.option("--name", default="Support", show_default=True, help="Who is said to write.")
@click.option(
    "--audience",
    type=click.Choice(["private", "group", "public"]),
    default="private",
    show_default=True,
    help="Who may read it; a wider audience refuses it.",
)
@click.option("--silent", is_flag=True, help="Let it arrive without a sound.")
@click.option("--wait", default=30.0, show_default=True, help="Seconds to wait for delivery.")
@click.pass_context
@_faults_as_words
def send(
    context: click.Context,
    to: str,
    text: str,
    name: str,
    audience: str,
    silent: bool,
    wait: float,
) -> None:
    """Answer in a conversation and follow what becomes of the message.

    TO is a conversation's number or id, or an identity like telegram:tg-main:4711, whose latest
    conversation is meant.
    """
    _run(context, "send", to=to, text=text, name=name, audience=audience, silent=silent, wait=wait)


@main.command()
@click.argument("a")
@click.argument("b")
@click.option("--why", default="", help="The evidence, for the audit.")
@click.option("--by", default="operator", show_default=True, help="Who says so.")
@click.pass_context
@_faults_as_words
def link(context: click.Context, a: str, b: str, why: str, by: str) -> None:
    """Declare two identities one person: one contact, one open conversation.

    A and B are identities like email:mail:mei@example.org, or the numbers of their conversations.
    """
    _run(context, "link", a=a, b=b, why=why, by=by, undo=False)


@main.command()
@click.argument("a")
@click.argument("b")
@click.option("--why", default="", help="The reason, for the audit.")
@click.option("--by", default="operator", show_default=True, help="Who says so.")
@click.pass_context
@_faults_as_words
def unlink(context: click.Context, a: str, b: str, why: str, by: str) -> None:
    """Undo a link: everything is as if it had never been.

    A and B are identities or numbers of their conversations, as for link.
    """
    _run(context, "link", a=a, b=b, why=why, by=by, undo=True)


@main.command()
@click.option("--limit", type=click.IntRange(1, 500), default=50, show_default=True)
@click.pass_context
@_faults_as_words
def gaps(context: click.Context, limit: int) -> None:
    """List what was said and could not be read, noticed last first."""
    _run(context, "gaps", limit=limit)


@main.group()
def token() -> None:
    """Tokens for the API and the agent page."""


@token.command("new")
@click.argument("name")
@click.pass_context
@_faults_as_words
def token_new(context: click.Context, name: str) -> None:
    """Make a token for the agent or program called NAME. It is shown this once."""
    _run(context, "token", action="new", value=name)


@token.command("list")
@click.pass_context
@_faults_as_words
def token_list(context: click.Context) -> None:
    """Say which tokens there are."""
    _run(context, "token", action="list", value="")


@token.command("revoke")
@click.argument("token_id")
@click.pass_context
@_faults_as_words
def token_revoke(context: click.Context, token_id: str) -> None:
    """Make a token invalid at once."""
    _run(context, "token", action="revoke", value=token_id)


if __name__ == "__main__":
    main()
