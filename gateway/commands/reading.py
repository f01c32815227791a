"""Reading the settings that a command was given. Light: nothing of Redis comes with it."""

import os

from core.errors import ConfigurationError
from gateway.commands.output import Asked
from gateway.registry import Kinds
from gateway.settings_file import Loaded, load


def loaded(asked: Asked, overrides: dict[str, str] | None = None) -> Loaded:
    """The settings of --config or of ./trunkline.toml. Raises ConfigurationError."""
    if asked.config and not asked.config.exists():
        raise ConfigurationError(
            f"there is no file {asked.config}: `trunkline init` writes one, or name another"
        )
    return load(asked.config, environ=os.environ, kinds=Kinds(), overrides=overrides)
