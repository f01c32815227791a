"""One automatic answer to what begins a conversation, and never a correspondence of machines."""

import asyncio
from collections import Counter
from collections.abc import Callable

import pytest
from msgspec.structs import replace

from core.acknowledging import AGAIN_SECONDS
from core.model.acknowledgement import Acknowledgement
from core.model.conversation import Status
from core.model.event import ActorKind, Inbound, MessageCreated, Origin
from core.model.ids import LegId, Number, ThreadRef, identity_id
from core.model.message import Audience, Automatic, SenderKind, SenderLevel
from core.model.outbound import Outbound
from core.rules.incoming import as_message, identity_of
from core.store.legs import new_leg
from core.store.store import Store
from core.store.threads import NewLeg
from tests.rigs.assembly import Assembly, make_due
from tests.rigs.events import file, says, thread
from tests.rigs.platform import MemoryAdapter, text_of

ROUNDS = 1800
ADA = thread("ada's", "email", "mail")
PLAIN = Acknowledgement(
    text="We have it as {number}.", languages={"de": "Es ist da, als {number}."}
)


@pytest.fixture
def desk(store: Store) -> Assembly:
    adapters = {"mail": MemoryAdapter(), "bot": MemoryAdapter()}
    return Assembly(store, adapters, acknowledge={"mail": PLAIN})


def mail(n: int | str = 1, who: str = "ada@x.example") -> Inbound:
    """A mail that begins a thread of its own."""
    return says(thread(f"{n}/{who}", "email", "mail"), who, f"mail {n}")


def by_machine(said: Inbound) -> Inbound:
    assert isinstance(said.body, MessageCreated)
    return replace(said, body=replace(said.body, automatic=Automatic.REPLY))


async def test_who_begins_a_conversation_is_told_its_number(desk: Assembly) -> None:
    """And it stays in the view of those that need an agent: no person has answered."""
    await _told(desk, mail())

    leg = await desk.store.legs.head(await desk.leg_of(mail().thread))
    (sent,) = _adapter(desk).sent
    assert text_of(sent) == f"We have it as {leg.number}."
    assert sent.sender.kind is SenderKind.SYSTEM
    assert leg.status is Status.NEW
    assert [one.leg for one in await desk.store.legs.listed("open", None, 9)] == [leg.id]


async def test_what_follows_is_not_answered(desk: Assembly) -> None:
    for n in range(3):
        await _told(desk, says(ADA, "ada@x.example", f"mail {n}"))

    assert len(_adapter(desk).sent) == 1


async def test_it_speaks_the_persons_language(desk: Assembly) -> None:
    said = mail()

    await _told(desk, replace(said, actor=replace(said.actor, language="de-AT")))

    assert text_of(_adapter(desk).sent[0]).startswith("Es ist da, als T-")


@pytest.mark.parametrize(
    "change",
    [
        by_machine,
        lambda said: replace(said, origin=Origin.BACKFILL),
        lambda said: replace(said, actor=replace(said.actor, level=SenderLevel.FAILED)),
        lambda said: replace(said, audience=Audience.GROUP),
        lambda said: replace(
            said, actor=replace(said.actor, kind=ActorKind.STAFF), customer=said.actor
        ),
        lambda said: replace(said, thread=thread("ada")),
    ],
    ids=["machine", "history", "forged", "group", "staff", "channel without it"],
)
async def test_some_beginnings_are_not_answered(
    desk: Assembly, change: Callable[[Inbound], Inbound]
) -> None:
    """A forged mail would have us write to whoever it names."""
    said = change(mail())

    await _told(desk, said)

    assert not _adapter(desk).sent
    author = "" if said.audience is Audience.PRIVATE else "email:mail:ada@x.example"
    assert await desk.texts(await desk.leg_of(said.thread, author)) == ["mail 1"]


async def test_one_person_is_answered_once_a_day(desk: Assembly) -> None:
    """However many subjects they think of. What ends the day is the key's own end."""
    for n in range(5):
        await _told(desk, mail(n))
    assert len(_adapter(desk).sent) == 1
    key = desk.store.keys.answered("mail", identity_id("email", "mail", "ada@x.example"))
    left = await desk.store.redis.pttl(key)
    assert AGAIN_SECONDS - 60 < left / 1000 <= AGAIN_SECONDS

    await desk.store.redis.pexpire(key, 1)
    await asyncio.sleep(0.002)
    await _told(desk, mail(6))

    assert len(_adapter(desk).sent) == 2


async def test_an_account_answers_so_many_a_minute(store: Store) -> None:
    """Whoever writes in the name of a thousand people makes no thousand answers of it."""
    few = {"mail": Acknowledgement(text="We have it.", per_minute_max=3)}
    desk = Assembly(store, {"mail": MemoryAdapter()}, acknowledge=few)

    for n in range(20):
        await _told(desk, mail(n, f"person-{n}@x.example"))

    assert len(_adapter(desk).sent) == 3
    assert 0 < await store.redis.pttl(store.keys.answers("mail")) <= 60_000


async def test_a_worker_that_is_lost_leaves_the_answer_to_the_next(desk: Assembly) -> None:
    """Filed, and not yet answered; meanwhile the customer wrote again."""
    said = mail()
    leg = await _filed_and_lost(desk, said)
    await desk.dispatcher.accept(says(said.thread, "ada@x.example", "and another thing"))

    await desk.settle()

    assert len(_adapter(desk).sent) == 1
    assert sorted(await desk.texts(leg)) == ["We have it as T-1.", "and another thing", "mail 1"]


async def test_a_lost_workers_album_is_answered_though_it_grew_meanwhile(desk: Assembly) -> None:
    """Its second file came before anybody had taken the lane again."""
    first, second = (_of_album(n) for n in (1, 2))
    leg = await _filed_and_lost(desk, first)
    await desk.dispatcher.accept(second)

    await desk.settle()

    assert len(_adapter(desk).sent) == 1
    assert len((await desk.log(leg))[0].message.parts) == 2


async def test_a_leg_begins_with_its_own_first_message(desk: Assembly) -> None:
    """What a lost worker had filed to the leg before, since sealed, says nothing of this one."""
    forged, true = mail(), says(mail().thread, "ada@x.example", "it was not me")
    forged = replace(forged, actor=replace(forged.actor, level=SenderLevel.FAILED))
    leg = await _filed_and_lost(desk, forged)
    await desk.store.threads.seal(leg)
    await desk.dispatcher.accept(true)

    await desk.settle()

    new = await desk.store.legs.head(await desk.leg_of(true.thread))
    assert (new.previous, new.doubted) == (leg, False)
    assert len(_adapter(desk).sent) == 1


def _of_album(n: int) -> Inbound:
    body = MessageCreated(remote=f"file {n}", parts=(file(f"file {n}"),), album="album")
    return replace(mail(), body=body)


async def _filed_and_lost(desk: Assembly, said: Inbound) -> LegId:
    """By a worker that did not live to do what is owed."""
    await desk.dispatcher.accept(said)
    lease = desk.handed.popleft()
    leg = desk.store.keys.leg_id(desk.new_id(), said.thread)
    run = [(lease.entries[0].seq, as_message(said))]
    await desk.store.threads.file(lease, "", leg, None, _head(said), run, {}, acknowledge=False)
    await make_due(desk.store)
    return leg


# --- machines that face one another


class Responder:
    """A machine that answers whatever it gets by a new mail of its own, without a word in any
    header that says so, each time under another subject.
    """

    def __init__(self, desk: Assembly, own_account: str, other_account: str) -> None:
        self._desk, self._count = desk, 0
        self._own, self._other = own_account, other_account
        self.waiting: list[Inbound] = []

    def receive(self, outbound: Outbound) -> None:
        self.waiting.append(self.mail())

    def mail(self) -> Inbound:
        self._count += 1
        who = f"{self._own}@x.example"
        where = ThreadRef(
            channel="email", account=self._other, thread=f"{self._own}-{self._count}/{who}"
        )
        return replace(says(where, who, f"I got it ({self._count})"), title=f"No. {self._count}")


async def test_a_rude_machine_gets_one_answer_in_thousands_of_rounds(desk: Assembly) -> None:
    """It answers each of ours, and writes of its own accord every two seconds for an hour."""
    machine = Responder(desk, "machine", "mail")
    _adapter(desk).before_send = machine.receive

    for _ in range(ROUNDS):
        await desk.dispatcher.accept(machine.mail())
        for said in [machine.waiting.pop() for _ in machine.waiting[:]]:
            await desk.dispatcher.accept(said)
        while desk.handed:
            lease = desk.handed.popleft()
            if lease.kind != "task":
                await desk.work(lease)

    assert len(_adapter(desk).sent) == 1
    assert await _filed(desk) == ROUNDS + 1


async def test_two_desks_that_face_each_other_answer_once(store: Store) -> None:
    """Both acknowledge, and what lies between them takes every header away."""
    both = {one: Acknowledgement(text="We have it.") for one in ("here", "there")}
    adapters = {"here": MemoryAdapter(), "there": MemoryAdapter()}
    desk = Assembly(store, adapters, acknowledge=both)
    machines = {one: Responder(desk, one, other) for one, other in (("here", "there"),
                                                                    ("there", "here"))}  # fmt: skip
    for account, adapter in adapters.items():
        adapter.before_send = machines[account].receive
    await _told(desk, machines["there"].mail())

    for _ in range(200):
        for machine in machines.values():
            for said in [machine.waiting.pop() for _ in machine.waiting[:]]:
                await _told(desk, said)

    sent = Counter(outbound.thread.account for a in adapters.values() for outbound in a.sent)
    assert sent == {"here": 1, "there": 1}


async def _told(desk: Assembly, said: Inbound) -> None:
    await desk.dispatcher.accept(said)
    await desk.settle()


def _head(said: Inbound) -> NewLeg:
    return new_leg(
        thread=said.thread,
        author=identity_of(said),
        author_name="Ada",
        audience=Audience.PRIVATE,
        number=Number("T-1"),
        title="",
        previous=None,
        ungathered=False,
    )


async def _filed(desk: Assembly) -> int:
    """How many messages there are, on all legs."""
    keys = await desk.store.read.one("KEYS", "*}leg:*")
    legs = [LegId(key.decode().partition("leg:")[2]) for key in keys]
    return sum([len(await desk.texts(leg)) for leg in legs]) - len(_adapter(desk).sent)


def _adapter(desk: Assembly) -> MemoryAdapter:
    adapter = desk.adapters["mail"]
    assert isinstance(adapter, MemoryAdapter)
    return adapter
