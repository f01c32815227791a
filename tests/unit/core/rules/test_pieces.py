"""What belongs together arrives together: albums, captions, and buttons with their question."""

from itertools import chain

from hypothesis import given
from hypothesis import strategies as st

from core.model.capabilities import Capabilities, Level
from core.model.content import Attachment, Button, Buttons, Location, Media, MediaKind, Part, Text
from core.model.ids import AttachmentId
from core.rules.choices import keyed
from core.rules.degrade import plan

CHANNEL = Capabilities(
    text_limit=60,
    caption_limit=20,
    media=frozenset({MediaKind.IMAGE, MediaKind.VIDEO, MediaKind.FILE, MediaKind.STICKER}),
    album=4,
    album_kinds=(
        frozenset({MediaKind.IMAGE, MediaKind.VIDEO}),
        frozenset({MediaKind.FILE}),
    ),
    parts={"location": Level.NATIVE},
    buttons=3,
)
YES_NO = Buttons(rows=((Button("Yes", "y"), Button("No", "n")),))
KEYED = keyed(YES_NO)
HELLO = Text(text="Hello")
POINTER = Text(text="👇")


def medium(name: str, kind: MediaKind = MediaKind.IMAGE, caption: str = "") -> Media:
    attachment = Attachment(id=AttachmentId(name), name=name, size_bytes=1)
    return Media(media=kind, attachment=attachment, caption=caption)


def pieces(*parts: Part) -> list[tuple[Part, ...]]:
    return list(plan(parts, CHANNEL).pieces)


A, B, C = medium("a"), medium("b"), medium("c", MediaKind.VIDEO)
FILE = medium("f", MediaKind.FILE)
CAPTIONED = medium("a", caption="Hello")

# --- laws

all_media = st.builds(
    medium,
    st.text("abc", min_size=1, max_size=3),
    st.sampled_from(sorted(CHANNEL.media)),
    st.sampled_from(["", "", "note", "a caption that is too long for it"]),
)
all_parts = st.one_of(
    all_media,
    all_media,
    st.builds(Text, text=st.sampled_from(["short", "a text that is no caption", "word " * 40])),
    st.sampled_from([YES_NO, Location(latitude=1.0, longitude=2.0)]),
)


@given(st.lists(all_parts, min_size=1, max_size=14).map(tuple))
def test_each_piece_is_one_that_the_platform_takes_and_files_keep_their_order(
    parts: tuple[Part, ...],
) -> None:
    """What the platform refuses arrives nowhere, and page two is read after page one."""
    found = plan(parts, CHANNEL).pieces

    for piece in found:
        _one_platform_message(piece)
    names = [one.attachment.name for one in chain(*found) if isinstance(one, Media)]
    assert names == [one.attachment.name for one in parts if isinstance(one, Media)]
    offered = [one for one in chain(*found) if isinstance(one, Buttons)]
    assert sum(len(row) for one in offered for row in one.rows) == 2 * parts.count(YES_NO)


def _one_platform_message(piece: tuple[Part, ...]) -> None:
    *content, last = piece
    if isinstance(last, Buttons):
        assert len(content) == 1
        assert not isinstance(content[0], Buttons)
        assert sum(len(row) for row in last.rows) <= CHANNEL.buttons
    elif len(piece) > 1:
        assert len(piece) <= CHANNEL.album
        kinds = {one.media for one in piece if isinstance(one, Media)}
        assert len([one for one in piece if isinstance(one, Media)]) == len(piece)
        assert any(kinds <= allowed for allowed in CHANNEL.album_kinds)
        assert not any(one.caption for one in piece[1:] if isinstance(one, Media))


# --- albums


def test_pictures_and_videos_that_follow_one_another_are_an_album() -> None:
    assert pieces(A, B, C) == [(A, B, C)]


def test_kinds_that_do_not_mix_are_albums_of_their_own() -> None:
    assert pieces(A, B, FILE, FILE, C) == [(A, B), (FILE, FILE), (C,)]


def test_a_sticker_is_in_no_album() -> None:
    sticker = medium("s", MediaKind.STICKER)

    assert pieces(sticker, sticker) == [(sticker,), (sticker,)]


def test_more_files_than_an_album_takes_are_several() -> None:
    assert pieces(*[A] * 6) == [(A, A, A, A), (A, A)]
    assert pieces(*[A] * 5) == [(A, A, A, A), (A,)]


def test_a_channel_without_albums_sends_one_after_another() -> None:
    assert list(plan((A, B), Capabilities(text_limit=0, media=CHANNEL.media)).pieces) == [
        (A,),
        (B,),
    ]


def test_a_text_before_or_after_an_album_is_its_caption() -> None:
    assert pieces(HELLO, A, B) == [(CAPTIONED, B)]
    assert pieces(A, B, HELLO) == [(CAPTIONED, B)]


def test_a_text_that_is_too_long_for_a_caption_stands_by_itself() -> None:
    long = Text(text="These are the two pages")

    assert pieces(long, A, B) == [(long,), (A, B)]
    assert pieces(A, B, long) == [(A, B), (long,)]


def test_a_caption_of_a_later_file_begins_a_new_album() -> None:
    """Of an album one caption is shown, below all of it: it would be said of the wrong picture."""
    assert pieces(B, CAPTIONED, B) == [(B,), (CAPTIONED, B)]


# --- buttons


def test_buttons_after_an_album_hang_on_the_text_beside_it() -> None:
    assert pieces(HELLO, A, B, YES_NO) == [(A, B), (HELLO, KEYED)]
    assert pieces(A, B, HELLO, YES_NO) == [(A, B), (HELLO, KEYED)]


def test_buttons_after_a_captioned_album_get_a_text_of_their_own() -> None:
    found = plan((CAPTIONED, B, YES_NO), CHANNEL)

    assert list(found.pieces) == [(CAPTIONED, B), (POINTER, KEYED)]
    assert found.fallbacks == ("👇 is written above buttons, which need a text to hang on",)


def test_buttons_alone_get_a_text() -> None:
    """No platform shows buttons that hang on nothing."""
    assert pieces(YES_NO) == [(POINTER, KEYED)]


def test_buttons_hang_on_a_single_file_or_a_place() -> None:
    place = Location(latitude=1.0, longitude=2.0)

    assert pieces(HELLO, A, YES_NO) == [(CAPTIONED, KEYED)]
    assert pieces(place, YES_NO) == [(place, KEYED)]


def test_buttons_of_several_parts_share_a_message_while_there_is_room() -> None:
    one = Buttons(rows=((Button("Maybe", "m"),),))

    both = pieces(HELLO, YES_NO, one)
    apart = pieces(HELLO, YES_NO, YES_NO)

    assert both == [(HELLO, Buttons(rows=(*KEYED.rows, *keyed(one, 2).rows)))]
    assert apart == [(HELLO, KEYED), (POINTER, keyed(YES_NO, 2))]


def test_a_long_text_has_its_buttons_at_the_end() -> None:
    found = pieces(Text(text="word " * 20), YES_NO)

    assert [len(piece) for piece in found] == [1, 2]


def test_a_button_whose_link_the_channel_cannot_open_is_listed() -> None:
    """The platform would refuse the whole message for it."""
    call = Buttons(rows=((Button("Call us", url="tel:+4930123"),),))
    web = Capabilities(text_limit=0, buttons=3, link_schemes=frozenset({"https"}))

    assert plan((call,), web).pieces == ((Text(text="1. Call us (tel:+4930123)"),),)
