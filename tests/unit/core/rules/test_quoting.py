"""A part of a message that is quoted: found as it stands, and shown on every channel."""

import pytest

from core.errors import InvalidRequest
from core.model.capabilities import Capabilities
from core.model.content import Attachment, Media, MediaKind, Span, Style, Text
from core.model.ids import AttachmentId
from core.rules.degrade import plan
from core.rules.editing import overlay
from core.rules.quoting import quotation

PICTURE = Media(
    media=MediaKind.IMAGE,
    attachment=Attachment(id=AttachmentId("a")),
    caption="the blue one",
    spans=(Span(0, 8, Style.BOLD),),
)
HELLO = Text(text="hello 😀", spans=(Span(0, 5, Style.ITALIC),))
BLUE = Text(text="blue\nor red")
YES = Text(text="Yes.")
PLAIN, RICH = Capabilities(text_limit=0), Capabilities(text_limit=0, styles=frozenset(Style))


def test_what_is_quoted_is_styled_as_it_is_there() -> None:
    """Telegram finds bold words only by bold words."""
    parts = (HELLO, PICTURE)

    assert quotation(parts, " blue one\n") == Text(text="blue one", spans=(Span(0, 4, Style.BOLD),))
    assert quotation(parts, "o 😀") == Text(text="o 😀", spans=(Span(0, 1, Style.ITALIC),))
    assert quotation(parts, "one") == Text(text="one")


@pytest.mark.parametrize("words", ["Hello", "hello the", "😀 the", " "])
def test_what_was_not_said_cannot_be_quoted(words: str) -> None:
    """Words would be put into the customer's mouth."""
    with pytest.raises(InvalidRequest, match="as they stand"):
        quotation((HELLO, PICTURE), words)


def test_a_channel_without_quotes_gets_it_above_the_text_in_the_form_it_has() -> None:
    """ "Yes." alone does not say to what."""
    told = ("what is quoted is written out above the text",)
    plain, rich = plan((YES,), PLAIN, quote=BLUE), plan((YES,), RICH, quote=BLUE)

    assert plain.pieces == ((Text(text="> blue\n> or red\n\nYes."),),)
    assert rich.pieces == ((Text(text="blue\nor red\n\nYes.", spans=(Span(0, 11, Style.QUOTE),)),),)
    assert plain.fallbacks == rich.fallbacks == told


def test_a_channel_with_quotes_gets_the_text_alone() -> None:
    able = Capabilities(text_limit=0, quotes=True)

    assert plan((YES,), able, quote=BLUE) == plan((YES,), able)


def test_an_edited_answer_still_says_what_it_quotes() -> None:
    """It is written into the text there: the new text without it would take it away."""
    channel = Capabilities(text_limit=0)
    found = overlay((YES,), (Text(text="No."),), 1, channel, None, BLUE)

    assert found.plan.pieces == ((Text(text="> blue\n> or red\n\nNo."),),)
