"""What core asks of an adapter, and what an adapter may ask of core."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from pathlib import Path
from typing import Final, Protocol, runtime_checkable

import msgspec

from core.model.capabilities import Capabilities
from core.model.content import Attachment
from core.model.conversation import Status
from core.model.event import Actor, Inbound
from core.model.ids import Number, ThreadRef
from core.model.message import Audience
from core.model.outbound import Outbound, Receipt

Deliver = Callable[[Inbound], Awaitable[None]]
"""Returns when the event is durable; only then may the platform be acknowledged.

Raises StoreError when it is not: acknowledge nothing, wait, hand the same event in again.
"""


class Checkpoints(Protocol):
    """Small durable notes of one account (e.g. the last UID taken). Values are text, ≤ 4 KiB."""

    async def load(self, name: str) -> str | None: ...
    async def save(self, name: str, value: str) -> None: ...


class Blobs(Protocol):
    """The content-addressed store of bytes. Keys are sha256 in hex."""

    async def put(self, chunks: AsyncIterator[bytes], *, size_bytes_max: int) -> tuple[str, int]:
        """Store a stream; -> (sha256, size in bytes). Raises InvalidRequest when it is longer than
        allowed.
        """
        ...

    async def put_all(self, files: Sequence[bytes]) -> None:
        """Store what is in memory already, one after another: cheaper than each by itself."""
        ...

    def path(self, sha256: str) -> Path:
        """Where the bytes are, for reading only. Raises NotFound."""
        ...


class Quarantine(Protocol):
    """Where payloads go that could not be understood; an operator replays them after a fix."""

    async def __call__(self, account: str, payload: bytes, reason: str) -> None: ...


class Records(Protocol):
    """Where an adapter puts each payload as it received it, for a later replay."""

    def __call__(self, payload: bytes, /) -> None:
        """Costs nothing and promises nothing: it is no part of a message's way."""
        ...


def record_nothing(_payload: bytes, /) -> None:
    pass


class Exclusive(Protocol):
    """What only one process at a time may do for this account, such as reading its updates."""

    def __call__(self, name: str, /) -> AbstractAsyncContextManager[Checkpoints]:
        """Waits until no other process is inside. What runs inside is cancelled, and Stale leaves
        it, when this process was away for so long that another may be inside by now.

        -> the account's checkpoints, whose `save` raises Stale as soon as another has been let in.
        Entering raises StoreError.
        """
        ...


class Remark(Protocol):
    """What an operator should know of this inbox while it runs: why, and what would help."""

    def __call__(self, text: str, /) -> None:
        """Replaces the last remark; empty: all is well."""
        ...


class Brief(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody on a platform may be told of a conversation, who may know of it at all."""

    number: Number
    status: Status
    audience: Audience
    title: str
    touched_at: datetime


class FrontDesk(Protocol):
    """What people on a platform ask of us by command, and are told at once. A person is named by
    their remote on the account; where somebody else has to recognise them, by all that is known of
    them. Everything here raises StoreError.
    """

    async def conversations(self, person: str) -> tuple[Brief, ...]:
        """Those of this person, over all that is linked with them, that are not closed: those
        touched last first, at most 10.
        """
        ...

    async def conversation(self, number: str, person: str | None = None) -> Brief:
        """By any of its numbers, however that is typed: this person's. None: anybody's, which is
        only for who may see everybody's.

        Raises NotFound: what is another's is as if it were none.
        """
        ...

    async def about(self, thread: ThreadRef, remote: str) -> Brief | None:
        """The conversation in which this message of the platform is, if it is in one."""
        ...

    async def link_code(self, person: Actor) -> str:
        """A code by which this person proves on another line who they are: used once, within ten
        minutes, in private. Raises Refused for who asks for too many.
        """
        ...

    async def redeem(self, person: Actor, code: str) -> str:
        """This person, in private, gives the code of another line; that side is asked to confirm.
        -> what to tell them. Raises Refused, with words for them.
        """
        ...


class Gap(msgspec.Struct, frozen=True, kw_only=True):
    """Something that was said on the account and that nobody here could read. `thread` None: it is
    not known where. `since` and `until` bound it in time.
    """

    thread: ThreadRef | None
    since: datetime
    until: datetime
    reason: str


class RecordsGaps(Protocol):
    async def __call__(self, gap: Gap, /) -> None:
        """On record for operators and agents when it returns; the same gap again has no second
        effect. Raises StoreError.
        """
        ...


class Spares(Protocol):
    """What is not worth its work while the process has too much."""

    def __call__(self, what: str, /) -> bool:
        """Whether this, such as "typing", is not done now."""
        ...


def spare_nothing(_what: str, /) -> bool:
    return False


class Surroundings(msgspec.Struct, frozen=True, kw_only=True):
    """What the gateway lends an adapter."""

    account: str
    secret: bytes
    """A key of this installation for signing what the adapter will want to recognise later."""
    checkpoints: Checkpoints
    blobs: Blobs
    quarantine: Quarantine
    exclusive: Exclusive
    remark: Remark
    front_desk: FrontDesk
    record_gap: RecordsGaps
    record: Records = record_nothing
    spares: Spares = spare_nothing
    hook_url: str = ""
    """Where the platform reaches `AcceptsWebhooks.receive`; empty if nothing from outside can."""
    own_hosts: frozenset[str] = frozenset()
    """Hosts of this installation's own addresses: what comes from outside may not lead there."""


class Adapter(Protocol):
    """One configured account of one platform."""

    @property
    def capabilities(self) -> Capabilities: ...

    async def run(self, deliver: Deliver) -> None:
        """Receive until cancelled. Raises AuthenticationError when the account's credentials are
        refused.
        """
        ...

    async def send(self, outbound: Outbound) -> Receipt:
        """Send one platform message. Raises a DeliveryError that says what may be done next."""
        ...


@runtime_checkable
class FetchesAttachments(Protocol):
    def fetch(self, attachment: Attachment) -> AsyncIterator[bytes]:
        """The bytes, streamed. Raises NotFound when the platform no longer has them."""
        ...


@runtime_checkable
class ShowsTyping(Protocol):
    async def show_typing(self, thread: ThreadRef) -> None: ...


@runtime_checkable
class EditsMessages(Protocol):
    async def edit(self, outbound: Outbound, remotes: tuple[str, ...]) -> None:
        """Make the platform message `remotes` (several for an album) say what this piece says.

        Asked twice, it has one effect. Raises a DeliveryError.
        """
        ...


@runtime_checkable
class DeletesMessages(Protocol):
    async def delete(self, thread: ThreadRef, remotes: tuple[str, ...]) -> None:
        """Take these platform messages back; one that is gone already is no error.

        Raises a DeliveryError.
        """
        ...


@runtime_checkable
class Reacts(Protocol):
    async def react(self, thread: ThreadRef, remote: str, emoji: str) -> None:
        """Make this our only reaction to a platform message; empty for none.

        Raises a DeliveryError.
        """
        ...


WHOLE_ACCOUNT: Final = "account"
"""The name of the budget that all calls of an account share."""


class Budget(msgspec.Struct, frozen=True, kw_only=True):
    """How much may be sent on one account into what `name` stands for (`KIND:ID` for a chat or a
    channel, WHOLE_ACCOUNT): `per_second` in the long run, up to `burst` at once.
    """

    name: str
    per_second: float
    burst: int


@runtime_checkable
class KeepsBudgets(Protocol):
    def budgets(self, thread: ThreadRef) -> tuple[Budget, ...]:
        """What every call into this thread draws on, all at once."""
        ...


@runtime_checkable
class MarksRead(Protocol):
    async def mark_read(self, thread: ThreadRef, remote: str) -> None: ...


class HookCall(msgspec.Struct, frozen=True, kw_only=True):
    """A platform's request to the inbox' address. Names of `headers` are in lower case; of one
    that is repeated the last counts.

    `body` can be read once. What reading it raises is the gateway's to answer: let it pass.
    """

    method: str
    headers: Mapping[str, str]
    query: Mapping[str, str]
    body: AsyncIterator[bytes]


class HookAnswer(msgspec.Struct, frozen=True, kw_only=True):
    status: int
    headers: dict[str, str] = {}
    body: bytes = b""


@runtime_checkable
class AcceptsWebhooks(Protocol):
    async def receive(self, call: HookCall, deliver: Deliver) -> HookAnswer:
        """Verify one call and deliver what it brings.

        Anybody may call: read nothing before you know who does, and no more than a set size.
        Success is answered only after `deliver` has returned; a 503 makes the platform call again.
        """
        ...


class Replayed(msgspec.Struct, frozen=True, kw_only=True):
    """What a recorded payload says. `files` belong into the blob store before its events do."""

    events: tuple[Inbound, ...]
    files: tuple[bytes, ...] = ()


@runtime_checkable
class Replays(Protocol):
    def replay(self, payload: bytes, at: datetime) -> Replayed:
        """Read once more what was recorded (`Surroundings.record`) or set aside, and came then.
        Asks nobody; the events have the dedup ids that they had. Raises MalformedPayload.
        """
        ...


class OpenedThread(msgspec.Struct, frozen=True, kw_only=True):
    """Where a person can be written to. `remote` is what they are called in what they write
    themselves, `exchange` as in Inbound.
    """

    thread: ThreadRef
    remote: str
    exchange: str = ""


@runtime_checkable
class OpensThreads(Protocol):
    async def open_thread(self, remote: str, name: str = "") -> OpenedThread:
        """Where a conversation with this person can be started; asked twice, it has one effect.

        Where each conversation has a thread of its own, that of this name: the same for the same
        one. Elsewhere a person has one thread. Raises PermanentDeliveryError.
        """
        ...


class Showing(msgspec.Struct, frozen=True, kw_only=True):
    """How far the piece of work has come that a public message began: `remote` is that message,
    `context` the newest Inbound.context of its leg.
    """

    thread: ThreadRef
    remote: str
    number: Number
    status: Status
    context: dict[str, str] = {}


@runtime_checkable
class ShowsStates(Protocol):
    async def show_state(self, showing: Showing) -> None:
        """Make it visible on the message, for whoever reads along. Asked twice, it has one effect;
        the newest counts. Raises a DeliveryError.
        """
        ...


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was looked at. `ok` None: it works, but worse than it could. `remedy` says
    what to do about it, empty where nothing is to be done.
    """

    subject: str
    ok: bool | None
    text: str
    remedy: str = ""


@runtime_checkable
class Diagnoses(Protocol):
    async def diagnose(self) -> tuple[Finding, ...]:
        """Look at the account on its platform: login, rights, limits. Raises nothing of its own:
        what cannot be looked at is a finding.
        """
        ...
