"""`trunkline restore`: an installation from a backup."""

from pathlib import Path

import click

from gateway.commands.output import Asked, json_option


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option(
    "--into",
    type=click.Path(path_type=Path, file_okay=False),
    help="This data directory instead of the settings' app.data_dir.",
)
@json_option
@click.pass_obj
def command(asked: Asked, file: Path, into: Path | None, *, as_json: bool) -> None:
    """Make an installation from a backup, in an empty data directory.

    With redis.url that server has to be empty, too. Messages that were on their way out leave no
    more by themselves, as they may have left since: agents find them as `unknown`.
    """
    from gateway.work.backup import restore

    restore(asked, file, into, as_json=as_json)
