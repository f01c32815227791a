"""`trunkline backup`: everything in one file, also while the gateway runs."""

from pathlib import Path

import click

from gateway.commands.output import Asked, json_option


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--verify", is_flag=True, help="Read FILE, and say whether it is whole.")
@json_option
@click.pass_obj
def command(asked: Asked, file: Path, *, verify: bool, as_json: bool) -> None:
    """Write everything into one file, also while the gateway runs.

    FILE, such as trunkline-2026-11-22.tar.zst, is new, readable by its owner only, and holds all
    that customers wrote, keys, and hashes of tokens: guard it. The settings file is not in it.
    """
    from gateway.work.backup import backup, verified

    if verify:
        verified(file, as_json=as_json)
    else:
        backup(asked, file, as_json=as_json)
