"""`trunkline replay`: what was received before, read once more."""

from datetime import datetime
from pathlib import Path

import click

from gateway.commands.output import Asked, json_option


@click.command()
@click.argument("files", nargs=-1, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--inbox", help="Of the files or dead letters.")
@click.option("--journal", metavar="INBOX", help="What this inbox received of late.")
@click.option("--since", type=click.DateTime(), help="Of the journal: not before this (UTC).")
@click.option("--quarantine", metavar="INBOX", help="What of this inbox could not be understood.")
@click.option("--dead", is_flag=True, help="Work that failed again and again.")
@click.option("--dry-run", is_flag=True, help="Only show what would happen.")
@json_option
@click.pass_obj
def command(
    asked: Asked,
    files: tuple[Path, ...],
    inbox: str | None,
    journal: str | None,
    since: datetime | None,
    quarantine: str | None,
    *,
    dead: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Read once more what was received before.

    FILES are payloads as a platform sent them, or segments of a journal. What is known already has
    no second effect. What is understood now leaves the quarantine; dead letters go back to where
    they waited. The exit code is 1 if something was not understood.
    """
    if sum(map(bool, (files, journal, quarantine, dead))) != 1:
        raise click.UsageError("Name files, or one of --journal, --quarantine and --dead.")
    if files and not inbox:
        raise click.UsageError("Say by --inbox which inbox the files are of.")
    from gateway.work.replay import Wanted, replay

    wanted = Wanted(
        files=files,
        inbox=inbox or journal or quarantine or "",
        journal=bool(journal),
        since=since,
        quarantine=bool(quarantine),
        dead=dead,
        dry_run=dry_run,
        as_json=as_json,
    )
    replay(asked, wanted)
