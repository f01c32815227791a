"""Payloads that could not be understood: set aside, told of, and never in the next one's way."""

from pathlib import Path
from typing import Final

import structlog

from core.ids import new_ulid

KEPT_MAX: Final = 1000
"""Payloads a directory keeps; the oldest go first."""

log = structlog.get_logger()


DIRECTORY: Final = "quarantine"
"""Within that of the data."""

PAYLOAD: Final = ".payload"


def set_aside_in(data_dir: Path, account: str) -> list[Path]:
    """The payloads of an inbox, oldest first."""
    return sorted((data_dir / DIRECTORY / account).glob(f"*{PAYLOAD}"))


class DirectoryQuarantine:
    """A directory an account; a payload is `<ulid>.payload` with its reason in `<ulid>.reason`."""

    def __init__(self, root: Path) -> None:
        self._root = root

    async def __call__(self, account: str, payload: bytes, reason: str) -> None:
        """On disk when it returns. Payloads hold customers' words: the directory is private."""
        directory = self._root / account
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        name = new_ulid()
        (directory / f"{name}.payload").write_bytes(payload)
        (directory / f"{name}.reason").write_text(reason + "\n")
        log.warning("payload set aside", account=account, name=name, reason=reason)
        kept = sorted(directory.glob("*.payload"))
        for old in kept[:-KEPT_MAX]:
            old.unlink(missing_ok=True)
            old.with_suffix(".reason").unlink(missing_ok=True)
