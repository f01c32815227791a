"""An adapter that receives in the background while a test acts."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

from msgspec.structs import replace

from core.model.content import Part, Text
from core.model.event import Inbound, MessageCreated
from core.model.ids import ConversationId, MessageId, Number, ThreadRef
from core.model.message import Sender, SenderKind
from core.model.outbound import Outbound, Receipt
from core.ports import Adapter, Deliver
from core.rules.degrade import plan
from tests.contract.harness import Harness
from tests.contract.surroundings import Inbox, Lent
from tests.rigs.waiting import eventually

AGENT = Sender(kind=SenderKind.AGENT, id="agent:ines", name="Ines")
MESSAGES = iter(f"01K9ZZZZZZZZZZZZZZZZ{number:06}" for number in range(1_000_000))


@contextlib.asynccontextmanager
async def receiving(adapter: Adapter, deliver: Deliver) -> AsyncIterator[None]:
    """Runs the adapter; what it raises is raised here."""
    running = asyncio.ensure_future(adapter.run(deliver))
    try:
        yield
    finally:
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running


async def received(harness: Harness, lent: Lent, inbox: Inbox, count: int) -> list[Inbound]:
    """The first `count` events that the adapter hands over, in one run of it."""
    async with (
        harness.adapter(lent.surroundings) as adapter,
        receiving(adapter, inbox),
    ):
        await eventually(lambda: len(inbox.events) >= count)
    return inbox.events


async def asked(harness: Harness, lent: Lent) -> Inbound:
    """A customer's question, as the adapter hands it over."""
    harness.write(harness.person("mei"), "A question.")
    [event] = await received(harness, lent, Inbox(), 1)
    return event


def message(inbound: Inbound) -> MessageCreated:
    assert isinstance(inbound.body, MessageCreated)
    return inbound.body


def said(inbox: Inbox) -> list[Inbound]:
    """The messages among the events: some platforms tell, too, that they have taken ours."""
    return [one for one in inbox.events if isinstance(one.body, MessageCreated)]


def words(inbound: Inbound) -> str:
    """The texts of a message, in order."""
    return " ".join(part.text for part in message(inbound).parts if isinstance(part, Text)).strip()


def reply_to(
    inbound: Inbound,
    *parts: Part,
    answers: str = "",
    attempted: bool = False,
    silent: bool = False,
) -> Outbound:
    """An agent's reply into the thread of an event."""
    return replace(
        in_thread(inbound.thread, *parts),
        answers=answers,
        context=inbound.context,
        attempted=attempted,
        silent=silent,
    )


def in_thread(thread: ThreadRef, *parts: Part) -> Outbound:
    """An agent's message that answers none."""
    return Outbound(
        thread=thread,
        message=MessageId(next(MESSAGES)),
        parts=parts,
        sender=AGENT,
        conversation=ConversationId("01K9ZZZZZZZZZZZZZZZZZZZZZZ-0"),
        number=Number("T-7KQ4-M"),
    )


async def send_text(adapter: Adapter, to: Inbound, text: str) -> Receipt:
    return await adapter.send(reply_to(to, Text(text=text)))


async def send_planned(
    adapter: Adapter,
    to: Inbound,
    *parts: Part,
    silent: bool = False,
    answers: str = "",
    quote: Text | None = None,
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Send a message as core would: planned for the channel, piece by piece.

    -> the platform's ids of it, and what the agent is told.
    """
    planned = plan(parts, adapter.capabilities, silent=silent, quote=quote)
    remotes: tuple[str, ...] = ()
    notes = planned.fallbacks
    for n, piece in enumerate(planned.pieces):
        outbound = reply_to(to, *piece, silent=silent, answers="" if n else answers)
        receipt = await adapter.send(replace(outbound, quote=None if n else quote))
        remotes, notes = remotes + receipt.remotes, notes + receipt.notes
    return remotes, notes
