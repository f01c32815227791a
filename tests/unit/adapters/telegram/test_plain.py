"""The short way, by which plain texts are read: it leads where the long way does."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from adapters.telegram.incoming.envelope import Reader
from adapters.telegram.incoming.normalise import normalise
from adapters.telegram.incoming.reading import read_plain_update
from adapters.telegram.settings import GroupPolicy
from core.model.event import Inbound
from tests.rigs.telegram.people import ADA, BOT, BOT_ID, BOT_NAME, PRIVATE
from tests.rigs.telegram.updates import KINDS, raw, update

READER = Reader(
    account="main",
    bot_id=BOT_ID,
    bot_username=BOT_NAME,
    groups=GroupPolicy.NONE,
    chats={PRIVATE["id"]: -9},
)
DETOUR = {"is_topic_message": False}
"""Says nothing, but no plain message has it."""


def changed(**fields: Any) -> dict[str, Any]:
    payload = update("text")
    payload["message"].update(fields)
    return payload


def read(payload: dict[str, Any]) -> tuple[Inbound, ...]:
    received_at = datetime(2026, 9, 21, 15, 0, tzinfo=UTC)
    return normalise(json.dumps(payload).encode(), READER, received_at, lambda: "id")


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
    ],
)
def test_a_plain_text_says_the_same_read_either_way(fields: dict[str, Any]) -> None:
    """What a customer seems to say would depend on a premium account."""
    plain, long = changed(**fields), changed(**fields, **DETOUR)

    assert read_plain_update(json.dumps(plain).encode())
    assert not read_plain_update(json.dumps(long).encode())
    assert read(plain) == read(long)


def test_of_all_kinds_of_update_only_texts_are_plain() -> None:
    """Whatever is in the others would be lost in silence."""
    assert [kind for kind in KINDS if read_plain_update(raw(kind))] == ["text", "reply"]


@pytest.mark.parametrize(
    "fields",
    [
        {"text": ""},
        {"text": None},
        {"from": None},
        {"chat": {**PRIVATE, "type": "group"}},
        {"chat": {**PRIVATE, "title": "A title"}},
        {"date": 253_402_300_800},
        {"message_id": 2**63},
        {"hologram": {}},
    ],
)
def test_whatever_is_unusual_takes_the_long_way(fields: dict[str, Any]) -> None:
    """It knows what to tell, what is lost and what is wrong with it."""
    assert read_plain_update(json.dumps(changed(**fields)).encode()) is None


def test_no_json_is_no_plain_text() -> None:
    """One broken update would stop the inbox."""
    whole = raw("text")

    assert all(read_plain_update(whole[:end]) is None for end in range(len(whole)))
