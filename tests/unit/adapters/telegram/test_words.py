"""The short way, by which messages of words alone are read: it leads where the long way does."""

import json
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from adapters.telegram.incoming.envelope import Reader
from adapters.telegram.incoming.normalise import normalise
from adapters.telegram.incoming.reading import _read_class, read_words
from adapters.telegram.objects.common import PlainEntity
from adapters.telegram.objects.fields import Lost
from adapters.telegram.settings import GroupPolicy
from core.model.event import Inbound
from tests.rigs.telegram.people import ADA, BO, BOT, BOT_ID, BOT_NAME, PRIVATE, entity
from tests.rigs.telegram.updates import KINDS, raw, update

READER = Reader(
    account="main",
    bot_id=BOT_ID,
    bot_username=BOT_NAME,
    groups=GroupPolicy.NONE,
    chats={PRIVATE["id"]: -9},
)
DETOUR: dict[str, Any] = {"is_automatic_forward": False}
"""Says nothing, but is none of the fields that the short way knows."""
IN_WORDS = [
    "text",
    "text_of_premium",
    "text_with_link",
    "command",
    "start_with_payload",
    "reply",
    "edited_text",
    "group_text",
    "group_mention",
    "topic_text",
    "business_text",
    "business_text_of_owner",
    "edited_business_text",
]


def changed(kind: str = "text", **fields: Any) -> dict[str, Any]:
    payload = update(kind)
    _, message = payload.values()
    message.update(fields)
    return payload


def read(payload: dict[str, Any], reader: Reader = READER) -> tuple[Inbound, ...]:
    received_at = datetime(2026, 9, 21, 15, 0, tzinfo=UTC)
    return normalise(json.dumps(payload).encode(), reader, received_at, lambda: "id")


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"text": " \n"},
        {"text": "👩‍👩‍👧 /start @harbour_support_bot https://harbour.example"},
        {"date": 0},
        {"message_id": 2**63 - 1},
        {"reply_to_message": update("reply")["message"]["reply_to_message"]},
        {"reply_to_message": {"message_id": 3, "caption": "Mo's"}},
        {"reply_to_message": None},
        {"from": {"id": ADA["id"]}},
        {"from": {"id": 1, "first_name": " ", "last_name": " Q "}},
        {"from": {**ADA, "is_bot": True}},
        {"from": BOT},
        {"chat": {"id": -5, "type": "private"}},
        {"chat": {**PRIVATE, "username": "another"}},
        {"chat": {**PRIVATE, "title": "A title"}},
        {"chat": {**PRIVATE, "accepted_gift_types": {}}},
        {"message_thread_id": 4},
        {"message_thread_id": 4, "is_topic_message": True},
        {"is_topic_message": True},
        {"edit_date": 7},
        {"sender_tag": None},
        {"is_from_offline": True, "from": {**BO, "added_to_attachment_menu": False}},
        {"business_connection_id": "c1", "from": BOT},
        {"business_connection_id": "c1", "from": {**BO, "is_bot": True}},
        {"entities": []},
        {"entities": [entity("text_mention", 0, 2)]},
        {"entities": [entity("glow", 0, 2), entity("bold", 1, 2), entity("glow", 0, 9)]},
        {"entities": [entity("bold", 9000, 2)]},
    ],
)
def test_a_plain_text_says_the_same_read_either_way(fields: dict[str, Any]) -> None:
    """What a customer seems to say would depend on a premium account."""
    plain, long = changed(**fields), changed(**fields, **DETOUR)

    assert read_words(json.dumps(plain).encode())
    assert not read_words(json.dumps(long).encode())
    assert read(plain) == read(long)


@pytest.mark.parametrize("groups", GroupPolicy)
@pytest.mark.parametrize("kind", IN_WORDS)
def test_every_kind_of_words_says_the_same_read_either_way(kind: str, groups: GroupPolicy) -> None:
    """A group would be heard, or a name be lost, only sometimes."""
    reader = msgspec.structs.replace(READER, groups=groups)

    assert read(changed(kind), reader) == read(changed(kind, **DETOUR), reader)


def test_of_all_kinds_of_update_only_words_are_read_so() -> None:
    """Whatever is in the others would be lost in silence."""
    assert sorted(kind for kind in KINDS if read_words(raw(kind))) == sorted(IN_WORDS)


def test_lists_within_words_have_nothing_to_lose() -> None:
    """The short way asks them for nothing."""
    marks = [field.type for field in msgspec.structs.fields(PlainEntity)]

    assert Lost not in marks
    assert not any(_read_class(mark) for mark in marks)


def test_an_update_of_two_messages_takes_the_long_way() -> None:
    """One of them would be lost in silence."""
    both = {**update("text"), "edited_message": update("edited_text")["edited_message"]}

    assert read_words(json.dumps(both).encode()) is None
    assert read(both)[0].lost == ("edited_message",)


@pytest.mark.parametrize(
    "fields",
    [
        {"text": ""},
        {"text": None},
        {"from": None},
        {"quote": {"text": "t"}},
        {"entities": [entity("text_mention", 0, 2, user=BO)]},
        {"date": 253_402_300_800},
        {"message_id": 2**63},
        {"hologram": {}},
    ],
)
def test_whatever_is_unusual_takes_the_long_way(fields: dict[str, Any]) -> None:
    """It knows what to tell, what is lost and what is wrong with it."""
    assert read_words(json.dumps(changed(**fields)).encode()) is None


def test_no_json_is_no_plain_text() -> None:
    """One broken update would stop the inbox."""
    whole = raw("text")

    assert all(read_words(whole[:end]) is None for end in range(len(whole)))
