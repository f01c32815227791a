"""Messages wait their turn: a platform that limits its callers is not asked in vain."""

import pytest
from msgspec.structs import replace
from typing_extensions import override

from core.errors import TemporaryDeliveryError
from core.model.conversation import Entry
from core.model.ids import ThreadRef
from core.model.message import Delivery, DeliveryState
from core.model.outbound import Outbound, Receipt
from core.ports import Budget
from core.store.store import Store
from tests.rigs.assembly import Assembly, make_due
from tests.rigs.events import says, thread
from tests.rigs.platform import BudgetedAdapter

SLOW = (0.01, 1)


@pytest.fixture
def adapter() -> BudgetedAdapter:
    return BudgetedAdapter(chat=SLOW)


@pytest.fixture
def line(store: Store, adapter: BudgetedAdapter) -> Assembly:
    return Assembly(store, {"bot": adapter})


async def test_a_message_before_its_turn_is_queued_and_was_not_attempted(
    store: Store, line: Assembly, adapter: BudgetedAdapter
) -> None:
    await _talk(line, "ada", "one", "two")

    for _ in range(15):
        await make_due(store)
        await line.settle()

    assert adapter.texts() == ["one"]
    delivery = await _delivery(line)
    assert (delivery.state, delivery.attempts) == (DeliveryState.QUEUED, 0)
    assert delivery.reason == "it waits its turn: at most 0.6 a minute go there"


async def test_a_message_is_sent_when_its_turn_has_come(
    store: Store, line: Assembly, adapter: BudgetedAdapter
) -> None:
    await _talk(line, "ada", "one", "two")

    await _let_time_pass(store)
    await line.settle()

    assert adapter.texts() == ["one", "two"]
    assert (await _delivery(line)).attempts == 1


async def test_a_worker_lost_while_a_message_waits_its_turn_costs_time_only(
    store: Store, line: Assembly, adapter: BudgetedAdapter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A flooded chat passes this moment at every look: nobody may doubt whether anything left."""
    await _talk(line, "ada", "one", "two")
    await _let_time_pass(store)

    def lost(_: ThreadRef) -> tuple[Budget, ...]:
        raise SystemExit

    monkeypatch.setattr(adapter, "budgets", lost)
    with pytest.raises(SystemExit):
        await line.settle()
    monkeypatch.undo()
    await make_due(store)
    await line.settle()

    assert adapter.texts() == ["one", "two"]
    assert (await _delivery(line)).state is DeliveryState.SENT


async def test_every_piece_of_a_message_draws(
    store: Store, line: Assembly, adapter: BudgetedAdapter
) -> None:
    """A long message is several calls for the platform, whatever it is for us."""
    await _talk(line, "ada", "word " * 300)

    began = await _delivery(line)
    await _let_time_pass(store)
    await line.settle()

    assert (began.state, began.pieces_sent) == (DeliveryState.QUEUED, 1)
    assert len(adapter.sent) == 2
    assert (await _delivery(line)).state is DeliveryState.SENT


async def test_an_album_draws_for_each_of_its_files(store: Store) -> None:
    """Platforms count what they show: two albums would use up a group's minute."""
    albums = _Albums(chat=(0.01, 12))
    line = Assembly(store, {"bot": albums})

    await _talk(line, "ada", "one", "two", "three")

    assert albums.texts() == ["one", "two"]
    assert (await _delivery(line)).state is DeliveryState.QUEUED


async def test_another_process_sends_what_the_one_with_the_booking_left(
    store: Store, line: Assembly, adapter: BudgetedAdapter
) -> None:
    await _talk(line, "ada", "one", "two")
    other = Assembly(store, {"bot": adapter})

    await _let_time_pass(store)
    await other.settle()

    assert adapter.texts() == ["one", "two"]


async def test_a_chat_that_the_platform_holds_back_is_not_asked_again(
    store: Store,
) -> None:
    """Two topics of one group: the platform's refusal in one of them is meant for both."""
    topics = _OneChat(chat=(100.0, 10))
    line = Assembly(store, {"bot": topics})
    topics.failures = [_flooded(60.0)]
    await _talk(line, "ada", "one")

    await _talk(line, "ben", "two")

    assert topics.sent == []
    assert (await _delivery(line, "ben")).attempts == 0


class _Albums(BudgetedAdapter):
    """Each message is ten of the platform's."""

    @override
    async def send(self, outbound: Outbound) -> Receipt:
        (remote,) = (await super().send(outbound)).remotes
        return Receipt(remotes=tuple(f"{remote}.{number}" for number in range(10)))


class _OneChat(BudgetedAdapter):
    """All threads are topics of one chat."""

    @override
    def budgets(self, thread: ThreadRef) -> tuple[Budget, ...]:
        return super().budgets(replace(thread, thread="chat"))


async def _talk(line: Assembly, who: str, *texts: str) -> None:
    await line.dispatcher.accept(says(thread(who), who, "hello"))
    await line.settle()
    for text in texts:
        await line.reply(await line.conversation_of(thread(who)), text)
    await line.settle()


async def _let_time_pass(store: Store) -> None:
    """All budgets are whole again and all that waited is due."""
    async for key in store.redis.scan_iter("*limit:*"):
        await store.redis.delete(key)
    await make_due(store)


async def _delivery(line: Assembly, who: str = "ada") -> Delivery:
    entry: Entry = (await line.log(await line.leg_of(thread(who))))[-1]
    assert entry.delivery is not None
    return entry.delivery


def _flooded(seconds: float) -> TemporaryDeliveryError:
    return TemporaryDeliveryError("slow down", code="rate_limited", retry_after_seconds=seconds)
