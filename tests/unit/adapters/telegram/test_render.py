"""A planned piece becomes exactly one call, and text stays what was typed."""

import json

import pytest
from msgspec.structs import replace

from adapters.telegram.capabilities import capabilities
from adapters.telegram.outgoing.calls import Call
from adapters.telegram.outgoing.render import render
from adapters.telegram.places import Place, place_of
from adapters.telegram.settings import TelegramSettings
from core.errors import UnsupportedFeature
from core.model.content import (
    Attachment,
    Button,
    Buttons,
    ContactCard,
    Location,
    Media,
    MediaKind,
    Part,
    Poll,
    PollOption,
    Span,
    Style,
    Text,
)
from core.model.ids import AttachmentId
from core.model.secret import Secret
from core.rules.degrade import plan
from tests.unit.adapters.telegram.pieces import STORED, file, outbound, rendered

HERE = Location(latitude=53.5436, longitude=9.9669)


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
    call = render(outbound(Text(text="hi")), Place("62"), link_previews=True, paid_broadcast=False)

    assert call.fields == {"chat_id": "62", "text": "hi"}


def test_a_broadcast_is_paid_for_only_where_the_operator_says_so() -> None:
    """It costs Stars for every message."""
    piece = outbound(Text(text="hi"))

    free = render(piece, Place("62"), link_previews=True, paid_broadcast=False)
    paid = render(piece, Place("62"), link_previews=True, paid_broadcast=True)

    assert "allow_paid_broadcast" not in free.fields
    assert paid.fields == {"chat_id": "62", "text": "hi", "allow_paid_broadcast": "true"}


@pytest.mark.parametrize(
    ("thread", "where"),
    [
        ("-100", {}),
        ("-100/40", {"message_thread_id": "40"}),
        ("-100/d4", {"direct_messages_topic_id": "4"}),
        ("-100/bx/y", {"business_connection_id": "x/y"}),
    ],
)
def test_each_thread_of_a_chat_is_answered_there(thread: str, where: dict[str, str]) -> None:
    """Words meant for one customer would reach another."""
    assert place_of(thread).thread == thread
    fields = rendered(Text(text="hi"), thread=thread).fields
    del fields["text"], fields["link_preview_options"]

    assert fields == {"chat_id": "-100", **where}


def test_a_reply_arrives_even_if_what_it_answers_is_gone() -> None:
    fields = rendered(Text(text="hi"), thread="-100/40", answers="-100:7").fields

    assert fields["message_thread_id"] == "40"
    assert json.loads(fields["reply_parameters"]) == {
        "message_id": 7,
        "allow_sending_without_reply": True,
    }


def test_a_quote_is_sent_with_the_formatting_by_which_telegram_knows_it() -> None:
    """A link or code is not compared, and bold words without their bold are refused."""
    spans = (Span(0, 4, Style.BOLD), Span(0, 9, Style.LINK, "https://x.example"))
    quote = Text(text="blue 😀 or", spans=spans)

    reply, notes = _quoting(quote)

    assert reply == {
        "message_id": 7,
        "allow_sending_without_reply": True,
        "quote": "blue 😀 or",
        "quote_entities": [{"type": "bold", "offset": 0, "length": 4}],
    }
    assert notes == ()


def test_a_long_quote_is_cut_between_characters_and_the_agent_is_told() -> None:
    """Telegram would refuse the whole reply, and half a family is somebody else."""
    family = "👨‍👩‍👧"  # 8 units

    reply, (note,) = _quoting(Text(text=f"abc{family * 200}"))

    assert reply["quote"] == f"abc{family * 127}"
    assert "cut" in note


def test_a_quote_of_what_was_never_sent_is_noted() -> None:
    piece = replace(outbound(Text(text="hi")), quote=Text(text="blue"))
    call = render(piece, Place("62"), link_previews=True, paid_broadcast=False)

    assert "reply_parameters" not in call.fields
    assert call.notes


def _quoting(quote: Text) -> tuple[dict[str, object], tuple[str, ...]]:
    piece = replace(outbound(Text(text="hi"), answers="62:7"), quote=quote)
    call = render(piece, Place("62"), link_previews=True, paid_broadcast=False)
    return json.loads(call.fields["reply_parameters"]), call.notes


@pytest.mark.parametrize("answers", ["", "-999:7", "62:x", "mail@harbour.example", "62:²"])
def test_an_answer_to_something_elsewhere_is_an_ordinary_message(answers: str) -> None:
    assert "reply_parameters" not in rendered(Text(text="hi"), answers=answers).fields


def test_in_a_group_that_has_moved_the_new_chat_is_written_to() -> None:
    """Numbers of messages begin anew there: an old one would be somebody else's."""
    piece = outbound(Text(text="hi"), thread="-5001", answers="-5001:7")
    moved = Place("-1005001")

    old = render(piece, moved, link_previews=True, paid_broadcast=False)
    new = render(
        replace(piece, answers="-1005001:3"), moved, link_previews=True, paid_broadcast=False
    )

    assert old.fields == {"chat_id": "-1005001", "text": "hi"}
    assert old.notes == (
        "which message it answers is not shown: that one is from before the group became a"
        " supergroup",
    )
    assert json.loads(new.fields["reply_parameters"])["message_id"] == 3
    assert new.notes == ()


def test_a_business_chat_is_answered_on_its_owners_behalf() -> None:
    fields = rendered(Text(text="hi"), thread="62/bAbC_1").fields

    assert (fields["chat_id"], fields["business_connection_id"]) == ("62", "AbC_1")
    assert "message_thread_id" not in fields


def test_a_silent_message_makes_no_sound() -> None:
    assert rendered(Text(text="hi"), silent=True).fields["disable_notification"] == "true"
    assert "disable_notification" not in rendered(Text(text="hi")).fields


# --- buttons


def offer(*rows: tuple[Button, ...]) -> Buttons:
    return Buttons(rows=rows)


def test_buttons_hang_under_the_text_with_their_short_keys() -> None:
    """The value comes back as it went: it is what a pressed button is looked up by."""
    yes, site = Button(label="Yes", value="k1"), Button(label="Site", url="https://acme.example")

    fields = rendered(Text(text="Sure?"), offer((yes,), (site,))).fields

    assert fields["text"] == "Sure?"
    assert json.loads(fields["reply_markup"]) == {
        "inline_keyboard": [
            [{"text": "Yes", "callback_data": "k1"}],
            [{"text": "Site", "url": "https://acme.example"}],
        ]
    }


def test_a_row_that_is_too_wide_goes_on_in_the_next() -> None:
    """Telegram shows eight in a row."""
    row = tuple(Button(label=str(number), value=f"k{number}") for number in range(11))

    keyboard = json.loads(rendered(Text(text="Which?"), offer(row)).fields["reply_markup"])

    assert [len(shown) for shown in keyboard["inline_keyboard"]] == [8, 3]
    labels = [button["text"] for shown in keyboard["inline_keyboard"] for button in shown]
    assert labels == [str(number) for number in range(11)]


@pytest.mark.parametrize(
    ("content", "method"),
    [
        ((Text(text="?"),), "sendMessage"),
        ((file(MediaKind.VIDEO),), "sendVideo"),
        ((HERE,), "sendLocation"),
        ((ContactCard(name="Lab", phone="+49"),), "sendContact"),
    ],
)
def test_buttons_hang_under_anything(content: tuple[Part, ...], method: str) -> None:
    call = rendered(*content, offer((Button(label="Yes", value="k1"),)))

    assert call.method == method
    assert "reply_markup" in call.fields


# --- places and cards


def test_a_location_is_a_pin() -> None:
    call = rendered(replace(HERE, accuracy_metres=9000))

    assert call.method == "sendLocation"
    assert call.fields == {
        "chat_id": "62",
        "latitude": "53.5436",
        "longitude": "9.9669",
        "horizontal_accuracy": "1500.0",
    }


@pytest.mark.parametrize(
    ("title", "address", "shown"),
    [
        ("Pier 3", "Hafenstr. 1", ("Pier 3", "Hafenstr. 1")),
        ("Pier 3", "", ("Pier 3", "53.54360, 9.96690")),
        ("", "Hafenstr. 1", ("Hafenstr. 1", "Hafenstr. 1")),
    ],
)
def test_a_place_with_a_name_is_a_venue(title: str, address: str, shown: tuple[str, str]) -> None:
    """Telegram takes none without both."""
    call = rendered(replace(HERE, title=title, address=address))

    assert call.method == "sendVenue"
    assert (call.fields["title"], call.fields["address"]) == shown


def test_a_live_location_is_sent_as_where_it_is_and_says_so() -> None:
    call = rendered(replace(HERE, live_seconds=900))

    assert call.method == "sendLocation"
    assert "live_period" not in call.fields
    assert call.notes == ("a live location is sent as the place where it is now",)


def test_a_contact_card_goes_with_its_vcard() -> None:
    call = rendered(ContactCard(name="Pier Lab", phone="+49 40 1", vcard="BEGIN:VCARD"))

    assert call == Call(
        "sendContact",
        {
            "chat_id": "62",
            "phone_number": "+49 40 1",
            "first_name": "Pier Lab",
            "vcard": "BEGIN:VCARD",
        },
    )


def test_a_card_that_telegram_would_not_take_is_sent_as_far_as_it_goes_and_says_so() -> None:
    without_phone = rendered(ContactCard(name="Pier Lab", email="lab@harbour.example"))
    long = rendered(ContactCard(name="Pier Lab", phone="+49", vcard="ü" * 1025))

    assert without_phone.fields["text"] == "Pier Lab\nlab@harbour.example"
    assert without_phone.notes == ("a contact card without a phone number is sent as text",)
    assert "vcard" not in long.fields
    assert "without its vCard" in long.notes[0]


# --- what is promised


@pytest.mark.parametrize(
    ("parts", "reason"),
    [
        ((), "nothing"),
        ((offer((Button(label="Yes", value="k1"),)),), "buttons"),
        ((Text(text="a"), Text(text="b")), "text and text"),
        ((Text(text="a"), HERE), "text and location"),
        ((Poll(question="?", options=(PollOption(text="a"),)),), "poll"),
        (
            (
                file(MediaKind.IMAGE),
                file(MediaKind.IMAGE),
                offer((Button(label="Yes", value="k1"),)),
            ),
            "media and media and buttons",
        ),
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
        HERE,
        ContactCard(name="Lab", phone="+49"),
        Poll(question="Which?", options=(PollOption(text="a"),)),
        offer((Button(label="Yes", value="k1"),)),
    )

    calls = [
        render(outbound(*piece), place_of("62"), link_previews=False, paid_broadcast=False)
        for piece in plan(parts, found).pieces
    ]

    assert [call.method for call in calls] == ["sendMessage"] * 4 + [
        "sendVoice",
        "sendLocation",
        "sendContact",
        "sendMessage",
    ]
    assert "reply_markup" in calls[-1].fields
    assert all(len(call.fields.get("text", "")) <= 4096 for call in calls)
