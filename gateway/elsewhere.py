"""Inboxes that another process of this installation runs: how they are, and what can be asked of
them all the same.

Each process tells of its inboxes every few seconds (`Telling`), in Redis, where that is forgotten
soon. Whoever needs them looks there (`Elsewhere`) and gives errands: to show that an agent writes,
to open a thread, to fetch a file. Messages are not sent that way; they wait in their lanes.
"""

import asyncio
from collections.abc import Container, Mapping
from typing import Any, Final

import msgspec
import structlog

from core import errors
from core.errors import DeliveryError, Refused, StoreError, TemporaryDeliveryError, mistake
from core.model.capabilities import Capabilities
from core.model.ids import LegId, ThreadRef
from core.ports import Adapter, Deliver, MarksRead, OpenedThread, OpensThreads, ShowsTyping
from core.store.store import Store
from gateway.desk import InboxHealth

TELL_SECONDS: Final = 3.0
KNOWN_SECONDS: Final = 10.0
"""What was told is believed so long."""

LOOK_SECONDS: Final = 1.0
OPEN_SECONDS: Final = 25.0
FETCH_SECONDS: Final = 310.0
"""A little more than the other process gives itself."""

AWAY: Final = "away"
"""The state of an inbox that no process runs."""

log = structlog.get_logger()


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What a process tells of an inbox. `can` are the abilities that may be asked for; of an
    adapter that does not run `capabilities` is None.
    """

    health: InboxHealth
    capabilities: Capabilities | None = None
    can: tuple[str, ...] = ()


class Types(msgspec.Struct, frozen=True, tag="type"):
    """An agent is writing there."""

    thread: str


class Reads(msgspec.Struct, frozen=True, tag="read"):
    thread: str
    remote: str


class Opens(msgspec.Struct, frozen=True, tag="open"):
    """Open a private thread with this person. Answered with it, as JSON."""

    remote: str
    name: str = ""


class Fetches(msgspec.Struct, frozen=True, tag="fetch"):
    """Have this attachment's bytes in the blob store."""

    leg: str
    position: int
    attachment: str


Errand = Types | Reads | Opens | Fetches


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """`failure` is the name of an error of core.errors, empty when all went well."""

    text: str = ""
    failure: str = ""
    code: str = ""
    retry_after_seconds: float | None = None


_errand = msgspec.msgpack.Decoder(Errand)
_answer = msgspec.msgpack.Decoder(Answer)
_told = msgspec.msgpack.Decoder(Told)
_opened = msgspec.json.Decoder(OpenedThread).decode
_pack = msgspec.msgpack.Encoder().encode


def told_of(health: InboxHealth, adapter: Adapter | None) -> Told:
    can = [name for name, port in ABILITIES.items() if isinstance(adapter, port)]
    capabilities = _plain(adapter.capabilities) if adapter else None
    return Told(health=health, capabilities=capabilities, can=tuple(can))


def _plain(capabilities: Capabilities) -> Capabilities:
    """Without what a channel's own kind of capabilities adds: only its values travel."""
    values = {name: getattr(capabilities, name) for name in Capabilities.__struct_fields__}
    return Capabilities(**values)


class _Inbox:
    """Stands for an adapter in another process."""

    def __init__(self, store: Store, account: str, capabilities: Capabilities) -> None:
        self._store, self._account = store, account
        self.capabilities = capabilities

    async def run(self, deliver: Deliver) -> None:
        raise NotImplementedError("another process receives for this inbox")

    async def send(self, outbound: Any) -> Any:
        raise NotImplementedError("another process sends for this inbox")

    async def _notify(self, errand: Errand) -> None:
        await self._store.errands.send(self._account, _pack(errand))

    async def _ask(self, errand: Errand, seconds: float) -> str:
        return await ask(self._store, self._account, errand, seconds)


class _Types(_Inbox):
    async def show_typing(self, thread: ThreadRef) -> None:
        await self._notify(Types(str(thread)))


class _Reads(_Inbox):
    async def mark_read(self, thread: ThreadRef, remote: str) -> None:
        await self._notify(Reads(str(thread), remote))


class _Opens(_Inbox):
    async def open_thread(self, remote: str, name: str = "") -> OpenedThread:
        return _opened(await self._ask(Opens(remote, name), OPEN_SECONDS))


ABILITIES: Final[Mapping[str, type]] = {
    "type": ShowsTyping,
    "read": MarksRead,
    "open": OpensThreads,
}
_STANDING_IN: Final[Mapping[str, type[_Inbox]]] = {"type": _Types, "read": _Reads, "open": _Opens}


def stand_in(store: Store, account: str, told: Told) -> Adapter | None:
    """An adapter that can what the other one can, and asks it to; None while that does not run."""
    if told.capabilities is None:
        return None
    parts = tuple(_STANDING_IN[name] for name in told.can if name in _STANDING_IN)
    kind = type("InboxElsewhere", parts or (_Inbox,), {})
    made: Adapter = kind(store, account, told.capabilities)
    return made


async def ask(store: Store, account: str, errand: Errand, seconds: float) -> str:
    """Raises what the other process met: DeliveryError, Refused; StoreError."""
    try:
        packed = await store.errands.ask(account, _pack(errand), seconds)
    except TimeoutError as error:
        raise TemporaryDeliveryError(
            f"the process that runs inbox {account} did not answer within {seconds:.0f} s"
        ) from error
    if packed is None:
        raise TemporaryDeliveryError(f"inbox {account} is not running: try again later")
    answer = _answer.decode(packed)
    if answer.failure:
        raise _error(answer)
    return answer.text


def failed(error: Exception) -> Answer:
    """What whoever asked is to meet."""
    if isinstance(error, DeliveryError | Refused):
        retry = getattr(error, "retry_after_seconds", None)
        name, code = type(error).__name__, error.code
        return Answer(text=str(error), failure=name, code=code, retry_after_seconds=retry)
    log.warning("an errand failed", reason=mistake(error))
    reason = f"it could not be done ({type(error).__name__}): the log of its process says more"
    return Answer(text=reason, failure=TemporaryDeliveryError.__name__)


def _error(answer: Answer) -> Exception:
    kind = getattr(errors, answer.failure, TemporaryDeliveryError)
    if kind is TemporaryDeliveryError:
        return TemporaryDeliveryError(
            answer.text, code=answer.code, retry_after_seconds=answer.retry_after_seconds
        )
    found: Exception = kind(answer.text)
    if answer.code:
        found.code = answer.code  # type: ignore[attr-defined]
    return found


class Elsewhere:
    """What this process knows of inboxes that it does not run itself."""

    def __init__(self, store: Store, kinds: Mapping[str, str], here: Container[str]) -> None:
        """`kinds`: all inboxes, each with its kind of channel; `here`: those that this process
        runs now.
        """
        self._store, self._kinds, self._here = store, kinds, here
        self._told: dict[str, Told] = {}
        self.adapters: dict[str, Adapter] = {}
        """Stand-ins for those that run, by account."""

    def health(self) -> tuple[InboxHealth, ...]:
        return tuple(
            self._told[account].health
            if account in self._told
            else InboxHealth(
                account=account, channel=kind, state=AWAY, reason="no process runs this inbox"
            )
            for account, kind in self._kinds.items()
            if account not in self._here
        )

    async def run(self) -> None:
        """Look again and again. A store that is away leaves what was known last."""
        while True:
            try:
                await self._look()
            except StoreError as error:
                log.info("the other inboxes are not known for now", reason=str(error))
            await asyncio.sleep(LOOK_SECONDS)

    async def fetch(self, account: str, leg: LegId, position: int, attachment: str) -> None:
        """Have its bytes in the blob store, which is shared. Raises DeliveryError, Refused."""
        errand = Fetches(leg, position, attachment)
        await ask(self._store, account, errand, FETCH_SECONDS)

    async def _look(self) -> None:
        accounts = tuple(self._kinds)
        heard = await self._store.announced.heard(accounts)
        for account, packed in zip(accounts, heard, strict=True):
            if packed is None or account in self._here:
                self._told.pop(account, None)
                self.adapters.pop(account, None)
            else:
                self._hear(account, _told.decode(packed))

    def _hear(self, account: str, told: Told) -> None:
        if self._told.get(account) == told:
            return
        self._told[account] = told
        adapter = stand_in(self._store, account, told)
        if adapter:
            self.adapters[account] = adapter
        else:
            self.adapters.pop(account, None)
