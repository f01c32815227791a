"""`trunkline completion`: for the Tab key."""

from typing import Final

import click
from click.shell_completion import BashComplete, FishComplete, ZshComplete

PROGRAM: Final = "trunkline"
SHELLS: Final = {"bash": BashComplete, "zsh": ZshComplete, "fish": FishComplete}


@click.command()
@click.argument("shell", type=click.Choice(list(SHELLS)))
@click.pass_context
def command(context: click.Context, shell: str) -> None:
    """Print what makes a shell complete commands and options.

    \b
    bash:  trunkline completion bash > ~/.local/share/bash-completion/completions/trunkline
    zsh:   trunkline completion zsh > "${fpath[1]}/_trunkline"
    fish:  trunkline completion fish > ~/.config/fish/completions/trunkline.fish
    """
    root = context.find_root().command
    click.echo(SHELLS[shell](root, {}, PROGRAM, "_TRUNKLINE_COMPLETE").source())
