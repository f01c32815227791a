"""Each kind of file goes by its own method, and several as the album that they are."""

import json

import pytest
from msgspec.structs import replace

from adapters.telegram.outgoing.calls import Call, Upload
from adapters.telegram.outgoing.media import ALBUM_KINDS, PHOTO_SIZE_BYTES_MAX, PICTURE_AS_FILE
from core.errors import UnsupportedFeature
from core.model.content import Attachment, Media, MediaKind, Span, Style
from core.model.ids import AttachmentId
from tests.unit.adapters.telegram.pieces import STORED, file, rendered


@pytest.mark.parametrize(
    ("kind", "method", "field", "described"),
    [
        (MediaKind.IMAGE, "sendPhoto", "photo", {}),
        (
            MediaKind.VIDEO,
            "sendVideo",
            "video",
            {"width": "640", "height": "480", "duration": "8", "supports_streaming": "true"},
        ),
        (
            MediaKind.ANIMATION,
            "sendAnimation",
            "animation",
            {"width": "640", "height": "480", "duration": "8"},
        ),
        (MediaKind.VOICE, "sendVoice", "voice", {"duration": "8"}),
        (MediaKind.AUDIO, "sendAudio", "audio", {"duration": "8"}),
        (MediaKind.FILE, "sendDocument", "document", {}),
    ],
)
def test_each_kind_goes_by_its_own_method_with_what_is_known_of_it(
    kind: MediaKind, method: str, field: str, described: dict[str, str]
) -> None:
    """A player that does not know how long it lasts shows nothing to seek in."""
    media = file(
        kind,
        width=640,
        height=480,
        seconds=7.6,
        caption="here",
        spans=(Span(0, 4, Style.ITALIC),),
    )

    call = rendered(media)

    entities = '[{"type":"italic","offset":0,"length":4}]'
    fields = {"chat_id": "62", "caption": "here", "caption_entities": entities}
    assert call == Call(method, fields | described, (Upload(field, f"{1:064x}", "1.bin", kind),))


def test_what_is_not_known_of_a_file_is_left_to_telegram() -> None:
    assert rendered(file(MediaKind.VOICE)).fields == {"chat_id": "62"}


def test_what_has_no_caption_on_telegram_is_sent_without_one() -> None:
    """The plan has put the words into a text before."""
    note = rendered(file(MediaKind.VIDEO_NOTE, width=240, height=240, seconds=5))
    sticker = rendered(file(MediaKind.STICKER, width=512, height=512, emoji="👋"))

    assert (note.method, sticker.method) == ("sendVideoNote", "sendSticker")
    assert note.fields == {"chat_id": "62", "duration": "5", "length": "240"}
    assert sticker.fields == {"chat_id": "62"}


def test_a_picture_too_large_for_a_photo_goes_as_a_document_and_says_so() -> None:
    attachment = replace(STORED, size_bytes=PHOTO_SIZE_BYTES_MAX + 1)

    call = rendered(Media(media=MediaKind.IMAGE, attachment=attachment))

    assert call.method == "sendDocument"
    assert call.notes == (PICTURE_AS_FILE,)


@pytest.mark.parametrize(
    ("name", "media_type", "shown"),
    [
        ("plan\r\n.pdf", "application/pdf", "plan__.pdf"),
        ("", "video/mp4", "file.mp4"),
        ("", "application/x-unheard-of", "file"),
    ],
)
def test_a_name_breaks_out_of_no_header_and_is_never_missing(
    name: str, media_type: str, shown: str
) -> None:
    attachment = Attachment(
        id=AttachmentId("a1"), name=name, media_type=media_type, sha256="ab" * 32
    )

    (upload,) = rendered(Media(media=MediaKind.FILE, attachment=attachment)).uploads

    assert upload.name == shown


@pytest.mark.parametrize("kinds", ALBUM_KINDS, ids=lambda kinds: "+".join(sorted(kinds)))
def test_an_album_is_one_call_with_its_files_in_order(kinds: frozenset[MediaKind]) -> None:
    first, *others = sorted(kinds) * 2
    media = [file(first, 1, caption="two of them"), *(file(kind, 2) for kind in others)]

    call = rendered(*media)

    album = json.loads(call.fields["media"])
    assert call.method == "sendMediaGroup"
    assert [one["media"] for one in album] == [f"attach://{one.field}" for one in call.uploads]
    assert [one.sha256 for one in call.uploads] == [one.attachment.sha256 for one in media]
    assert [one.get("caption") for one in album] == ["two of them"] + [None] * len(others)
    types = {"file": "document", "image": "photo"}
    assert [one["type"] for one in album] == [types.get(one.media, one.media) for one in media]


def test_an_album_says_what_is_known_of_its_videos_as_numbers() -> None:
    media = file(
        MediaKind.VIDEO,
        width=640,
        height=480,
        seconds=8,
        caption="b",
        spans=(Span(0, 1, Style.BOLD),),
    )

    (video, _) = json.loads(rendered(media, file(MediaKind.IMAGE)).fields["media"])

    assert video == {
        "type": "video",
        "media": "attach://file0",
        "caption": "b",
        "caption_entities": [{"type": "bold", "offset": 0, "length": 1}],
        "width": 640,
        "height": 480,
        "duration": 8,
        "supports_streaming": True,
    }


def test_an_album_with_a_picture_too_large_for_a_photo_is_one_of_documents() -> None:
    """Telegram lets no document stand beside a photo."""
    large = Media(
        media=MediaKind.IMAGE, attachment=replace(STORED, size_bytes=PHOTO_SIZE_BYTES_MAX + 1)
    )

    call = rendered(file(MediaKind.IMAGE), large)

    assert [one["type"] for one in json.loads(call.fields["media"])] == ["document", "document"]
    assert call.notes == (PICTURE_AS_FILE,)


def test_what_may_not_stand_together_is_refused_before_anything_leaves() -> None:
    with pytest.raises(UnsupportedFeature, match="no album of audio, image"):
        rendered(file(MediaKind.IMAGE), file(MediaKind.AUDIO))
