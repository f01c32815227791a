"""The e-mail channel between real servers: Dovecot for IMAP, Postfix for SMTP, TLS on both."""

import email
import imaplib
import ssl
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email.message import EmailMessage
from email.policy import default
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import Literal

import aiosmtplib
import msgspec
import pytest

from adapters.email.adapter import open_adapter
from adapters.email.settings import EmailSettings, ImapSettings, SmtpSettings
from core.errors import AuthenticationError, PermanentDeliveryError, TemporaryDeliveryError
from core.model.content import Attachment, AttachmentState, Media, MediaKind, Span, Style, Text
from core.model.event import DeliveryReported, Inbound
from core.model.ids import AttachmentId
from core.model.message import DeliveryState
from core.model.secret import Secret
from core.ports import Adapter, FetchesAttachments
from tests.contract.running import message, receiving, reply_to, words
from tests.contract.surroundings import Inbox, Lent
from tests.rigs.mailports import HOST, PASSWORD
from tests.rigs.mailserver import MailServer
from tests.rigs.waiting import eventually

BINARY = bytes(range(256)) * 2000
numbers = count()


@pytest.fixture
def support(mail: MailServer) -> str:
    """A mailbox of its own for every test."""
    return mail.address(f"support{next(numbers)}")


@pytest.fixture
def lent(tmp_path: Path) -> Lent:
    return Lent(tmp_path)


@pytest.mark.parametrize("tls", ["tls", "starttls"])
async def test_a_question_and_its_answer_travel_over_tls(
    mail: MailServer, lent: Lent, support: str, tls: Literal["tls", "starttls"]
) -> None:
    """The main job, with the certificate checked on both ways."""
    inbox = Inbox()
    async with channel(mail, lent, support, tls=tls) as adapter, receiving(adapter, inbox):
        await write(mail, "mei", support, "My parcel has not arrived.")
        await arrived(inbox, 1)
        question = inbox.events[0]
        await adapter.send(
            reply_to(
                question,
                Text(text="It is on its way. 🚚", spans=(Span(0, 2, Style.BOLD),)),
                Media(media=MediaKind.FILE, attachment=stored(lent, "Übersicht.bin")),
            )
        )
        answer = await newest(mail, "mei", answers=message(question).remote)
        await write(mail, "mei", support, "Thank you!", in_reply_to=str(answer["Message-ID"]))
        await arrived(inbox, 2)

    thanks = inbox.events[1]
    assert words(question) == "My parcel has not arrived."
    assert content(answer) == "It is on its way. 🚚"
    assert [part.get_filename() for part in answer.iter_attachments()] == ["Übersicht.bin"]
    assert [part.get_payload(decode=True) for part in answer.iter_attachments()] == [BINARY]
    assert thanks.thread == question.thread
    assert message(thanks).answers is not None


async def test_mail_is_pushed(mail: MailServer, lent: Lent, support: str) -> None:
    """Every mail, also when one comes while another is taken."""
    inbox = Inbox()
    async with channel(mail, lent, support) as adapter, receiving(adapter, inbox):
        for number in range(1, 5):
            await write(mail, "mei", support, f"mail {number}")
            await arrived(inbox, number)  # the timer comes after a minute


async def test_a_backlog_comes_whole(mail: MailServer, lent: Lent, support: str) -> None:
    """Through aioimaplib's parser, which is why mails are fetched in small batches."""
    async with aiosmtplib.SMTP(hostname=HOST, port=mail.ports.smtp, start_tls=False) as smtp:
        for number in range(130):
            await smtp.send_message(letter(mail, "mei", support, f"mail {number}"))
    inbox = Inbox()

    async with channel(mail, lent, support) as adapter, receiving(adapter, inbox):
        await arrived(inbox, 130)

    assert sorted(map(words, inbox.events)) == sorted(f"mail {n}" for n in range(130))


async def test_an_attachment_comes_byte_for_byte(
    mail: MailServer, lent: Lent, support: str
) -> None:
    inbox = Inbox()
    async with channel(mail, lent, support) as adapter, receiving(adapter, inbox):
        await write(mail, "mei", support, "See the file.", attachment=BINARY)
        await arrived(inbox, 1)
        [media] = [part for part in message(inbox.events[0]).parts if isinstance(part, Media)]
        assert isinstance(adapter, FetchesAttachments)
        fetched = b"".join([chunk async for chunk in adapter.fetch(media.attachment)])

    assert fetched == BINARY


async def test_hostile_bytes_stop_nobody(mail: MailServer, lent: Lent, support: str) -> None:
    """A literal may look like a protocol line; the next mail comes all the same."""
    trap = b"* 1 FETCH (UID 1 BODY[] {5}\r\nhello)\r\nA001 OK done {99}\r\n((((\r\n* BYE\r\n"
    inbox = Inbox()
    async with channel(mail, lent, support) as adapter, receiving(adapter, inbox):
        await write_raw(mail, support, b"From: eve@x.test\r\nSubject: \xff {7}\r\n\r\n" + trap * 99)
        await write(mail, "mei", support, "I am next.")
        await arrived(inbox, 2)

    assert sorted(words(event) for event in inbox.events)[1] == "I am next."
    assert trap.decode().strip().replace("\r\n", "\n") in words(
        next(event for event in inbox.events if event.actor.remote == "eve@x.test")
    )


async def test_a_bounce_is_a_report_about_the_reply(
    mail: MailServer, lent: Lent, support: str
) -> None:
    """A real one, by Postfix: the agent sees why, on the message itself."""
    inbox = Inbox()
    async with channel(mail, lent, support) as adapter, receiving(adapter, inbox):
        await write(mail, "mei", support, "A question.")
        await arrived(inbox, 1)
        elsewhere = moved(inbox.events[0], "mei@elsewhere.test")
        receipt = await adapter.send(reply_to(elsewhere, Text(text="An answer.")))
        await arrived(inbox, 2)

    report = inbox.events[1]
    assert report.thread == elsewhere.thread
    assert isinstance(report.body, DeliveryReported)
    assert report.body.remote == receipt.remotes[0]
    assert report.body.state is DeliveryState.FAILED
    assert "5.1.1" in report.body.reason


@pytest.mark.parametrize(
    ("address", "kind", "code"),
    [
        ("unknown@example.test", PermanentDeliveryError, "550"),
        ("mei@tempfail.test", TemporaryDeliveryError, "450"),
    ],
)
async def test_a_refused_recipient_is_told(
    mail: MailServer,
    lent: Lent,
    support: str,
    address: str,
    kind: type[PermanentDeliveryError | TemporaryDeliveryError],
    code: str,
) -> None:
    inbox = Inbox()
    async with channel(mail, lent, support) as adapter, receiving(adapter, inbox):
        await write(mail, "mei", support, "A question.")
        await arrived(inbox, 1)
        with pytest.raises(kind) as failure:
            await adapter.send(reply_to(moved(inbox.events[0], address), Text(text="An answer.")))

    assert failure.value.code == code


async def test_copies_are_kept_in_the_sent_folder(
    mail: MailServer, lent: Lent, support: str
) -> None:
    """And found there before anything is sent again."""
    inbox = Inbox()
    async with (
        channel(mail, lent, support, sent_folder="Sent") as adapter,
        receiving(adapter, inbox),
    ):
        await write(mail, "mei", support, "A question.")
        await arrived(inbox, 1)
        receipt = await adapter.send(reply_to(inbox.events[0], Text(text="An answer.")))

    [copy] = mails(mail, support, "Sent")
    assert copy["Message-ID"] == receipt.remotes[0]


async def test_a_wrong_password_is_an_authentication_error(
    mail: MailServer, lent: Lent, support: str
) -> None:
    async with channel(mail, lent, support, password='wr"o\\ng') as adapter:
        with pytest.raises(AuthenticationError):
            await adapter.run(Inbox())


async def test_a_folder_with_a_foreign_name_is_read(
    mail: MailServer, lent: Lent, support: str
) -> None:
    """Modified UTF-7 and quoting, which aioimaplib leaves to its callers."""
    with imaplib.IMAP4(HOST, mail.ports.imap, timeout=10) as imap:
        imap.login(support, PASSWORD)
        imap.create('"Kunden &- B&APw-ro"')
        raw = b"From: mei@example.test\r\nMessage-ID: <1@x>\r\n\r\nHallo"
        imap.append('"Kunden &- B&APw-ro"', "", time.time(), raw)
    inbox = Inbox()

    async with (
        channel(mail, lent, support, folder="Kunden & Büro") as adapter,
        receiving(adapter, inbox),
    ):
        await arrived(inbox, 1)

    assert words(inbox.events[0]) == "Hallo"


@asynccontextmanager
async def channel(
    mail: MailServer,
    lent: Lent,
    support: str,
    *,
    tls: Literal["tls", "starttls"] = "tls",
    password: str = PASSWORD,
    **options: object,
) -> AsyncIterator[Adapter]:
    """`options` are settings of its reading side."""
    imap = ImapSettings(
        host=HOST,
        port=mail.ports.imaps if tls == "tls" else mail.ports.imap,
        tls=tls,
        ca_file=str(mail.certificate),
        user=support,
        password=Secret(password),
        command_seconds=10,
        refusals_max=1,  # Dovecot makes whoever is refused wait longer each time
        reconnect_seconds_min=0.05,
        reconnect_seconds_max=0.5,
    )
    smtp = SmtpSettings(
        host=HOST,
        port=mail.ports.submission,
        tls="starttls",
        ca_file=str(mail.certificate),
        user=support,
        password=Secret(password),
    )
    imap = msgspec.structs.replace(imap, **options)
    settings = EmailSettings(address=support, name="Acme Support", imap=imap, smtp=smtp)
    async with open_adapter(settings, lent.surroundings) as adapter:
        yield adapter


def letter(
    mail: MailServer,
    sender: str,
    to: str,
    text: str,
    *,
    in_reply_to: str = "",
    attachment: bytes = b"",
) -> EmailMessage:
    written = EmailMessage()
    written["From"], written["To"] = mail.address(sender), to
    written["Subject"] = "A question"
    written["Message-ID"] = f"<{next(numbers)}.{time.time_ns()}@example.test>"
    if in_reply_to:
        written["In-Reply-To"] = in_reply_to
    written.set_content(text)
    if attachment:
        written.add_attachment(attachment, maintype="application", subtype="x-acme", filename="f")
    return written


async def write(
    mail: MailServer,
    sender: str,
    to: str,
    text: str,
    *,
    in_reply_to: str = "",
    attachment: bytes = b"",
) -> None:
    written = letter(mail, sender, to, text, in_reply_to=in_reply_to, attachment=attachment)
    await aiosmtplib.send(written, hostname=HOST, port=mail.ports.smtp, start_tls=False)


async def write_raw(mail: MailServer, to: str, raw: bytes) -> None:
    await aiosmtplib.send(
        raw,
        sender="eve@x.test",
        recipients=[to],
        hostname=HOST,
        port=mail.ports.smtp,
        start_tls=False,
    )


def mails(mail: MailServer, user: str, folder: str = "INBOX") -> list[EmailMessage]:
    """Everything in a folder, oldest first."""
    context = ssl.create_default_context(cafile=mail.certificate)
    with imaplib.IMAP4_SSL(HOST, mail.ports.imaps, ssl_context=context, timeout=10) as imap:
        imap.login(user, PASSWORD)
        imap.select(folder, readonly=True)
        found = []
        for number in imap.search(None, "ALL")[1][0].split():
            _, data = imap.fetch(number.decode(), "(BODY.PEEK[])")
            assert isinstance(data[0], tuple)
            read = email.message_from_bytes(data[0][1], policy=default)
            assert isinstance(read, EmailMessage)
            found.append(read)
        return found


async def newest(mail: MailServer, name: str, *, answers: str) -> EmailMessage:
    """What somebody got in answer to their mail."""
    found: list[EmailMessage] = []

    def has_come() -> bool:
        found[:] = [m for m in mails(mail, mail.address(name)) if m["In-Reply-To"] == answers]
        return bool(found)

    await eventually(has_come)
    return found[-1]


def content(mail: EmailMessage) -> str:
    part = mail.get_body(("plain",))
    assert part is not None
    return str(part.get_content()).strip()


def moved(event: Inbound, address: str) -> Inbound:
    """The same thread, had somebody else begun it."""
    root = event.thread.thread.partition("/")[0]
    thread = msgspec.structs.replace(event.thread, thread=f"{root}/{address}")
    return msgspec.structs.replace(event, thread=thread)


def stored(lent: Lent, name: str) -> Attachment:
    lent.blobs.add(BINARY)
    return Attachment(
        id=AttachmentId("file-1"),
        name=name,
        media_type="application/octet-stream",
        size_bytes=len(BINARY),
        sha256=sha256(BINARY).hexdigest(),
        state=AttachmentState.STORED,
    )


async def arrived(inbox: Inbox, count: int) -> None:
    await eventually(lambda: len(inbox.events) >= count)
