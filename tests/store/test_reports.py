"""What is reported of messages that we sent: by the platform's id of them, or by ours."""

import pytest

from core.errors import DeliveryError, TemporaryDeliveryError, UnknownOutcome
from core.model.content import System
from core.model.event import DeliveryReported
from core.model.ids import LegId, MessageId
from core.model.message import DeliveryState, Direction
from core.model.outbound import Outbound
from core.store.store import Store
from tests.rigs.assembly import Assembly, make_due
from tests.rigs.events import event, says, thread
from tests.rigs.platform import MemoryAdapter

ADA = thread("ada")
REPLY = MessageId("reply-1")
LONG = "word " * 300
"""Two pieces."""


async def test_a_report_settles_what_is_unknown(line: Assembly) -> None:
    """The connection broke after the last byte, and no id came back: the report names ours."""
    leg = await _replied(line, UnknownOutcome("the connection broke"))
    assert await _state(line, leg) is DeliveryState.UNKNOWN

    await _report(line, DeliveryReported(remote="r", state=DeliveryState.FAILED, message=REPLY))

    assert await _state(line, leg) is DeliveryState.FAILED


async def test_a_report_finds_what_was_said_on_an_earlier_leg(line: Assembly) -> None:
    """A bounce takes days; the customer has begun something else meanwhile."""
    leg = await _replied(line)
    await line.agents.seal(await line.conversation_of(ADA), leg)
    await line.dispatcher.accept(says(ADA, "ada", "something else"))
    await line.settle()

    await _report(line, DeliveryReported(remote="", state=DeliveryState.FAILED, message=REPLY))

    assert await _state(line, leg) is DeliveryState.FAILED


async def test_a_delay_is_told_and_moves_nothing_back(line: Assembly) -> None:
    leg = await _replied(line)

    delayed = DeliveryReported(
        remote="", state=DeliveryState.SENDING, reason="4.4.1 no answer", message=REPLY
    )
    await _report(line, delayed)

    assert await _state(line, leg) is DeliveryState.SENT
    assert await _told(line, leg) == [
        System(code="delivery_sending", text="a message of ours is delayed: 4.4.1 no answer")
    ]


async def test_a_delay_proves_that_it_left(line: Assembly) -> None:
    leg = await _replied(line, UnknownOutcome("the connection broke"))

    await _report(line, DeliveryReported(remote="", state=DeliveryState.SENDING, message=REPLY))

    assert await _state(line, leg) is DeliveryState.SENT


@pytest.mark.parametrize("state", [DeliveryState.FAILED, DeliveryState.SENDING])
async def test_a_copy_that_does_not_arrive_is_told(line: Assembly, state: DeliveryState) -> None:
    """The customer has the message: it has not failed because their accountant's box is full."""
    leg = await _replied(line)

    await _report(
        line,
        DeliveryReported(
            remote="", state=state, reason="5.2.2 full", message=REPLY, recipient="bo@x.example"
        ),
    )

    assert await _state(line, leg) is DeliveryState.SENT
    (told,) = await _told(line, leg)
    assert "the copy to bo@x.example" in told.text
    assert "5.2.2 full" in told.text


async def test_a_copy_that_arrives_says_nothing_of_the_message(line: Assembly) -> None:
    leg = await _replied(line)

    await _report(
        line,
        DeliveryReported(
            remote="", state=DeliveryState.DELIVERED, message=REPLY, recipient="bo@x.example"
        ),
    )

    assert await _state(line, leg) is DeliveryState.SENT
    assert not await _told(line, leg)


async def test_a_failure_of_nobody_knows_what_is_still_told(line: Assembly) -> None:
    leg = await _replied(line)

    await _report(line, DeliveryReported(remote="other", state=DeliveryState.FAILED, reason="no"))

    assert await _state(line, leg) is DeliveryState.SENT
    assert [one.text for one in await _told(line, leg)] == ["a message of ours did not arrive: no"]


@pytest.mark.parametrize("told", [DeliveryState.SENT, DeliveryState.READ])
async def test_what_is_told_of_a_piece_that_arrived_settles_nothing_of_the_next(
    line: Assembly, told: DeliveryState
) -> None:
    """The network broke in the middle of a long answer, and the platform tells of its beginning
    when it is back: the agent must not believe that the customer has all of it.
    """
    leg = await _half_of_it_left(line, UnknownOutcome("the connection broke"))
    adapter = line.adapters["bot"]
    assert isinstance(adapter, MemoryAdapter)
    first = adapter.sent[0].key

    await _report(line, DeliveryReported(remote=f"sent-1-{first}", state=told))

    assert await _state(line, leg) is DeliveryState.UNKNOWN


async def test_a_beginning_that_was_read_keeps_the_rest_from_nobody(
    store: Store, line: Assembly
) -> None:
    leg = await _half_of_it_left(line, TemporaryDeliveryError("slow down"))
    adapter = line.adapters["bot"]
    assert isinstance(adapter, MemoryAdapter)

    read = DeliveryReported(
        remote=f"sent-1-{adapter.sent[0].key}", state=DeliveryState.READ, message=REPLY
    )
    await _report(line, read)
    await make_due(store)
    await line.settle()

    assert "".join(adapter.texts("ada")) == LONG
    assert await _state(line, leg) is DeliveryState.SENT


async def _half_of_it_left(line: Assembly, error: DeliveryError) -> LegId:
    """A reply of two pieces: the second one comes to this."""
    adapter = line.adapters["bot"]
    assert isinstance(adapter, MemoryAdapter)

    def fails(piece: Outbound) -> None:
        if piece.piece == 1:
            adapter.before_send = lambda _: None
            raise error

    adapter.before_send = fails
    await line.dispatcher.accept(says(ADA, "ada", "hello"))
    await line.settle()
    await line.reply(await line.conversation_of(ADA), LONG, reply_id=REPLY)
    await line.settle()
    return await line.leg_of(ADA)


async def _replied(line: Assembly, *failures: UnknownOutcome) -> LegId:
    adapter = line.adapters["bot"]
    assert isinstance(adapter, MemoryAdapter)
    adapter.failures.extend(failures)
    await line.dispatcher.accept(says(ADA, "ada", "hello"))
    await line.settle()
    await line.reply(await line.conversation_of(ADA), "welcome", reply_id=REPLY)
    await line.settle()
    return await line.leg_of(ADA)


async def _report(line: Assembly, told: DeliveryReported) -> None:
    await line.dispatcher.accept(event(ADA, "mail system", told))
    await line.settle()


async def _state(line: Assembly, leg: LegId) -> DeliveryState:
    (delivery,) = [one.delivery for one in await line.log(leg) if one.delivery]
    return delivery.state


async def _told(line: Assembly, leg: LegId) -> list[System]:
    activities = [
        one.message for one in await line.log(leg) if one.message.direction is Direction.ACTIVITY
    ]
    return [part for one in activities for part in one.parts if isinstance(part, System)]
