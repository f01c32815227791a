"""Mail for the agents' page: through the real normaliser, its files from the real adapter."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Final

from msgspec.structs import replace

from adapters.email.account import Account, Delivered, Opinion
from adapters.email.adapter import EmailAdapter, open_adapter
from adapters.email.incoming.normalise import normalise
from adapters.email.settings import EmailSettings, ImapSettings, SmtpSettings
from core.ids import new_ulid
from core.model.conversation import Conversation
from core.model.ids import EventId
from core.model.secret import Secret
from tests.contract.surroundings import Lent
from tests.e2e.http.rig import Served

ADDRESS: Final = "help@desk.example"
OWN_HOSTS: Final = frozenset({"127.0.0.1"})
SETTINGS: Final = EmailSettings(
    address=ADDRESS,
    imap=ImapSettings(host="imap.desk.example", user=ADDRESS, password=Secret("none")),
    smtp=SmtpSettings(host="smtp.desk.example"),
)


class Mailroom:
    """One mailbox of the desk. Nothing is asked of a mail server: mails are handed in."""

    def __init__(self, desk: Served, adapter: EmailAdapter) -> None:
        self._desk = desk
        desk.rig.adapters["mail"] = adapter
        self._account = Account(
            name="mail", address=ADDRESS, secret=b"of the mailbox", own_hosts=OWN_HOSTS
        )

    async def comes(self, raw: bytes, opinion: Opinion | None = None) -> Conversation:
        """A mail came: -> its conversation, with the mail's files brought here."""
        found = normalise(
            raw,
            self._account,
            Delivered(
                event=EventId(new_ulid()),
                received_at=datetime.now(UTC),
                opinion=opinion or Opinion(),
            ),
        )
        for content in (raw, *found.blobs.values()):
            await self._desk.rig.desk.blobs.put(once(content), size_bytes_max=10**8)
        [event] = found.events
        conversation = await self._desk.rig.hears(event)
        await self._desk.rig.fetch(event.thread)
        return conversation


async def once(content: bytes) -> AsyncIterator[bytes]:
    yield content


@asynccontextmanager
async def mailroom(desk: Served, directory: Path) -> AsyncIterator[Mailroom]:
    lent = Lent(directory).surroundings
    blobs = desk.rig.desk.blobs
    async with open_adapter(SETTINGS, replace(lent, account="mail", blobs=blobs)) as adapter:
        yield Mailroom(desk, adapter)


def mail(
    text: str = "", html: str = "", pictures: Mapping[str, bytes] | None = None, **headers: str
) -> EmailMessage:
    """As a customer's mailer would write it; headers by their names, `_` for `-`. `pictures` of the
    HTML by their Content-ID.
    """
    message = EmailMessage()
    standard = {
        "From": "Mei Chen <mei@example.org>",
        "To": ADDRESS,
        "Subject": "Order 7",
        "Message-ID": f"<{new_ulid()}@example.org>",
        "Date": "Sun, 22 Nov 2026 09:00:00 +0000",
    }
    for name, value in (standard | {k.replace("_", "-"): v for k, v in headers.items()}).items():
        message[name] = value
    message.set_content(text)
    if html:
        form = EmailMessage()
        form.set_content(html, subtype="html")
        for name, content in (pictures or {}).items():
            form.add_related(content, "image", "png", cid=f"<{name}>")
        message.make_alternative()
        message.attach(form)
    return message
