"""What the victim does and the judge knows: two customers on two channels, answered and linked."""

import os
from collections.abc import AsyncIterator
from typing import Final, Literal, NamedTuple

from msgspec.structs import replace
from typing_extensions import override

from core.model.acknowledgement import Acknowledgement
from core.model.capabilities import Capabilities
from core.model.content import Attachment, Part, Text
from core.model.event import Inbound, MessageCreated
from core.model.ids import IdentityId, ThreadRef
from core.model.message import Quote, Recipient
from core.model.outbound import Outbound, Receipt
from core.ports import Adapter, Deliver
from core.store.store import StoreSettings
from tests.rigs.events import event, file

LEASE_SECONDS: Final = 0.5
MEI: Final = ThreadRef(channel="telegram", account="bot", thread="mei")
JONAS: Final = ThreadRef(channel="email", account="mail", thread="root/jonas")
BEA: Final = ThreadRef(channel="email", account="mail", thread="root/bea")
"""In one exchange with Jonas, who writes to her as well."""

MEI_ID: Final = IdentityId("telegram:bot:mei")
JONAS_ID: Final = IdentityId("email:mail:jonas")
BEA_ID: Final = IdentityId("email:mail:bea")


ACKNOWLEDGE: Final = {account: Acknowledgement(text="we have it") for account in ("bot", "mail")}
"""Both inboxes answer what begins a conversation."""


class Step(NamedTuple):
    """`say` a customer's message, `reply` to the one before, `edit` that reply, `link` the two,
    `close` the first.
    """

    act: Literal["say", "reply", "edit", "link", "close"]
    thread: ThreadRef = MEI
    text: str = ""
    file: str = ""
    """A file that is said with the text, as the platform calls it."""

    @property
    def words(self) -> str:
        return f"{self.text} [media]" if self.file else self.text


SCRIPT: Final = (
    Step("say", MEI, "mei 1"),
    Step("reply", MEI, "to mei 1"),
    Step("say", JONAS, "jonas 1"),
    Step("say", MEI, "mei 2"),
    Step("link"),
    Step("say", JONAS, "jonas 2"),
    Step("reply", JONAS, "to jonas 2"),
    Step("say", BEA, "bea 1"),
    Step("close"),
    Step("say", MEI, "mei 3", "file of mei"),
    Step("reply", MEI, "to mei 3"),
    Step("edit", MEI, "to mei 3"),
    Step("say", JONAS, "jonas 3", "file of jonas"),
)
SAID: Final = tuple(step for step in SCRIPT if step.act == "say")


class LoggingAdapter(Adapter):
    """A platform without idempotency: what arrives is a line in a file, whoever sent it. Edits are
    lines as well.
    """

    def __init__(self, path: str) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    @property
    @override
    def capabilities(self) -> Capabilities:
        return Capabilities(text_limit=4096, edits=True)

    @override
    async def run(self, deliver: Deliver) -> None:
        raise NotImplementedError

    async def fetch(self, attachment: Attachment) -> AsyncIterator[bytes]:
        yield attachment.remote.encode()

    @override
    async def send(self, outbound: Outbound) -> Receipt:
        os.write(self._file, f"{outbound.message}\n".encode())
        return Receipt(remotes=(f"sent:{outbound.key}",))

    async def edit(self, outbound: Outbound, remotes: tuple[str, ...]) -> None:
        os.write(self._file, f"{outbound.message}\n".encode())


def said(step: Step) -> Inbound:
    """What the platform tells of a step, each time it is asked."""
    who = step.thread.thread.rpartition("/")[2]
    parts: tuple[Part, ...] = (Text(text=step.text),)
    body = MessageCreated(
        remote=remote_of(step),
        parts=(*parts, file(step.file)) if step.file else parts,
        recipients=(Recipient(address="bea"),) if step.thread == JONAS else (),
        answers=Quote(remote="remote jonas 1") if step.thread == BEA else None,
    )
    said = event(step.thread, who, body, step.text)
    return replace(said, exchange="root") if step.thread.account == "mail" else said


def settings(url: str) -> StoreSettings:
    return StoreSettings(url=url, lease_seconds=LEASE_SECONDS)


def reply_id(step: Step) -> str:
    return "reply-" + step.text.replace(" ", "-")


def edit_id(step: Step) -> str:
    return "edit-" + step.text.replace(" ", "-")


def remote_of(step: Step) -> str:
    return "remote " + step.text
