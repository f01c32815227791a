"""When a position in a mailbox is worth nothing any more, and where reading begins then."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from adapters.email.line.answers import Facts, Folder
from adapters.email.line.position import (
    MARKS_MAX,
    Position,
    again,
    beginning,
    moved,
    numbered_anew,
)

TODAY = datetime(2026, 3, 1, tzinfo=UTC)
AT = datetime(2026, 2, 27, 8, 30, tzinfo=UTC)
TAKEN = Position(uid_validity=7, last_uid=40, day=TODAY.isoformat(), marks=((39, 1), (40, 2)))


def facts(seconds: int) -> Facts:
    return Facts(100, datetime.fromtimestamp(seconds, UTC))


def test_a_mailbox_that_went_on_is_read_on() -> None:
    """Also when the mails that we remember have been moved or deleted."""
    assert not numbered_anew(TAKEN, Folder(7, 41), {39: facts(1), 40: facts(2)})
    assert not numbered_anew(TAKEN, Folder(7, 90), {})
    assert not numbered_anew(TAKEN, Folder(7, 41), {40: Facts(5)})


def test_a_mailbox_whose_numbers_mean_other_mails_is_read_again() -> None:
    """Whoever went on by the numbers would never see those mails."""
    assert numbered_anew(TAKEN, Folder(8, 41), {})
    assert numbered_anew(TAKEN, Folder(7, 40), {})
    assert numbered_anew(TAKEN, Folder(7, 90), {39: facts(1), 40: facts(3)})


def test_reading_again_begins_before_the_last_mail_was_taken() -> None:
    """An outage counts from when it began, not from when it ended."""
    position = again(TAKEN, Folder(8, 12), TODAY + timedelta(days=30))

    assert (position.uid_validity, position.last_uid) == (8, 0)
    assert (position.since, position.since_upto) == ("27-Feb-2026", 11)
    assert position.marks == ()


def test_the_first_look_goes_back_some_days_among_what_is_there() -> None:
    position = beginning(Folder(7, 500), TODAY, 1)

    assert (position.since, position.since_upto) == ("28-Feb-2026", 499)


@given(st.lists(st.integers(1, 1000), max_size=30))
def test_a_position_never_goes_back_and_stays_short(uids: list[int]) -> None:
    """A checkpoint is a short note."""
    position = Position(uid_validity=1, last_uid=0)
    for uid in uids:
        after = moved(position, uid, TODAY, {uid: Facts(at=AT)})
        assert after.last_uid >= position.last_uid
        position = after

    assert len(position.marks) <= MARKS_MAX
