"""What becomes of an event in a leg's log."""

import pytest
from msgspec.structs import replace

from core.model.content import Choice, System, Text, Unsupported
from core.model.event import (
    AccountStatus,
    ActionInvoked,
    Actor,
    ActorKind,
    Body,
    MemberChanged,
    MessageCreated,
    MessageDeleted,
    MessageEdited,
    Origin,
    Reacted,
    Read,
    Typing,
    Unknown,
)
from core.model.message import Direction, Message, SenderKind
from core.rules.incoming import HISTORY_MAX, amended, as_activity, as_created, as_message
from tests.rigs.events import event, says, thread

ADA = thread("ada")


def message(text: str = "hello") -> Message:
    return as_message(says(ADA, "ada", text, remote="m1"))


def edit(text: str, rev: int = 0) -> MessageEdited:
    return MessageEdited(remote="m1", parts=(Text(text=text),), rev=rev)


def test_a_message_keeps_what_the_event_said() -> None:
    said = replace(
        says(ADA, "ada", "hello", remote="m1"), origin=Origin.BACKFILL, lost=("sticker.set",)
    )

    made = as_message(said)

    assert (str(made.id), made.direction, made.at) == (said.id, Direction.IN, said.occurred_at)
    assert made.refs == ("m1",)
    assert made.sender.kind is SenderKind.CONTACT
    assert made.sender.id == made.identity == "telegram:bot:ada"
    assert made.backfilled
    assert made.lost == ("sticker.set",)


def test_an_album_is_one_message_with_all_its_ids() -> None:
    body = MessageCreated(remote="m1", refs=("m2", "m3"), parts=(Text(text="three"),))

    assert as_message(event(ADA, "ada", body)).refs == ("m1", "m2", "m3")


@pytest.mark.parametrize("kind", ActorKind)
def test_every_kind_of_actor_is_some_kind_of_sender(kind: ActorKind) -> None:
    said = replace(says(ADA, "x", "hi"), actor=Actor(kind=kind, remote="x"))

    assert as_message(said).sender.name == "x"


def test_only_what_says_something_is_a_message() -> None:
    with pytest.raises(TypeError):
        as_message(event(ADA, "ada", Typing()))
    with pytest.raises(TypeError):
        as_created(event(ADA, "ada", Typing()))


def test_an_edit_of_nothing_known_is_a_message_whose_original_is_lost() -> None:
    created = as_created(event(ADA, "ada", edit("oh")))

    assert isinstance(created.body, MessageCreated)
    assert created.lost == ("original",)


def test_an_edit_keeps_the_earlier_form() -> None:
    before = message("helo")

    after = amended(before, event(ADA, "ada", edit("hello")))

    assert after is not None
    assert after.parts == (Text(text="hello"),)
    assert after.rev == 1
    assert [one.parts for one in after.history] == [before.parts]


def test_an_edit_that_is_told_twice_changes_nothing_more() -> None:
    once = amended(message("helo"), event(ADA, "ada", edit("hello", rev=7)))
    assert once is not None

    assert amended(once, event(ADA, "ada", edit("hello", rev=7))) is None
    assert amended(once, event(ADA, "ada", edit("an older form", rev=6))) is None


def test_history_has_an_end() -> None:
    """Law 10."""
    found: Message | None = message("0")
    for n in range(1, HISTORY_MAX + 10):
        assert found is not None
        found = amended(found, event(ADA, "ada", edit(str(n))))

    assert found is not None
    assert len(found.history) == HISTORY_MAX
    assert found.history[-1].parts == (Text(text=str(HISTORY_MAX + 8)),)


def test_a_deleted_message_stays_and_says_so() -> None:
    gone = event(ADA, "ada", MessageDeleted(remote="m1"))

    after = amended(message(), gone)

    assert after is not None
    assert after.parts == message().parts
    assert after.deleted_at == gone.occurred_at
    assert amended(after, gone) is None


def test_reactions_are_each_persons_own() -> None:
    after = message()
    for who, emojis in (("ada", ("+", "!")), ("ben", ("?",)), ("ada", ("-",))):
        changed = amended(after, event(ADA, who, Reacted(remote="m1", emojis=emojis)))
        assert changed is not None
        after = changed

    assert sorted((one.by, one.emoji) for one in after.reactions) == [("ada", "-"), ("ben", "?")]


def test_what_changes_no_message_amends_none() -> None:
    assert amended(message(), event(ADA, "ada", Read(remote="m1"))) is None


@pytest.mark.parametrize(
    ("body", "parts"),
    [
        (ActionInvoked(value="yes", label="Yes"), (Choice(value="yes", label="Yes"),)),
        (
            MemberChanged(member="Ben", change="joined"),
            (System(code="member_joined", text="Ben"),),
        ),
        (AccountStatus(code="blocked", text="x"), (System(code="blocked", text="x"),)),
        (edit("oh"), (System(code="edit_of_unknown_message"), Text(text="oh"))),
        (MessageDeleted(remote="m9"), (System(code="message_deleted_of_unknown", text="m9"),)),
        (Reacted(remote="m9", emojis=()), (System(code="reacted_of_unknown", text="m9"),)),
        (
            Unknown(platform_kind="gift"),
            (Unsupported(platform_kind="gift", summary="an event of the kind gift"),),
        ),
        (Read(remote="m1"), (System(code="read"),)),
    ],
)
def test_whatever_else_happens_is_a_line_that_agents_see(
    body: Body, parts: tuple[object, ...]
) -> None:
    """Law 5: nothing is dropped in silence."""
    happened = event(ADA, "ada", body)

    line = as_activity(happened)

    assert line.direction is Direction.ACTIVITY
    assert line.parts == parts
    assert str(line.id) == happened.id, "the same event makes the same line"
