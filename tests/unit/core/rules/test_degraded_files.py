"""A file arrives as what it is, as the next best thing, as a link, or its message is refused."""

import pytest

from core.errors import UnsupportedFeature
from core.model.capabilities import Capabilities
from core.model.content import Attachment, Media, MediaKind, Part, Text
from core.model.ids import AttachmentId
from core.rules.degrade import plan

PLAIN = Capabilities(text_limit=0)
SHORT = Capabilities(
    text_limit=40, caption_limit=12, media=frozenset({MediaKind.IMAGE, MediaKind.FILE})
)
REPORT = Attachment(id=AttachmentId("a1"), name="report.pdf", size_bytes=2000)
PICTURE = Media(media=MediaKind.IMAGE, attachment=REPORT)


def test_a_short_text_becomes_the_caption_whichever_comes_first() -> None:
    captioned = [(Media(media=MediaKind.IMAGE, attachment=REPORT, caption="look here"),)]

    assert list(plan((Text(text="look here"), PICTURE), SHORT).pieces) == captioned
    assert list(plan((PICTURE, Text(text="look here")), SHORT).pieces) == captioned


def test_a_text_too_long_for_a_caption_goes_first() -> None:
    text = Text(text="look at the second page")

    assert plan((text, PICTURE), SHORT).pieces == ((text,), (PICTURE,))


def test_a_caption_that_is_too_long_becomes_a_text_before_the_file() -> None:
    found = plan(
        (Media(media=MediaKind.IMAGE, attachment=REPORT, caption="look at the second page"),), SHORT
    )

    assert found.pieces == ((Text(text="look at the second page"),), (PICTURE,))
    assert found.fallbacks == ("a caption is sent as a text of its own, before its file",)


def test_a_kind_that_the_channel_lacks_travels_as_the_next_best() -> None:
    voice = Media(media=MediaKind.VOICE, attachment=REPORT)

    as_file = plan((voice,), SHORT)
    as_audio = plan((voice,), Capabilities(text_limit=0, media=frozenset({MediaKind.AUDIO})))

    assert as_file.pieces == ((Media(media=MediaKind.FILE, attachment=REPORT),),)
    assert as_file.fallbacks == ("a voice (report.pdf) is sent as a file",)
    assert as_audio.pieces == ((Media(media=MediaKind.AUDIO, attachment=REPORT),),)


def test_a_sticker_never_carries_a_caption() -> None:
    sticker = Media(media=MediaKind.STICKER, attachment=REPORT)
    stickers = Capabilities(text_limit=0, caption_limit=100, media=frozenset({MediaKind.STICKER}))

    assert plan((Text(text="hi"), sticker), stickers).pieces == ((Text(text="hi"),), (sticker,))


def test_without_any_files_a_sticker_is_its_emoji_and_other_media_are_refused() -> None:
    sticker = Media(media=MediaKind.STICKER, attachment=REPORT, emoji="👍")

    assert plan((sticker,), PLAIN).pieces == ((Text(text="👍"),),)
    with pytest.raises(UnsupportedFeature, match=r"an image \(report.pdf\), nor any file"):
        plan((PICTURE,), PLAIN)


def test_a_file_that_is_too_large_is_refused_before_anything_is_sent() -> None:
    small = Capabilities(text_limit=0, media=frozenset(MediaKind), media_size_bytes_max=1000)

    with pytest.raises(UnsupportedFeature, match="2000 bytes, this channel takes at most 1000"):
        plan((Text(text="hello"), PICTURE), small)
    with pytest.raises(UnsupportedFeature, match=r"set web\.public_url"):
        plan((PICTURE,), small)


def test_a_file_that_is_too_large_is_sent_as_a_link_with_its_caption() -> None:
    """The customer gets the file all the same, and the agent knows how."""
    small = Capabilities(text_limit=0, media=frozenset(MediaKind), media_size_bytes_max=1000)
    large = Attachment(id=AttachmentId("a2"), name="tour.mp4", size_bytes=12_345_678)
    video = Media(media=MediaKind.VIDEO, attachment=large, caption="our tour")

    found = plan((video, PICTURE), small, lambda one: f"https://desk.example/files/{one.id}")

    assert [part.text for piece in found.pieces for part in piece if isinstance(part, Text)] == [
        "our tour\n\ntour.mp4 (12.3 MB): https://desk.example/files/a2\n\n"
        "report.pdf (2.0 kB): https://desk.example/files/a1"
    ]
    assert found.fallbacks == (
        "a video (tour.mp4) is sent as a link that expires",
        "an image (report.pdf) is sent as a link that expires",
    )


def test_a_file_of_a_kind_that_the_channel_lacks_is_sent_as_a_link() -> None:
    assert shown_with_link((PICTURE,)) == ["report.pdf (2.0 kB): https://x.example/f"]


def test_a_file_that_is_not_stored_here_cannot_be_sent_as_a_link() -> None:
    with pytest.raises(UnsupportedFeature, match="not stored here"):
        plan((PICTURE,), PLAIN, lambda _: "")


def shown_with_link(parts: tuple[Part, ...]) -> list[str]:
    found = plan(parts, PLAIN, lambda _: "https://x.example/f")
    return [part.text for piece in found.pieces for part in piece if isinstance(part, Text)]
