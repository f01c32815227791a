"""Every value of every kind of update is in the model, or named as lost, or a copy of another.

Held by changing one value after the other: the events must then be others, unless the value's name
stands in `lost`. python-telegram-bot's objects say what there is to be seen in an update.
"""

import itertools
import warnings
from collections.abc import Callable
from datetime import UTC, datetime
from fnmatch import fnmatch

import msgspec
import pytest
import telegram

from adapters.telegram.incoming.envelope import Reader
from adapters.telegram.incoming.normalise import normalise
from core.model.event import Inbound
from tests.rigs.payloads import Path, at, dotted, leaves, placed
from tests.rigs.telegram.people import BOT_ID, BOT_NAME, Json
from tests.rigs.telegram.updates import KINDS, update

RECEIVED_AT = datetime(2026, 9, 21, 15, 0, tzinfo=UTC)
READER = Reader(account="main", bot_id=BOT_ID, bot_username=BOT_NAME)
COPIES = {
    "*.file_unique_id": "another name of the same file",
    "*.thumbnail.*": "made from the file",
    "*.thumb.*": "the thumbnail under its former name",
    "*.qualities.*": "made from the file",
    "*photo.[01].*": "made from the largest size",
    "live_photo message.live_photo.photo.*": "the message's photo",
    "animation message.document.*": "the animation",
    "venue message.location.*": "the venue's place",
    "* message.forward_[dfs]*": "a former form of forward_origin",
    "new_members message.new_chat_[mp]*": "a former form of new_chat_members",
    "left_member message.left_chat_participant.*": "the former name of left_chat_member",
    "* *.chat.first_name": "in a private chat the sender's own",
    "* *.chat.last_name": "in a private chat the sender's own",
    "* *.chat.username": "in a private chat the sender's own",
    "* message.direct_messages_topic.user.*": "the sender, who is told with the message",
    "direct_message_to_channel message.chat.type": "of a channel's direct messages always the same",
    "anonymous_admin message.from.*": "stands in for the chat that speaks",
    "automatic_forward message.from.*": "stands in for the chat that speaks",
    "* *.forward_origin.type": "said by which of the other fields there are",
    "paid_media *.paid_media.*.type": "said by which of the other fields there are",
    "* *reaction*.type": "said by which of the other fields there are",
    "* edited_*.date": "told with the message; the edit has its own",
    "* *.reply_to_message.*": "told with that message; its beginning is repeated",
    "pinned message.pinned_message.*": "told with that message",
    "* callback_query.id": "for the receiver, which answers it at once",
    "*button* callback_query.message.[!cm]*": "our own message: known when it was sent",
    "business_text_of_ours business_message.text": "our own message: known when it was sent",
    "* *.old_chat_member.*": "told when it began",
    "reaction_taken_back *.old_reaction.*": "told when it was set",
    "* my_chat_member.new_chat_member.user.*": "the bot itself",
    "text_with_date message.entities.*": "named as lost by the entity's kind",
}
"""What says nothing that is not said elsewhere, and where that is: `<kind> <name with places>`."""
ANOTHER = {"channel": "group"}
"""What stands for all that is not known would not do."""

Normalise = Callable[[bytes], tuple[Inbound, ...]]


def read(raw: bytes) -> tuple[Inbound, ...]:
    numbers = itertools.count(1)
    return normalise(raw, READER, RECEIVED_AT, lambda: f"id{next(numbers)}")


def is_copy(kind: str, name: str) -> bool:
    return any(fnmatch(f"{kind} {name}", pattern) for pattern in COPIES)


def another(value: object) -> object:
    match value:
        case bool():
            return not value
        case int() | float():
            return value + 2  # of a pair of UTF-16 units either one means the same
        case str():
            return ANOTHER.get(value, f"{value}x")
        case _:
            raise TypeError(f"{value!r} is no leaf")


def is_lost(path: Path, events: tuple[Inbound, ...]) -> bool:
    """Named itself, or something that it is within."""
    name = dotted(path)
    lost = {lost for event in events for lost in event.lost}
    return any(name == one or name.startswith(f"{one}.") for one in lost)


def untold(payload: Json, normalise: Normalise) -> list[str]:
    """The values that neither show in the events nor are named as lost."""
    events = normalise(msgspec.json.encode(payload))
    found = []
    for path in leaves(payload):
        if is_lost(path, events):
            continue
        changed = msgspec.json.decode(msgspec.json.encode(payload))
        at(changed, path[:-1])[path[-1]] = another(at(payload, path))
        if normalise(msgspec.json.encode(changed)) == events:
            found.append(placed(path))
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_no_value_goes_untold(kind: str) -> None:
    """A customer would have said something that no agent ever sees."""
    names = untold(update(kind), read)

    assert [name for name in names if not is_copy(kind, name)] == []


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_seen_by_the_library_that_was_not_tried(kind: str) -> None:
    """Else the test above would say nothing of it."""
    payload = update(kind)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        seen = telegram.Update.de_json(payload, None).to_dict()

    added = {dotted(path) for path in leaves(seen) if at(seen, path)} - {
        dotted(path) for path in leaves(payload)
    }

    assert added == set()


def test_every_exception_is_needed() -> None:
    names = [f"{kind} {name}" for kind in KINDS for name in untold(update(kind), read)]

    assert [p for p in COPIES if not any(fnmatch(name, p) for name in names)] == []


def test_a_value_that_is_forgotten_is_found() -> None:
    """The tests above are worth nothing if they cannot fail."""

    def forgetful(raw: bytes) -> tuple[Inbound, ...]:
        said = msgspec.json.decode(raw)
        del said["message"]["location"]["horizontal_accuracy"]
        return read(msgspec.json.encode(said))

    def silent(raw: bytes) -> tuple[Inbound, ...]:
        return tuple(msgspec.structs.replace(event, lost=()) for event in read(raw))

    assert "message.location.horizontal_accuracy" in untold(update("location"), forgetful)
    assert "message.contact.user_id" in untold(update("contact"), silent)


def test_there_are_enough_kinds() -> None:
    assert len(KINDS) >= 40
