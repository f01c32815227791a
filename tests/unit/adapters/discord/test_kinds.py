"""What each kind of event says, in the model's words."""

import itertools
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from adapters.discord.incoming.envelope import Reader
from adapters.discord.incoming.normalise import normalise, normalise_history
from core.errors import MalformedPayload
from core.model.content import (
    Button,
    Buttons,
    Card,
    Forward,
    Media,
    MediaKind,
    Poll,
    PollOption,
    Span,
    Style,
    Text,
    Unsupported,
)
from core.model.event import (
    AccountStatus,
    ActionInvoked,
    Actor,
    ActorKind,
    DeliveryReported,
    Inbound,
    MemberChanged,
    MessageCreated,
    MessageDeleted,
    MessageEdited,
    Reacted,
    ReactionsTold,
    Typing,
    Unknown,
)
from core.model.ids import MessageId
from core.model.message import Audience, Automatic, DeliveryState, Quote
from tests.rigs.discord.events import KINDS, event, known, raw, reader
from tests.rigs.discord.people import (
    ADA,
    BO,
    BOT,
    DIRECT,
    EARLIER,
    FILE,
    GENERAL,
    GUILD,
    LATER,
    MESSAGE,
    OF_GUILD,
    POST,
    SECRET,
    SUPPORT,
    THREAD,
)
from tests.rigs.discord.places import channel, thread

RECEIVED_AT = datetime(2026, 9, 21, 15, 0, tzinfo=UTC)
SENT_AT = datetime(2026, 9, 21, 14, 13, 20, 123000, tzinfo=UTC)
EDITED_AT = datetime.fromisoformat(LATER)
PUBLIC = f"{GUILD}/{SUPPORT}"


def read(
    name: str, data: bytes, who: Reader | None = None, mark: str = "s.7"
) -> tuple[Inbound, ...]:
    numbers = itertools.count(1)
    return normalise(
        name, data, who or reader(), RECEIVED_AT, lambda: f"id{next(numbers)}", mark=mark
    )


def all_of(kind: str, who: Reader | None = None) -> tuple[Inbound, ...]:
    return read(*raw(kind), who)


def one(kind: str) -> Inbound:
    (found,) = all_of(kind)
    return found


def created(kind: str) -> MessageCreated:
    body = one(kind).body
    assert isinstance(body, MessageCreated)
    return body


def test_a_direct_message_is_private() -> None:
    said = one("direct")

    assert said.thread.thread == DIRECT
    assert said.audience is Audience.PRIVATE
    assert said.dedup == f"m{MESSAGE}"
    assert said.occurred_at == SENT_AT
    assert said.actor == Actor(
        kind=ActorKind.CUSTOMER, remote=ADA, name="Ada Quill", handle="ada_quill"
    )
    assert said.body == MessageCreated(
        remote=MESSAGE, parts=(Text(text="Where is my parcel? It was due on Monday."),)
    )
    assert said.context == {}


def test_in_a_guild_everybody_reads_and_people_have_names_of_their_own() -> None:
    """Whoever answers must know that the whole server reads it."""
    said = one("public")

    assert said.thread.thread == PUBLIC
    assert said.audience is Audience.PUBLIC
    assert said.title == "support"
    assert said.actor.name == "Ada Q."
    assert said.context == {"message": MESSAGE, "author": ADA}


@pytest.mark.parametrize(
    ("kind", "channel", "audience", "title"),
    [
        ("in_a_thread", THREAD, Audience.PUBLIC, "Lost parcel"),
        ("in_a_post", POST, Audience.PUBLIC, "My parcel is torn"),
        ("in_a_private_thread", SECRET, Audience.GROUP, "Ada and us"),
    ],
)
def test_a_thread_is_a_thread_of_its_own(
    kind: str, channel: str, audience: Audience, title: str
) -> None:
    """A private thread is read by whoever is in it: no private word may be written there."""
    said = one(kind)

    assert said.thread.thread == f"{GUILD}/{channel}"
    assert (said.audience, said.title) == (audience, title)


def test_what_is_not_known_to_be_private_is_public() -> None:
    """A thread nobody has told us of may be anything: the wider one is the safer."""
    name, data = event("in_a_private_thread")
    del data["channel_type"]
    nobody_told = replace(reader(), known=known())
    nobody_told.known.note(
        "THREAD_DELETE", raw("thread_deleted")[1].replace(THREAD.encode(), SECRET.encode())
    )
    nobody_told = replace(nobody_told, support_channels=frozenset({SECRET}))

    (said,) = read(name, msgspec.json.encode(data), nobody_told)

    assert said.audience is Audience.PUBLIC


def test_markdown_becomes_text_with_spans() -> None:
    (text,) = created("styled").parts

    assert isinstance(text, Text)
    assert text.text == "Urgent: see ORDER-77 and https://shop.example/77\nthe label is torn"
    assert Span(0, 6, Style.BOLD) in text.spans


def test_names_are_those_of_the_guild() -> None:
    (text,) = created("naming_everybody_and_places").parts
    (to_us,) = created("naming_the_bot").parts

    assert isinstance(text, Text)
    assert text.text == "@everyone #general :wave: 2026-09-21 14:13 UTC"
    assert isinstance(to_us, Text)
    assert to_us.text == "@Harbour can you help?"


def test_an_answer_names_what_it_answers() -> None:
    quoted = created("answering_another").answers

    assert quoted is not None
    assert quoted.remote == EARLIER
    assert quoted.text.startswith("first of all: word")
    assert len(quoted.text) <= 140
    assert created("answering_us").answers == Quote(remote=EARLIER, text="Do you mean order 77?")
    assert created("answering_what_is_gone").answers == Quote(remote=EARLIER)


@pytest.mark.parametrize("kind", ["chatter", "unfurled", "unfurled_in_part", "command"])
def test_talk_of_others_and_the_looks_of_a_link_are_nothing_to_us(kind: str) -> None:
    """Every link would be an edit, and every word on the server a conversation."""
    assert all_of(kind) == ()


def test_an_edit_is_known_by_its_moment() -> None:
    """Discord tells of the same edit again whenever it looks at a link in it."""
    edit = one("edited")

    assert edit.body == MessageEdited(remote=MESSAGE, parts=(Text(text="Where is my parcel 77?"),))
    assert edit.occurred_at == EDITED_AT
    assert edit.dedup == f"m{MESSAGE}.{int(EDITED_AT.timestamp() * 1000)}"
    assert isinstance(one("edited_in_public").body, MessageEdited), "it also has a thread"


@pytest.mark.parametrize("kind", ["of_a_webhook", "of_another_bot", "card"])
def test_what_a_machine_says_is_answered_by_no_machine(kind: str) -> None:
    """Two bots that answer each other never end."""
    said = one(kind)

    assert said.actor.kind is ActorKind.BOT
    assert isinstance(said.body, MessageCreated)
    assert said.body.automatic is Automatic.BULK


def test_what_we_sent_comes_back_as_sent() -> None:
    echo = one("of_ours")

    assert echo.actor.kind is ActorKind.OURSELVES
    assert echo.body == DeliveryReported(
        remote=MESSAGE,
        state=DeliveryState.SENT,
        message=MessageId("01J00000000000000000000001"),
        piece=0,
    )


def test_what_the_bot_said_otherwise_is_no_message() -> None:
    """The answer of a command would begin a conversation of the bot with itself."""
    name, data = event("of_ours")

    assert read(name, msgspec.json.encode({**data, "nonce": "another's"})) == ()


def test_without_its_intent_a_message_says_what_is_missing() -> None:
    """An operator would look for the customer's words in vain."""
    said = one("withheld")

    assert isinstance(said.body, MessageCreated)
    (part,) = said.body.parts
    assert isinstance(part, Unsupported)
    assert "Message Content intent" in part.summary
    assert "content" in said.lost


def test_a_file_is_called_by_where_it_is_not_by_its_address() -> None:
    """Addresses end within a day, and are others each time: an edit would be another file."""
    text, shown = created("picture").parts

    assert text == Text(text="look at this")
    assert isinstance(shown, Media)
    assert shown.media is MediaKind.IMAGE
    assert shown.caption == "the torn label"
    assert (shown.width, shown.height) == (1280, 960)
    assert shown.attachment.remote == f"file:{DIRECT}/{MESSAGE}/{FILE}"
    assert "ex=" not in str(shown.attachment)


def test_files_are_what_they_are() -> None:
    media = [part for part in created("several_files").parts if isinstance(part, Media)]

    assert [one.media for one in media] == [
        MediaKind.IMAGE,
        MediaKind.FILE,
        MediaKind.ANIMATION,
        MediaKind.VIDEO,
        MediaKind.AUDIO,
        MediaKind.FILE,
    ]
    assert [one.attachment.name for one in media][:2] == ["SPOILER_label.png", "invoice äöü.pdf"]
    assert media[3].seconds == 4.2


def test_a_voice_message_has_its_length() -> None:
    (spoken,) = created("voice").parts

    assert isinstance(spoken, Media)
    assert spoken.media is MediaKind.VOICE
    assert spoken.seconds == 3.6


def test_stickers_of_every_format_can_be_fetched() -> None:
    stickers = [part for part in created("sticker").parts if isinstance(part, Media)]

    assert {one.media for one in stickers} == {MediaKind.STICKER}
    assert [one.attachment.remote.rpartition(".")[2] for one in stickers] == [
        "png",
        "png",
        "json",
        "gif",
    ]


def test_a_card_is_its_authors_only_if_they_are_a_machine() -> None:
    """Of a person's link the page is shown by Discord; they did not write it."""
    (shown,) = created("card").parts

    assert isinstance(shown, Card)
    assert shown.title == "Order 77"
    assert "left the depot" in shown.text
    assert "Weight: 2 kg" in shown.text
    assert shown.image is not None
    assert all(isinstance(part, Text) for part in created("link_with_its_page").parts)


def test_a_poll_counts_its_votes_and_tells_when_it_is_over() -> None:
    options = (PollOption("🌅 Morning", 3), PollOption(":moon: Evening", 0))
    over = one("poll_over")

    assert created("poll").parts == (
        Poll(question="When shall we deliver?", options=options, multiple=True),
    )
    assert isinstance(over.body, MessageEdited)
    assert over.body.parts == (
        Poll(
            question="When shall we deliver?",
            options=(PollOption("🌅 Morning", 4), PollOption(":moon: Evening", 7)),
            multiple=True,
            closed=True,
        ),
    )
    assert over.dedup == f"m{MESSAGE}.over"


def test_a_forward_says_what_was_said_elsewhere() -> None:
    said = created("forward")

    assert said.answers is None
    assert said.forward == Forward(name="#general", remote=EARLIER, at=EDITED_AT)
    assert said.parts[0] == Text(
        text="the parcel of @Bo is here", spans=(Span(14, 3, Style.MENTION, BO),)
    )
    assert [type(part) for part in said.parts[1:]] == [Media, Media, Card]


def test_a_layout_is_read_in_its_order() -> None:
    parts = created("layout").parts

    assert [type(part) for part in parts] == [Text, Media, Media, Media, Buttons, Unsupported]


def test_offers_are_buttons() -> None:
    _, buttons, menu, _ = created("offers").parts

    assert buttons == Buttons(
        rows=((Button("✅ Yes", "b0"), Button("Shop", url="https://shop.example")),)
    )
    assert menu == Buttons(rows=((Button("Small", "s"),), (Button("Large", "l"),)))


@pytest.mark.parametrize(
    ("kind", "emojis", "told", "who"),
    [
        ("reaction", ("👍",), ReactionsTold.ADDED, ADA),
        ("super_reaction", (f"wave:{OF_GUILD}",), ReactionsTold.ADDED, ADA),
        ("reaction_to_us", ("👍",), ReactionsTold.ADDED, ADA),
        ("reaction_taken_back", (f"wave:{OF_GUILD}",), ReactionsTold.REMOVED, ADA),
        ("reactions_gone", (), ReactionsTold.CLEARED, "discord"),
        (
            "reactions_of_an_emoji_gone",
            (f"wave:{OF_GUILD}",),
            ReactionsTold.CLEARED,
            "discord",
        ),
    ],
)
def test_reactions_are_told_one_by_one(
    kind: str, emojis: tuple[str, ...], told: ReactionsTold, who: str
) -> None:
    found = one(kind)

    assert isinstance(found.body, Reacted)
    assert (found.body.emojis, found.body.told) == (emojis, told)
    assert found.actor.remote == who


def test_the_same_reaction_once_more_is_another_event_but_not_when_it_comes_again() -> None:
    """Made, taken back, made again: the last one would be dropped as known."""
    name, data = raw("reaction")
    first, again, later = (read(name, data, mark=mark)[0] for mark in ("s.7", "s.7", "s.9"))

    assert first.dedup == again.dedup
    assert first.dedup != later.dedup


def test_our_own_reactions_are_known() -> None:
    assert all_of("reaction_of_ours") == ()


def test_each_deleted_message_is_an_event() -> None:
    bodies = [found.body for found in all_of("deletion_in_bulk")]

    assert one("deletion").body == MessageDeleted(remote=MESSAGE)
    assert one("deletion_somewhere").thread.thread == f"{GUILD}/{GENERAL}"
    assert bodies == [MessageDeleted(remote=EARLIER), MessageDeleted(remote=MESSAGE)]


def test_a_press_is_the_choice_of_whoever_made_it() -> None:
    pressed, chosen = one("press"), one("choice_of_a_menu")

    assert pressed.body == ActionInvoked(value="b0", label="Yes", on=EARLIER)
    assert pressed.dedup == "i9180011223344556900"
    assert pressed.actor.language == "en-GB"
    assert chosen.body == ActionInvoked(value="l", label="Large", on=EARLIER)
    assert chosen.actor.name == "Bo L."


def test_typing_is_seen_where_all_is_heard() -> None:
    assert one("typing").body == Typing()
    assert one("typing_in_public").actor.name == "Bo L."


@pytest.mark.parametrize(
    ("kind", "codes"),
    [
        ("thread_begun", ["thread_created"]),
        ("thread_let_into", []),
        ("thread_renamed_and_closed", ["thread_renamed", "thread_archived", "thread_locked"]),
        ("thread_as_it_was", []),
        ("thread_deleted", ["thread_deleted"]),
        ("channel_deleted", ["channel_deleted"]),
        ("guild_joined", ["joined"]),
        ("guild_known", []),
        ("guild_left", ["removed"]),
        ("guild_out_of_reach", []),
        ("pinned", ["message_pinned"]),
        ("thread_starter", ["thread_starter"]),
        ("poll_result", ["poll_ended"]),
        ("called", ["call"]),
        ("boosted", ["boosted"]),
        ("vote", ["poll_voted"]),
    ],
)
def test_what_happens_is_told_once_and_only_if_it_is_new(kind: str, codes: list[str]) -> None:
    """An agent sees that a thread was closed, and not at each connection that it exists."""
    bodies = [found.body for found in all_of(kind)]

    assert [body.code for body in bodies if isinstance(body, AccountStatus)] == codes
    assert len(bodies) == len(codes)


def test_what_becomes_of_a_thread_is_told_to_whoever_began_it() -> None:
    (found, *_) = all_of("thread_renamed_and_closed")

    assert found.customer is not None
    assert found.customer.remote == ADA


def test_what_a_post_is_marked_with_is_told_by_name() -> None:
    """A moderator marks it as urgent, and no agent sees that."""
    tags = [{"id": "701", "name": "billing"}, {"id": "702", "name": "urgent"}]
    facts = known()
    forum = channel(SUPPORT, "support", type=15, available_tags=tags)
    facts.note("CHANNEL_UPDATE", msgspec.json.encode(forum))
    who = reader(facts)

    begun = thread("6180011223344556699", "Torn parcel", newly_created=True, applied_tags=["701"])
    marked = thread(THREAD, "Lost parcel", applied_tags=["702", "709"])
    found = [
        *read("THREAD_CREATE", msgspec.json.encode(begun), who),
        *read("THREAD_UPDATE", msgspec.json.encode(marked), who),
    ]

    assert [one.body for one in found] == [
        AccountStatus(code="thread_created", text="Torn parcel (billing)"),
        AccountStatus(code="thread_tagged", text="urgent, 709"),
    ]


def test_who_comes_and_goes_is_told_but_not_of_ourselves() -> None:
    bodies = [found.body for found in all_of("thread_members")]

    assert bodies == [
        MemberChanged(member=BO, change="joined"),
        MemberChanged(member=ADA, change="left"),
    ]
    assert one("member_left").body == MemberChanged(member=ADA, change="left")
    assert one("joined").body == MemberChanged(member=ADA, change="joined")


def test_a_new_kind_of_event_is_kept_by_its_name() -> None:
    """Discord adds some each year; none goes by in silence."""
    found = one("of_a_new_kind")

    assert found.body == Unknown(platform_kind="TELEPATHY_START")
    assert found.lost == ("user_id", "strength")
    assert all_of("of_no_interest") == ()


def test_a_new_kind_of_message_says_so_beside_its_words() -> None:
    text, new = created("of_a_new_type").parts

    assert text == Text(text="something new")
    assert new == Unsupported(platform_kind="message 977", summary="a message of a new kind")


def test_unknown_fields_are_named() -> None:
    lost = one("with_what_nobody_knows").lost

    assert {"telepathy", "author.mood", "attachments.smell"} <= set(lost)
    assert "aura" not in lost, "null says nothing"


@pytest.mark.parametrize(
    "kind", [k for k in KINDS if event(k)[0].startswith("MESSAGE_") and "content" in event(k)[1]]
)
def test_the_short_way_leads_where_the_long_one_does(kind: str) -> None:
    """A field that nobody knows makes it the long one: nothing else may differ."""
    name, data = event(kind)

    short = read(name, msgspec.json.encode(data))
    long = read(name, msgspec.json.encode({**data, "telepathy": 1}))

    assert [_sorted(found) for found in long] == [_sorted(found, "telepathy") for found in short]


def _sorted(found: Inbound, *also: str) -> Inbound:
    """Which way it is read shows in the order in which losses are named."""
    ours = isinstance(found.body, DeliveryReported)
    return replace(found, lost=tuple(sorted({*found.lost, *(() if ours else also)})))


def history(kind: str, guild: str, **more: Any) -> tuple[Inbound, ...]:
    """As REST gives it: without the guild and what its author is there."""
    _, data = event(kind)
    for name in ("guild_id", "member", "channel_type"):
        data.pop(name, None)
    numbers = itertools.count(1)
    return normalise_history(
        msgspec.json.encode({**data, **more}),
        guild,
        reader(),
        RECEIVED_AT,
        lambda: f"id{next(numbers)}",
    )


def test_what_is_read_after_an_outage_is_what_would_have_come() -> None:
    """It would be filed twice, in another thread, or as something of the past."""
    (live,), (read_again,) = all_of("in_a_thread"), history("in_a_thread", GUILD)

    for name in ("thread", "dedup", "body", "audience", "origin", "title", "occurred_at"):
        assert getattr(read_again, name) == getattr(live, name)
    assert history("chatter", GUILD) == ()
    assert history("direct", "")[0].audience is Audience.PRIVATE


def test_of_what_was_edited_meanwhile_the_edit_is_told_too() -> None:
    """If its first form came before the outage, only the edit is news."""
    said, edit = history("public", GUILD, edited_timestamp=LATER)

    assert said.dedup == f"m{MESSAGE}"
    assert isinstance(edit.body, MessageEdited)
    assert edit.dedup == f"m{MESSAGE}.{int(EDITED_AT.timestamp() * 1000)}"


@pytest.mark.parametrize("data", [b"", b"null", b"[]", b"{}", b'{"id": "x"}', b"\xff"])
@pytest.mark.parametrize("name", sorted({event(kind)[0] for kind in KINDS} - {"PRESENCE_UPDATE"}))
def test_what_is_no_event_is_malformed(name: str, data: bytes) -> None:
    """It is set aside for an operator, and everything behind it still comes."""
    if name == "TELEPATHY_START" or (name == "INTERACTION_CREATE" and data == b"{}"):
        return
    try:
        events = read(name, data)
    except MalformedPayload:
        return

    assert events == ()


def test_the_bot_is_who_ready_says() -> None:
    assert reader().bot == BOT
