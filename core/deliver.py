"""From a queued message to its platform, with an honest account of what became of it.

A message leaves piece by piece, each acknowledged by itself. Before bytes leave, that is written
down; so whoever finds a message in `sending` knows that it may have left, and sends it again only
where the channel allows that (law 4).
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine, Mapping
from functools import partial
from typing import Any, Final, Protocol, TypeVar

import msgspec
import structlog
from structlog.contextvars import bind_contextvars

from core import changing
from core.budgets import Budgets, WaitsItsTurn
from core.errors import (
    AuthenticationError,
    DeliveryError,
    PermanentDeliveryError,
    Refused,
    TemporaryDeliveryError,
    UnknownOutcome,
    UnsupportedFeature,
)
from core.model.capabilities import NO_COPIES, Resend
from core.model.conversation import Leg
from core.model.ids import ThreadRef
from core.model.message import Audience, DeliveryState, Message
from core.model.outbound import Outbound, Plan
from core.ports import Adapter
from core.rules.changes import EditPiece, Steps
from core.rules.degrade import Link, plan
from core.rules.delivery import back_off
from core.rules.quoting import quoted
from core.store.lanes import Lease
from core.store.outbox import Began, Ticket, in_front
from core.store.store import Store

log = structlog.get_logger()
Answer = TypeVar("Answer")
Call = Callable[[], Coroutine[Any, Any, Answer]]

# Before Python 3.12 an enum's member is found by a function in Python, which every send pays for.
_SENDING, _SENT, _PRIVATE = DeliveryState.SENDING, DeliveryState.SENT, Audience.PRIVATE

_NOT_BEGUN: Final = Began(DeliveryState.QUEUED, 0, 0)
"""What had become of a message that was handed over."""

STEP_SECONDS: Final = 2.0
"""What a step besides the platform call may take; a lease that ends sooner is renewed first."""


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """`send_seconds`: how long one platform call may take at most, large uploads included; adapters
    have shorter limits of their own. `attempts_max`: then the message has failed.
    """

    send_seconds: float = 630.0
    attempts_max: int = 12
    pause_seconds: float = 30.0
    """How long a lane waits whose account's credentials were refused."""


class Pauses(Protocol):
    def __call__(self, account: str, error: AuthenticationError) -> None:
        """The account's credentials were refused: nothing more can be sent there for now."""


class _Send(msgspec.Struct, kw_only=True):
    """One message on its way: what is known of it so far."""

    one: Ticket
    leg: Leg
    message: Message
    began: Began
    plan: Plan
    pieces: int
    drawn: bool
    """Its first call has drawn on its budgets already."""
    notes: tuple[str, ...] = ()


class Deliverer:
    """One a process. `adapters` are those that run in this process, by account. `link` says where a
    file can be had that a channel does not take.
    """

    def __init__(
        self,
        store: Store,
        adapters: Mapping[str, Adapter],
        limits: Limits,
        pause: Pauses,
        link: Link | None = None,
    ) -> None:
        self._store, self._adapters, self._limits = store, adapters, limits
        self._pause, self._link = pause, link
        self._budgets = Budgets(store.turns)
        self._stopping = False
        self._at_work: Counter[str] = Counter()
        self._ended = asyncio.Event()

    def stop(self) -> None:
        """Finish the messages that are being sent, and begin no other."""
        self._stopping = True

    async def quiet(self, account: str) -> None:
        """Until nothing is being sent on an account whose adapter was taken away."""
        while self._at_work[account]:
            self._ended.clear()
            await self._ended.wait()

    async def deliver(self, lease: Lease | None) -> None:
        """Send what waits in this lane, in order. Raises Stale, StoreError."""
        account = lease.account if lease else ""
        self._at_work[account] += 1
        try:
            while lease:
                adapter = self._adapters.get(lease.account)
                if adapter is None or self._stopping:  # its inbox is paused or runs elsewhere
                    return await self.give_back(lease)
                one = in_front(lease)
                bind_contextvars(conversation=one.leg)
                if begun := lease.begun:
                    what = begun.message, begun.leg
                    lease = await self._one(adapter, lease, one, _NOT_BEGUN, *what)
                else:
                    lease = await self._found(adapter, lease, one)
        finally:
            self._at_work[account] -= 1
            self._ended.set()
        return None

    async def give_back(self, lease: Lease) -> None:
        """Leave the lane to whichever process has the inbox; this one takes no more of it."""
        if lease.begun:
            one = in_front(lease)
            reason = "it waits for its inbox"
            await self._store.outbox.postpone(lease, one, 0, 0, reason, attempted=False)
        else:
            await self._store.lanes.postpone(lease, 0)

    def _planned(self, adapter: Adapter, message: Message) -> Plan:
        if message.recipients and not adapter.capabilities.copies:
            raise UnsupportedFeature(NO_COPIES)
        quote, silent = quoted(message), message.silent
        return plan(message.parts, adapter.capabilities, self._link, silent=silent, quote=quote)

    async def _found(self, adapter: Adapter, lease: Lease, one: Ticket) -> Lease | None:
        """Send a message that was found in the lane: who knows how far it has come."""
        lease = await self._store.lanes.current(lease, STEP_SECONDS)
        if waits := await self._budgets.turn(adapter, ThreadRef.parse(lease.key)):
            # Before it is said to be leaving: whoever is lost while it waits has lost nothing.
            await self._store.outbox.postpone(lease, one, waits.seconds, 0, str(waits), state=None)
            return None
        sent, legs = self._store.outbox.sent, self._store.legs
        known, heads = await asyncio.gather(
            legs.entries(one.leg, one.position + 1, 1), legs.heads([one.leg])
        )
        message = known[0].message if known else None
        began = await self._store.outbox.begin(lease, one, known[0].delivery if known else None)
        if message is None or heads[0] is None or began.state is None:
            return await sent(lease, one, DeliveryState.FAILED, reason="erased before it was sent")
        if began.state not in (DeliveryState.QUEUED, DeliveryState.SENDING):
            return await sent(lease, one, began.state)  # done before its lane was acknowledged
        tried_enough = began.attempts >= self._limits.attempts_max
        never = tried_enough or _never_again(adapter, message)
        if began.state is DeliveryState.SENDING and never:
            reason = "sending was interrupted: it may have arrived"
            return await sent(lease, one, DeliveryState.UNKNOWN, reason=reason)
        return await self._one(adapter, lease, one, began, message, heads[0])

    async def _one(
        self,
        adapter: Adapter,
        lease: Lease,
        one: Ticket,
        began: Began,
        message: Message,
        leg: Leg,
    ) -> Lease | None:
        """Send one message, or ask for one change, as far as it goes; -> the lease with what waits
        behind it.
        """
        try:
            steps = await self._steps(adapter, leg, message) if message.change else None
            made = steps.plan if steps else self._planned(adapter, message)
        except (Refused, PermanentDeliveryError) as error:
            state = DeliveryState.FAILED
            return await self._store.outbox.sent(lease, one, state, reason=str(error))
        send = _Send(
            one=one,
            leg=leg,
            message=message,
            began=began,
            plan=made,
            pieces=began.pieces,
            drawn=not lease.begun,
        )
        interrupted = began.state is _SENDING
        if steps:
            return await self._change(adapter, lease, send, steps, attempted=interrupted)
        return await self._pieces(adapter, lease, send, attempted=interrupted)

    async def _steps(self, adapter: Adapter, leg: Leg, message: Message) -> Steps:
        """What a change asks of the platform."""
        capabilities = adapter.capabilities
        return await changing.prepare(self._store, leg, message, capabilities, self._link)

    async def _change(
        self,
        adapter: Adapter,
        lease: Lease,
        send: _Send,
        asked: Steps,
        *,
        attempted: bool,
    ) -> Lease | None:
        """Change what is on the platform, then what is stored. `pieces` are the steps done."""
        while send.pieces < len(asked.steps):
            step = asked.steps[send.pieces]
            piece = step.piece if isinstance(step, EditPiece) else 0
            outbound = _outbound(send, piece, attempted=attempted)
            ask = partial(changing.ask, adapter, step, outbound)
            lease, outcome = await self._attempt(adapter, lease, send, ask)
            if isinstance(outcome, DeliveryError):
                return await self._failed(adapter, lease, send, outcome, attempted=attempted)
            send.pieces += 1
            attempted = False
        await changing.keep(self._store, lease, send.leg, send.message, asked)
        reason = "; ".join(send.plan.fallbacks)
        return await self._store.outbox.sent(lease, send.one, DeliveryState.SENT, reason=reason)

    async def _pieces(
        self, adapter: Adapter, lease: Lease, send: _Send, *, attempted: bool
    ) -> Lease | None:
        total = len(send.plan.pieces)
        while send.pieces < total:
            outbound = _outbound(send, send.pieces, attempted=attempted)
            call = partial(adapter.send, outbound)
            lease, outcome = await self._attempt(adapter, lease, send, call)
            if isinstance(outcome, DeliveryError):
                return await self._failed(adapter, lease, send, outcome, attempted=attempted)
            send.pieces += 1
            send.notes += outcome.notes
            attempted = False
            last = send.pieces == total
            rest = await self._store.outbox.sent(
                lease,
                send.one,
                _SENT if last else _SENDING,
                remotes=outcome.remotes,
                pieces=send.pieces,
                reason="; ".join((*send.plan.fallbacks, *send.notes)) if last else "",
                last=last,
                shared=send.leg.audience is not _PRIVATE,
            )
            if len(outcome.remotes) > 1:
                await self._budgets.made(adapter, send.leg.thread, len(outcome.remotes))
            if last or rest is None:
                return rest
            lease = rest
        return await self._store.outbox.sent(lease, send.one, DeliveryState.SENT)

    async def _attempt(
        self,
        adapter: Adapter,
        lease: Lease,
        send: _Send,
        call: Call[Answer],
    ) -> tuple[Lease, Answer | DeliveryError]:
        """One platform call when its turn has come, with the lease renewed while it lasts.

        What takes longer than `send_seconds` is broken off: it may have left. So it is when the
        lease is lost, and then Stale is raised.
        """
        if not send.drawn and (waits := await self._budgets.turn(adapter, send.leg.thread)):
            return lease, waits
        send.drawn = False
        lease = await self._store.lanes.current(lease, STEP_SECONDS)
        kept = self._store.keeper.keeping(lease, self._limits.send_seconds)
        outcome: Answer | DeliveryError
        try:
            with kept:
                outcome = await _outcome(call)
        except TimeoutError:
            outcome = UnknownOutcome("the platform did not answer in time")
        return await kept.lease(), outcome

    async def _failed(
        self,
        adapter: Adapter,
        lease: Lease,
        send: _Send,
        error: DeliveryError,
        *,
        attempted: bool,
    ) -> Lease | None:
        """What a failure means for the message and for those behind it.

        `attempted`: an attempt before this one may have left, whatever this one came to.
        """
        outbox, may_have_left = self._store.outbox, attempted or isinstance(error, UnknownOutcome)
        if isinstance(error, AuthenticationError):
            self._pause(lease.account, error)
        await self._budgets.heed(adapter, send.leg.thread, error)
        again = not _never_again(adapter, send.message)
        delay = self._delay(error, send.began.attempts + 1, again=again)
        if delay is None:
            state = DeliveryState.UNKNOWN if may_have_left else DeliveryState.FAILED
            return await outbox.sent(lease, send.one, state, pieces=send.pieces, reason=str(error))
        await outbox.postpone(
            lease,
            send.one,
            delay,
            send.pieces,
            str(error),
            # Where it may have left it stays in `sending`: the next attempt has to know.
            state=DeliveryState.SENDING if may_have_left else DeliveryState.QUEUED,
            attempted=not isinstance(error, WaitsItsTurn),
        )
        return None

    def _delay(self, error: DeliveryError, attempts: int, *, again: bool) -> float | None:
        """Seconds until the message is tried again after so many attempts; None = never.

        `again`: it may be, though it may have arrived.
        """
        match error:
            case WaitsItsTurn(seconds=seconds):
                return seconds
            case AuthenticationError():
                return self._limits.pause_seconds
            case _ if attempts >= self._limits.attempts_max:
                return None
            case TemporaryDeliveryError(retry_after_seconds=asked):
                return back_off(attempts, asked)
            case UnknownOutcome() if again:
                return back_off(attempts, None)
            case _:
                return None


async def _outcome(call: Call[Answer]) -> Answer | DeliveryError:
    """What a platform call came to. Of an adapter's own mistake nobody knows whether it was made
    before the bytes left.
    """
    try:
        return await call()
    except DeliveryError as error:
        return error
    except Exception as error:
        log.error("an adapter failed", exc_info=error)
        name = type(error).__name__
        return UnknownOutcome(f"the adapter failed ({name}): it may have arrived")


def _never_again(adapter: Adapter, message: Message) -> bool:
    """Whether a message that may have arrived must not be sent once more. A change may."""
    return message.change is None and adapter.capabilities.resend is Resend.NEVER


def _outbound(send: _Send, piece: int, *, attempted: bool) -> Outbound:
    message, leg, pieces = send.message, send.leg, send.plan.pieces
    return Outbound(
        thread=leg.thread,
        message=message.id,
        parts=pieces[piece] if pieces else (),
        sender=message.sender,
        conversation=leg.conversation,
        number=leg.number,
        piece=piece,
        pieces=len(pieces),
        answers=message.answers.remote if message.answers and piece == 0 else "",
        quote=quoted(message) if piece == 0 else None,
        subject=message.subject,
        title=leg.title,
        context=leg.context,
        silent=message.silent,
        recipients=message.recipients,
        at=message.at,
        attempted=attempted,
    )
