"""One long, varied round through the core: every operation of the store happens at least once."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta

from core.errors import Conflict, TemporaryDeliveryError
from core.model.content import Text
from core.model.conversation import Conversation, Status
from core.model.event import (
    DeliveryReported,
    MessageCreated,
    MessageDeleted,
    MessageEdited,
    Reacted,
    Read,
)
from core.model.ids import MessageId, identity_id
from core.model.message import Audience, DeliveryState
from core.model.triage import Triage as Change
from core.ports import Budget, Gap
from core.store.restored import disown
from tests.rigs.assembly import AGENT, Assembly, make_due
from tests.rigs.events import actor, event, file, says, thread
from tests.rigs.freezing import winter_beside
from tests.rigs.platform import ChangingAdapter, MemoryAdapter

ADA, MAIL, GROUP = thread("ada"), thread("ada's", "email", "mail"), thread("group")
ADA_ON_CHAT = identity_id("telegram", "bot", "ada")
ADA_BY_MAIL = identity_id("email", "mail", "ada@x.example")


async def play_round(line: Assembly) -> None:
    """Needs the inboxes `bot`, a ChangingAdapter, and `mail`, a MemoryAdapter."""
    await _everybody_writes(line)
    chat = await line.conversation_of(ADA)
    await _agents_answer(line, chat)
    await _messages_change(line)
    await _files_come(line)
    await _people_are_linked(line)
    await _ends(line)
    await line.store.checkpoints("mail").save("uid", "7")
    await line.store.announced.tell("mail", b"runs", 10.0)
    async with line.store.holds("bot")("receive") as notes:
        await notes.save("update", "7")
    await _calls_are_counted(line)
    await _machines_are_answered(line)
    await _a_line_is_proven(line)
    await line.store.shown.note("bot", await line.leg_of(GROUP, "telegram:bot:ada"), Status.OPEN)
    moment = datetime.now(UTC)
    await line.gaps.recorder("bot")(Gap(thread=ADA, since=moment, until=moment, reason="away"))
    await _work_fails(line)
    await line.blocking.block(ADA_ON_CHAT, "agent:robin", "insults")
    await line.blocking.unblock(ADA_ON_CHAT, "agent:robin")
    await line.reply(await line.conversation_of(MAIL), "not on its way any more")
    line.handed.clear()
    await disown(line.store, "restored from a backup")
    await _what_is_done_is_archived(line)
    await line.store.live.relay(tuple(range(line.store.keys.partitions)))


async def _everybody_writes(line: Assembly) -> None:
    deliver = line.dispatcher.accept
    for where, who in ((ADA, "ada"), (MAIL, "ada@x.example")):
        for n in range(3):
            await deliver(says(where, who, f"hello {n}", remote=f"{who} {n}"))
        await line.settle()
        await deliver(says(where, who, "filed at once"))
    for who in ("ada", "ben", "ada"):
        await deliver(says(GROUP, who, "hello all", audience=Audience.GROUP))
    await line.settle()


async def _agents_answer(line: Assembly, chat: Conversation) -> None:
    adapter = line.adapters["bot"]
    assert isinstance(adapter, ChangingAdapter)
    await line.reply(chat, "first", reply_id="reply-1")
    await line.reply(chat, "second, behind it", reply_id="reply-2")
    adapter.failures.append(TemporaryDeliveryError("busy"))
    await line.settle()
    await make_due(line.store)
    await line.settle()
    await line.agents.edit(
        chat, AGENT, MessageId("edit-1"), MessageId("reply-2"), Text(text="second, better")
    )
    await line.settle()
    with suppress(Conflict):  # it has arrived
        await line.agents.retry(chat, MessageId("reply-1"), MessageId("retry-1"))
    await line.agents.note(chat, AGENT, MessageId("note-1"), (Text(text="for us"),))
    await line.triage.set_status(chat, AGENT, Status.WAITING_INTERNAL, MessageId("status-1"))
    soon = datetime.now(UTC) - timedelta(seconds=1)
    snoozed = Change(status=Status.SNOOZED, snoozed_until=soon, add_tags=("vip",), assignee="robin")
    await line.triage.change(chat, AGENT, snoozed, MessageId("snooze-1"))
    await line.waking.wake_due()


async def _messages_change(line: Assembly) -> None:
    adapter = line.adapters["bot"]
    assert isinstance(adapter, MemoryAdapter)
    position = (await line.texts(await line.leg_of(ADA))).index("first") + 1
    sent = await line.store.legs.message(await line.leg_of(ADA), position)
    assert sent is not None
    remote = f"sent-1-{sent.id}.0"
    for body in (
        MessageEdited(remote="ada 0", parts=(Text(text="hello, dear"),)),
        MessageEdited(remote="never seen", parts=(Text(text="oh"),)),
        Reacted(remote="ada 1", emojis=("+",)),
        MessageDeleted(remote="ada 2"),
        DeliveryReported(remote=remote, state=DeliveryState.DELIVERED),
        Read(remote=remote),
    ):
        await line.dispatcher.accept(event(ADA, "ada", body))
    await line.settle()


async def _files_come(line: Assembly) -> None:
    """With a message that is filed at once, with one that begins a leg, and with an edit."""
    adapter, deliver, new = line.adapters["bot"], line.dispatcher.accept, thread("files")
    assert isinstance(adapter, MemoryAdapter)
    adapter.files = {"f1": [TemporaryDeliveryError("busy"), b"1"], "f2": [b"2"]}
    for where in (ADA, new):
        created = MessageCreated(remote="with a file", parts=(file("f1"), file("never had")))
        await deliver(event(where, where.thread, created))
        await line.settle()
        edited = MessageEdited(remote="with a file", parts=(file("f1"), file("f2")))
        await deliver(event(where, where.thread, edited))
        await line.settle()
        await make_due(line.store)
        await line.settle()


async def _people_are_linked(line: Assembly) -> None:
    joins, by = line.joins, "agent:robin"
    await joins.link("link-1", ADA_ON_CHAT, ADA_BY_MAIL, by, "said so")
    await line.settle()
    await line.agents.seal(await line.conversation_of(ADA), await line.leg_of(ADA))
    await line.dispatcher.accept(says(ADA, "ada", "something else"))  # gathered with the mail
    await line.settle()
    await joins.unlink("unlink-1", ADA_ON_CHAT, ADA_BY_MAIL, by, "was wrong")
    await line.settle()
    legs = await line.leg_of(ADA), await line.leg_of(MAIL)
    await joins.merge("merge-1", legs[0], legs[1], by)
    await line.settle()
    await joins.unmerge("unmerge-1", legs[0], legs[1], by)
    await line.settle()


async def _calls_are_counted(line: Assembly) -> None:
    chat = Budget(name="chat", per_second=1.0, burst=1)
    await line.store.turns.spend("bot", (chat,), frozenset())
    await line.store.turns.spend("bot", (chat,), frozenset())
    await line.store.turns.owe("bot", (chat,), 2)
    await line.store.turns.withhold("bot", chat, 5.0)


async def _machines_are_answered(line: Assembly) -> None:
    person, leg = ADA_BY_MAIL, await line.leg_of(MAIL)
    await line.store.answers.permit("mail", person, leg, 1, 1, 1)
    await line.store.exchanges.enter("mail", "exchange", leg)


async def _a_line_is_proven(line: Assembly) -> None:
    """Somebody gives a code of one line on another, and confirms it on both."""
    code = await line.desk_of("telegram", "bot").link_code(actor("ada"))
    by_mail = (says(MAIL, "ada@x.example", text) for text in (code, "1"))
    for said in (*by_mail, says(ADA, "ada", "1")):
        await line.dispatcher.accept(said)
        await line.settle()


async def _work_fails(line: Assembly) -> None:
    """Twice it is laid aside; once it is put back and succeeds, once it is removed."""
    letters, store = line.store.letters, line.store
    for _ in range(2):
        await store.threads.accept(says(ADA, "ada", "hm"), "", None, None, hand_over=False)
        lease = await store.lanes.take("bot", "in", str(ADA))
        assert lease
        await letters.failed(lease, "a mistake", 1, 10)
    first, second = await letters.latest("bot", 10)
    await letters.revive(first.id)
    await letters.discard(second.id)
    await line.settle()


async def _what_is_done_is_archived(line: Assembly) -> None:
    """It comes back when the customer does; what nobody asks for ends."""
    async with winter_beside(line.store) as winter:
        for who in ("dee", "eve"):
            where = thread(who)
            await line.dispatcher.accept(says(where, who, "hello"))
            await line.settle()
            conversation = await line.conversation_of(where)
            activity = MessageId(f"resolved {who}")
            await line.triage.set_status(conversation, AGENT, Status.RESOLVED, activity)
        await winter.comes()
        returning = Assembly(winter.store, line.adapters, hand_over=False)
        await returning.dispatcher.accept(says(thread("dee"), "dee", "once more"))
        await returning.settle()
        await winter.lasts_for_ever()


async def _ends(line: Assembly) -> None:
    """A slow worker, then everything is closed and comes back."""
    await line.dispatcher.accept(says(thread("slow"), "cyd", "are you there"))
    await line.dispatcher.dispatch(await line.store.lanes.renew(line.handed.popleft()))
    for where in (ADA, MAIL):
        conversation = await line.conversation_of(where)
        activity = MessageId(f"close {where}")
        await line.triage.set_status(conversation, AGENT, Status.CLOSED, activity)
        await line.dispatcher.accept(says(where, "ada", "one more thing"))
    await line.settle()
