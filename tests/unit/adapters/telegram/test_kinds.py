"""What each kind of update becomes, where it belongs, and for whom it counts."""

import itertools
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from adapters.telegram.incoming.answers import EXCERPT_MAX
from adapters.telegram.incoming.envelope import Reader
from adapters.telegram.incoming.normalise import normalise
from adapters.telegram.incoming.reading import _decode_update
from adapters.telegram.settings import GroupPolicy
from core.model.content import Media, MediaKind, Unsupported
from core.model.event import (
    AccountStatus,
    ActionInvoked,
    ActorKind,
    DeliveryReported,
    Inbound,
    MemberChanged,
    MessageCreated,
    MessageDeleted,
    MessageEdited,
    Origin,
    Reacted,
    Unknown,
)
from core.model.message import Audience, DeliveryState, Quote
from tests.rigs.telegram.people import (
    ADA,
    BO,
    BOT,
    BOT_ID,
    BOT_NAME,
    CONNECTION,
    GROUP,
    OWNER,
    PRIVATE,
    Json,
)
from tests.rigs.telegram.updates import KINDS, raw, update

RECEIVED_AT = datetime(2026, 9, 21, 15, 0, tzinfo=UTC)
ADA_ID = str(ADA["id"])
BUSINESS = f"{ADA_ID}/b{CONNECTION}"
UNHEARD_OF = {"unheard_of_update", "unheard_of_content"}


def read(payload: bytes | Json, **wishes: Any) -> tuple[Inbound, ...]:
    reader = Reader(account="main", bot_id=BOT_ID, bot_username=BOT_NAME, **wishes)
    numbers = itertools.count(1)
    sent = payload if isinstance(payload, bytes) else msgspec.json.encode(payload)
    return normalise(sent, reader, RECEIVED_AT, lambda: f"id{next(numbers)}")


def event(kind: str) -> Inbound:
    (only,) = read(raw(kind))
    return only


@pytest.mark.parametrize("kind", sorted(set(KINDS) - UNHEARD_OF))
def test_what_telegram_sends_today_takes_the_fast_way(kind: str) -> None:
    """A field that the objects do not name would double the cost of its updates."""
    _decode_update(raw(kind))


@pytest.mark.parametrize(
    ("kind", "media"),
    [
        ("photo_with_caption", MediaKind.IMAGE),
        ("video", MediaKind.VIDEO),
        ("animation", MediaKind.ANIMATION),
        ("voice", MediaKind.VOICE),
        ("video_note", MediaKind.VIDEO_NOTE),
        ("audio", MediaKind.AUDIO),
        ("document", MediaKind.FILE),
        ("sticker", MediaKind.STICKER),
    ],
)
def test_each_file_is_what_it_is(kind: str, media: MediaKind) -> None:
    body = event(kind).body

    assert isinstance(body, MessageCreated)
    (part,) = body.parts
    assert isinstance(part, Media)
    assert part.media is media
    assert part.attachment.remote


def test_a_song_is_called_after_its_performer_unless_it_has_a_name() -> None:
    names = []
    for kind in ("audio", "named_audio"):
        body = event(kind).body
        assert isinstance(body, MessageCreated)
        assert isinstance(body.parts[0], Media)
        names.append(body.parts[0].attachment.name)

    assert names == ["The Piers – Fog Horn", "bell.mp3"]


def test_a_file_of_an_album_says_so() -> None:
    body = event("photo_of_album").body

    assert isinstance(body, MessageCreated)
    assert body.album == f"{ADA_ID}:album:13877700012345678"


def test_of_a_live_photo_in_an_album_the_picture_is_taken() -> None:
    """The files of an album and its messages belong together one by one."""
    changed = update("live_photo")
    changed["message"]["media_group_id"] = "1"

    (album,), alone = read(changed), event("live_photo")

    assert isinstance(album.body, MessageCreated)
    assert isinstance(alone.body, MessageCreated)
    assert [len(album.body.parts), len(alone.body.parts)] == [1, 2]
    assert "message.live_photo" in album.lost


def test_what_is_answered_is_seen_by_its_beginning() -> None:
    body = event("reply").body

    assert isinstance(body, MessageCreated)
    assert body.answers is not None
    assert body.answers.text.startswith("It arrives tomorrow. It")
    assert body.answers.text.endswith("tomorrow.…")
    assert len(body.answers.text) <= EXCERPT_MAX


def test_an_excerpt_ends_between_characters_as_a_reader_sees_them() -> None:
    changed = update("reply")
    changed["message"]["reply_to_message"]["text"] = "👨‍👩‍👧" * 60

    (reply,) = read(changed)

    assert isinstance(reply.body, MessageCreated)
    assert reply.body.answers
    assert reply.body.answers.text.removesuffix("…").replace("👨‍👩‍👧", "") == ""
    assert len(reply.body.answers.text) <= EXCERPT_MAX


def test_what_is_answered_elsewhere_is_named() -> None:
    quotes = []
    for kind in ("external_reply", "reply_to_story"):
        body = event(kind).body
        assert isinstance(body, MessageCreated)
        quotes.append(body.answers)

    assert quotes == [
        Quote(remote="-1001550001111:17", text="a photo from Harbour news (Mo)"),
        Quote(remote="-1001550001111:story:8", text="a story of Harbour news"),
    ]


def test_a_pressed_button_says_what_it_stands_for_and_what_was_on_it() -> None:
    assert event("button").body == ActionInvoked(value="yes", label="Yes", on=f"{ADA_ID}:312")
    assert event("button_of_inline_message").body == ActionInvoked(value="yes", on="inline:AgAAAIM")


def test_reactions_are_those_that_there_are_now() -> None:
    assert event("reaction").body == Reacted(
        remote=f"{ADA_ID}:311", emojis=("👍", "custom:5368", "⭐")
    )
    gone = event("reaction_taken_back")
    assert (gone.body, gone.actor.remote) == (
        Reacted(remote=f"{GROUP['id']}:311", emojis=()),
        str(GROUP["id"]),
    )


def test_members_come_and_go_one_by_one() -> None:
    joined = read(raw("new_members"))

    assert [one.body for one in joined] == [
        MemberChanged(member=ADA_ID, change="joined"),
        MemberChanged(member="5550010002", change="joined"),
    ]
    assert [one.dedup.rpartition(".")[2] for one in joined] == ["0", "1"]
    assert event("joined_by_link").body == MemberChanged(member=ADA_ID, change="joined")
    assert event("banned_member").body == MemberChanged(member=ADA_ID, change="banned")
    assert event("left_member").body == MemberChanged(member=ADA_ID, change="removed")


@pytest.mark.parametrize(
    ("kind", "code", "text"),
    [
        ("new_title", "new_chat_title", "Harbour people"),
        ("topic_created", "forum_topic_created", "Gates"),
        ("pinned", "pinned_message", "9"),
        ("deletion_timer", "message_auto_delete_timer_changed", "86400"),
        ("supergroup_was_group", "migrate_from_chat_id", "-44120077"),
        ("reaction_counts", "message_reaction_count", "👍 3"),
    ],
)
def test_what_a_chat_says_of_itself_is_no_message(kind: str, code: str, text: str) -> None:
    body = event(kind).body

    assert isinstance(body, AccountStatus)
    assert body.code == code
    assert text in body.text


def test_what_has_no_part_is_told_in_words() -> None:
    body = event("checklist").body

    assert isinstance(body, MessageCreated)
    (part,) = body.parts
    assert isinstance(part, Unsupported)
    assert part.summary.splitlines() == [
        "a checklist: Moving",
        "☑ Pack (2026-09-21T14:13:20+00:00)",
        "☐ Call",
    ]


@pytest.mark.parametrize("kind", sorted(set(KINDS) - UNHEARD_OF))
def test_a_field_that_telegram_adds_changes_nothing_else(kind: str) -> None:
    """With its next version a new photo of a group would be a customer's message."""
    sent = update(kind)
    (name,) = set(sent) - {"update_id"}
    before = read(sent)

    sent[name]["added_tomorrow"] = 1

    after = read(sent)
    assert [replace(one, lost=()) for one in after] == [replace(one, lost=()) for one in before]
    assert all({*one.lost} <= {*other.lost} for one, other in zip(before, after, strict=True))


# --- edits


@pytest.mark.parametrize(
    "kind",
    [
        "edited_text",
        "edited_caption",
        "moved_live_location",
        "edited_channel_post",
        "edited_business_text",
    ],
)
def test_an_edit_of_any_kind_is_one(kind: str) -> None:
    edit = event(kind)

    assert isinstance(edit.body, MessageEdited)
    assert edit.body.remote.endswith(":312")
    assert edit.body.rev == 0


# --- business accounts


def test_a_business_chat_is_a_thread_of_its_own() -> None:
    asked = event("business_text")

    assert asked.thread.thread == BUSINESS
    assert (asked.actor.kind, asked.customer, asked.origin) == (
        ActorKind.CUSTOMER,
        None,
        Origin.LIVE,
    )


def test_what_the_owner_writes_is_staffs_in_the_customers_thread() -> None:
    """The desk would otherwise answer its own colleague."""
    said = event("business_text_of_owner")

    assert (said.thread.thread, said.actor.kind, said.origin) == (
        BUSINESS,
        ActorKind.STAFF,
        Origin.ECHO,
    )
    assert said.customer is not None
    assert (said.customer.remote, said.customer.name) == (ADA_ID, "Ada Quill")


def test_a_button_that_the_owner_presses_is_no_choice_of_the_customer() -> None:
    """An owner who tries a button would order in the customer's name."""
    pressed = update("button")
    pressed["callback_query"] |= {"from": OWNER}
    pressed["callback_query"]["message"]["business_connection_id"] = CONNECTION

    (press,) = read(pressed)

    assert (press.thread.thread, press.actor.kind) == (BUSINESS, ActorKind.STAFF)
    assert press.customer
    assert press.customer.remote == ADA_ID


def test_what_we_sent_for_the_owner_only_confirms_that_it_left() -> None:
    sent = event("business_text_of_ours")

    assert sent.body == DeliveryReported(remote=f"{ADA_ID}:312", state=DeliveryState.SENT)


def test_each_message_that_is_deleted_is_an_event() -> None:
    gone = read(raw("deleted_business_messages"))

    assert [one.body for one in gone] == [
        MessageDeleted(remote=f"{ADA_ID}:310"),
        MessageDeleted(remote=f"{ADA_ID}:311"),
    ]
    assert {one.thread.thread for one in gone} == {BUSINESS}
    assert len({one.dedup for one in gone}) == 2


def test_a_connection_comes_and_goes() -> None:
    ended = update("business_connection")
    ended["business_connection"]["is_enabled"] = False

    codes = [
        one.body.code
        for one in (event("business_connection"), *read(ended))
        if isinstance(one.body, AccountStatus)
    ]

    assert codes == ["business_connected", "business_disconnected"]


# --- a channel's direct messages


def test_what_one_person_writes_to_a_channel_is_between_them_and_us() -> None:
    """Telegram calls it a group: their words would stand beside those of other customers."""
    (asked,) = read(raw("direct_message_to_channel"), groups=GroupPolicy.NONE)

    assert (asked.thread.thread, asked.audience) == ("-100199/d4", Audience.PRIVATE)
    assert (asked.actor.remote, asked.customer) == (ADA_ID, None)


def test_what_the_channel_answers_by_itself_is_staffs_in_the_customers_thread() -> None:
    """Its answers to all customers were one conversation, and ours to it went to the wrong one."""
    said = update("direct_message_to_channel")
    said["message"] |= {"from": BO, "sender_chat": {"id": -100198, "title": "News"}}

    (answer,) = read(said)

    assert (answer.thread.thread, answer.actor.kind, answer.origin) == (
        "-100199/d4",
        ActorKind.STAFF,
        Origin.ECHO,
    )
    assert answer.customer
    assert answer.customer.name == "Ada Quill"


def test_a_reaction_to_a_direct_message_is_as_private_as_that() -> None:
    payload = update("reaction")
    (reacted,) = read(payload)
    assert isinstance(reacted.body, Reacted)

    (known,) = read(payload, topics={reacted.body.remote: "d4"})

    chat = reacted.thread.thread
    assert (known.thread.thread, known.audience) == (f"{chat}/d4", Audience.PRIVATE)


# --- groups


MENTION: Json = {
    "text": "@harbour_support_bot?",
    "entities": [{"type": "mention", "offset": 0, "length": 20}],
}
FORWARDED: Json = {"forward_origin": {"type": "hidden_user", "date": 1, "sender_user_name": "M"}}


@pytest.mark.parametrize(
    ("payload", "addressed"),
    [
        (update("group_text"), False),
        (update("group_mention"), True),
        (update("group_text_mention"), True),
        (update("guest_message"), True),
        (update("reaction_taken_back"), True),
        (update("new_title"), False),
        (update("group_became_supergroup"), True),
        (update("topic_text"), False),
        ({"edited_message": update("group_text")["message"]}, False),
        ({"edited_message": update("group_text")["message"] | MENTION}, True),
        ({"message": update("group_text")["message"] | FORWARDED}, False),
        ({"message": update("group_text")["message"] | MENTION | FORWARDED}, True),
        ({"callback_query": update("button")["callback_query"]}, True),
    ],
)
def test_in_a_group_what_is_meant_for_the_bot_counts(payload: Json, *, addressed: bool) -> None:
    events = read({"update_id": 1} | payload, groups=GroupPolicy.ADDRESSED)

    assert bool(events) is addressed


def test_who_writes_in_a_topic_that_the_bot_began_does_not_answer_it() -> None:
    """All in a topic formally answers its first message."""
    said = update("topic_text")
    said["message"]["reply_to_message"]["from"] = BOT

    assert read(said, groups=GroupPolicy.ADDRESSED) == ()


def test_a_group_that_moved_goes_on_in_its_old_thread() -> None:
    """Its conversations would begin anew."""
    (said,) = read(raw("group_text"), chats={GROUP["id"]: -44120077})

    assert said.thread.thread == "-44120077"
    assert isinstance(said.body, MessageCreated)
    assert said.body.remote == f"{GROUP['id']}:312"


def test_an_unheard_of_update_is_kept_where_it_belongs() -> None:
    kept = event("unheard_of_update")

    assert (kept.body, kept.thread.thread) == (
        Unknown(platform_kind="telepathy"),
        str(PRIVATE["id"]),
    )
