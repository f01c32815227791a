"""What the gateway lends an adapter, as small as it can be and real all the same."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from core.errors import InvalidRequest, NotFound, StoreUnavailable
from core.model.event import Inbound
from core.ports import Exclusive, Surroundings
from tests.rigs.front_desk import MemoryFrontDesk, MemoryGaps


class DirectoryBlobs:
    """Content-addressed files in one directory."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    async def put(self, chunks: AsyncIterator[bytes], *, size_bytes_max: int) -> tuple[str, int]:
        data = b"".join([chunk async for chunk in chunks])
        if len(data) > size_bytes_max:
            raise InvalidRequest(f"{len(data)} bytes, {size_bytes_max} are allowed")
        sha256 = hashlib.sha256(data).hexdigest()
        await asyncio.to_thread((self._directory / sha256).write_bytes, data)
        return sha256, len(data)

    async def put_all(self, files: Sequence[bytes]) -> None:
        for data in files:
            await asyncio.to_thread(self.add, data)

    def path(self, sha256: str) -> Path:
        path = self._directory / sha256
        if not sha256.isalnum() or not path.exists():
            raise NotFound(f"no blob {sha256}")
        return path

    def add(self, data: bytes) -> str:
        sha256 = hashlib.sha256(data).hexdigest()
        (self._directory / sha256).write_bytes(data)
        return sha256


@dataclass
class MemoryCheckpoints:
    """Survives the adapter, as the store does."""

    values: dict[str, str] = field(default_factory=dict)

    async def load(self, name: str) -> str | None:
        return self.values.get(name)

    async def save(self, name: str, value: str) -> None:
        self.values[name] = value


@dataclass
class Shelf:
    """Quarantine that remembers what was put there."""

    payloads: list[bytes] = field(default_factory=list)

    async def __call__(self, account: str, payload: bytes, reason: str) -> None:
        self.payloads.append(payload)


@dataclass
class Inbox:
    """Core's end: takes what is delivered. `refusals`: so many deliveries fail first,
    `lost_answers`: so many are stored without the adapter being told.
    """

    events: list[Inbound] = field(default_factory=list)
    refusals: int = 0
    lost_answers: int = 0
    attempts: int = 0

    async def __call__(self, inbound: Inbound) -> None:
        self.attempts += 1
        if self.refusals:
            self.refusals -= 1
            raise StoreUnavailable("the test says: not now")
        self.events.append(inbound)
        if self.lost_answers:
            self.lost_answers -= 1
            raise StoreUnavailable("the test says: stored, but you do not hear of it")


@dataclass
class Lent:
    """The surroundings of one account, within reach of a test."""

    directory: Path
    account: str = "support"
    checkpoints: MemoryCheckpoints = field(default_factory=MemoryCheckpoints)
    quarantine: Shelf = field(default_factory=Shelf)
    remarks: list[str] = field(default_factory=list)
    front_desk: MemoryFrontDesk = field(default_factory=MemoryFrontDesk)
    gaps: MemoryGaps = field(default_factory=MemoryGaps)
    exclusive: Exclusive | None = None
    """Whose turn it is; None: there is no other process."""

    def __post_init__(self) -> None:
        self.blobs = DirectoryBlobs(self.directory)

    @property
    def surroundings(self) -> Surroundings:
        return Surroundings(
            account=self.account,
            secret=b"a key of 32 bytes, for tests only",
            checkpoints=self.checkpoints,
            blobs=self.blobs,
            quarantine=self.quarantine,
            exclusive=self.exclusive or self._alone,
            remark=self.remarks.append,
            front_desk=self.front_desk,
            record_gap=self.gaps,
        )

    @asynccontextmanager
    async def _alone(self, _name: str) -> AsyncIterator[MemoryCheckpoints]:
        yield self.checkpoints
