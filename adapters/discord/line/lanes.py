"""Work in lanes: what has the same key one after another, different keys side by side."""

import asyncio
from collections import OrderedDict, deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

Job = Callable[[], Awaitable[None]]


class Lanes:
    """A lane is there for as long as it has work. What a job raises ends the tasks' group.

    A task works off one lane after another, and only when it has to wait for something is there
    another task for the lanes behind: where nothing waits, work costs no task of its own.
    """

    def __init__(self, tasks: asyncio.TaskGroup) -> None:
        self._tasks = tasks
        self._lanes: dict[str, deque[Job] | None] = {}
        """What is behind the first job of each lane. Few have anything there."""
        self._ready: deque[tuple[str, Job]] = deque()
        self._watched = False

    def put(self, key: str, job: Job) -> None:
        if key in self._lanes:
            self._behind(key).append(job)
            return
        self._lanes[key] = None
        self._ready.append((key, job))
        if not self._watched:
            self._watch()

    def idle(self, key: str) -> bool:
        return key not in self._lanes

    def _behind(self, key: str) -> deque[Job]:
        lane = self._lanes[key]
        if lane is None:
            lane = self._lanes[key] = deque()
        return lane

    def _watch(self) -> None:
        """A task for what is ready, and a look after its first step: what is left by then is left
        by one that waits.
        """
        self._watched = bool(self._ready)
        if self._ready:
            work = self._work()
            try:
                self._tasks.create_task(work)
            except RuntimeError:  # the group is being ended, and all its work with it
                work.close()
                return
            asyncio.get_running_loop().call_soon(self._watch)

    async def _work(self) -> None:
        while self._ready:
            key, job = self._ready.popleft()
            await job()
            while behind := self._lanes[key]:
                await behind.popleft()()
            del self._lanes[key]


class Turns:
    """So many at a time, in the order in which they came, but for those that are in a hurry."""

    def __init__(self, at_once: int) -> None:
        self._free = at_once
        self._waiting: OrderedDict[str, asyncio.Future[None]] = OrderedDict()

    @asynccontextmanager
    async def of(self, key: str) -> AsyncIterator[None]:
        await self._begin(key)
        try:
            yield
        finally:
            self._free += 1
            self._next()

    def hurry(self, key: str) -> None:
        """This one is next, if it waits at all."""
        if key in self._waiting:
            self._waiting.move_to_end(key, last=False)

    async def _begin(self, key: str) -> None:
        turn = asyncio.get_running_loop().create_future()
        self._waiting[key] = turn
        self._next()
        try:
            await turn
        except asyncio.CancelledError:
            if self._waiting.get(key) is turn:
                del self._waiting[key]
            elif turn.done() and not turn.cancelled():
                self._free += 1
                self._next()
            raise

    def _next(self) -> None:
        while self._free and self._waiting:
            _, turn = self._waiting.popitem(last=False)
            if not turn.done():
                self._free -= 1
                turn.set_result(None)
