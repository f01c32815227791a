"""The settings in force, each with where it came from; secrets masked."""

import enum
from collections.abc import Iterator
from typing import Any, Final

import msgspec

from core.model.secret import Secret
from gateway.settings import ChannelSettings
from gateway.settings_file import CHANNEL_TABLES, SECTIONS, Loaded
from gateway.toml_lines import Path as Keys

MASKED: Final = "********"
DEFAULT: Final = "default"


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """`value` as TOML has it, None for nothing. `origin`: "default", file:line, the name of an
    environment variable, or the option.
    """

    key: str
    value: Any
    origin: str


def shown(loaded: Loaded) -> Iterator[Shown]:
    """Every setting, section by section; a channel's are called after its id."""
    settings = loaded.settings
    for section in SECTIONS:
        yield from _struct(loaded, getattr(settings, section), (section,), section)
    for position, channel in enumerate(settings.channels):
        yield from _channel(loaded, channel, ("channel", position))


def _channel(loaded: Loaded, channel: ChannelSettings, path: Keys) -> Iterator[Shown]:
    name = f"channel.{channel.id}"
    kind_path = (*path, "kind")
    yield Shown(key=f"{name}.kind", value=channel.kind, origin=_origin(loaded, kind_path))
    yield from _struct(loaded, channel.adapter, path, name)
    for table in CHANNEL_TABLES:
        yield from _struct(loaded, getattr(channel, table), (*path, table), f"{name}.{table}")


def _struct(loaded: Loaded, struct: msgspec.Struct, path: Keys, name: str) -> Iterator[Shown]:
    for field in msgspec.structs.fields(struct):
        value = getattr(struct, field.name)
        here, key = (*path, field.encode_name), f"{name}.{field.encode_name}"
        if isinstance(value, msgspec.Struct):
            yield from _struct(loaded, value, here, key)
        else:
            yield Shown(key=key, value=_plain(value), origin=_origin(loaded, here))


def _origin(loaded: Loaded, path: Keys) -> str:
    return loaded.origins.get(path, DEFAULT)


def _plain(value: Any) -> Any:
    match value:
        case Secret():
            return MASKED if value else ""
        case enum.Enum():
            return value.value
        case tuple() | frozenset() | list():
            return [_plain(one) for one in value]
        case dict():
            return {name: _plain(one) for name, one in value.items()}
        case _:
            return value
