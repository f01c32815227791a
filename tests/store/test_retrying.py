"""An agent has a message sent again that failed."""

import pytest

from core.errors import Conflict, DeliveryError, NotFound, PermanentDeliveryError, UnknownOutcome
from core.model.conversation import Status
from core.model.event import DeliveryReported
from core.model.ids import MessageId
from core.model.message import DeliveryState
from tests.rigs.assembly import AGENT, Assembly
from tests.rigs.events import event, says, thread
from tests.rigs.platform import MemoryAdapter

ADA, REPLY = thread("ada"), MessageId("reply-1")


async def failed(line: Assembly, error: DeliveryError) -> MemoryAdapter:
    """A reply to Ada has come to this."""
    adapter = line.adapters["bot"]
    assert isinstance(adapter, MemoryAdapter)
    await line.dispatcher.accept(says(ADA, "ada", "hello"))
    await line.settle()
    adapter.failures.append(error)
    await line.reply(await line.conversation_of(ADA), "Here it is.", reply_id=REPLY)
    await line.settle()
    return adapter


async def state(line: Assembly) -> DeliveryState:
    found = next(one for one in await line.log(await line.leg_of(ADA)) if one.message.id == REPLY)
    assert found.delivery
    return found.delivery.state


@pytest.mark.parametrize(
    ("error", "came_to"),
    [
        (PermanentDeliveryError("blocked by the user"), DeliveryState.FAILED),
        (UnknownOutcome("no answer"), DeliveryState.UNKNOWN),
    ],
)
async def test_what_failed_is_sent_again_when_an_agent_says_so(
    line: Assembly, error: DeliveryError, came_to: DeliveryState
) -> None:
    """The customer has unblocked the bot: the agent need not write it all again."""
    adapter = await failed(line, error)
    assert await state(line) is came_to

    entry = await line.agents.retry(
        await line.conversation_of(ADA), REPLY, MessageId(line.new_id())
    )
    await line.settle()

    assert entry.delivery
    assert entry.delivery.state is DeliveryState.QUEUED
    assert await state(line) is DeliveryState.SENT
    assert adapter.texts("ada") == ["Here it is."]


async def test_what_has_arrived_or_waits_is_not_sent_again(line: Assembly) -> None:
    """Two clicks are one message."""
    adapter = await failed(line, PermanentDeliveryError("blocked by the user"))
    conversation = await line.conversation_of(ADA)
    await line.agents.retry(conversation, REPLY, MessageId(line.new_id()))
    with pytest.raises(Conflict, match="queued"):
        await line.agents.retry(conversation, REPLY, MessageId(line.new_id()))
    await line.settle()

    with pytest.raises(Conflict, match="sent"):
        await line.agents.retry(conversation, REPLY, MessageId(line.new_id()))
    await line.settle()

    assert adapter.texts("ada") == ["Here it is."]


async def test_what_is_no_message_of_ours_or_is_closed_is_refused(line: Assembly) -> None:
    await failed(line, PermanentDeliveryError("blocked by the user"))
    conversation = await line.conversation_of(ADA)
    heard = (await line.log(await line.leg_of(ADA)))[0].message.id
    with pytest.raises(NotFound):
        await line.agents.retry(conversation, heard, MessageId(line.new_id()))
    await line.triage.set_status(conversation, AGENT, Status.CLOSED, MessageId("close"))

    with pytest.raises(Conflict, match="closed"):
        await line.agents.retry(conversation, REPLY, MessageId(line.new_id()))


async def test_what_a_mail_system_has_sent_back_leaves_once_more(line: Assembly) -> None:
    """The customer's box was full: "sent" must not be said of a retry that sent nothing."""
    adapter = await failed(line, UnknownOutcome("no answer"))
    conversation = await line.conversation_of(ADA)
    await line.agents.retry(conversation, REPLY, MessageId(line.new_id()))
    await line.settle()
    assert await state(line) is DeliveryState.SENT

    bounce = DeliveryReported(remote="", state=DeliveryState.FAILED, message=REPLY)
    await line.dispatcher.accept(event(ADA, "mail system", bounce))
    await line.settle()
    assert await state(line) is DeliveryState.FAILED
    await line.agents.retry(conversation, REPLY, MessageId(line.new_id()))
    await line.settle()

    assert adapter.texts("ada") == ["Here it is.", "Here it is."]
    assert await state(line) is DeliveryState.SENT
