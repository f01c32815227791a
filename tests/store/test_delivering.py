"""What a failed attempt leaves behind: what the next one has to know, and when there is none."""

import pytest

from core.deliver import Deliverer, Limits
from core.errors import (
    AuthenticationError,
    DeliveryError,
    PermanentDeliveryError,
    TemporaryDeliveryError,
    UnknownOutcome,
)
from core.model.capabilities import Resend
from core.model.content import Attachment, Media, MediaKind, Text
from core.model.conversation import Entry
from core.model.event import DeliveryReported
from core.model.ids import AttachmentId, MessageId
from core.model.message import Delivery, DeliveryState
from core.model.outbound import Outbound
from core.reply import Draft
from core.store.outbox import ticket
from core.store.store import Store
from tests.rigs.assembly import AGENT, Assembly, make_due
from tests.rigs.events import event, says, thread
from tests.rigs.platform import MemoryAdapter

ADA = thread("ada")


class _Asked(MemoryAdapter):
    """May send again with the same key; remembers whether it was told of an earlier attempt."""

    def __init__(self) -> None:
        super().__init__(resend=Resend.SAME_KEY)
        self.attempted: list[bool] = []
        self.before_send = self._remember

    def _remember(self, outbound: Outbound) -> None:
        self.attempted.append(outbound.attempted)


@pytest.fixture
def adapter() -> _Asked:
    return _Asked()


@pytest.fixture
def line(store: Store, adapter: _Asked) -> Assembly:
    return Assembly(store, {"bot": adapter})


@pytest.mark.parametrize(
    "failure",
    [TemporaryDeliveryError("nobody answers"), AuthenticationError("who are you?")],
    ids=["temporary", "authentication"],
)
async def test_what_may_have_left_is_looked_for_until_it_is_settled(
    store: Store, line: Assembly, adapter: _Asked, failure: DeliveryError
) -> None:
    """Law 4: that the second attempt did not get as far says nothing of the first."""
    adapter.failures = [UnknownOutcome("no answer"), failure]

    await _reply_and_retry(store, line, attempts=3)

    assert adapter.attempted == [False, True, True]
    assert (await _delivery(line)).state is DeliveryState.SENT


@pytest.mark.parametrize(
    "failure",
    [TemporaryDeliveryError("nobody answers"), PermanentDeliveryError("no such box")],
    ids=["temporary", "permanent"],
)
async def test_what_may_have_left_never_counts_as_failed(
    store: Store, line: Assembly, adapter: _Asked, failure: DeliveryError
) -> None:
    adapter.failures = [UnknownOutcome("no answer"), *[failure] * 11]

    await _reply_and_retry(store, line, attempts=12)

    assert (await _delivery(line)).state is DeliveryState.UNKNOWN


async def test_that_one_piece_has_arrived_does_not_lose_the_others(
    store: Store, line: Assembly, adapter: _Asked
) -> None:
    """Discord tells of our own message before the next piece of it leaves."""
    words = ("a" * 900, "b" * 900)
    adapter.before_send = lambda outbound: adapter.failures.extend(
        [TemporaryDeliveryError("not now")] if outbound.piece == 1 and not pauses else []
    )
    pauses: list[str] = []
    await line.dispatcher.accept(says(ADA, "ada", "hello"))
    await line.settle()
    reply = MessageId("reply-1")
    await line.reply(await line.conversation_of(ADA), " ".join(words), reply_id=reply)
    await line.settle()
    pauses.append("over")

    echo = DeliveryReported(remote="1", state=DeliveryState.SENT, message=reply)
    await line.dispatcher.accept(event(ADA, "us", echo))
    await line.settle()
    await make_due(store)
    await line.settle()

    assert [text.strip() for text in adapter.texts()] == [*words]
    assert (await _delivery(line)).state is DeliveryState.SENT


async def _reply_and_retry(store: Store, line: Assembly, *, attempts: int) -> None:
    await line.dispatcher.accept(says(ADA, "ada", "hello"))
    await line.settle()
    await line.reply(await line.conversation_of(ADA), "hello Ada")
    for _ in range(attempts):
        await line.settle()
        await make_due(store)


async def _delivery(line: Assembly) -> Delivery:
    entry: Entry = (await line.log(await line.leg_of(ADA)))[-1]
    assert entry.delivery is not None
    return entry.delivery


async def test_a_fault_of_an_adapter_ends_like_any_other(
    store: Store, line: Assembly, adapter: _Asked
) -> None:
    """Law 10: whatever an adapter raises, a message is tried so often and no more."""

    def break_down(outbound: Outbound) -> None:
        adapter.attempted.append(outbound.attempted)
        raise KeyError("a mistake of its own")

    adapter.before_send = break_down

    await _reply_and_retry(store, line, attempts=20)

    assert adapter.attempted == [False, *[True] * 11]
    assert (await _delivery(line)).state is DeliveryState.UNKNOWN


async def test_a_message_that_workers_die_of_is_given_up(
    store: Store, line: Assembly, adapter: _Asked
) -> None:
    await line.dispatcher.accept(says(ADA, "ada", "hello"))
    await line.settle()
    await line.reply(await line.conversation_of(ADA), "hello Ada")
    line.handed.clear()
    for _ in range(11):
        await make_due(store)
        for lease in await line.take_due():
            await store.outbox.begin(lease, ticket(lease.entries[0]))
    await make_due(store)

    await line.settle()

    assert adapter.attempted == []
    assert (await _delivery(line)).state is DeliveryState.UNKNOWN


async def test_a_reply_made_where_its_inbox_does_not_run_waits_for_nobody(store: Store) -> None:
    """Of two processes, the one that has the inbox sends what the other was asked for."""
    adapter = MemoryAdapter()
    elsewhere, here = Assembly(store, {"bot": adapter}), Assembly(store, {})
    await elsewhere.dispatcher.accept(says(ADA, "ada", "hello"))
    await elsewhere.settle()
    await here.reply(await here.conversation_of(ADA), "hello Ada")

    await here.settle()
    await elsewhere.settle()

    assert adapter.texts() == ["hello Ada"]


async def test_a_file_that_the_channel_does_not_take_is_sent_as_a_link(
    store: Store, line: Assembly, adapter: _Asked
) -> None:
    """The agent's answer arrives all the same, and the agent is told how."""
    line.deliverer = Deliverer(
        store, line.adapters, Limits(), line._pause, lambda file: f"https://desk.example/{file.id}"
    )
    await line.dispatcher.accept(says(ADA, "ada", "hello"))
    await line.settle()
    manual = Attachment(id=AttachmentId("a1"), name="manual.pdf", size_bytes=60_000_000)
    parts = (Text(text="Here it is"), Media(media=MediaKind.FILE, attachment=manual))
    draft = Draft(id=MessageId("reply-1"), parts=parts)

    await line.agents.reply(await line.conversation_of(ADA), AGENT, draft)
    await line.settle()

    assert adapter.texts() == ["Here it is\n\nmanual.pdf (60.0 MB): https://desk.example/a1"]
    assert (await _delivery(line)).reason == "a file (manual.pdf) is sent as a link that expires"
