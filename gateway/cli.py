"""The command line: which commands there are. Each is a module of gateway/commands with a click
command named `command`, imported when it is called, so that help comes at once.
"""

import os
import sys
from difflib import get_close_matches
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import click
from click.shell_completion import CompletionItem
from typing_extensions import override

from core.errors import ConfigurationError, StoreUnavailable, TrunklineError
from gateway.commands.output import FAILED, MISCONFIGURED, Asked

DEFAULT_FILE: Final = Path("trunkline.toml")

COMMANDS: Final = {
    "demo": "Try everything: emulated platforms, no account, no configuration.",
    "init": "Write the settings of a new installation, and make the first token.",
    "check": "Say whether the settings are right, and what is not. Nothing is contacted.",
    "config": "The settings in force, and where each comes from.",
    "doctor": "Look at Redis and at every inbox: what is wrong, and what would help.",
    "up": "Run the gateway until it is told to end.",
    "send": "Answer in a conversation and follow what becomes of the message.",
    "tail": "Say what happens as it happens, until Ctrl+C. Nothing of what is said is shown.",
    "gaps": "List what was said and could not be read, noticed last first.",
    "replay": "Read once more what was received before.",
    "link": "Declare two identities one person: one contact, one open conversation.",
    "unlink": "Undo a link: everything is as if it had never been.",
    "search": "The index in which agents find again what was said.",
    "export": "Write down everything about a person, or one conversation, with all files.",
    "backup": "Write everything into one file, also while the gateway runs.",
    "restore": "Make an installation from a backup, in an empty data directory.",
    "block": "Keep a person out: nothing that they do is stored or answered.",
    "token": "Tokens for the API and the agent page.",
    "completion": "Print what makes a shell complete commands and options.",
    "openapi": "Print the OpenAPI description of the HTTP API.",
}
"""In the order of their use. The words are the first sentence of the command's own help."""


class Commands(click.Group):
    """Knows the commands by name, and what goes wrong in any of them."""

    @override
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    @override
    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f"gateway.commands.{cmd_name}").command
        return command

    @override
    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args[0] not in COMMANDS and not ctx.resilient_parsing:
            near = get_close_matches(args[0], COMMANDS, n=1)
            hint = f"did you mean {near[0]}?" if near else "--help lists them"
            ctx.fail(f"there is no command {args[0]!r}: {hint}")
        return super().resolve_command(ctx, args)

    @override
    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    @override
    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Without the commands themselves: who presses Tab waits for it."""
        names = [
            CompletionItem(name, help=words)
            for name, words in COMMANDS.items()
            if name.startswith(incomplete)
        ]
        return names + click.Command.shell_complete(self, ctx, incomplete)

    @override
    def invoke(self, ctx: click.Context) -> Any:
        """Errors that we know are for the operator: words and an exit code, no traceback."""
        try:
            return super().invoke(ctx)
        except BaseExceptionGroup as group:
            return _give_up(_only(group))
        except TrunklineError as error:
            return _give_up(error)
        except KeyboardInterrupt:
            sys.exit(130)


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


@click.command(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
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
    if config is None and DEFAULT_FILE.exists():
        config = DEFAULT_FILE
    context.obj = Asked(config, verbose)
    if os.environ.get("NO_COLOR"):
        context.color = False


if __name__ == "__main__":
    main()
