"""What agents do to messages that are on the platform already: there first, then in the log."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from core import changing
from core.errors import (
    Conflict,
    InvalidRequest,
    PermanentDeliveryError,
    TemporaryDeliveryError,
    UnknownOutcome,
)
from core.model.content import MediaKind, Text
from core.model.conversation import Conversation, Entry, Leg, Status
from core.model.event import MessageDeleted, Reacted
from core.model.ids import MessageId
from core.model.message import Audience, Delivery, DeliveryState, Message
from core.model.outbound import Outbound
from core.reply import Draft
from core.store.store import Store
from tests.crash.invariants import check_invariants
from tests.rigs.assembly import AGENT, Assembly, make_due
from tests.rigs.events import event, file, says, thread
from tests.rigs.platform import ChangingAdapter, MemoryAdapter

ADA = thread("ada")
HELLO = MessageId("hello")


@pytest.fixture
def adapter() -> ChangingAdapter:
    return ChangingAdapter(text_limit=40)


@pytest.fixture
def line(store: Store, adapter: ChangingAdapter) -> Assembly:
    return Assembly(store, {"bot": adapter})


@pytest.fixture
async def chat(line: Assembly) -> Conversation:
    """Ada has written, and was answered."""
    await line.dispatcher.accept(says(ADA, "ada", "hi", remote="ada 1", dedup="hi"))
    await line.settle()
    await line.reply(await line.conversation_of(ADA), "Helo Ada", reply_id=HELLO)
    await line.settle()
    return await line.conversation_of(ADA)


async def _entries(line: Assembly) -> dict[str, Entry]:
    return {entry.message.id: entry for entry in await line.log(await line.leg_of(ADA))}


async def _message(line: Assembly, message: str = HELLO) -> Message:
    return (await _entries(line))[message].message


async def _delivery(line: Assembly, message: str = "change") -> Delivery:
    delivery = (await _entries(line))[message].delivery
    assert delivery is not None
    return delivery


async def _edit(
    line: Assembly, chat: Conversation, text: str, *, message: str = HELLO, change: str = "change"
) -> Entry:
    parts = Text(text=text)
    return await line.agents.edit(chat, AGENT, MessageId(change), MessageId(message), parts)


async def _delete(line: Assembly, chat: Conversation, change: str = "change") -> Entry:
    return await line.agents.delete(chat, AGENT, MessageId(change), HELLO)


async def test_an_edit_shows_to_the_customer_and_keeps_what_it_said(
    store: Store, line: Assembly, adapter: ChangingAdapter, chat: Conversation
) -> None:
    asked = await _edit(line, chat, "Hello Ada")
    await line.settle()

    message = await _message(line)
    assert list(adapter.shown.values()) == ["Hello Ada"]
    assert (message.parts, message.rev) == ((Text(text="Hello Ada"),), 1)
    assert [one.parts for one in message.history] == [(Text(text="Helo Ada"),)]
    assert asked.delivery
    assert (await _delivery(line)).state is DeliveryState.SENT
    await check_invariants(store.redis)


async def test_a_deletion_takes_it_back_and_agents_still_read_it(
    line: Assembly, adapter: ChangingAdapter, chat: Conversation
) -> None:
    await _delete(line, chat)
    await line.settle()

    message = await _message(line)
    assert adapter.shown == {}
    assert message.deleted_at
    assert message.parts == (Text(text="Helo Ada"),)


async def test_our_reaction_replaces_the_former_and_leaves_the_customers(
    line: Assembly, adapter: ChangingAdapter, chat: Conversation
) -> None:
    """To the platform all agents are one bot, which has one reaction a message."""
    ids = await _entries(line)
    asked = next(one for one in ids if one != HELLO)
    await line.dispatcher.accept(event(ADA, "ada", Reacted(remote="ada 1", emojis=("🎉",))))
    for n, emoji in enumerate("👍❤"):
        await line.agents.react(chat, AGENT, MessageId(f"r{n}"), MessageId(asked), emoji)
    await line.settle()

    reactions = (await _message(line, asked)).reactions
    assert adapter.reactions == {"ada 1": "❤"}
    assert [(one.by, one.emoji) for one in reactions] == [("ada", "🎉"), ("agent:agent:robin", "❤")]

    await line.agents.react(chat, AGENT, MessageId("r9"), MessageId(asked), "")
    await line.settle()
    assert [one.by for one in (await _message(line, asked)).reactions] == ["ada"]


async def test_a_change_leaves_behind_the_message_that_it_changes(
    line: Assembly, adapter: ChangingAdapter, chat: Conversation
) -> None:
    """An agent sees the mistake while the message still waits."""
    adapter.failures = [TemporaryDeliveryError("busy")]
    await line.reply(chat, "See you", reply_id="bye")
    await _edit(line, chat, "See you soon", message="bye")
    await line.settle()
    await make_due(line.store)
    await line.settle()

    assert list(adapter.shown.values()) == ["Helo Ada", "See you soon"]


async def test_the_same_change_again_has_no_second_effect(
    line: Assembly, adapter: ChangingAdapter, chat: Conversation
) -> None:
    first = await _delete(line, chat)
    await line.settle()

    again = await _delete(line, chat)
    await line.settle()

    assert again.position == first.position
    assert len(adapter.calls) == 1


async def test_a_change_alters_no_status_and_is_taken_on_a_closed_leg(
    line: Assembly, adapter: ChangingAdapter, chat: Conversation
) -> None:
    """A wrong address is taken back whether or not the matter is closed."""
    await line.triage.set_status(chat, AGENT, Status.CLOSED, MessageId("close"))

    await _delete(line, chat)
    await line.settle()

    assert adapter.shown == {}
    assert (await line.conversation_of(ADA)).status is Status.CLOSED


async def test_a_change_in_a_group_needs_no_word_on_who_reads_it(
    line: Assembly, adapter: ChangingAdapter
) -> None:
    group = thread("group")
    await line.dispatcher.accept(says(group, "ada", "hi all", audience=Audience.GROUP))
    await line.settle()
    chat = await line.conversation_of(group, "telegram:bot:ada")
    await line.reply(chat, "Helo all", audience=Audience.GROUP, reply_id=HELLO)
    await _edit(line, chat, "Hello all")
    await line.settle()

    assert list(adapter.shown.values()) == ["Hello all"]


async def test_fewer_pieces_take_the_rest_back_and_more_are_refused_as_a_whole(
    store: Store, line: Assembly, adapter: ChangingAdapter, chat: Conversation
) -> None:
    await line.reply(chat, "one two three four five six seven eight nine ten", reply_id="long")
    await line.settle()
    assert len(adapter.shown) == 3

    await _edit(line, chat, "one two", message="long", change="shorter")
    await line.settle()
    assert list(adapter.shown.values()) == ["Helo Ada", "one two"]

    calls = len(adapter.calls)
    await _edit(line, chat, "one two three four five six seven eight nine", message="long")
    await line.settle()
    assert len(adapter.calls) == calls
    assert "send the rest as a reply" in (await _delivery(line)).reason
    assert (await _message(line, "long")).parts == (Text(text="one two"),)
    await check_invariants(store.redis)


async def test_a_change_in_a_group_says_that_the_group_reads_it(store: Store) -> None:
    """Law 7: an entry that says `private` was read by nobody else."""
    line = Assembly(store, {"bot": ChangingAdapter()})
    await line.dispatcher.accept(says(ADA, "ada", "hi", audience=Audience.GROUP))
    await line.settle()
    chat = await line.conversation_of(ADA, "telegram:bot:ada")
    await line.reply(chat, "Helo all", reply_id=HELLO, audience=Audience.GROUP)

    asked = await _edit(line, chat, "Hello all")

    assert asked.message.audience is Audience.GROUP


class PictureAdapter(ChangingAdapter):
    """Takes files, too, with short captions."""

    def __init__(self) -> None:
        super().__init__(text_limit=20)
        files = frozenset({MediaKind.FILE})
        self._capabilities = replace(self._capabilities, media=files, caption_limit=10)


async def test_a_piece_that_is_taken_back_in_the_middle_leaves_the_others_known(
    store: Store,
) -> None:
    """Else what is left on the platform could never be edited or taken back again."""
    adapter = PictureAdapter()
    line = Assembly(store, {"bot": adapter})
    await line.dispatcher.accept(says(ADA, "ada", "hi", dedup="hi"))
    await line.settle()
    chat = await line.conversation_of(ADA)
    parts = (Text(text="more than one message can hold"), file("f1"))
    await line.agents.reply(chat, AGENT, Draft(id=HELLO, parts=parts))
    await line.settle()
    first, second, picture = adapter.shown

    await _edit(line, chat, "one only", change="edit")
    await line.settle()
    await _delete(line, chat)
    await line.settle()

    edits = [("edit", first), ("edit", picture)]
    assert adapter.calls == [*edits, ("delete", second), ("delete", first, picture)]
    await check_invariants(store.redis)


@pytest.mark.parametrize("soon", [False, True], ids=["after the edit", "before it"])
async def test_what_is_left_after_a_piece_was_deleted_is_there_still(
    store: Store, soon: bool
) -> None:
    """Platforms tell of our own deletions, too: a text that was made shorter would look as if it
    had been taken back, and could be changed no more.
    """
    adapter = PictureAdapter()
    line = Assembly(store, {"bot": adapter})
    await line.dispatcher.accept(says(ADA, "ada", "hi", dedup="hi"))
    await line.settle()
    chat = await line.conversation_of(ADA)
    parts = (Text(text="more than one message can hold"), file("f1"))
    await line.agents.reply(chat, AGENT, Draft(id=HELLO, parts=parts))
    await line.settle()
    first, second, picture = adapter.shown

    async def is_told(remote: str) -> None:
        await line.dispatcher.accept(event(ADA, "ada", MessageDeleted(remote=remote)))
        await line.settle()

    if soon:
        await is_told(second)
    await _edit(line, chat, "one only", change="edit")
    await line.settle()
    if not soon:
        await is_told(second)
    assert (await _message(line)).deleted_at is None
    await _delete(line, chat)
    await line.settle()

    assert adapter.calls[-1] == ("delete", first, picture)


async def test_a_message_is_deleted_with_its_last_piece(store: Store) -> None:
    """A moderator clears a channel: agents would believe that the customer can still read it."""
    adapter = PictureAdapter()
    line = Assembly(store, {"bot": adapter})
    await line.dispatcher.accept(says(ADA, "ada", "hi", dedup="hi"))
    await line.settle()
    chat = await line.conversation_of(ADA)
    text = Text(text="more than one message can hold")
    await line.agents.reply(chat, AGENT, Draft(id=HELLO, parts=(text,)))
    await line.settle()

    states = []
    for remote in adapter.shown:
        await line.dispatcher.accept(event(ADA, "ada", MessageDeleted(remote=remote)))
        await line.settle()
        states.append((await _message(line)).deleted_at is not None)

    assert states == [False, True]


@pytest.mark.parametrize("lost", ["interrupted", "unknown", "temporary"])
async def test_a_change_is_made_again_until_its_outcome_is_known(
    line: Assembly, adapter: ChangingAdapter, chat: Conversation, lost: str
) -> None:
    """Where nothing is ever sent twice, an edit may be: the customer sees it once."""
    failures = {"unknown": UnknownOutcome("?"), "temporary": TemporaryDeliveryError("busy")}
    adapter.failures = [failures[lost]] if lost in failures else []
    await _edit(line, chat, "Hello Ada")
    if lost == "interrupted":
        line.handed.clear()

    for _ in range(2):
        await line.settle()
        await make_due(line.store)

    assert list(adapter.shown.values()) == ["Hello Ada"]
    assert (await _delivery(line)).state is DeliveryState.SENT
    assert (await _message(line)).rev == 1


async def test_a_change_of_many_messages_goes_on_where_it_had_to_wait(
    line: Assembly, adapter: ChangingAdapter, chat: Conversation
) -> None:
    """Were it to begin anew each time, a long one would never end where calls are rationed."""
    await line.reply(chat, "one two three four five six seven eight nine ten", reply_id="long")
    await line.settle()
    pieces = list(adapter.shown)[1:]

    def be_busy() -> None:
        if len(adapter.calls) == 1:
            adapter.failures.append(TemporaryDeliveryError("not so fast"))

    adapter.after_call = be_busy
    text = "ONE two three four five six seven eight nine ten"
    await _edit(line, chat, text, message="long")
    await line.settle()
    await make_due(line.store)
    await line.settle()

    first, second = pieces
    assert adapter.calls == [("edit", first), ("edit", second), ("edit", second)]
    assert (await _delivery(line)).state is DeliveryState.SENT


@pytest.mark.parametrize("kept", [False, True])
async def test_a_worker_lost_between_platform_and_log_costs_nothing(
    store: Store, line: Assembly, adapter: ChangingAdapter, chat: Conversation, kept: bool
) -> None:
    """The platform has agreed and the log does not know: it is done again, to the same end."""
    for change in ("edit", "deletion"):
        edits = change == "edit"
        await (_edit(line, chat, "Hello", change=change) if edits else _delete(line, chat, change))
        lease = line.handed.popleft()
        assert lease.begun
        request, leg = lease.begun.message, lease.begun.leg
        prepared = await changing.prepare(store, leg, request, adapter.capabilities)
        for step in prepared.steps:
            await changing.ask(adapter, step, _outbound(request, leg))
        if kept:
            await changing.keep(store, lease, leg, request, prepared)
        await make_due(store)
        await line.settle()

    message = await _message(line)
    assert (message.rev, len(message.history), bool(message.deleted_at)) == (1, 1, True)
    assert (await _delivery(line, "edit")).state is DeliveryState.SENT
    assert (await _delivery(line, "deletion")).state is DeliveryState.SENT


def _outbound(request: Message, leg: Leg) -> Outbound:
    return Outbound(
        thread=leg.thread,
        message=request.id,
        parts=request.parts,
        sender=request.sender,
        conversation=leg.conversation,
        number=leg.number,
    )


async def test_what_the_platform_refuses_changes_nothing_and_says_why(
    line: Assembly, adapter: ChangingAdapter, chat: Conversation
) -> None:
    adapter.failures = [PermanentDeliveryError("message can't be edited")]
    await _edit(line, chat, "Hello Ada")
    await line.settle()

    delivery = await _delivery(line)
    assert (delivery.state, delivery.reason) == (DeliveryState.FAILED, "message can't be edited")
    assert (await _message(line)).rev == 0


async def test_a_channel_that_cannot_says_what_to_do_instead(store: Store) -> None:
    line = Assembly(store, {"bot": MemoryAdapter()})
    await line.dispatcher.accept(says(ADA, "ada", "hi"))
    await line.settle()
    chat = await line.conversation_of(ADA)
    await line.reply(chat, "Helo", reply_id=HELLO)

    await _edit(line, chat, "Hello", change="edit")
    await _delete(line, chat, change="delete")
    await line.agents.react(chat, AGENT, MessageId("react"), HELLO, "👍")
    await line.settle()

    reasons = [(await _delivery(line, one)).reason for one in ("edit", "delete", "react")]
    assert reasons == [
        "this channel cannot edit: send a correction",
        "this channel cannot take messages back: send a correction",
        "this channel has no reactions: answer in words",
    ]


async def test_an_edit_after_its_time_is_not_tried(store: Store) -> None:
    adapter = ChangingAdapter(edit_window=timedelta(0))
    line = Assembly(store, {"bot": adapter})
    await line.dispatcher.accept(says(ADA, "ada", "hi"))
    await line.settle()
    chat = await line.conversation_of(ADA)
    await line.reply(chat, "Helo", reply_id=HELLO)
    await line.settle()

    await _edit(line, chat, "Hello")
    await line.settle()

    assert adapter.calls == []
    assert "edits only for 0 hours" in (await _delivery(line)).reason


async def test_what_never_arrived_cannot_be_changed(
    line: Assembly, adapter: ChangingAdapter, chat: Conversation
) -> None:
    """Refused at once if that is known, else when its turn comes."""
    adapter.failures = [PermanentDeliveryError("blocked"), UnknownOutcome("no answer")]
    await line.reply(chat, "one", reply_id="failed")
    await line.reply(chat, "two", reply_id="unknown")
    await _edit(line, chat, "1", message="failed")
    await line.settle()

    assert (await _delivery(line)).reason == "message failed was never sent: write a new one"
    for message in ("failed", "unknown"):
        with pytest.raises(Conflict):
            await _edit(line, chat, "2", message=message, change="again")


async def test_only_what_can_be_changed_is_taken(line: Assembly, chat: Conversation) -> None:
    asked = next(one for one in await _entries(line) if one != HELLO)
    note = await line.agents.note(chat, AGENT, MessageId("note"), (Text(text="us"),))
    await _delete(line, chat)
    await line.settle()

    with pytest.raises(InvalidRequest, match="only ours"):
        await _edit(line, chat, "x", message=asked, change="c2")
    with pytest.raises(InvalidRequest, match="only agents see it"):
        await line.agents.react(chat, AGENT, MessageId("c3"), note.message.id, "👍")
    with pytest.raises(Conflict, match="was deleted"):
        await _edit(line, chat, "x", change="c4")
    with pytest.raises(InvalidRequest, match="delete it instead"):
        await _edit(line, chat, " ", change="c5")
