"""How far a folder has been taken, and what that is worth after the server has changed. Pure.

UIDs rise as long as UIDVALIDITY stays the same; a mailbox that was restored from a backup may break
that promise in silence. Then the newest UIDs are given out a second time, which shows in two ways:
the server's next UID is one that we have taken, or a mail that we remember came at another moment.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import msgspec

from adapters.email.line.answers import Facts, Folder, internal_date, search_date

REREAD_DAYS = 2
"""How far back is read again when UIDs mean nothing any more."""

ON_THE_WAY_DAYS = 7
"""So long a mail may take to arrive; most servers give up after five days."""

MARKS_MAX = 8


class Position(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How far the folder has been taken. Of the mails up to `since_upto` those that came before the
    day `since` (IMAP date) are left alone. `day`: the last day on which something was taken.
    `marks`: the newest mails that were taken, as (UID, seconds since 1970 at which the server got
    it).
    """

    uid_validity: int
    last_uid: int
    since: str = ""
    since_upto: int = 0
    day: str = ""
    marks: tuple[tuple[int, int], ...] = ()


def beginning(folder: Folder, today: datetime, look_back_days: int) -> Position:
    """Of a folder that was never read."""
    since = search_date(today - timedelta(days=look_back_days))
    return Position(
        uid_validity=folder.uid_validity, last_uid=0, since=since, since_upto=folder.uid_next - 1
    )


def numbered_anew(position: Position, folder: Folder, marked: Mapping[int, Facts]) -> bool:
    """Whether the position's UIDs may stand for other mails by now. `marked`: what the server says
    of the marks. One that is gone proves nothing: people move and delete.
    """
    moved_back = folder.uid_next <= position.last_uid
    others = any(
        uid in marked and marked[uid].at is not None and _seconds(marked[uid]) != seconds
        for uid, seconds in position.marks
    )
    return position.uid_validity != folder.uid_validity or moved_back or others


def again(position: Position, folder: Folder, today: datetime) -> Position:
    """From a while before the last mail was taken, whatever its number. What was taken before has
    no second effect.
    """
    day = datetime.fromisoformat(position.day) if position.day else today
    return Position(
        uid_validity=folder.uid_validity,
        last_uid=0,
        since=search_date(day - timedelta(days=REREAD_DAYS)),
        since_upto=folder.uid_next - 1,
        day=position.day,
    )


def old_before(position: Position) -> datetime | None:
    """What was written before this moment is no news, though the server may have got it since: from
    a backup, or from another server, with the day of the copying for a date.
    """
    since = internal_date(f"{position.since} 00:00:00 +0000")
    return since - timedelta(days=ON_THE_WAY_DAYS) if since else None


def moved(
    position: Position, uid: int, today: datetime, taken: Mapping[int, Facts] | None = None
) -> Position:
    """After everything up to this UID was taken, these mails among it."""
    marks = tuple((one, _seconds(facts)) for one, facts in (taken or {}).items() if facts.at)
    return msgspec.structs.replace(
        position,
        last_uid=max(uid, position.last_uid),
        day=today.isoformat(),
        marks=(*position.marks, *marks)[-MARKS_MAX:],
    )


def today() -> datetime:
    return datetime.combine(datetime.now(UTC).date(), datetime.min.time(), UTC)


def _seconds(facts: Facts) -> int:
    return int(facts.at.timestamp()) if facts.at else 0
