"""Every value of every kind of event is in the model, or named as lost, or a copy of another.

Held by changing one value after the other: the events must then be others, unless the value's name
stands in `lost`.
"""

import itertools
from collections.abc import Callable
from datetime import UTC, datetime
from fnmatch import fnmatch

import msgspec
import pytest

from adapters.discord.incoming.normalise import normalise
from core.errors import MalformedPayload
from core.model.event import Inbound
from tests.rigs.discord.events import KINDS, event, reader
from tests.rigs.discord.people import Json
from tests.rigs.payloads import Path, at, dotted, leaves, placed

RECEIVED_AT = datetime(2026, 9, 21, 15, 0, tzinfo=UTC)
READER = reader()
COPIES = {
    "* nonce": "what the sender's client calls it",
    "* *clan*": "the former name of primary_guild",
    "* author.flags": "the public ones, once more",
    "* channel_type": "known of the channel; where it decides who reads it, it shows",
    "* *mentions.*": "who is named tells of themselves; their names stand in the text",
    "* referenced_message.*": "told with that message; its beginning is repeated",
    "* message_reference.guild_id": "of an answer or a happening always the message's own",
    "* *url": "signed anew each time: the file is known by its id",
    "* *content_scan_version": "Discord's own housekeeping",
    "* *placeholder": "made from the picture",
    "* *placeholder_version": "made from the picture",
    "sticker stickers.*": "the former form of sticker_items",
    "link_with_its_page embeds.*": "made by Discord from the page behind the link",
    "automod embeds.*": "named as lost by what it is",
    "* embeds.0.type": "which of the fields there are says it",
    "* author.bot": "a webhook is one",
    "* webhook_id": "the author's id",
    "* position": "its id says more exactly",
    "* poll.answers.1.answer_id": "its number within the poll",
    "* poll.results.*.me_voted": "a bot cannot vote",
    "* components*.id": "its number within the message",
    "offers components.*.type": "which of the fields there are says it",
    "answer_of_a_command interaction.*": "the former form of interaction_metadata",
    "answer_of_a_command resolved.*": "they stand in the text",
    "with_a_thread thread.*": "told by an event of its own",
    "of_ours *": "our own: known when it was sent",
    "* timestamp": "of an edit: told with the message; of typing: it is of now",
    "*reaction* type": "whether it is a super reaction, once more",
    "* message_author_id": "told with that message; whether it is ours decides if it is for us",
    "* user_id": "the member's own",
    "press *": "for whoever answers it; the message is our own",
    "choice_of_a_menu *": "for whoever answers it; the message is our own",
    "thread_* *": "known of the thread (see Known), to be shown by what comes from there",
    "channel_deleted *": "known of the channel, which is gone",
    "thread_members *": "the thread's own",
}
"""What says nothing that is not said elsewhere, and where that is: `<kind> <name with places>`."""

Normalise = Callable[[str, bytes], tuple[Inbound, ...]]


def read(name: str, raw: bytes) -> tuple[Inbound, ...]:
    numbers = itertools.count(1)
    return normalise(name, raw, READER, RECEIVED_AT, lambda: f"id{next(numbers)}", mark="s.7")


HEARD = tuple(kind for kind in KINDS if read(event(kind)[0], msgspec.json.encode(event(kind)[1])))
"""Of the others nothing is wanted, whatever they say."""


def is_copy(kind: str, name: str) -> bool:
    return any(fnmatch(f"{kind} {name}", pattern) for pattern in COPIES)


def another(value: object) -> object:
    match value:
        case bool():
            return not value
        case int() | float():
            return value + 2
        case str() if value.isdecimal():
            return str(int(value) + 5)
        case str() if value.endswith("+00:00"):
            return value.replace("2026", "2024").replace("2025", "2024")
        case str():
            return f"{value}x"
        case None:
            return "7180011223344556000"
        case _:
            raise TypeError(f"{value!r} is no leaf")


def is_lost(path: Path, events: tuple[Inbound, ...]) -> bool:
    """Named itself, or something that it is within."""
    name = dotted(path)
    lost = {lost for event in events for lost in event.lost}
    return any(name == one or name.startswith(f"{one}.") for one in lost)


def untold(name: str, payload: Json, normalise: Normalise) -> list[str]:
    """The values that neither show in the events nor are named as lost."""
    events = normalise(name, msgspec.json.encode(payload))
    found = []
    for path in leaves(payload):
        if is_lost(path, events):
            continue
        changed = msgspec.json.decode(msgspec.json.encode(payload))
        at(changed, path[:-1])[path[-1]] = another(at(payload, path))
        try:
            if normalise(name, msgspec.json.encode(changed)) == events:
                found.append(placed(path))
        except MalformedPayload:
            continue  # it is looked at, and must be of its kind
    return found


@pytest.mark.parametrize("kind", HEARD)
def test_no_value_goes_untold(kind: str) -> None:
    """A customer would have said something that no agent ever sees."""
    names = untold(*event(kind), read)

    assert [name for name in names if not is_copy(kind, name)] == []


def test_every_exception_is_needed() -> None:
    names = [f"{kind} {name}" for kind in HEARD for name in untold(*event(kind), read)]

    assert [p for p in COPIES if not any(fnmatch(name, p) for name in names)] == []


def test_a_value_that_is_forgotten_is_found() -> None:
    """The tests above are worth nothing if they cannot fail."""

    def forgetful(name: str, raw: bytes) -> tuple[Inbound, ...]:
        said = msgspec.json.decode(raw)
        del said["attachments"][0]["description"]
        return read(name, msgspec.json.encode(said))

    def silent(name: str, raw: bytes) -> tuple[Inbound, ...]:
        return tuple(msgspec.structs.replace(event, lost=()) for event in read(name, raw))

    assert "attachments.0.description" in untold(*event("picture"), forgetful)
    assert "author.avatar" in untold(*event("direct"), silent)


def test_there_are_enough_kinds() -> None:
    assert len(HEARD) >= 60
