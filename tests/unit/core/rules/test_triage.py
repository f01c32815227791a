"""What a conversation is as a piece of work follows from its legs."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from core.errors import InvalidRequest
from core.model.conversation import Leg, Priority, Status
from core.model.ids import ConversationId, IdentityId, LegId, Number, ThreadRef
from core.model.message import Audience
from core.model.triage import Triage
from core.rules.triage import (
    TAG_LENGTH_MAX,
    all_tags,
    assignee,
    for_each,
    highest,
    is_spam,
    lines,
    tags_after,
    tidy,
    wakes_at,
)

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
LEG = Leg(
    id=LegId("1-00"),
    thread=ThreadRef(channel="telegram", account="bot", thread="1"),
    author=IdentityId("telegram:bot:1"),
    audience=Audience.PRIVATE,
    number=Number("T-0000-0"),
    conversation=ConversationId("1-00"),
    status=Status.OPEN,
    status_at=NOON,
    created_at=NOON,
    touched_at=NOON,
)
tags = st.frozensets(st.sampled_from(("a", "b", "c", "d"))).map(lambda some: tuple(sorted(some)))


@pytest.mark.parametrize(
    ("given_", "found"),
    [
        ((Priority.NORMAL, Priority.URGENT, Priority.HIGH), Priority.URGENT),
        ((Priority.NORMAL, Priority.LOW), Priority.LOW),
        ((Priority.NORMAL, Priority.NORMAL), Priority.NORMAL),
    ],
)
def test_the_highest_priority_that_was_given_counts(
    given_: tuple[Priority, ...], found: Priority
) -> None:
    """A second line of the same customer would make of what was put last something ordinary."""
    assert highest([replace(LEG, priority=one) for one in given_]) is found


def test_the_assignee_that_was_set_last_counts_also_if_it_is_nobody() -> None:
    """An agent would go on being asked for what they have handed back."""
    kim = replace(LEG, assignee="Kim", assigned_at=NOON)
    nobody = replace(LEG, assigned_at=NOON + timedelta(seconds=1))

    assert assignee([LEG, kim]) == "Kim"
    assert assignee([kim, nobody, LEG]) == ""
    assert assignee([LEG]) == ""


def test_a_conversation_is_spam_only_if_all_of_it_is() -> None:
    """A customer who is joined to a spammer's leg would never be read."""
    spam = replace(LEG, spam=True)

    assert (is_spam([spam, spam]), is_spam([spam, LEG])) == (True, False)


def test_what_wakes_first_is_when_the_conversation_does() -> None:
    later, sooner = (replace(LEG, snoozed_until=NOON + timedelta(hours=n)) for n in (2, 1))

    assert wakes_at([LEG, later, sooner]) == NOON + timedelta(hours=1)
    assert wakes_at([LEG]) is None


@given(before=tags, replaced=st.none() | tags, added=tags, removed=tags)
def test_what_is_taken_away_is_gone_and_what_is_added_is_there(
    before: tuple[str, ...],
    replaced: tuple[str, ...] | None,
    added: tuple[str, ...],
    removed: tuple[str, ...],
) -> None:
    """Two programs that tag the same conversation would undo each other."""
    after = tags_after(before, Triage(tags=replaced, add_tags=added, remove_tags=removed))

    kept = set(before if replaced is None else replaced)
    assert after == tuple(sorted({*kept, *added} - set(removed)))
    assert all_tags([replace(LEG, tags=before), replace(LEG, tags=after)]) == tuple(
        sorted({*before, *after})
    )


def test_a_tag_is_kept_in_one_form() -> None:
    """`VIP` and `vip` would be two lists, and customers missing from each."""
    assert tidy(("VIP", "vip", "Cafe\u0301", "退款")) == ("caf\u00e9", "vip", "退款")


@pytest.mark.parametrize("tag", ["", "a b", "a,b", "a\nb", "\u3000", "x" * (TAG_LENGTH_MAX + 1)])
def test_what_is_no_tag_is_refused(tag: str) -> None:
    """Tags are stored a line each: one with a line break would be two."""
    with pytest.raises(InvalidRequest, match="without spaces and commas"):
        tidy((tag,))


def test_a_leg_that_cannot_take_the_status_takes_the_rest() -> None:
    """Whoever assigns and resolves a conversation of which one line is closed would be refused."""
    closed = replace(LEG, status=Status.CLOSED)
    change = Triage(status=Status.RESOLVED, assignee="Kim")

    assert for_each(change, [LEG, closed]) == [change, Triage(assignee="Kim")]
    assert for_each(change, [closed]) == [change]


def test_only_what_changes_is_told() -> None:
    """Agents would read lines of what was so before."""
    leg = replace(LEG, priority=Priority.HIGH, tags=("vip",), assignee="Kim")
    same = Triage(
        status=Status.OPEN, priority=Priority.HIGH, add_tags=("vip",), assignee="Kim", spam=False
    )
    other = Triage(
        status=Status.RESOLVED, priority=Priority.LOW, remove_tags=("vip",), assignee="", spam=True
    )

    assert lines(same, leg) == ()
    assert [(one.code, one.text) for one in lines(other, leg)] == [
        ("status", "resolved"),
        ("priority", "low"),
        ("tags", ""),
        ("assigned", ""),
        ("spam", ""),
    ]
