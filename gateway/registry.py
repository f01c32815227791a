"""The channels that come with Trunkline. One line each; its folder is the rest of it."""

from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from importlib import import_module
from typing import Any, Final

import msgspec
from typing_extensions import override

from core.errors import ConfigurationError
from core.ports import Adapter, Surroundings
from gateway.settings import ChannelSettings

CHANNELS: Final = {
    "telegram": "TelegramSettings",
    "email": "EmailSettings",
    "discord": "DiscordSettings",
}
"""Kind of channel, which is the name of its folder in adapters/ → its settings."""


class Kinds(Mapping[str, type[msgspec.Struct]]):
    """The settings of each kind of channel, imported when asked for."""

    @override
    def __getitem__(self, kind: str) -> type[msgspec.Struct]:
        settings: type[msgspec.Struct] = getattr(_module(kind, ".settings"), CHANNELS[kind])
        return settings

    @override
    def __contains__(self, kind: object) -> bool:
        return kind in CHANNELS

    @override
    def __iter__(self) -> Iterator[str]:
        return iter(CHANNELS)

    @override
    def __len__(self) -> int:
        return len(CHANNELS)


@asynccontextmanager
async def open_channel(
    channel: ChannelSettings, surroundings: Surroundings
) -> AsyncIterator[Adapter]:
    """The adapter of a configured inbox, open as long as the context is."""
    async with _module(channel.kind).open_adapter(channel.adapter, surroundings) as adapter:
        yield adapter


def _module(kind: str, part: str = "") -> Any:
    try:
        return import_module(f"adapters.{kind}{part}")
    except ModuleNotFoundError as error:
        if error.name and error.name.startswith("adapters"):
            raise
        raise ConfigurationError(
            f"the channel {kind} needs a package that is not installed ({error.name}): "
            f"install trunkline[{kind}]"
        ) from error
