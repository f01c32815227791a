"""Workers under more load than they take."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from typing_extensions import override

from core.ids import new_ulid
from core.model.acknowledgement import Acknowledgement
from core.model.content import Attachment
from core.model.conversation import Entry
from core.model.event import Inbound, MessageCreated
from core.model.ids import ThreadRef
from core.model.message import DeliveryState
from core.model.outbound import Outbound, Receipt
from core.ports import Deliver
from core.rules.attachments import attachments_of
from core.store.keys import WAKE, tags
from core.store.store import Store
from gateway.workers import LANES_MAX, HandOver, Workers
from tests.rigs.assembly import Assembly
from tests.rigs.events import event, file, says, thread
from tests.rigs.platform import MemoryAdapter
from tests.rigs.waiting import PATIENCE_SECONDS, eventually

BUSY = [thread(f"busy {n}") for n in range(LANES_MAX)]
ADA = thread("ada")


FETCHES = 2
"""Fetch lanes that one process works on at a time."""


class _Hanging(MemoryAdapter):
    """A platform that answers when it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.answers = asyncio.Event()
        self.downloads = asyncio.Event()
        self.asked = 0

    @override
    async def send(self, outbound: Outbound) -> Receipt:
        self.asked += 1
        await self.answers.wait()
        return await super().send(outbound)

    @override
    async def fetch(self, attachment: Attachment) -> AsyncIterator[bytes]:
        self.fetched.append(attachment.remote)
        await self.downloads.wait()
        yield b"of the customer"


class _Flooding(_Hanging):
    """While a file of theirs is fetched, some customers send the next one."""

    def __init__(self) -> None:
        super().__init__()
        self.downloads.set()
        self.deliver: Deliver | None = None

    @override
    async def fetch(self, attachment: Attachment) -> AsyncIterator[bytes]:
        if self.deliver and attachment.remote.startswith("busy"):
            await self.deliver(_sends(thread(attachment.remote)))
        async for chunk in super().fetch(attachment):
            yield chunk


class _Office:
    """One process that works as the gateway does."""

    def __init__(
        self,
        store: Store,
        platform: _Hanging | None = None,
        acknowledge: Mapping[str, Acknowledgement] | None = None,
    ) -> None:
        self.platform = platform or _Hanging()
        self.hand_over = HandOver()
        self.desk = Assembly(
            store, {"bot": self.platform}, hand_over=self.hand_over, acknowledge=acknowledge
        )
        self.workers = Workers(
            store,
            self.hand_over,
            self.desk.dispatcher,
            self.desk.deliverer,
            self.desk.fetcher,
            self.desk.joins,
            self.desk.burials,
            ("bot",),
            lambda _: True,
            0.05,
            FETCHES,
        )

    @asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        async with asyncio.TaskGroup() as tasks:
            running = tasks.create_task(self.workers.run())
            yield
            running.cancel()

    async def know(self, *threads: ThreadRef) -> None:
        for where in threads:
            await self.desk.dispatcher.accept(says(where, where.thread, "hello"))
        await eventually(lambda: self._known(*threads))

    async def _known(self, *threads: ThreadRef) -> bool:
        found = [await self.desk.store.threads.bound(where, "") for where in threads]
        return all(found)

    async def answer(self, *threads: ThreadRef) -> None:
        for where in threads:
            await self.desk.reply(await self.desk.conversation_of(where), f"to {where.thread}")

    async def state(self, where: ThreadRef) -> DeliveryState:
        last: Entry = (await self.desk.log(await self.desk.leg_of(where)))[-1]
        assert last.delivery is not None
        return last.delivery.state


async def test_a_reply_beyond_what_is_sent_at_a_time_is_queued_and_not_unknown(
    store: Store,
) -> None:
    """Law 4: it is not being sent, so nobody may think so when its lease ends."""
    office = _Office(store)
    async with office.working():
        await office.know(*BUSY, ADA)
        await office.answer(*BUSY)
        await eventually(lambda: office.platform.asked == LANES_MAX)

        await office.answer(ADA)
        await eventually(lambda: _is_queued(office))

        office.platform.answers.set()
        await eventually(lambda: _is_sent(office))
        await office.workers.drain(5)


async def test_what_was_handed_over_is_not_lost_when_workers_stop(store: Store) -> None:
    office = _Office(store)
    async with office.working():
        await office.know(*BUSY, ADA)
        await office.answer(*BUSY)
        await eventually(lambda: office.platform.asked == LANES_MAX)
        await office.answer(ADA)
    office.platform.answers.set()
    await office.workers.drain(5)

    await Assembly(store, {"bot": office.platform}).settle()

    assert await office.state(ADA) is DeliveryState.SENT


async def test_a_platform_that_hangs_does_not_keep_customers_from_being_heard(
    store: Store,
) -> None:
    """Law 3."""
    office = _Office(store)
    async with office.working():
        await office.know(*BUSY)
        await office.answer(*BUSY)
        await eventually(lambda: office.platform.asked == LANES_MAX)

        await office.know(ADA)

        office.platform.answers.set()
        await office.workers.drain(5)


async def test_a_drain_waits_for_what_is_being_sent_and_for_nothing_behind_it(
    store: Store,
) -> None:
    """A lane may be long: cut off in the middle, one message of it would be unknown."""
    office = _Office(store)
    async with office.working():
        await office.know(ADA)
        await office.answer(ADA, ADA, ADA)
        await eventually(lambda: office.platform.asked == 1)

    draining = asyncio.ensure_future(office.workers.drain(5))
    await asyncio.sleep(0)  # it has begun
    office.platform.answers.set()
    await draining

    assert office.platform.asked == 1
    assert await office.state(ADA) is DeliveryState.QUEUED


async def test_what_the_last_work_says_is_sent_or_queued_and_not_unknown(store: Store) -> None:
    """A customer writes for the first time as the gateway ends: the answer that acknowledges it
    must not stand as one that may have left.
    """
    office = _Office(store, acknowledge={"bot": Acknowledgement(text="We have it.")})
    office.platform.answers.set()
    async with office.working():
        pass
    await office.desk.dispatcher.accept(says(ADA, "ada", "hello"))
    await office.workers.drain(5)

    await Assembly(store, {"bot": office.platform}).settle()

    assert await office.state(ADA) is DeliveryState.SENT
    assert office.platform.texts() == ["We have it."]


async def _is_queued(office: _Office) -> bool:
    return await office.state(ADA) is DeliveryState.QUEUED


async def _is_sent(office: _Office) -> bool:
    return await office.state(ADA) is DeliveryState.SENT


async def test_downloads_have_a_bound_of_their_own_and_hold_up_no_message(store: Store) -> None:
    """A file server that hangs must not make the whole desk mute; nor may its backlog be lost."""
    office, threads = _Office(store), [thread(f"sends {n}") for n in range(3 * FETCHES)]
    office.platform.answers.set()
    async with office.working():
        for where in threads:
            sent = MessageCreated(remote="m1", parts=(file(where.thread),))
            await office.desk.dispatcher.accept(event(where, where.thread, sent))
        await eventually(lambda: len(office.platform.fetched) == FETCHES)

        await office.know(*threads, ADA)
        await office.answer(ADA)
        await eventually(lambda: _is_sent(office))
        assert len(office.platform.fetched) == FETCHES

        office.platform.downloads.set()
        await eventually(lambda: _all_stored(office, threads))
        await office.workers.drain(5)
    assert sorted(office.platform.fetched) == sorted(where.thread for where in threads)


async def test_customers_who_never_stop_sending_files_keep_nobody_from_being_fetched_for(
    store: Store,
) -> None:
    platform = _Flooding()
    office = _Office(store, platform)
    platform.deliver = office.desk.dispatcher.accept
    async with office.working():
        await office.know(*BUSY[: 2 * FETCHES], ADA)
        for where in (*BUSY[: 2 * FETCHES], ADA):
            await office.desk.dispatcher.accept(_sends(where))
        await eventually(lambda: _all_stored(office, [ADA]))
        platform.deliver = None


def _sends(where: ThreadRef) -> Inbound:
    return event(
        where, where.thread, MessageCreated(remote=new_ulid(), parts=(file(where.thread),))
    )


async def _all_stored(office: _Office, threads: list[ThreadRef]) -> bool:
    logs = [await office.desk.log(await office.desk.leg_of(where)) for where in threads]
    files = [one for log in logs for entry in log for one in attachments_of(entry.message.parts)]
    return len(files) == len(threads) and all(one.sha256 for one in files)


async def test_a_download_in_hand_does_not_hold_up_the_end(store: Store) -> None:
    """It is begun anew by whoever takes its lane."""
    office = _Office(store)
    async with office.working():
        sent = MessageCreated(remote="m1", parts=(file("f1"),))
        await office.desk.dispatcher.accept(event(ADA, "ada", sent))
        await eventually(lambda: office.platform.fetched == ["f1"])
    async with asyncio.timeout(PATIENCE_SECONDS):
        await office.workers.drain(60)

    assert await store.redis.exists(store.keys.lane("fetch", str(ADA)))


async def test_what_only_happened_sends_nobody_to_look_for_work(store: Store) -> None:
    """Else each message that is filed costs another look into the lanes of its partition."""
    desk = Assembly(store, {"bot": MemoryAdapter()})
    await desk.dispatcher.accept(says(ADA, "ada", "hello"))
    await desk.settle()
    tag = tags(store.keys.partitions)[store.keys.of(str(ADA))].encode()

    async with store.redis.pubsub() as told:
        await told.subscribe(WAKE)
        await told.get_message(timeout=5)  # that we have subscribed
        await desk.dispatcher.accept(says(ADA, "ada", "filed at once"))
        queueing = Assembly(store, {"bot": MemoryAdapter()}, hand_over=False)
        await queueing.dispatcher.accept(says(ADA, "ada", "queued"))

        heard = await told.get_message(timeout=5), await told.get_message(timeout=5)

    assert [one and one["data"] for one in heard] == [b"|" + tag, tag + b"|"]
