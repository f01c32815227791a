"""Payloads that could not be understood: set aside, told of, and never in the next one's way."""

import re
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Final

import msgspec
import structlog
from ulid import ULID

from core.errors import NotFound
from core.ids import new_ulid

KEPT_MAX: Final = 1000
"""Payloads a directory keeps; the oldest go first."""

ULID_TEXT: Final = re.compile(r"[0-9A-HJKMNP-TV-Z]{26}")

DIRECTORY: Final = "quarantine"
"""Within that of the data."""

PAYLOAD: Final = ".payload"

log = structlog.get_logger()


def set_aside_in(data_dir: Path, account: str) -> list[Path]:
    """The payloads of an inbox, oldest first."""
    return sorted((data_dir / DIRECTORY / account).glob(f"*{PAYLOAD}"))


class SetAside(msgspec.Struct, frozen=True, kw_only=True):
    """A payload that could not be understood: of which inbox, when it came, why it is here."""

    id: str
    account: str
    at: datetime
    reason: str
    size_bytes: int


class DirectoryQuarantine:
    """A directory an account; a payload is `<ulid>.payload` with its reason in `<ulid>.reason`."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self.set_aside: Counter[str] = Counter()
        """Payloads, by account, since the process began."""

    async def __call__(self, account: str, payload: bytes, reason: str) -> None:
        """On disk when it returns. Payloads hold customers' words: the directory is private."""
        directory = self._root / account
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        name = new_ulid()
        # The payload comes last: whoever finds it finds why it is here.
        (directory / f"{name}.reason").write_text(reason + "\n")
        (directory / f"{name}.payload").write_bytes(payload)
        self.set_aside[account] += 1
        log.warning("payload set aside", account=account, name=name, reason=reason)
        kept = sorted(directory.glob("*.payload"))
        for old in kept[:-KEPT_MAX]:
            old.unlink(missing_ok=True)
            old.with_suffix(".reason").unlink(missing_ok=True)

    def latest(self, accounts: Iterable[str], limit: int) -> list[SetAside]:
        """What is set aside of these, newest first. Reads the disk."""
        found = sorted(
            (path for one in accounts for path in (self._root / one).glob(f"*{PAYLOAD}")),
            key=lambda path: path.stem,
            reverse=True,
        )
        return [aside for path in found[:limit] if (aside := _aside(path))]

    def find(self, accounts: Iterable[str], name: str) -> tuple[SetAside, Path]:
        """With the file that holds the payload. Raises NotFound. Reads the disk."""
        if ULID_TEXT.fullmatch(name):
            for one in accounts:
                path = self._root / one / f"{name}{PAYLOAD}"
                if found := _aside(path):
                    return found, path
        raise NotFound(f"nothing is set aside as {name[:40]!r}")

    def remove(self, accounts: Iterable[str], name: str) -> SetAside:
        """For good. Raises NotFound. Reads and writes the disk."""
        found, path = self.find(accounts, name)
        path.unlink(missing_ok=True)
        path.with_suffix(".reason").unlink(missing_ok=True)
        return found


def _aside(path: Path) -> SetAside | None:
    """None: it is gone, or is none of ours."""
    reason = path.with_suffix(".reason")
    with suppress(FileNotFoundError, ValueError):
        return SetAside(
            id=path.stem,
            account=path.parent.name,
            at=ULID.from_str(path.stem).datetime,
            reason=reason.read_text().strip() if reason.exists() else "",
            size_bytes=path.stat().st_size,
        )
    return None
