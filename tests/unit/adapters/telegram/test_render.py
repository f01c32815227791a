"""A planned piece becomes exactly one call, and text stays what was typed."""

import json

import pytest

from adapters.telegram.capabilities import capabilities
from adapters.telegram.render import Call, Upload, render
from adapters.telegram.settings import TelegramSettings
from core.errors import UnsupportedFeature
from core.model.content import Attachment, Location, Media, MediaKind, Part, Span, Style, Text
from core.model.ids import AttachmentId, ConversationId, MessageId, Number, ThreadRef
from core.model.message import Sender, SenderKind
from core.model.outbound import Outbound
from core.model.secret import Secret
from core.rules.degrade import plan

STORED = Attachment(id=AttachmentId("a1"), name="plan\r\n.pdf", sha256="ab" * 32, size_bytes=2000)


def outbound(*parts: Part, thread: str = "62", answers: str = "") -> Outbound:
    return Outbound(
        thread=ThreadRef(channel="telegram", account="main", thread=thread),
        message=MessageId("m1"),
        parts=parts,
        sender=Sender(kind=SenderKind.AGENT, id="kim"),
        conversation=ConversationId("c1"),
        number=Number("T-7KQ4-M"),
        answers=answers,
    )


def rendered(*parts: Part, thread: str = "62", answers: str = "") -> Call:
    return render(outbound(*parts, thread=thread, answers=answers), link_previews=False)


def test_text_goes_as_typed_with_its_formatting_beside_it() -> None:
    text = Text(text="👍 *not markup* <b>", spans=(Span(2, 3, Style.BOLD),))

    call = rendered(text)

    assert call == Call(
        "sendMessage",
        {
            "chat_id": "62",
            "text": "👍 *not markup* <b>",
            "entities": '[{"type":"bold","offset":3,"length":3}]',
            "link_preview_options": '{"is_disabled":true}',
        },
    )


def test_link_previews_are_shown_only_where_the_operator_wants_them() -> None:
    call = render(outbound(Text(text="hi")), link_previews=True)

    assert call.fields == {"chat_id": "62", "text": "hi"}


def test_a_reply_arrives_even_if_what_it_answers_is_gone() -> None:
    fields = rendered(Text(text="hi"), thread="-100/40", answers="-100:7").fields

    assert fields["message_thread_id"] == "40"
    assert json.loads(fields["reply_parameters"]) == {
        "message_id": 7,
        "allow_sending_without_reply": True,
    }


@pytest.mark.parametrize("answers", ["", "-999:7", "62:x", "mail@harbour.example"])
def test_an_answer_to_something_elsewhere_is_an_ordinary_message(answers: str) -> None:
    assert "reply_parameters" not in rendered(Text(text="hi"), answers=answers).fields


def test_a_picture_goes_as_a_photo_and_a_file_as_a_document() -> None:
    caption = Media(
        media=MediaKind.IMAGE,
        attachment=STORED,
        caption="here",
        spans=(Span(0, 4, Style.ITALIC),),
    )

    photo = rendered(caption)
    document = rendered(Media(media=MediaKind.FILE, attachment=STORED))

    assert photo.method == "sendPhoto"
    assert photo.fields["caption"] == "here"
    assert json.loads(photo.fields["caption_entities"])[0]["type"] == "italic"
    assert photo.upload == Upload("photo", "ab" * 32, "plan__.pdf")
    assert document == Call(
        "sendDocument", {"chat_id": "62"}, Upload("document", "ab" * 32, "plan__.pdf")
    )


def test_a_picture_too_large_for_a_photo_goes_as_a_document() -> None:
    large = Attachment(id=AttachmentId("a1"), sha256="ab" * 32, size_bytes=10_000_001)

    call = rendered(Media(media=MediaKind.IMAGE, attachment=large))

    assert (call.method, call.upload) == ("sendDocument", Upload("document", "ab" * 32, "file"))


@pytest.mark.parametrize(
    ("parts", "reason"),
    [
        ((), "nothing"),
        ((Text(text="a"), Text(text="b")), "text and text"),
        ((Location(latitude=1, longitude=2),), "location"),
        ((Media(media=MediaKind.VOICE, attachment=STORED),), "media"),
        (
            (Media(media=MediaKind.FILE, attachment=Attachment(id=AttachmentId("a9"))),),
            "a9 is not stored",
        ),
    ],
)
def test_what_is_not_promised_is_refused_whole(parts: tuple[Part, ...], reason: str) -> None:
    with pytest.raises(UnsupportedFeature, match=reason):
        rendered(*parts)


def test_every_plan_for_telegram_can_be_rendered() -> None:
    """The capabilities promise what render keeps."""
    found = capabilities(TelegramSettings(token=Secret("1:x")))
    parts: tuple[Part, ...] = (
        Text(text="word " * 3000, spans=(Span(0, 9000, Style.BOLD),)),
        Media(media=MediaKind.VOICE, attachment=STORED, caption="listen"),
        Location(latitude=53.5, longitude=9.9),
    )

    calls = [rendered(*piece) for piece in plan(parts, found).pieces]

    assert [call.method for call in calls] == ["sendMessage"] * 4 + ["sendDocument", "sendMessage"]
    assert all(len(call.fields.get("text", "")) <= 4096 for call in calls)
