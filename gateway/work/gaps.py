"""What was said and could not be read."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

from core.gaps import Gaps, KnownGap
from gateway.commands.output import Asked, listing
from gateway.settings import Settings
from gateway.storage import now
from gateway.work.common import run_loop, settings_of, store_of


def gaps(asked: Asked, limit: int, *, as_json: bool) -> None:
    run_loop(_list(settings_of(asked), limit, as_json=as_json))


async def _list(settings: Settings, limit: int, *, as_json: bool) -> None:
    accounts = [channel.id for channel in settings.channels]
    async with store_of(settings) as store:
        found = await Gaps(store, now).latest(accounts, limit)
    listing(found, COLUMNS, as_json=as_json, nothing="Nothing is known to be missing.")


def _time(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S}"


COLUMNS: Final[Mapping[str, Callable[[KnownGap], str]]] = {
    "From (UTC)": lambda gap: _time(gap.since),
    "Until (UTC)": lambda gap: _time(gap.until),
    "Where": lambda gap: str(gap.thread or f"{gap.account}, it is not known where"),
    "Why": lambda gap: gap.reason,
}
