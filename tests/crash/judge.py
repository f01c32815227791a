"""What must be true after any crash."""

import asyncio
import itertools
from collections import Counter
from hashlib import sha256
from pathlib import Path

from core.errors import Refused
from core.model.content import System
from core.model.conversation import Entry, Leg, Status
from core.model.ids import LegId, MessageId, ThreadRef
from core.model.message import DeliveryState, Direction, SenderKind
from core.rules.apart import edges_of
from core.rules.attachments import attachments_of
from tests.crash.scenario import BEA, BEA_ID, JONAS, JONAS_ID, MEI, MEI_ID, SAID, said
from tests.rigs.assembly import AGENT, Assembly, text_in
from tests.rigs.waiting import eventually


async def interfere(desk: Assembly, how: str) -> None:
    """What an agent does while a worker is dead or stopped."""
    mei = await desk.store.threads.bound(MEI, "")
    jonas = await desk.store.threads.bound(JONAS, "")
    try:
        if how == "close" and mei:
            conversation = await desk.views.conversation(mei.leg)
            await desk.triage.set_status(conversation, AGENT, Status.CLOSED, MessageId("judge"))
        elif how == "rebind" and mei:
            await desk.store.threads.seal(mei.leg)
        elif how == "merge" and mei and jonas:
            await desk.joins.merge("judge", mei.leg, jonas.leg, "judge")
        elif how == "unlink" and mei and jonas:
            await desk.joins.unlink("judge", MEI_ID, JONAS_ID, "judge", "")
        elif how == "link" and mei and jonas:
            await desk.joins.link("judge", MEI_ID, JONAS_ID, "judge", "")
    except Refused:
        return  # it was so already


async def redeliver(desk: Assembly) -> None:
    """The platforms send everything again: what was not acknowledged, and what was."""
    for step in SAID:
        await desk.dispatcher.accept(said(step))


async def finish(desk: Assembly) -> None:
    """Work as any other worker does until nothing waits, leases of the dead included."""

    async def idle() -> bool:
        await desk.settle()
        return not await desk.store.redis.keys("*}ready:*")

    await eventually(idle)


async def check(desk: Assembly, platform: Path) -> None:
    legs, logs = await everything(desk)
    found = Counter(
        text_in(entry)
        for log in logs.values()
        for entry in log
        if entry.message.direction is Direction.IN
    )
    assert found == Counter(step.words for step in SAID), "each message once, in one conversation"
    for thread in (MEI, JONAS, BEA):
        assert in_thread(thread, legs, logs) == [
            step.words for step in SAID if step.thread == thread
        ], "in thread order"
    _check_files(logs)
    _check_views(legs)
    _check_deliveries(logs, platform)
    assert not await desk.store.redis.keys("*}lane:*")


async def check_exchange(desk: Assembly, *, meddled: bool) -> None:
    """Whom Jonas wrote to is with him, and agents are told why, once."""
    legs, logs = await everything(desk)
    for leg in legs.values():
        lines = [
            part.code
            for entry in logs[leg.id]
            for part in entry.message.parts
            if isinstance(part, System)
        ]
        assert lines.count("exchange") + lines.count("cites") <= 1
    (bea,) = [leg for leg in legs.values() if leg.author == BEA_ID]
    authors = {one.author for one in legs.values() if one.conversation == bea.conversation}
    assert meddled or JONAS_ID in authors


async def check_answers(desk: Assembly, *, closed_early: bool) -> None:
    """Each of them was answered automatically once, on the leg with which they began."""
    legs, logs = await everything(desk)
    answered = Counter(
        legs[leg].author
        for leg, log in logs.items()
        for entry in log
        if entry.message.sender.kind is SenderKind.SYSTEM and entry.delivery
    )
    assert set(answered.values()) <= {1}, "nobody is answered twice a day"
    assert closed_early or set(answered) == {MEI_ID, JONAS_ID, BEA_ID}


async def everything(desk: Assembly) -> tuple[dict[LegId, Leg], dict[LegId, list[Entry]]]:
    keys = await desk.store.read.one("KEYS", "*}leg:*")
    ids = {LegId(key.decode().partition("leg:")[2]) for key in keys}
    ids |= set(await desk.store.legs.archived(None, 1000))
    heads = await desk.store.legs.heads(sorted(ids))
    legs = {head.id: head for head in heads if head}
    logs = await asyncio.gather(*(desk.log(leg) for leg in legs))
    return legs, dict(zip(legs, logs, strict=True))


def in_thread(
    thread: ThreadRef, legs: dict[LegId, Leg], logs: dict[LegId, list[Entry]]
) -> list[str]:
    chain = sorted(leg.id for leg in legs.values() if leg.thread == thread)
    for earlier, later in itertools.pairwise(chain):
        assert legs[earlier].next == later
        assert legs[later].previous == earlier
    return [
        text_in(entry)
        for leg in chain
        for entry in logs[leg]
        if entry.message.direction is Direction.IN
    ]


def _check_views(legs: dict[LegId, Leg]) -> None:
    """Each leg is in exactly the conversation that its joins say."""
    for leg in legs.values():
        root = legs[LegId(leg.conversation)]
        assert root.is_first
        if len(root.members) > 1:
            assert leg.id in root.members
        else:
            assert root.id == leg.id
        for other in edges_of(leg):
            assert legs[other].conversation == leg.conversation
        for other in leg.joined:
            assert leg.id in legs[other].joined
        for other in leg.merged:
            assert leg.id in legs[other].merged


def _check_files(logs: dict[LegId, list[Entry]]) -> None:
    """Each file is stored, whoever was lost while it was fetched."""
    files = [
        one for log in logs.values() for entry in log for one in attachments_of(entry.message.parts)
    ]
    assert {one.remote for one in files} == {step.file for step in SAID if step.file}
    for one in files:
        assert one.sha256 == sha256(one.remote.encode()).hexdigest()


def _check_deliveries(logs: dict[LegId, list[Entry]], platform: Path) -> None:
    """Sent means it arrived once; unknown means it arrived once or not at all. Nothing is left.
    A change that was made is in the message, once, however often it was asked for.
    """
    arrived = Counter(platform.read_text().splitlines() if platform.exists() else [])
    for log in logs.values():
        for entry in log:
            if change := entry.message.change:
                target = log[change.position - 1].message
                assert entry.delivery
                assert entry.delivery.state is DeliveryState.SENT
                assert target.rev == 1
                assert arrived.pop(entry.message.id, 0) >= 1
            if entry.message.direction is not Direction.OUT:
                continue
            assert entry.delivery is not None
            times = arrived.pop(entry.message.id, 0)
            assert times <= 1
            assert entry.delivery.state in (DeliveryState.SENT, DeliveryState.UNKNOWN)
            if entry.delivery.state is DeliveryState.SENT:
                assert times == 1
    assert not arrived, "nothing was sent that is not in a conversation"
