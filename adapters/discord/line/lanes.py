"""Work in lanes: what has the same key one after another, different keys side by side."""

import asyncio
from collections import OrderedDict, deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

Job = Callable[[], Awaitable[None]]


class Lanes:
    """A lane is there for as long as it has work, and is one task for all of it. What a job raises
    ends the tasks' group.
    """

    def __init__(self, tasks: asyncio.TaskGroup) -> None:
        self._tasks = tasks
        self._lanes: dict[str, deque[Job]] = {}

    def put(self, key: str, job: Job) -> None:
        if (lane := self._lanes.get(key)) is not None:
            lane.append(job)
            return
        self._lanes[key] = lane = deque((job,))
        self._tasks.create_task(self._work(key, lane))

    def idle(self, key: str) -> bool:
        return key not in self._lanes

    async def _work(self, key: str, lane: deque[Job]) -> None:
        while lane:
            await lane[0]()
            lane.popleft()
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
