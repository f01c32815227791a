"""What the receiver asks of an update before anything else is made of it."""

import json
from typing import Any

import pytest

from adapters.telegram.incoming.reading import migrated, read_query_id

OLD, NEW = -44120077, -1001881240077


def update(**kinds: Any) -> bytes:
    return json.dumps({"update_id": 7, **kinds}).encode()


def test_a_pressed_button_names_the_query_to_answer() -> None:
    """Whoever pressed waits with a spinning button until it is answered."""
    pressed = update(callback_query={"id": "4382bfdwdsb323b2d9", "from": {"id": 5}, "data": "x"})

    assert read_query_id(pressed) == "4382bfdwdsb323b2d9"


@pytest.mark.parametrize(
    "raw",
    [
        update(message={"text": '"callback_query"'}),
        update(callback_query={"id": 7}),
        update(callback_query=None),
        b'{"callback_query": ',
        b'{"callback_query": {"id": "\\ud83d"}}',
    ],
)
def test_nothing_else_is_answered(raw: bytes) -> None:
    assert read_query_id(raw) is None


@pytest.mark.parametrize(
    "message",
    [
        {"chat": {"id": OLD}, "migrate_to_chat_id": NEW},
        {"chat": {"id": NEW}, "migrate_from_chat_id": OLD},
    ],
)
def test_both_sides_of_a_migration_say_the_same(message: dict[str, Any]) -> None:
    """The group's conversations would go on in two places."""
    assert migrated(update(message=message)) == (OLD, NEW)


@pytest.mark.parametrize(
    "raw",
    [
        update(message={"chat": {"id": OLD}, "text": '"migrate_to_chat_id": -1'}),
        update(message={"chat": {"id": OLD}, "migrate_to_chat_id": 2**70}),
        update(edited_message={"chat": {"id": OLD}, "migrate_to_chat_id": NEW}),
        b'{"message": {"migrate_to_chat_id"',
    ],
)
def test_nothing_else_is_a_migration(raw: bytes) -> None:
    assert migrated(raw) is None
