"""Where a platform's own markup counts towards its limits, core cuts by what is written."""

from hypothesis import given
from hypothesis import strategies as st
from typing_extensions import override

from core.model.capabilities import Capabilities, Level
from core.model.content import (
    Attachment,
    Button,
    Buttons,
    Card,
    Media,
    MediaKind,
    Part,
    Span,
    Style,
    Text,
)
from core.model.ids import AttachmentId
from core.rules.degrade import plan
from core.rules.text import is_boundary

LIMIT = 40


class Marked(Capabilities, frozen=True, kw_only=True):
    """A platform that puts a backslash before each star, and seven characters around each span."""

    @override
    def written(self, text: Text) -> str:
        return text.text.replace("*", "\\*") + "[b][/b]" * len(text.spans)

    @override
    def carries(self, part: Part) -> bool:
        match part:
            case Card(title=title):
                return len(title) <= LIMIT
            case Buttons(rows=rows):
                return all(len(button.label) <= LIMIT for row in rows for button in row)
            case _:
                return True


CHANNEL = Marked(
    text_limit=LIMIT,
    caption_limit=LIMIT,
    styles=frozenset({Style.BOLD}),
    media=frozenset({MediaKind.FILE}),
    album=10,
    album_kinds=(frozenset({MediaKind.FILE}),),
    album_size_bytes_max=100,
    parts={"card": Level.NATIVE},
    buttons=4,
)
words = st.sampled_from(["*", "****", "word", " ", "x", "\n", "👨‍👩‍👧", "e\u0301"])


@st.composite
def styled(draw: st.DrawFn) -> Text:
    text = draw(st.lists(words, min_size=1, max_size=80).map("".join))
    starts = draw(st.lists(st.integers(0, len(text) - 1), max_size=30))
    return Text(text=text, spans=tuple(Span(start, 1, Style.BOLD) for start in starts))


@given(styled())
def test_no_piece_is_longer_than_it_may_be_once_it_is_written(text: Text) -> None:
    """The platform would refuse it, and the agent could do nothing about it."""
    if not text.text.strip():
        return

    pieces = [part for (part,) in plan((text,), CHANNEL).pieces if isinstance(part, Text)]

    assert all(len(CHANNEL.written(piece)) <= LIMIT for piece in pieces)
    whole = "".join(piece.text.partition(") ")[2] for piece in pieces)
    if len(pieces) < 4:
        whole = "".join(piece.text for piece in pieces)
    assert "".join(whole.split()) == "".join(text.text.split())


@given(st.integers(1, 60))
def test_no_cut_falls_into_a_character_though_markup_leaves_little_room(stars: int) -> None:
    text = "👨‍👩‍👧*" * stars

    pieces = [
        part.text for (part,) in plan((Text(text=text),), CHANNEL).pieces if isinstance(part, Text)
    ]

    bare = [one.partition(") ")[2] if len(pieces) >= 4 else one for one in pieces]
    at = 0
    for one in bare:
        assert is_boundary(text, at)
        at += len(one)
    assert at == len(text)


def test_a_caption_that_is_too_long_once_it_is_written_is_a_text() -> None:
    bare = Media(media=MediaKind.FILE, attachment=_file(1))
    captioned = Media(media=MediaKind.FILE, attachment=_file(1), caption="*" * 25)

    pieces = plan((captioned,), CHANNEL).pieces

    assert [len(piece) for piece in pieces] == [1] * len(pieces)
    assert pieces[-1] == (bare,)
    assert all(isinstance(part, Text) for (part,) in pieces[:-1])


def test_what_is_too_much_for_one_message_is_shown_in_another_form() -> None:
    fits, card = Card(title="A card"), Card(title="x" * 41)
    buttons = Buttons(rows=((Button("y" * 41, "k"),),))

    assert plan((fits,), CHANNEL).pieces == ((fits,),)
    assert "a card is sent as text" in plan((card,), CHANNEL).fallbacks
    assert "buttons are shown as a numbered list" in plan((buttons,), CHANNEL).fallbacks


def test_an_album_holds_no_more_bytes_than_one_message_can() -> None:
    files = tuple(Media(media=MediaKind.FILE, attachment=_file(n, 45)) for n in range(5))

    assert [len(piece) for piece in plan(files, CHANNEL).pieces] == [2, 2, 1]


def _file(number: int, size_bytes: int = 1) -> Attachment:
    return Attachment(id=AttachmentId(f"a{number}"), name="a.bin", size_bytes=size_bytes)
