"""Read the settings of an installation.

A value comes from the first of these that has it: the command line, the environment as
`TRUNKLINE_SECTION__KEY`, `trunkline.toml`, its default. Secrets are `{env = "NAME"}` or
`{file = "PATH"}`. Whatever is wrong is told at once, each with its line.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import msgspec

from core.errors import ConfigurationError
from core.model.acknowledgement import Acknowledgement
from core.model.flooding import FloodSettings
from core.model.taking import Takes
from core.rules.archive import Terms
from gateway.settings import (
    AppSettings,
    ChannelSettings,
    JournalSettings,
    LimitSettings,
    LogSettings,
    MetricsSettings,
    RedisSettings,
    Settings,
    TracingSettings,
    WebhookSettings,
    WebSettings,
    WorkerSettings,
)
from gateway.settings_reader import Reader, suggestion
from gateway.toml_lines import Path as Keys
from gateway.toml_lines import lines_of

PREFIX: Final = "TRUNKLINE_"
SIZE_BYTES_MAX: Final = 1_000_000
CHANNEL_ID: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")
ACKNOWLEDGE: Final = "acknowledge"
FLOOD: Final = "flood"
TAKES: Final = "takes"
CHANNEL_TABLES: Final = (ACKNOWLEDGE, FLOOD, TAKES)
"""The tables of a channel that are the same for every kind."""

SECTIONS: Final[Mapping[str, type[msgspec.Struct]]] = {
    "app": AppSettings,
    "redis": RedisSettings,
    "web": WebSettings,
    "limits": LimitSettings,
    "journal": JournalSettings,
    "workers": WorkerSettings,
    "webhooks": WebhookSettings,
    "archive": Terms,
    "logs": LogSettings,
    "metrics": MetricsSettings,
    "tracing": TracingSettings,
}

Kinds = Mapping[str, type[msgspec.Struct]]
"""Kind of channel → the settings of its adapter. Looking one up may raise ConfigurationError."""


class Loaded(msgspec.Struct, frozen=True, kw_only=True):
    """`origins` of what was not left to its default: file:line, the variable, or the option."""

    settings: Settings
    warnings: tuple[str, ...]
    origins: Mapping[Keys, str] = {}


def load(
    path: Path | None,
    *,
    environ: Mapping[str, str],
    kinds: Kinds,
    overrides: Mapping[str, str] | None = None,
) -> Loaded:
    """The settings of the file at `path`, None for an installation without one.

    `overrides` come from the command line: "web.bind" → text. Raises ConfigurationError with one
    line for each problem.
    """
    text = _text_of(path) if path else ""
    name = path.name if path else "settings"
    tables = _parse(text, name)
    outside = _lay_over(tables, [*_from_environment(environ), *_from_options(overrides or {})])
    sources = _Sources(name, lines_of(text), outside)
    base = path.absolute().parent if path else Path.cwd()
    reader = Reader(where=sources.where, is_text=outside.__contains__, environ=environ, base=base)
    settings = _read(reader, tables, kinds, base)
    if reader.problems:
        raise ConfigurationError("\n".join(sorted(reader.problems, key=_line)))
    return Loaded(settings=settings, warnings=tuple(reader.warnings), origins=sources.all())


def _line(problem: str) -> int:
    found = re.match(r"[^:]*:(\d+): ", problem)
    return int(found[1]) if found else 0


def _text_of(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return file.read(SIZE_BYTES_MAX).decode().replace("\r\n", "\n")
    except FileNotFoundError as error:
        raise ConfigurationError(
            f"there are no settings at {path}: write them, or name another file"
        ) from error
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{path} is not UTF-8 text") from error
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read: {error.strerror}") from error


def _parse(text: str, name: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        reason, _, place = str(error).partition(" (at ")
        at = re.match(r"line (\d+)", place)
        line = at[1] if at else text.count("\n") + 1  # "at end of document"
        raise ConfigurationError(f"{name}:{line}: not TOML: {reason}") from error


class _Sources:
    """Where each value came from."""

    def __init__(self, name: str, lines: Mapping[Keys, int], outside: dict[Keys, str]) -> None:
        self._name = name
        self._lines = lines
        self._outside = outside

    def all(self) -> dict[Keys, str]:
        """Of every value that is set."""
        return {path: f"{self._name}:{line}" for path, line in self._lines.items()} | self._outside

    def where(self, path: Keys) -> str:
        """The place of the value, or of the nearest table around it."""
        while path:
            if path in self._outside:
                return self._outside[path]
            if path in self._lines:
                return f"{self._name}:{self._lines[path]}"
            path = path[:-1]
        return self._name


class _Outside(msgspec.Struct, frozen=True):
    """A value from outside the file."""

    path: Keys
    text: str
    origin: str


def _from_environment(environ: Mapping[str, str]) -> Iterator[_Outside]:
    for name, text in environ.items():
        keys = tuple(name.removeprefix(PREFIX).lower().split("__"))
        if name.startswith(PREFIX) and len(keys) > 1:
            yield _Outside(keys, text, name)


def _from_options(overrides: Mapping[str, str]) -> Iterator[_Outside]:
    for name, text in overrides.items():
        yield _Outside(tuple(name.split(".")), text, f"the option for {name}")


def _lay_over(tables: dict[str, Any], values: list[_Outside]) -> dict[Keys, str]:
    """Put the values into the tables, later ones over earlier ones; -> path → origin."""
    origins = {}
    for value in values:
        table: Any = tables
        for key in value.path[:-1]:
            table = table.setdefault(key, {}) if isinstance(table, dict) else None
        if not isinstance(table, dict):
            raise ConfigurationError(
                f"{value.origin}: not a setting. Channels are set in the file; a secret of theirs "
                'comes from the environment by {env = "NAME"}'
            )
        table[value.path[-1]] = value.text
        origins[value.path] = value.origin
    return origins


def _read(reader: Reader, tables: Mapping[str, Any], kinds: Kinds, base: Path) -> Settings:
    """Only worth something when the reader has nothing to complain about."""
    reader.known_keys(tables, [*SECTIONS, "channel"], ())
    sections = {
        name: reader.struct(tables[name], kind, (name,))
        for name, kind in SECTIONS.items()
        if name in tables
    }
    channels = _channels(reader, tables.get("channel", []), kinds)
    found = {name: section for name, section in sections.items() if section is not None}
    return msgspec.structs.replace(Settings(base=base, channels=channels), **found)


def _channels(reader: Reader, tables: object, kinds: Kinds) -> tuple[ChannelSettings, ...]:
    if not isinstance(tables, list):
        reader.complain(("channel",), "write [[channel]], with two brackets: there may be several")
        return ()
    channels: list[ChannelSettings] = []
    for position, table in enumerate(tables):
        channel = _channel(reader, table, ("channel", position), kinds)
        if channel and any(channel.id == other.id for other in channels):
            reader.complain(
                ("channel", position, "id"), f'another channel is called "{channel.id}"'
            )
        if channel:
            channels.append(channel)
    return tuple(channels)


def _channel(
    reader: Reader, table: dict[str, Any], path: Keys, kinds: Kinds
) -> ChannelSettings | None:
    name, kind = table.get("id"), table.get("kind")
    if not isinstance(name, str) or not CHANNEL_ID.fullmatch(name):
        reader.complain(
            (*path, "id"),
            '[[channel]] needs an "id" of at most 32 small letters, digits, "-" and "_"',
        )
        name = None
    settings = _settings_of(reader, kind, path, kinds)
    if settings is None:
        return None
    shared = ("id", "kind", *CHANNEL_TABLES)
    own = {key: value for key, value in table.items() if key not in shared}
    adapter = reader.struct(own, settings, path)
    answer = reader.struct(table.get(ACKNOWLEDGE, {}), Acknowledgement, (*path, ACKNOWLEDGE))
    flood = reader.struct(table.get(FLOOD, {}), FloodSettings, (*path, FLOOD))
    takes = reader.struct(table.get(TAKES, {}), Takes, (*path, TAKES))
    if name is None or adapter is None or answer is None or flood is None or takes is None:
        return None
    return ChannelSettings(
        id=name, kind=str(kind), adapter=adapter, acknowledge=answer, flood=flood, takes=takes
    )


def _settings_of(
    reader: Reader, kind: object, path: Keys, kinds: Kinds
) -> type[msgspec.Struct] | None:
    if not isinstance(kind, str) or kind not in kinds:
        fault = '[[channel]] needs a "kind"' if kind is None else f'unknown kind "{kind}"'
        reader.complain((*path, "kind"), fault + suggestion(str(kind), kinds))
        return None
    try:
        return kinds[kind]
    except ConfigurationError as error:
        reader.complain((*path, "kind"), str(error))
        return None
