"""Another text for a message: what is replaced, and what stays."""

from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from core.errors import InvalidRequest, UnsupportedFeature
from core.model.capabilities import Capabilities
from core.model.content import (
    Attachment,
    Button,
    Buttons,
    Media,
    MediaKind,
    Part,
    Span,
    Style,
    Text,
)
from core.model.conversation import Entry
from core.model.ids import AttachmentId, LegId, MessageId
from core.model.message import (
    Change,
    ChangeKind,
    Delivery,
    DeliveryState,
    Direction,
    Message,
    Sender,
    SenderKind,
)
from core.rules.changes import EditPiece, SetReaction, Step, reworded, steps
from core.rules.degrade import plan

OLD, NEW = Text(text="old", spans=(Span(0, 3, Style.BOLD),)), Text(text="new")
BARE = Media(media=MediaKind.IMAGE, attachment=Attachment(id=AttachmentId("a")))
CAPTIONED = Media(media=MediaKind.IMAGE, attachment=BARE.attachment, caption="old")
BUTTONS = Buttons(rows=((Button("Yes", "y"),),))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ((OLD,), (NEW,)),
        ((OLD, BARE, BUTTONS), (NEW, BARE, BUTTONS)),
        ((BARE, OLD), (BARE, NEW)),
        ((CAPTIONED,), (NEW, BARE)),
        ((BARE, BUTTONS), (NEW, BARE, BUTTONS)),
        ((OLD, BARE, OLD), (NEW, BARE)),
    ],
)
def test_an_edit_keeps_files_and_buttons(before: tuple[Part, ...], after: tuple[Part, ...]) -> None:
    """Whoever corrects a word does not mean to take the picture back."""
    assert reworded(before, NEW) == after


def test_a_caption_can_be_taken_away_but_not_all_that_was_said() -> None:
    assert reworded((CAPTIONED,), Text(text=" ")) == (BARE,)
    with pytest.raises(InvalidRequest, match="delete it instead"):
        reworded((OLD, BUTTONS), Text(text=""))


def test_a_channel_that_cannot_be_quiet_says_so() -> None:
    """An agent who writes at night must know that the telephone will ring."""
    loud, quiet = Capabilities(text_limit=0), Capabilities(text_limit=0, silent=True)

    assert plan((NEW,), loud, silent=True).fallbacks == ("this channel cannot send silently",)
    assert plan((NEW,), quiet, silent=True).fallbacks == ()
    assert plan((NEW,), loud).fallbacks == ()


CHANNEL = Capabilities(
    text_limit=20,
    caption_limit=10,
    media=frozenset({MediaKind.IMAGE}),
    edits=True,
    deletes=True,
)
LONG, LONGER = Text(text="a dozen words"), Text(text="more than one message can hold")


@pytest.mark.parametrize(
    ("before", "remotes", "after", "expected"),
    [
        ((OLD,), 1, (NEW,), [("edit", "0")]),
        ((OLD, BARE), 1, (NEW, BARE), [("edit", "0")]),
        ((LONG, BARE), 2, (NEW, BARE), [("edit", "0"), ("edit", "1")]),
        ((LONG, BARE), 2, (BARE,), [("edit", "1"), ("delete", "0")]),
        ((LONGER, BARE), 3, (NEW, BARE), [("edit", "0"), ("edit", "2"), ("delete", "1")]),
        ((NEW, BARE), 2, (LONG, BARE), [("edit", "0"), ("edit", "1")]),
        ((LONGER,), 2, (NEW,), [("edit", "0"), ("delete", "1")]),
    ],
)
def test_an_edit_never_takes_a_file_back(
    before: tuple[Part, ...], remotes: int, after: tuple[Part, ...], expected: list[tuple[str, str]]
) -> None:
    """A text that has become short enough for a caption would push its own picture out."""
    asked = steps(
        _edit_to(after), _sent(before, remotes), tuple((str(n),) for n in range(remotes)), CHANNEL
    )

    assert [
        ("edit" if isinstance(one, EditPiece) else "delete", *_remotes(one)) for one in asked.steps
    ] == expected


@pytest.mark.parametrize(
    ("before", "remotes", "after", "why"),
    [
        ((OLD, BARE), 1, (LONG, BARE), "takes 2 messages, the old one has 1"),
        ((NEW,), 1, (LONGER,), "takes 2 messages, the old one has 1"),
        ((LONGER,), 5, (NEW,), "another form"),
    ],
)
def test_an_edit_that_has_no_room_says_so(
    before: tuple[Part, ...], remotes: int, after: tuple[Part, ...], why: str
) -> None:
    with pytest.raises(UnsupportedFeature, match=why):
        steps(_edit_to(after), _sent(before, remotes), (("0",),) * remotes, CHANNEL)


def test_a_file_that_went_as_a_link_keeps_one_when_its_words_change() -> None:
    """An agent must not be told to set what is set already."""
    channel = replace(CHANNEL, media=frozenset(), text_limit=0)

    asked = steps(_edit_to((NEW, BARE)), _sent((OLD, BARE), 1), (("0",),), channel, _linked)

    assert asked.plan.pieces == ((Text(text="new\n\nfile: https://files.example/a"),),)


def _linked(attachment: Attachment) -> str:
    return f"https://files.example/{attachment.id}"


def _remotes(step: Step) -> tuple[str, ...]:
    assert not isinstance(step, SetReaction)
    return step.remotes


def _sent(parts: tuple[Part, ...], pieces: int) -> Entry:
    delivery = Delivery(state=DeliveryState.SENT, pieces_sent=pieces)
    return Entry(leg=LegId("1-00"), position=1, message=_ours(parts), delivery=delivery)


def _edit_to(parts: tuple[Part, ...]) -> Message:
    change = Change(kind=ChangeKind.EDIT, message=MessageId("m"), position=1)
    return replace(_ours(parts), change=change)


def _ours(parts: tuple[Part, ...]) -> Message:
    return Message(
        id=MessageId("m"),
        direction=Direction.OUT,
        sender=Sender(kind=SenderKind.AGENT, id="robin"),
        at=datetime(2026, 1, 1, tzinfo=UTC),
        parts=parts,
    )
