"""The channels that come with Trunkline. One line each; its folder is the rest of it."""

from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from importlib import import_module
from importlib.util import find_spec
from typing import Any, Final, NamedTuple

import msgspec
from typing_extensions import override

from core.errors import ConfigurationError
from core.ports import Adapter, Surroundings
from gateway.settings import ChannelSettings


class Kind(NamedTuple):
    """The name of its settings, and the packages without which it does not run."""

    settings: str
    needs: tuple[str, ...]


CHANNELS: Final = {
    "telegram": Kind("TelegramSettings", ("telegram", "aiohttp")),
    "email": Kind("EmailSettings", ("aioimaplib", "aiosmtplib", "nh3", "publicsuffixlist")),
    "discord": Kind("DiscordSettings", ("discord", "aiohttp")),
}
"""Kind of channel, which is the name of its folder in adapters/ and of its extra."""

DATED_BY_SENDERS: Final = frozenset({"email"})
"""Channels on which when something was written is its sender's word."""


class Kinds(Mapping[str, type[msgspec.Struct]]):
    """The settings of each kind of channel, imported when asked for, its platform's library not.

    Looking one up whose library is not installed raises ConfigurationError.
    """

    @override
    def __getitem__(self, kind: str) -> type[msgspec.Struct]:
        for package in CHANNELS[kind].needs:
            if find_spec(package) is None:
                raise _not_installed(kind, package)
        settings: type[msgspec.Struct] = getattr(_module(kind, "settings"), CHANNELS[kind].settings)
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
    module = _module(channel.kind, "adapter")
    async with module.open_adapter(channel.adapter, surroundings) as adapter:
        yield adapter


def _module(kind: str, part: str) -> Any:
    try:
        return import_module(f"adapters.{kind}.{part}")
    except ModuleNotFoundError as error:
        if error.name and error.name.startswith("adapters"):
            raise
        raise _not_installed(kind, error.name or "") from error


def _not_installed(kind: str, package: str) -> ConfigurationError:
    return ConfigurationError(
        f"the channel {kind} needs a package that is not installed ({package}): "
        f"install Trunkline with the extra `{kind}`"
    )
