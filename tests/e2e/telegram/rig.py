"""The adapter as the gateway would run it, over the sandbox, with core replaced by two lists."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from adapters.telegram.adapter import open_adapter
from adapters.telegram.settings import TelegramSettings
from core.errors import NotFound
from core.model.content import Part
from core.model.event import Inbound
from core.model.ids import ConversationId, MessageId, Number, ThreadRef
from core.model.message import Sender, SenderKind
from core.model.outbound import Outbound
from core.model.secret import Secret
from core.ports import Adapter, Surroundings
from tests.rigs.front_desk import MemoryFrontDesk, MemoryGaps


@dataclass
class Directory:
    """Blobs and checkpoints in a directory."""

    root: Path
    notes: dict[str, str] = field(default_factory=dict)

    async def put(self, chunks: AsyncIterator[bytes], *, size_bytes_max: int) -> tuple[str, int]:
        return self.keep(b"".join([chunk async for chunk in chunks])[:size_bytes_max])

    async def put_all(self, files: Sequence[bytes]) -> None:
        for content in files:
            self.keep(content)

    def keep(self, content: bytes) -> tuple[str, int]:
        name = sha256(content).hexdigest()
        (self.root / name).write_bytes(content)
        return name, len(content)

    def path(self, sha256: str) -> Path:
        if not (self.root / sha256).exists():
            raise NotFound(f"no blob {sha256}")
        return self.root / sha256

    async def load(self, name: str) -> str | None:
        return self.notes.get(name)

    async def save(self, name: str, value: str) -> None:
        self.notes[name] = value


@dataclass
class Core:
    """What core was handed. `before` runs before an event counts as stored, and may raise."""

    blobs: Directory
    delivered: list[Inbound] = field(default_factory=list)
    quarantined: list[tuple[str, bytes, str]] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    front_desk: MemoryFrontDesk = field(default_factory=MemoryFrontDesk)
    before: Callable[[Inbound], Awaitable[None]] | None = None

    async def deliver(self, event: Inbound) -> None:
        if self.before is not None:
            await self.before(event)
        self.delivered.append(event)

    async def quarantine(self, account: str, payload: bytes, reason: str) -> None:
        self.quarantined.append((account, payload, reason))

    @asynccontextmanager
    async def exclusive(self, name: str) -> AsyncIterator[Directory]:
        assert name == "receive"
        async with self.turn:
            yield self.blobs

    @property
    def texts(self) -> list[str]:
        """The text of each message delivered so far."""
        bodies = (event.body for event in self.delivered)
        return [getattr(getattr(body, "parts", [""])[0], "text", "") for body in bodies]

    def surroundings(self, hook_url: str = "") -> Surroundings:
        return Surroundings(
            account="main",
            secret=b"k" * 32,
            checkpoints=self.blobs,
            blobs=self.blobs,
            quarantine=self.quarantine,
            exclusive=self.exclusive,
            remark=self.remarks.append,
            front_desk=self.front_desk,
            record_gap=MemoryGaps(),
            hook_url=hook_url,
        )


def settings(url: str, token: str, **changes: object) -> TelegramSettings:
    """Settings that wait milliseconds where an operator's wait seconds."""
    defaults: dict[str, object] = {
        "poll_timeout_seconds": 20,
        "back_off_seconds_min": 0.01,
        "back_off_seconds_max": 0.05,
        "request_timeout_seconds": 5.0,
    }
    return TelegramSettings(token=Secret(token), api_url=url, **(defaults | changes))  # type: ignore[arg-type]


@asynccontextmanager
async def receiving(adapter: Adapter, core: Core) -> AsyncIterator[asyncio.Task[None]]:
    """The adapter receives while the block runs."""
    task = asyncio.create_task(adapter.run(core.deliver))
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.wait([task])


@asynccontextmanager
async def running(
    core: Core, options: TelegramSettings
) -> AsyncIterator[tuple[Adapter, asyncio.Task[None]]]:
    async with (
        open_adapter(options, core.surroundings()) as adapter,
        receiving(adapter, core) as task,
    ):
        yield adapter, task


def outbound(
    thread: str, *parts: Part, answers: str = "", silent: bool = False, message: str = "01M"
) -> Outbound:
    return Outbound(
        thread=ThreadRef(channel="telegram", account="main", thread=thread),
        message=MessageId(message),
        parts=parts,
        sender=Sender(kind=SenderKind.AGENT, id="kim"),
        conversation=ConversationId("c1"),
        number=Number("T-7KQ4-M"),
        answers=answers,
        silent=silent,
    )
