"""Turn tables into settings, and gather everything that is wrong with them on the way.

An operator gets all problems at once, each with its place and what would be right.
"""

import difflib
import enum
import re
import stat
import types
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Final, Literal, TypeVar, Union, get_args, get_origin

import msgspec
from msgspec.structs import FieldInfo

from core.model.secret import Secret
from gateway.toml_lines import Path as Keys

OTHERS: Final = 0o077
MOUNTED: Final = Path("/run/secrets")
"""Where container engines put secrets, with modes of their own."""

T = TypeVar("T", bound=msgspec.Struct)

WORDS: Final = {
    "`int`": "a whole number",
    "`float`": "a number",
    "`str`": "text in quotes",
    "`bool`": "true or false",
    "`array`": "a list",
    "`object`": "a table",
}


class Reader:
    """Reads one set of settings. `problems` and `warnings` grow meanwhile.

    `where` tells the place of a value ("trunkline.toml:12"), `is_text` whether it came as text
    from outside the file, where "16" may stand for 16.
    """

    def __init__(
        self,
        *,
        where: Callable[[Keys], str],
        is_text: Callable[[Keys], bool],
        environ: Mapping[str, str],
        base: Path,
    ) -> None:
        self.problems: list[str] = []
        self.warnings: list[str] = []
        self._where = where
        self._is_text = is_text
        self._environ = environ
        self._base = base

    def complain(self, path: Keys, problem: str) -> None:
        self.problems.append(f"{self._where(path)}: {problem}")

    def struct(self, value: object, kind: type[T], path: Keys) -> T | None:
        """None when there was something to complain about."""
        if not isinstance(value, Mapping):
            self.complain(path, f"expected {name_of(path)} to be a table")
            return None
        fields = {field.encode_name: field for field in msgspec.structs.fields(kind)}
        before = len(self.problems)
        self.known_keys(value, fields, path)
        found = {
            field.name: self._value(value[key], field.type, (*path, key))
            for key, field in fields.items()
            if key in value
        }
        self._nothing_missing(value, fields.values(), path)
        if len(self.problems) > before:
            return None
        try:
            return kind(**found)
        except ValueError as error:  # of its __post_init__
            self.complain(path, f"{name_of(path)}: {error}")
            return None

    def known_keys(self, table: Mapping[str, object], known: Iterable[str], path: Keys) -> None:
        names = list(known)
        for key in table:
            if key not in names:
                hint = suggestion(key, names)
                self.complain((*path, key), f'unknown key "{key}" in {name_of(path)}{hint}')

    def _nothing_missing(
        self, table: Mapping[str, object], fields: Iterable[FieldInfo], path: Keys
    ) -> None:
        for field in fields:
            if field.required and field.encode_name not in table:
                self.complain(path, f'{name_of(path)} needs "{field.encode_name}"')

    def _value(self, value: object, wanted: Any, path: Keys) -> Any:
        if struct := _struct_of(wanted):
            return self.struct(value, struct, path)
        try:
            return msgspec.convert(
                value,
                wanted,
                strict=not self._is_text(path),
                dec_hook=lambda kind, given: self._custom(kind, given, path),
            )
        except msgspec.ValidationError as error:
            self.complain(path, f'"{path[-1]}" in {name_of(path[:-1])}: {_in_words(error, wanted)}')
            return None

    def _custom(self, kind: type, given: object, path: Keys) -> object:
        if kind is not Secret:
            raise NotImplementedError(f"settings of type {kind} cannot be read")
        return self._secret(given, path)

    def _secret(self, given: object, path: Keys) -> Secret:
        match given:
            case {"env": str(name), **rest} if not rest:
                return self._from_environment(name)
            case {"file": str(name), **rest} if not rest:
                return self._from_file(name)
            case str():
                self._warn_of_plain(given, path)
                return Secret(given)
            case _:
                raise ValueError('expected {env = "NAME"}, {file = "PATH"} or text')

    def _from_environment(self, name: str) -> Secret:
        if text := self._environ.get(name):
            return Secret(text)
        raise ValueError(
            f"the environment variable {name} is not set: set it, or keep the secret in a file "
            'and write {file = "PATH"}'
        )

    def _from_file(self, name: str) -> Secret:
        """Relative names: first below systemd's LoadCredential, then beside the settings."""
        bases = (self._environ.get("CREDENTIALS_DIRECTORY"), self._base)
        paths = [Path(base, name).expanduser() for base in bases if base]
        path = next((path for path in paths if path.exists()), paths[-1])
        try:
            text = path.read_text().strip()
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or "not text"
            raise ValueError(f"{path} cannot be read ({reason}): put the secret there") from error
        if not text:
            raise ValueError(f"{path} is empty: put the secret there")
        self._warn_of_readers(path)
        return Secret(text)

    def _warn_of_readers(self, path: Path) -> None:
        """Whoever has an account on the machine could read it, too."""
        mode = stat.S_IMODE(path.stat().st_mode)
        if mode & OTHERS and not path.is_relative_to(MOUNTED):
            self.warnings.append(
                f"{path} is a secret and can be read by others (mode {mode:03o}): chmod 600 it"
            )

    def _warn_of_plain(self, text: str, path: Keys) -> None:
        address_without_password = "://" in text and "@" not in text
        if not self._is_text(path) and not address_without_password:
            self.warnings.append(
                f'{self._where(path)}: "{path[-1]}" in {name_of(path[:-1])} is a secret in plain '
                'text; write {env = "NAME"} or {file = "PATH"} instead'
            )


def name_of(path: Keys) -> str:
    """`[redis]`, `[[channel]]`, `[channel.imap]`: as it is written in the file."""
    if not path:
        return "the file"
    name = ".".join(key for key in path if isinstance(key, str))
    return f"[[{name}]]" if isinstance(path[-1], int) else f"[{name}]"


def suggestion(word: str, known: Iterable[str]) -> str:
    names = sorted(known)
    if near := difflib.get_close_matches(word, names, n=1):
        return f', did you mean "{near[0]}"?'
    return f" (known: {', '.join(names)})"


def _struct_of(wanted: Any) -> type[msgspec.Struct] | None:
    if get_origin(wanted) in (Union, types.UnionType):
        wanted = next((one for one in get_args(wanted) if one is not type(None)), None)
    if isinstance(wanted, type) and issubclass(wanted, msgspec.Struct):
        return wanted
    return None


def _in_words(error: msgspec.ValidationError, wanted: Any) -> str:
    if choices := _choices(wanted):
        return "expected one of " + ", ".join(f'"{choice}"' for choice in choices)
    text = re.sub(r" - at `.*`$", "", str(error))
    for code, word in WORDS.items():
        text = text.replace(code, word)
    return text[:1].lower() + text[1:]


def _choices(wanted: Any) -> list[str]:
    if get_origin(wanted) is Literal:
        return [str(choice) for choice in get_args(wanted)]
    if isinstance(wanted, type) and issubclass(wanted, enum.Enum):
        return [str(choice.value) for choice in wanted]
    return []
