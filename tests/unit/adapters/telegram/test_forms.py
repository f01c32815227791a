"""What is refused for what it is arrives as something plainer, as long as there is such a thing."""

import pytest
from msgspec.structs import replace

from adapters.telegram.outgoing.forms import plainer, shown_as_files
from core.model.content import Button, Buttons, Media, MediaKind, Text
from tests.unit.adapters.telegram.pieces import file, outbound, rendered

VOICE = "Bad Request: VOICE_MESSAGES_FORBIDDEN"


@pytest.mark.parametrize(
    "description",
    [
        "Bad Request: PHOTO_INVALID_DIMENSIONS",
        "Bad Request: IMAGE_PROCESS_FAILED",
        "Bad Request: PHOTO_SAVE_FILE_INVALID",
    ],
)
def test_a_picture_that_is_no_photo_is_a_file(description: str) -> None:
    buttons = Buttons(rows=((Button(label="Yes", value="k1"),),))
    found = plainer(outbound(file(MediaKind.IMAGE, caption="look"), buttons), description)

    assert found is not None
    piece, note = found
    assert piece.parts == (file(MediaKind.FILE, caption="look"), buttons)
    assert "as a file" in note
    assert plainer(piece, description) is None


def test_an_album_with_such_a_picture_is_one_of_files() -> None:
    album = outbound(file(MediaKind.IMAGE, 1), file(MediaKind.VIDEO, 2))

    found = plainer(album, "Bad Request: PHOTO_INVALID_DIMENSIONS")

    assert found is not None
    assert {part.media for part in found[0].parts if isinstance(part, Media)} == {MediaKind.FILE}


def test_an_answer_whose_quote_is_not_found_goes_without_it() -> None:
    """The customer has edited the message meanwhile: the answer itself is as good as before."""
    piece = replace(outbound(Text(text="Yes."), answers="62:7"), quote=Text(text="blue"))

    found = plainer(piece, "Bad Request: QUOTE_TEXT_INVALID")

    assert found is not None
    assert (found[0].quote, found[0].answers, found[0].parts) == (None, "62:7", piece.parts)
    assert "not shown" in found[1]
    assert plainer(found[0], "Bad Request: QUOTE_TEXT_INVALID") is None


@pytest.mark.parametrize(
    ("kind", "instead"),
    [(MediaKind.VOICE, MediaKind.AUDIO), (MediaKind.VIDEO_NOTE, MediaKind.VIDEO)],
)
@pytest.mark.parametrize(
    "description", [VOICE, "Bad Request: user restricted receiving of voice messages"]
)
def test_who_takes_no_voice_messages_gets_the_same_sound_as_a_file(
    kind: MediaKind, instead: MediaKind, description: str
) -> None:
    found = plainer(outbound(file(kind)), description)

    assert found is not None
    piece, note = found
    assert piece.parts == (file(instead),)
    assert "takes no voice" in note
    assert plainer(piece, description) is None


@pytest.mark.parametrize("description", ["", "Bad Request: chat not found", VOICE])
def test_other_refusals_are_final(description: str) -> None:
    assert plainer(outbound(file(MediaKind.IMAGE)), description) is None
    assert plainer(outbound(Text(text="hi")), description) is None


def test_the_agent_hears_what_telegram_made_a_file_of() -> None:
    """It plays no film but MP4: the customer sees a file to open elsewhere."""
    film, paper = rendered(file(MediaKind.VIDEO)).uploads, rendered(file(MediaKind.FILE)).uploads

    assert shown_as_files(film, [True]) == ("Telegram shows a video as a file",)
    assert shown_as_files(film, [False]) == ()
    assert shown_as_files(paper, [True]) == ()
