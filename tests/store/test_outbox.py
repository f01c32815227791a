"""Replies: once for their id, never to a wider audience, with an honest account of the sending."""

import pytest

from core.errors import AudienceMismatch, Conflict, NotFound, Stale
from core.model.content import Text
from core.model.conversation import Leg, Status
from core.model.ids import ConversationId, IdentityId, LegId, MessageId, Number
from core.model.message import Audience, DeliveryState, Direction, Message
from core.model.triage import Triage
from core.store.lanes import Lease
from core.store.outbox import Ticket, ticket
from core.store.store import Store
from tests.rigs.assembly import AGENT, Assembly, make_due
from tests.rigs.events import says, thread

ADA = thread("ada")
NOW = says(ADA, "ada", "").occurred_at


@pytest.fixture
async def leg(line: Assembly) -> LegId:
    await line.dispatcher.accept(says(ADA, "ada", "hello"))
    await line.settle()
    return await line.leg_of(ADA)


async def test_a_reply_is_written_and_queued_once_for_its_id(store: Store, leg: LegId) -> None:
    first, lease = await _reply(store, leg, "r1")

    again, none = await _reply(store, leg, "r1")

    assert (first, again, none) == (2, 2, None)
    assert lease is not None
    assert len(await store.legs.entries(leg, 99, 99)) == 2


async def test_a_wider_audience_is_refused(store: Store, line: Assembly) -> None:
    """Law 7, decided where it is written: no two processes can disagree."""
    group = thread("group")
    await line.dispatcher.accept(says(group, "ada", "hi all", audience=Audience.GROUP))
    await line.settle()
    leg = await line.leg_of(group, "telegram:bot:ada")

    with pytest.raises(AudienceMismatch):
        await _reply(store, leg, "r1", Audience.PRIVATE)

    assert (await store.legs.head(leg)).length == 1
    assert (await _reply(store, leg, "r2", Audience.GROUP))[0] == 2


async def test_text_for_many_may_go_to_one(store: Store, leg: LegId) -> None:
    assert (await _reply(store, leg, "r1", Audience.PUBLIC))[0] == 2


async def test_a_closed_leg_takes_no_reply(store: Store, line: Assembly, leg: LegId) -> None:
    conversation = await line.views.conversation(leg)
    await line.triage.set_status(conversation, AGENT, Status.CLOSED, MessageId("close"))

    with pytest.raises(Conflict):
        await _reply(store, leg, "r1")


async def test_a_leg_that_does_not_exist_takes_no_reply(store: Store, leg: LegId) -> None:
    with pytest.raises(NotFound):
        await _reply(store, LegId("0" * 26 + leg[26:]), "r1")


async def test_the_second_reply_waits_behind_the_first(store: Store, leg: LegId) -> None:
    _, lease = await _reply(store, leg, "r1")
    _, none = await _reply(store, leg, "r2")
    assert lease is not None
    assert none is None
    assert await _states(store, leg) == [DeliveryState.SENDING, DeliveryState.QUEUED]

    rest = await store.outbox.sent(
        lease, ticket(lease.entries[0]), DeliveryState.SENT, remotes=("p1",), pieces=1
    )

    assert rest is not None
    assert ticket(rest.entries[0]).position == 3
    assert await _states(store, leg) == [DeliveryState.SENT, DeliveryState.QUEUED]


async def test_beginning_is_written_down_before_bytes_leave(store: Store, leg: LegId) -> None:
    lease, one = await _leased(store, leg)
    await store.outbox.postpone(lease, one, 0, 0, "busy")
    taken = await store.lanes.take("bot", "out", str(ADA))
    assert taken is not None

    first = await store.outbox.begin(taken, one)
    second = await store.outbox.begin(taken, one)

    assert (first.state, first.attempts) == (DeliveryState.QUEUED, 1)
    assert (second.state, second.attempts) == (DeliveryState.SENDING, 2)


@pytest.mark.parametrize("late", [DeliveryState.SENDING, DeliveryState.SENT, DeliveryState.FAILED])
async def test_a_delivery_never_goes_backwards(
    store: Store, leg: LegId, late: DeliveryState
) -> None:
    """Law 4."""
    lease, one = await _leased(store, leg)
    await store.outbox.sent(lease, one, DeliveryState.SENT, remotes=("p1",), pieces=1)
    await store.outbox.report(leg, one.position, DeliveryState.READ)

    assert not await store.outbox.report(leg, one.position, late)
    assert not await store.outbox.report(leg, one.position, DeliveryState.DELIVERED)

    assert await _states(store, leg) == [DeliveryState.READ]


async def test_a_bounce_fails_what_was_sent(store: Store, leg: LegId) -> None:
    lease, one = await _leased(store, leg)
    await store.outbox.sent(lease, one, DeliveryState.SENT, remotes=("p1",), pieces=1)

    assert await store.outbox.report(leg, one.position, DeliveryState.FAILED, "no | such box")

    delivery = (await store.legs.entries(leg, 99, 99))[-1].delivery
    assert delivery is not None
    assert (delivery.state, delivery.reason) == (DeliveryState.FAILED, "no / such box")


async def test_a_late_holder_may_say_that_it_sent_but_acknowledges_nothing(
    store: Store, leg: LegId
) -> None:
    """What the platform took is the truth, whoever tells it; the lane is somebody else's."""
    lease, one = await _leased(store, leg)
    await make_due(store)
    taken = await store.lanes.take("bot", "out", str(ADA))
    assert taken is not None

    with pytest.raises(Stale):
        await store.outbox.sent(lease, one, DeliveryState.SENT, remotes=("p1",), pieces=1)

    assert await _states(store, leg) == [DeliveryState.SENT]
    assert await store.threads.find(leg, "p1") == (leg, one.position)
    assert taken.entries == lease.entries
    assert (await store.outbox.begin(taken, one)).state is DeliveryState.SENT


@pytest.mark.parametrize("gloomy", [DeliveryState.FAILED, DeliveryState.UNKNOWN])
async def test_a_late_holder_decides_nothing_for_its_follower(
    store: Store, leg: LegId, gloomy: DeliveryState
) -> None:
    """The follower is sending right now: only it can say how that ends."""
    lease, one = await _leased(store, leg)
    await make_due(store)
    taken = await store.lanes.take("bot", "out", str(ADA))
    assert taken is not None
    await store.outbox.begin(taken, one)

    with pytest.raises(Stale):
        await store.outbox.sent(lease, one, gloomy, reason="late")
    await store.outbox.sent(taken, one, DeliveryState.SENT, remotes=("p1",), pieces=1)

    assert await _states(store, leg) == [DeliveryState.SENT]


async def test_a_postponed_message_is_queued_again_with_the_pieces_that_left(
    store: Store, leg: LegId
) -> None:
    lease, one = await _leased(store, leg)
    await store.outbox.sent(
        lease, one, DeliveryState.SENDING, remotes=("p1",), pieces=1, last=False
    )

    await store.outbox.postpone(lease, one, 0, 1, "busy")

    taken = await store.lanes.take("bot", "out", str(ADA))
    assert taken is not None
    began = await store.outbox.begin(taken, one)
    assert (began.state, began.attempts, began.pieces) == (DeliveryState.QUEUED, 1, 1)


async def test_a_note_is_written_once_for_its_id_and_sent_to_nobody(
    store: Store, leg: LegId
) -> None:
    note = _message("n1", Direction.NOTE)

    assert await store.legs.note(leg, note) == await store.legs.note(leg, note) == 2
    due, _ = await store.lanes.due(store.keys.of(str(ADA)), (("bot", "out"),), 10)
    assert due == []


async def test_a_status_is_set_once_for_its_id(store: Store, leg: LegId) -> None:
    activity = _message("s1", Direction.ACTIVITY)

    for _ in range(2):
        await store.triage.change(leg, Triage(status=Status.RESOLVED), activity)

    head = await store.legs.head(leg)
    assert (head.status, head.length) == (Status.RESOLVED, 2)


async def test_a_status_that_the_table_does_not_allow_is_refused(store: Store, leg: LegId) -> None:
    await store.triage.change(leg, Triage(status=Status.CLOSED), _message("s1", Direction.ACTIVITY))

    with pytest.raises(Conflict):
        await store.triage.change(
            leg, Triage(status=Status.OPEN), _message("s2", Direction.ACTIVITY)
        )


def _message(message_id: str, direction: Direction = Direction.OUT) -> Message:
    parts = (Text(text=message_id),)
    return Message(id=MessageId(message_id), direction=direction, sender=AGENT, at=NOW, parts=parts)


async def _reply(
    store: Store, leg: LegId, reply_id: str, meant: Audience = Audience.PRIVATE
) -> tuple[int, Lease | None]:
    head = (await store.legs.heads([leg]))[0] or _never_begun(leg)
    replied = await store.outbox.reply(head, _message(reply_id), meant, hand_over=True)
    return replied.position, replied.lease


def _never_begun(leg: LegId) -> Leg:
    return Leg(
        id=leg,
        thread=ADA,
        author=IdentityId("telegram:bot:ada"),
        audience=Audience.PRIVATE,
        number=Number("T-0000-0"),
        conversation=ConversationId(leg),
        status=Status.NEW,
        status_at=NOW,
        created_at=NOW,
        touched_at=NOW,
    )


async def _leased(store: Store, leg: LegId) -> tuple[Lease, Ticket]:
    _, lease = await _reply(store, leg, "r1")
    assert lease is not None
    return lease, ticket(lease.entries[0])


async def _states(store: Store, leg: LegId) -> list[DeliveryState]:
    entries = await store.legs.entries(leg, 99, 99)
    return [entry.delivery.state for entry in entries if entry.delivery]
