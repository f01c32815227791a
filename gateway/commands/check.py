"""`trunkline check`: the settings, off line."""

from pathlib import Path

import click

from gateway.commands.common import loaded


def run(*, config: Path | None, verbose: bool) -> None:
    found = loaded(config)
    for warning in found.warnings:
        click.echo(f"warning: {warning}", err=True)
    settings = found.settings
    click.echo(f"data in {settings.data_dir}, pages on {settings.web.bind}")
    click.echo("store: " + ("redis.url" if settings.redis.url else "embedded server"))
    for channel in settings.channels:
        click.echo(f"inbox {channel.id}: {channel.kind}")
        if verbose:
            click.echo(f"  {channel.adapter}")
    if not settings.channels:
        click.echo("no inbox yet: add a [[channel]]", err=True)
    click.echo("The settings are in order.")
