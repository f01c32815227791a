"""How the victim and the judge of the archive's steps look at the same installation."""

from msgspec.structs import replace

from core.store.store import StoreSettings
from tests.crash import scenario


def settings(url: str, sort: str) -> StoreSettings:
    """Legs leave at once. Where a victim only sleeps, it must not be able to go by what it had read
    of the archive before: then they stay for a moment, as they do in an installation.
    """
    rest = 0.0 if sort == "KILL" else 0.3
    patience = 30.0 if sort == "KILL" else 0.15
    return replace(scenario.settings(url), thawed_seconds=rest, patience_seconds=patience)


def tries(sort: str) -> int:
    """How often it is tried to archive what may have come back only just now."""
    return 1 if sort == "KILL" else 20
