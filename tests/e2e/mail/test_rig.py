"""The mail servers of the tests are real ones."""

import imaplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage

import aiosmtplib
import pytest

from tests.rigs.mailports import DOMAIN, HOST, PASSWORD
from tests.rigs.mailserver import MailServer
from tests.rigs.waiting import eventually


def letter(sender: str, recipient: str) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, recipient, "Where is it?"
    message.set_content("I wait since Monday.\n")
    return message


@contextmanager
def mailbox(mail: MailServer, name: str) -> Iterator[imaplib.IMAP4]:
    with imaplib.IMAP4(HOST, mail.ports.imap, timeout=10) as imap:
        imap.login(mail.address(name), PASSWORD)
        imap.select("INBOX", readonly=True)
        yield imap


def has_mail(imap: imaplib.IMAP4) -> bool:
    imap.noop()
    return imap.search(None, "ALL")[1] != [b""]


async def test_what_is_submitted_is_read_by_imap(mail: MailServer) -> None:
    await aiosmtplib.send(
        letter(mail.address("mei"), mail.address("help+T-7KQ4-M")),
        hostname=HOST,
        port=mail.ports.submission,
        start_tls=True,
        username=mail.address("mei"),
        password=PASSWORD,
        tls_context=ssl.create_default_context(cafile=mail.certificate),
    )

    with mailbox(mail, "help") as imap:
        await eventually(lambda: has_mail(imap))
        _, data = imap.fetch("1", "(BODY.PEEK[TEXT])")
    assert isinstance(data[0], tuple)
    assert data[0][1].strip() == b"I wait since Monday."


async def test_submission_wants_a_login(mail: MailServer) -> None:
    async with aiosmtplib.SMTP(hostname=HOST, port=mail.ports.submission, start_tls=False) as smtp:
        with pytest.raises(aiosmtplib.SMTPResponseException, match="STARTTLS"):
            await smtp.mail(mail.address("mei"))


@pytest.mark.parametrize(
    ("recipient", "code"), [(f"unknown@{DOMAIN}", 550), ("mei@tempfail.test", 450)]
)
async def test_an_address_may_be_refused(mail: MailServer, recipient: str, code: int) -> None:
    with pytest.raises(aiosmtplib.SMTPRecipientsRefused) as error:
        await aiosmtplib.send(
            letter(mail.address("help"), recipient),
            hostname=HOST,
            port=mail.ports.smtp,
            start_tls=False,
        )

    assert [refusal.code for refusal in error.value.recipients] == [code]


async def test_a_foreign_address_bounces(mail: MailServer) -> None:
    message = letter(mail.address("bouncing"), "mei@elsewhere.test")
    await aiosmtplib.send(message, hostname=HOST, port=mail.ports.smtp, start_tls=False)

    with mailbox(mail, "bouncing") as imap:
        await eventually(lambda: has_mail(imap))
        _, data = imap.fetch("1", "(BODY.PEEK[])")
    assert isinstance(data[0], tuple)
    assert b"Status: 5.1.1" in data[0][1]
