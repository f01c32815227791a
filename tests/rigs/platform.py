"""A platform in memory: an adapter that records what it was asked to send and to change."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

from msgspec.structs import replace
from typing_extensions import override

from core.errors import DeliveryError, InvalidRequest, NotFound, PermanentDeliveryError
from core.model.capabilities import Capabilities, Resend
from core.model.content import Attachment, Text
from core.model.conversation import Status
from core.model.ids import ThreadRef
from core.model.outbound import Outbound, Receipt
from core.ports import Blobs, Budget, Deliver, OpenedThread, Showing


class MemoryAdapter:
    """Text of up to 1000 characters. `failures` are raised one after another, one a call."""

    def __init__(
        self, *, resend: Resend = Resend.NEVER, text_limit: int = 1000, copies: bool = False
    ) -> None:
        self.sent: list[Outbound] = []
        self.fetched: list[str] = []
        self.failures: list[DeliveryError] = []
        self.files: dict[str, list[bytes | Exception]] = {}
        """What each attempt to fetch a file comes to, by its remote name; the last one repeats."""
        self.before_send: Callable[[Outbound], None] = lambda _: None
        self._capabilities = Capabilities(text_limit=text_limit, resend=resend, copies=copies)

    @property
    def capabilities(self) -> Capabilities:
        return self._capabilities

    async def run(self, deliver: Deliver) -> None:
        """Nothing arrives by itself: a test hands its events to `deliver`."""
        await asyncio.Event().wait()

    async def send(self, outbound: Outbound) -> Receipt:
        self.before_send(outbound)
        self.fail_if_told()
        self.sent.append(outbound)
        return Receipt(remotes=(f"sent-{len(self.sent)}-{outbound.key}",))

    def fail_if_told(self) -> None:
        if self.failures:
            raise self.failures.pop(0)

    async def fetch(self, attachment: Attachment) -> AsyncIterator[bytes]:
        self.fetched.append(attachment.remote)
        outcomes = self.files.get(attachment.remote, [NotFound("the platform no longer has it")])
        outcome = outcomes.pop(0) if len(outcomes) > 1 else outcomes[0]
        if isinstance(outcome, Exception):
            raise outcome
        yield outcome

    def texts(self, thread: str = "") -> list[str]:
        """What was sent, in order; of one thread only, if it is named."""
        return [
            text_of(outbound)
            for outbound in self.sent
            if not thread or outbound.thread.thread == thread
        ]


class BudgetedAdapter(MemoryAdapter):
    """The same, with so much allowed into each thread and on the whole account."""

    def __init__(self, *, chat: tuple[float, int], account: tuple[float, int] = (1e4, 100)) -> None:
        super().__init__()
        self._chat, self._account = chat, account

    def budgets(self, thread: ThreadRef) -> tuple[Budget, ...]:
        whole = Budget(name="account", per_second=self._account[0], burst=self._account[1])
        chat = Budget(name=thread.thread, per_second=self._chat[0], burst=self._chat[1])
        return whole, chat


class ChangingAdapter(MemoryAdapter):
    """A chat that can edit, delete, react, show typing and keep quiet, as Telegram can.

    `shown` is what the customer sees: the platform's id of a message -> its text. `calls` are the
    changes it was asked for, also those it did not agree to.
    """

    def __init__(
        self,
        *,
        resend: Resend = Resend.NEVER,
        text_limit: int = 1000,
        edit_window: timedelta | None = None,
    ) -> None:
        super().__init__(resend=resend, text_limit=text_limit)
        self.shown: dict[str, str] = {}
        self.reactions: dict[str, str] = {}
        self.typing: list[ThreadRef] = []
        self.read: list[str] = []
        self.calls: list[tuple[str, ...]] = []
        self.after_call: Callable[[], None] = lambda: None
        self._capabilities = replace(
            self._capabilities,
            edits=True,
            edit_window=edit_window,
            deletes=True,
            reactions=True,
            typing=True,
            silent=True,
            buttons=8,
        )

    @override
    async def send(self, outbound: Outbound) -> Receipt:
        receipt = await super().send(outbound)
        self.shown[receipt.remotes[0]] = text_of(outbound)
        return receipt

    async def edit(self, outbound: Outbound, remotes: tuple[str, ...]) -> None:
        self._called("edit", *remotes)
        for remote in remotes:
            self.shown[remote] = text_of(outbound)
        self.after_call()

    async def delete(self, thread: ThreadRef, remotes: tuple[str, ...]) -> None:
        self._called("delete", *remotes)
        for remote in remotes:
            self.shown.pop(remote, None)
        self.after_call()

    async def react(self, thread: ThreadRef, remote: str, emoji: str) -> None:
        self._called("react", remote, emoji)
        self.reactions[remote] = emoji
        self.after_call()

    async def show_typing(self, thread: ThreadRef) -> None:
        self.fail_if_told()
        self.typing.append(thread)

    async def mark_read(self, thread: ThreadRef, remote: str) -> None:
        self.fail_if_told()
        self.read.append(remote)

    def _called(self, *call: str) -> None:
        self.calls.append(call)
        self.fail_if_told()


class CommunityAdapter(ChangingAdapter):
    """A platform with public places, which writes to people first and shows how far their questions
    have come. `closed` are those who let nobody write to them, `opened` whom it was asked for.
    """

    def __init__(self) -> None:
        super().__init__()
        self.opened: list[str] = []
        self.closed: set[str] = set()
        self.opens_after_seconds = 0.0
        self.reworded: list[Outbound] = []
        self.shown_states: list[Showing] = []
        self.state_failures: list[DeliveryError] = []

    @override
    async def edit(self, outbound: Outbound, remotes: tuple[str, ...]) -> None:
        self.reworded.append(outbound)
        await super().edit(outbound, remotes)

    async def open_thread(self, remote: str, name: str = "") -> OpenedThread:
        await asyncio.sleep(self.opens_after_seconds)
        if remote in self.closed:
            raise PermanentDeliveryError("they let nobody write to them", code="closed")
        self.opened.append(remote)
        thread = ThreadRef(channel="telegram", account="bot", thread=f"dm {remote}")
        return OpenedThread(thread=thread, remote=remote)

    async def show_state(self, showing: Showing) -> None:
        if self.state_failures:
            raise self.state_failures.pop(0)
        self.shown_states.append(showing)

    @property
    def states(self) -> dict[str, Status]:
        """What is to be seen on each message, by the platform's id of it."""
        return {one.remote: one.status for one in self.shown_states}


class MemoryBlobs(Blobs):
    """Files in memory; whoever wants one as a file has none."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}

    @override
    async def put(self, chunks: AsyncIterator[bytes], *, size_bytes_max: int) -> tuple[str, int]:
        content = b"".join([chunk async for chunk in chunks])
        if len(content) > size_bytes_max:
            raise InvalidRequest(f"the file is larger than the {size_bytes_max} bytes allowed")
        digest = sha256(content).hexdigest()
        self.files[digest] = content
        return digest, len(content)

    @override
    async def put_all(self, files: Sequence[bytes]) -> None:
        self.files |= {sha256(content).hexdigest(): content for content in files}

    @override
    def path(self, sha256: str) -> Path:
        raise NotFound(f"no stored file has the hash {sha256}")


def text_of(outbound: Outbound) -> str:
    return "\n".join(part.text for part in outbound.parts if isinstance(part, Text))
