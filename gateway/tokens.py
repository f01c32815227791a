"""API tokens: `tl_<id>_<secret>`, of which only a hash is kept.

The file is the truth: the command line writes it without a gateway, and a running gateway sees
what changed by looking at the file again before each answer. When a token was used last is in a
file of its own, written seldom: it is for people, and nothing depends on it.
"""

import fcntl
import hashlib
import hmac
import os
import re
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import msgspec

from core.errors import ConfigurationError, InvalidRequest, NotFound
from gateway.locks import FileLock
from gateway.scopes import FOR_AGENTS, Scope

PREFIX: Final = "tl"
NAME_LENGTH_MAX: Final = 64
TOKENS_MAX: Final = 1000

PER_MINUTE: Final = 1200
"""Requests, unless a token is made for more or fewer."""

PER_MINUTE_MAX: Final = 1_000_000

USE_SECONDS: Final = 300.0
"""How exactly it is written down when a token was used last."""

UNITS: Final = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}
_LIFETIME: Final = re.compile(r"(?P<count>[1-9]\d{0,3})(?P<unit>[hdw])", re.ASCII)

_Version = tuple[int, int, int]
"""What is different after the file was replaced: inode, time of change, size."""


class TokenInfo(msgspec.Struct, frozen=True, kw_only=True):
    """A token as it may be shown. `name` is the agent's, as customers and agents see it.

    `per_minute` requests are answered; from `expires_at` on (None = never) it opens nothing.
    """

    id: str
    name: str
    created_at: datetime
    scopes: frozenset[Scope]
    per_minute: int = PER_MINUTE
    expires_at: datetime | None = None

    def may(self, scope: Scope) -> bool:
        return scope in self.scopes


class TokenInUse(TokenInfo, frozen=True, kw_only=True):
    """`used_at` is exact to some minutes; None: never."""

    used_at: datetime | None = None


class _Stored(msgspec.Struct, frozen=True, kw_only=True):
    """`sha256` (hex) is of the whole token."""

    info: TokenInfo
    sha256: str


class _File(msgspec.Struct, frozen=True, kw_only=True):
    tokens: tuple[_Stored, ...] = ()


def lifetime_of(words: str) -> timedelta:
    """12h, 90d, 52w. Raises InvalidRequest."""
    found = _LIFETIME.fullmatch(words)
    if not found:
        raise InvalidRequest(f"{words!r} is no span of time: write 12h, 90d or 52w")
    return int(found["count"]) * UNITS[found["unit"]]


class Tokens:
    """The tokens of an installation. Cheap to make; every call works on the newest file."""

    def __init__(self, data_dir: Path, now: Callable[[], datetime] = lambda: datetime.now(UTC)):
        self._path, self._lock = data_dir / "tokens.json", data_dir / "tokens.lock"
        self._use = _Use(data_dir / "tokens.used.json")
        self._now = now
        self._version: _Version | None = None
        self._known: dict[str, _Stored] = {}

    def check(self, token: str) -> TokenInfo | None:
        """Whose token it is; None if it is wrong, revoked or expired. Raises ConfigurationError."""
        self._refresh()
        prefix, _, rest = token.partition("_")
        stored = self._known.get(rest.partition("_")[0])
        expected = stored.sha256 if stored else "0" * 64
        matches = hmac.compare_digest(_hash(token), expected)
        if not (stored and matches and prefix == PREFIX):
            return None
        now = self._now()
        if stored.info.expires_at and stored.info.expires_at <= now:
            return None
        self._use.note(stored.info.id, now)
        return stored.info

    def list(self) -> tuple[TokenInfo, ...]:
        """In the order in which they were made. Raises ConfigurationError."""
        self._refresh()
        return tuple(stored.info for stored in self._known.values())

    def in_use(self) -> tuple[TokenInUse, ...]:
        """As `list`, with when each was used last. Raises ConfigurationError."""
        used = self._use.read()
        return tuple(
            TokenInUse(**msgspec.structs.asdict(info), used_at=used.get(info.id))
            for info in self.list()
        )

    def create(
        self,
        name: str,
        scopes: frozenset[Scope] = FOR_AGENTS,
        *,
        lifetime: timedelta | None = None,
        per_minute: int = PER_MINUTE,
    ) -> str:
        """A new token for the agent of this name; it cannot be shown again.

        Raises InvalidRequest, ConfigurationError.
        """
        name = name.strip()
        if not name or len(name) > NAME_LENGTH_MAX or not name.isprintable():
            raise InvalidRequest(
                f"a token's name is what customers see the agent called: 1 to {NAME_LENGTH_MAX}"
                " printable characters"
            )
        if not scopes:
            raise InvalidRequest("a token without a scope opens nothing: name at least one")
        if not 1 <= per_minute <= PER_MINUTE_MAX:
            raise InvalidRequest(f"a token answers 1 to {PER_MINUTE_MAX} requests a minute")
        now = self._now()
        with self._changing() as known:
            if len(known) >= TOKENS_MAX:
                raise InvalidRequest(f"there are {TOKENS_MAX} tokens: revoke one that is unused")
            info = TokenInfo(
                id=secrets.token_hex(4),
                name=name,
                created_at=now,
                scopes=scopes,
                per_minute=per_minute,
                expires_at=now + lifetime if lifetime else None,
            )
            token = f"{PREFIX}_{info.id}_{secrets.token_urlsafe(32)}"
            known[info.id] = _Stored(info=info, sha256=_hash(token))
        return token

    def revoke(self, token_id: str) -> None:
        """From now on it opens nothing. Raises NotFound, ConfigurationError."""
        with self._changing() as known:
            if known.pop(token_id, None) is None:
                raise NotFound(f"there is no token {token_id!r}: see `trunkline token list`")

    def _refresh(self) -> None:
        version = self._current()
        if version != self._version:
            self._known = self._read() if version else {}
            self._version = version

    def _current(self) -> _Version | None:
        try:
            found = self._path.stat()
        except FileNotFoundError:
            return None
        return found.st_ino, found.st_mtime_ns, found.st_size

    def _read(self) -> dict[str, _Stored]:
        try:
            file = msgspec.json.decode(self._path.read_bytes(), type=_File)
        except FileNotFoundError:
            return {}
        except (OSError, msgspec.DecodeError) as error:
            raise ConfigurationError(
                f"{self._path} cannot be read ({type(error).__name__}): restore it, or remove it "
                "and make new tokens with `trunkline token new NAME`"
            ) from error
        return {stored.info.id: stored for stored in file.tokens}

    @contextmanager
    def _changing(self) -> Iterator[dict[str, _Stored]]:
        """The tokens, to be changed by one writer at a time; written when the block ends well."""
        with FileLock(self._lock) as lock:
            fcntl.flock(lock.fileno(), fcntl.LOCK_EX)  # others hold it for one write
            known = self._read()
            yield known
            self._write(_File(tokens=tuple(known.values())))

    def _write(self, file: _File) -> None:
        """Replace the file at once and for good: no reader sees half of it."""
        fresh = self._path.with_suffix(".new")
        fresh.unlink(missing_ok=True)
        fd = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(fd, "wb") as out:
            out.write(msgspec.json.format(msgspec.json.encode(file)))
            out.flush()
            os.fsync(out.fileno())
        fresh.replace(self._path)


class _Use:
    """When each token was used last. Lost with the file, or to another process: no harm."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._noted: dict[str, datetime] = {}
        self._written: dict[str, datetime] = {}

    def note(self, token_id: str, at: datetime) -> None:
        self._noted[token_id] = at
        before = self._written.get(token_id)
        if before is None or (at - before).total_seconds() >= USE_SECONDS:
            self._write()

    def read(self) -> dict[str, datetime]:
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=dict[str, datetime])
        except (OSError, msgspec.DecodeError):
            return {}

    def _write(self) -> None:
        """What others have written meanwhile is kept, the newest of each token."""
        found = self.read()
        newest = {one: max(at, found.get(one, at)) for one, at in self._noted.items()}
        self._written = dict(self._noted)
        kept = sorted((found | newest).items(), key=lambda use: use[1])[-TOKENS_MAX:]
        with suppress(OSError):  # a full disk closes no door
            fresh = self._path.with_suffix(f".{os.getpid()}")
            fresh.write_bytes(msgspec.json.encode(dict(kept)))
            fresh.replace(self._path)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
