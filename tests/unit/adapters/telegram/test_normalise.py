"""What Telegram tells us arrives whole: in the model, or named among what was lost."""

import itertools
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.telegram.incoming.envelope import Reader
from adapters.telegram.incoming.normalise import normalise
from adapters.telegram.incoming.reading import LOST_MAX
from adapters.telegram.settings import GroupPolicy
from core.errors import MalformedPayload
from core.model.content import (
    Attachment,
    Forward,
    Media,
    MediaKind,
    Span,
    Style,
    System,
    Text,
    Unsupported,
)
from core.model.event import (
    AccountStatus,
    Actor,
    ActorKind,
    Inbound,
    MessageCreated,
    MessageEdited,
    Unknown,
)
from core.model.ids import AttachmentId, EventId, ThreadRef
from core.model.message import Audience, Quote

FIXTURES = Path(__file__).parents[3] / "fixtures" / "telegram"
RECEIVED_AT = datetime(2026, 9, 21, 15, 0, tzinfo=UTC)
SENT_AT = datetime(2026, 9, 21, 14, 13, 20, tzinfo=UTC)
READER = Reader(account="main", bot_id=7018245630, bot_username="harbour_support_bot")
ADA = Actor(
    kind=ActorKind.CUSTOMER,
    remote="6204417731",
    name="Ada Quill",
    handle="ada_quill",
    language="en",
)


def counting() -> Callable[[], str]:
    numbers = itertools.count(1)
    return lambda: f"id{next(numbers)}"


def read(raw: bytes, groups: GroupPolicy = GroupPolicy.ALL) -> tuple[Inbound, ...]:
    reader = msgspec.structs.replace(READER, groups=groups)
    return normalise(raw, reader, RECEIVED_AT, counting())


def fixture(name: str) -> Inbound:
    (event,) = read((FIXTURES / f"{name}.json").read_bytes())
    return event


def created(name: str) -> MessageCreated:
    body = fixture(name).body
    assert isinstance(body, MessageCreated)
    return body


def test_a_plain_text_is_taken_whole() -> None:
    assert fixture("text") == Inbound(
        id=EventId("id1"),
        thread=ThreadRef(channel="telegram", account="main", thread="6204417731"),
        dedup="u481221",
        actor=ADA,
        body=MessageCreated(
            remote="6204417731:312", parts=(Text(text="My parcel has not arrived."),)
        ),
        occurred_at=SENT_AT,
        received_at=RECEIVED_AT,
    )


def test_formatting_becomes_spans_over_the_same_words() -> None:
    (text,) = created("entities").parts
    assert isinstance(text, Text)

    styled = [(text.text[s.start : s.end], s.style, s.value) for s in text.spans]

    assert styled == [
        ("bold", Style.BOLD, ""),
        ("bold", Style.ITALIC, ""),
        ("link", Style.LINK, "https://harbour.example/t"),
        ("@bo", Style.MENTION, ""),
        ("#late", Style.HASHTAG, ""),
        ("/help", Style.COMMAND, "help"),
        ("code", Style.PRE, "python"),
        ("👨‍👩‍👧", Style.EMOJI, "5368324170671202286"),
    ]


def test_every_unknown_key_is_named() -> None:
    """Law 5: what the model cannot take is listed, wherever in the payload it stands."""
    assert set(fixture("unknown_keys").lost) == {
        "message.effect_id",
        "message.has_protected_content",
        "message.from.is_premium",
        "message.entities.unix_time",
        "message.entities.date_time",
        "message.entities.sparkle",
    }


def test_a_deep_link_is_a_command_with_its_payload() -> None:
    command = Text(text="/start order-77", spans=(Span(0, 6, Style.COMMAND, "start"),))

    assert created("start").parts == (command, System(code="started", text="order-77"))


def test_of_a_photo_the_largest_size_is_taken_with_its_caption() -> None:
    assert created("photo").parts == (
        Media(
            media=MediaKind.IMAGE,
            attachment=Attachment(
                id=AttachmentId("id1"),
                declared_type="image/jpeg",
                size_bytes=90412,
                remote="AgAC-large",
            ),
            caption="The dent 📦 here",
            spans=(Span(4, 4, Style.UNDERLINE),),
            width=1280,
            height=960,
        ),
    )
    assert fixture("photo").lost == ()


def test_a_document_is_a_lazy_file() -> None:
    event = fixture("document")

    assert isinstance(event.body, MessageCreated)
    assert event.body.parts == (
        Media(
            media=MediaKind.FILE,
            attachment=Attachment(
                id=AttachmentId("id1"),
                name="../invoice.pdf",
                declared_type="application/pdf",
                size_bytes=48211,
                remote="BQAC-doc",
            ),
        ),
    )
    assert event.lost == ()


def test_an_edit_names_the_message_and_its_own_time() -> None:
    event = fixture("edited")

    assert event.body == MessageEdited(
        remote="6204417731:312", parts=(Text(text="My parcel has arrived!"),)
    )
    assert event.occurred_at == datetime(2026, 9, 21, 14, 14, 20, tzinfo=UTC)


def test_a_reply_names_what_it_answers_and_what_it_quotes() -> None:
    quote = Quote(remote="6204417731:318", text="It arrives tomorrow")

    assert created("reply_with_quote").answers == quote


def test_in_a_group_the_author_is_who_wrote_and_the_audience_is_wider() -> None:
    event = fixture("group")

    assert (event.thread.thread, event.actor.remote) == ("-1001881240077", "5118820964")
    assert (event.audience, event.title) == (Audience.GROUP, "Harbour tenants")


def test_a_topic_is_a_thread_and_being_in_it_is_no_reply() -> None:
    event = fixture("topic")

    assert event.thread.thread == "-1001881240077/40"
    assert isinstance(event.body, MessageCreated)
    assert event.body.answers is None
    assert event.lost == ("message.chat.is_forum",)


def test_who_speaks_as_the_group_is_the_group() -> None:
    actor = fixture("anonymous_admin").actor

    assert actor == Actor(kind=ActorKind.CUSTOMER, remote="-1001881240077", name="Harbour tenants")


def test_a_forward_says_where_it_came_from() -> None:
    assert created("forward").forward == Forward(
        name="Harbour news (Mo)",
        remote="-1001550001111:17",
        at=datetime(2026, 9, 21, 13, 13, 20, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    ("origin", "expected"),
    [
        (
            {"type": "user", "date": 0, "sender_user": {"id": 5, "first_name": "Bo"}},
            Forward(name="Bo", remote="5"),
        ),
        ({"type": "hidden_user", "sender_user_name": "Someone"}, Forward(name="Someone")),
        (
            {"type": "chat", "sender_chat": {"id": -9, "title": "Board"}},
            Forward(name="Board", remote="-9"),
        ),
    ],
)
def test_each_kind_of_origin_is_named(origin: dict[str, Any], expected: Forward) -> None:
    update = json.loads((FIXTURES / "text.json").read_bytes())
    update["message"]["forward_origin"] = origin

    (event,) = read(json.dumps(update).encode())

    assert isinstance(event.body, MessageCreated)
    assert event.body.forward == expected


@pytest.mark.parametrize(
    ("name", "kind", "summary"),
    [
        ("dice", "dice", "a dice 🎲 showing 4"),
        ("new_kind", "hologram", "a message of a new kind"),
    ],
)
def test_content_without_a_part_of_its_own_is_shown_by_a_summary(
    name: str, kind: str, summary: str
) -> None:
    event = fixture(name)

    assert isinstance(event.body, MessageCreated)
    assert event.body.parts == (Unsupported(platform_kind=kind, summary=summary),)


def test_the_caption_of_content_of_a_new_kind_is_kept() -> None:
    update = json.loads((FIXTURES / "new_kind.json").read_bytes())
    update["message"]["caption"] = "It rattles"

    (event,) = read(json.dumps(update).encode())

    assert isinstance(event.body, MessageCreated)
    assert event.body.parts[1:] == (Text(text="It rattles"),)
    assert "message.hologram" in event.lost


@pytest.mark.parametrize(
    ("name", "code"),
    [("blocked", "blocked"), ("unblocked", "unblocked"), ("added_to_group", "joined")],
)
def test_the_bots_own_membership_is_a_status(name: str, code: str) -> None:
    body = fixture(name).body

    assert isinstance(body, AccountStatus)
    assert body.code == code


@pytest.mark.parametrize(
    ("before", "now", "code"),
    [("member", "left", "removed"), ("member", "administrator", "rights_changed")],
)
def test_a_change_in_a_group_is_told_apart(before: str, now: str, code: str) -> None:
    update = json.loads((FIXTURES / "added_to_group.json").read_bytes())
    update["my_chat_member"]["old_chat_member"]["status"] = before
    update["my_chat_member"]["new_chat_member"]["status"] = now

    (event,) = read(json.dumps(update).encode())

    assert event.body == AccountStatus(code=code, text=now)


def test_a_group_that_moved_says_where_to() -> None:
    assert fixture("migrated").body == AccountStatus(code="migrated", text="-1001881240077")


def test_an_update_of_an_unread_kind_is_kept_by_its_name_where_it_belongs() -> None:
    voted = fixture("poll_answer")

    assert (voted.body, voted.thread.thread) == (Unknown(platform_kind="poll_answer"), "account")
    assert voted.actor.remote == "6204417731"
    assert voted.lost == ("poll_answer",)


def test_an_update_without_anything_is_still_an_event() -> None:
    (event,) = read(b'{"update_id": 7}')

    assert event.body == Unknown(platform_kind="empty")
    assert event.actor.kind is ActorKind.PLATFORM


def test_a_bot_is_a_bot_and_we_are_ourselves() -> None:
    update = json.loads((FIXTURES / "group.json").read_bytes())
    kinds = []
    for sender_id in (31, READER.bot_id):
        update["message"]["from"] = {"id": sender_id, "is_bot": True, "first_name": "B"}
        kinds.append(read(json.dumps(update).encode())[0].actor.kind)

    assert kinds == [ActorKind.BOT, ActorKind.OURSELVES]


def test_a_message_without_a_sender_is_the_platforms() -> None:
    update = json.loads((FIXTURES / "group.json").read_bytes())
    del update["message"]["from"]

    assert read(json.dumps(update).encode())[0].actor.kind is ActorKind.PLATFORM


# --- groups


@pytest.mark.parametrize(
    ("message", "addressed"),
    [
        ({"text": "talk among neighbours"}, False),
        ({"text": "/help", "entities": [("bot_command", 5)]}, True),
        ({"text": "/help@Harbour_Support_Bot", "entities": [("bot_command", 25)]}, True),
        ({"text": "/help@other_bot", "entities": [("bot_command", 15)]}, False),
        ({"text": "@harbour_support_bot hi", "entities": [("mention", 20)]}, True),
        ({"text": "@other_bot hi", "entities": [("mention", 10)]}, False),
        ({"text": "yes", "reply_to_message": {"message_id": 1, "from": {"id": 7018245630}}}, True),
        ({"text": "yes", "reply_to_message": {"message_id": 1, "from": {"id": 5}}}, False),
    ],
)
def test_a_group_can_be_answered_only_when_it_calls(
    message: dict[str, Any], *, addressed: bool
) -> None:
    update = json.loads((FIXTURES / "group.json").read_bytes())
    entities = [{"type": t, "offset": 0, "length": n} for t, n in message.get("entities", [])]
    update["message"] |= message | {"entities": entities}
    raw = json.dumps(update).encode()

    assert bool(read(raw, GroupPolicy.ADDRESSED)) is addressed
    assert read(raw, GroupPolicy.NONE) == ()
    assert len(read(raw, GroupPolicy.ALL)) == 1


def test_a_public_groups_name_is_among_what_is_lost() -> None:
    update = json.loads((FIXTURES / "group.json").read_bytes())
    update["message"]["chat"]["username"] = "harbour_tenants"

    assert read(json.dumps(update).encode())[0].lost == ("message.chat.username",)


# --- hostile input


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"<html>",
        b"[]",
        b'{"update_id": "7"}',
        b'{"message": {}}',
        b'{"update_id": 7, "message": {"message_id": 1}}',
        b'{"update_id": 99999999999999999999999}',
        b'{"update_id": 7, "x": "\xff"}',
        b'{"update_id": 7, "x": "\\ud83d"}',
        b'{"update_id": 7, "x": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        (FIXTURES / "not_an_update.json").read_bytes(),
    ],
)
def test_what_is_no_update_is_malformed(raw: bytes) -> None:
    with pytest.raises(MalformedPayload):
        read(raw)


def test_no_payload_names_more_than_a_bounded_number_of_lost_keys() -> None:
    update = {"update_id": 7} | {"k" * 1000 + str(n): n for n in range(1000)}

    lost = read(json.dumps(update).encode())[0].lost

    assert len(lost) <= LOST_MAX + 1
    assert all(len(name) <= LOST_MAX for name in lost)


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2)
    ),
    max_leaves=4,
)


@settings(max_examples=300)
@given(st.sampled_from(sorted(FIXTURES.glob("*.json"))), st.randoms(use_true_random=False), values)
def test_a_mutated_update_is_read_or_malformed_and_nothing_else(
    path: Path, chance: Any, value: Any
) -> None:
    """Whatever Telegram may send one day: no other exception leaves the pure code."""
    update = json.loads(path.read_bytes())
    place = update
    while isinstance(place, dict) and place:
        key = chance.choice(sorted(place))
        if chance.random() < 0.3 or not isinstance(place[key], dict):
            place[key] = value
            break
        place = place[key]

    try:
        events = read(json.dumps(update).encode())
    except MalformedPayload:
        return

    assert all(msgspec.msgpack.encode(event) for event in events)
