"""`trunkline check`: the settings, off line."""

import click

from gateway.commands.output import Asked, data, say, warn
from gateway.commands.reading import loaded


@click.command()
@click.pass_obj
def command(asked: Asked) -> None:
    """Say whether the settings are right, and what is not. Nothing is contacted."""
    found = loaded(asked)
    warn(found.warnings)
    settings = found.settings
    data(f"data in {settings.data_dir}, pages on {settings.web.bind}")
    data("store: " + ("redis.url" if settings.redis.url else "embedded server"))
    for channel in settings.channels:
        data(f"inbox {channel.id}: {channel.kind}")
        if asked.verbose:
            data(f"  {channel.adapter}")
    if not settings.channels:
        say("no inbox yet: add a [[channel]]")
    data("The settings are in order.")
