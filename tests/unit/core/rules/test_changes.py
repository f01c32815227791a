"""Another text for a message: what is replaced, and what stays."""

import pytest

from core.errors import InvalidRequest
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
from core.model.ids import AttachmentId
from core.ports import Capabilities
from core.rules.changes import reworded
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
