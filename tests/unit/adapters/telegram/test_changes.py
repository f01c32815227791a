"""What is on Telegram already is changed where it is, and by as few calls as can be."""

import json

import pytest

from adapters.telegram.outgoing.calls import Call
from adapters.telegram.outgoing.changes import (
    as_caption,
    deletions,
    edit,
    reaction,
    read_mark,
    typing,
)
from adapters.telegram.places import Place
from core.errors import UnsupportedFeature
from core.model.content import Button, Buttons, Location, MediaKind, Part, Span, Style, Text
from tests.unit.adapters.telegram.pieces import file

PRIVATE = Place("62")
BUSINESS = Place("62", connection="AbC")
OFFER = Buttons(rows=((Button(label="Yes", value="k1"),),))
BOLD = (Span(0, 3, Style.BOLD),)
ENTITIES = '[{"type":"bold","offset":0,"length":3}]'


def edited(*parts: Part, place: Place = PRIVATE, remote: str = "62:7") -> Call:
    return edit(parts, place, remote, link_previews=False)


def test_an_edited_text_keeps_its_formatting_and_its_buttons() -> None:
    """Telegram takes away the buttons that are not sent again."""
    call = edited(Text(text="new", spans=BOLD), OFFER)

    assert call.method == "editMessageText"
    assert json.loads(call.fields.pop("reply_markup"))["inline_keyboard"][0][0]["text"] == "Yes"
    assert call.fields == {
        "chat_id": "62",
        "message_id": "7",
        "text": "new",
        "entities": ENTITIES,
        "link_preview_options": '{"is_disabled":true}',
    }


@pytest.mark.parametrize("others", [(), (file(MediaKind.IMAGE, 2),)], ids=["file", "album"])
def test_an_edited_file_has_a_new_caption(others: tuple[Part, ...]) -> None:
    call = edited(file(MediaKind.IMAGE, caption="new", spans=BOLD), *others)

    assert call.method == "editMessageCaption"
    assert call.fields == {
        "chat_id": "62",
        "message_id": "7",
        "caption": "new",
        "caption_entities": ENTITIES,
    }


def test_a_caption_can_be_taken_away() -> None:
    assert edited(file(MediaKind.IMAGE)).fields["caption"] == ""


def test_a_text_that_turned_out_to_be_a_caption_is_changed_as_one() -> None:
    call = as_caption(edited(Text(text="new", spans=BOLD), OFFER))

    assert call == edited(file(MediaKind.IMAGE, caption="new", spans=BOLD), OFFER)


@pytest.mark.parametrize(
    "parts",
    [
        (Location(latitude=1, longitude=2),),
        (file(MediaKind.STICKER),),
        (file(MediaKind.VIDEO_NOTE),),
        (),
    ],
)
def test_what_has_no_words_keeps_what_it_shows_and_gets_the_buttons(
    parts: tuple[Part, ...],
) -> None:
    """An agent rewords a message of a text and a place: the place is not to stand in the way."""
    call = edited(*parts, OFFER)

    assert call.method == "editMessageReplyMarkup"
    assert sorted(call.fields) == ["chat_id", "message_id", "reply_markup"]


@pytest.mark.parametrize("remote", ["", "mail@harbour.example", "62:x"])
def test_what_is_no_message_of_telegrams_is_not_changed(remote: str) -> None:
    with pytest.raises(UnsupportedFeature, match="is no message on Telegram"):
        edited(Text(text="new"), remote=remote)


def test_a_message_from_before_the_group_moved_is_changed_where_it_is() -> None:
    """Its number is somebody else's in the new chat."""
    assert edited(Text(text="new"), place=Place("-1005"), remote="-5:7").fields["chat_id"] == "-5"
    (call,) = deletions(Place("-1005"), ["-5:7"])
    assert call.fields["chat_id"] == "-5"


def test_one_message_is_deleted_by_itself_and_several_in_one_call() -> None:
    assert deletions(PRIVATE, ["62:7"]) == [
        Call("deleteMessage", {"chat_id": "62", "message_id": "7"})
    ]
    assert deletions(PRIVATE, ["62:7", "62:8"]) == [
        Call("deleteMessages", {"chat_id": "62", "message_ids": "[7,8]"})
    ]


def test_more_than_a_call_takes_are_deleted_in_several() -> None:
    calls = deletions(PRIVATE, [f"62:{number}" for number in range(1, 251)])

    taken = [json.loads(call.fields["message_ids"]) for call in calls]
    assert [len(numbers) for numbers in taken] == [100, 100, 50]
    assert [number for numbers in taken for number in numbers] == list(range(1, 251))


def test_a_business_chat_is_changed_on_its_owners_behalf() -> None:
    (deletion,) = deletions(BUSINESS, ["62:7"])

    assert edited(Text(text="new"), place=BUSINESS).fields["business_connection_id"] == "AbC"
    assert deletion == Call(
        "deleteBusinessMessages", {"business_connection_id": "AbC", "message_ids": "[7]"}
    )
    assert typing(BUSINESS).fields["business_connection_id"] == "AbC"
    assert read_mark(BUSINESS, "62:7") == Call(
        "readBusinessMessage",
        {"chat_id": "62", "business_connection_id": "AbC", "message_id": "7"},
    )
    with pytest.raises(UnsupportedFeature, match="business account"):
        reaction(BUSINESS, "62:7", "👍")


@pytest.mark.parametrize(
    ("emoji", "sent"),
    [
        ("👍", '[{"type":"emoji","emoji":"👍"}]'),
        ("", "[]"),
        ("❤️", '[{"type":"emoji","emoji":"❤"}]'),
    ],
    ids=["one", "none", "coloured"],
)
def test_a_reaction_is_the_only_one_and_named_as_telegram_does(emoji: str, sent: str) -> None:
    """A keyboard writes a heart with a character more than Telegram's list has."""
    call = reaction(PRIVATE, "62:7", emoji)

    assert call.method == "setMessageReaction"
    assert call.fields == {"chat_id": "62", "message_id": "7", "reaction": sent}


def test_typing_is_shown_in_the_topic() -> None:
    assert typing(Place("-100", topic="40")).fields == {
        "chat_id": "-100",
        "message_thread_id": "40",
        "action": "typing",
    }
