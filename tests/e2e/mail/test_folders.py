"""Folders of a real Dovecot: junk and sent by what it says of them, mail that moves, many mails."""

import imaplib
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import pytest

from core.model.event import ActorKind
from tests.contract.running import receiving, words
from tests.contract.surroundings import Inbox, Lent
from tests.e2e.mail.test_channel import channel
from tests.rigs.mailports import HOST, PASSWORD
from tests.rigs.mailserver import MailServer
from tests.rigs.waiting import eventually

numbers = count()


@pytest.fixture
def support(mail: MailServer) -> str:
    return mail.address(f"folders{next(numbers)}")


@pytest.fixture
def lent(tmp_path: Path) -> Lent:
    return Lent(tmp_path)


async def test_junk_and_sent_mail_are_found_and_a_moved_mail_stays_one(
    mail: MailServer, lent: Lent, support: str
) -> None:
    """By LIST and MOVE as a real server speaks them."""
    with mailbox(mail, support) as imap:
        imap.append("Junk", "", time.time(), letter("mei@kunde.example", support, "taken for junk"))
        imap.append("Sent", "", time.time(), letter(support, "mei@kunde.example", "from a phone"))
        inbox = Inbox()
        async with (
            channel(mail, lent, support, junk=True, watch_sent=True, poll_seconds=0.2) as adapter,
            receiving(adapter, inbox),
        ):
            await heard(inbox, "taken for junk", "from a phone")
            imap.select("Junk")
            imap.uid("MOVE", "1", "INBOX")
            await eventually(lambda: len(inbox.events) == 3)

    kinds = {words(event): event.actor.kind for event in inbox.events}
    assert kinds == {"taken for junk": ActorKind.CUSTOMER, "from a phone": ActorKind.STAFF}
    assert len({(event.thread.thread, event.dedup) for event in inbox.events}) == 2


async def test_fifteen_hundred_mails_that_come_at_once_are_taken(
    mail: MailServer, lent: Lent, support: str
) -> None:
    """Announced by one push, to a gateway that waits for it."""
    with mailbox(mail, support) as imap:
        for number in range(1500):
            raw = letter(f"customer{number}@kunde.example", support, f"mail {number}")
            imap.append("Archive", "", time.time(), raw)
        inbox = Inbox()
        async with channel(mail, lent, support) as adapter, receiving(adapter, inbox):
            await eventually(lambda: "imap INBOX" in lent.checkpoints.values)
            imap.select("Archive")
            imap.copy("1:*", "INBOX")
            await eventually(lambda: len(inbox.events) >= 1500, timeout_seconds=50)

    assert sorted(map(words, inbox.events)) == sorted(f"mail {n}" for n in range(1500))


@contextmanager
def mailbox(mail: MailServer, user: str) -> Iterator[imaplib.IMAP4]:
    """A colleague's mail program."""
    with imaplib.IMAP4(HOST, mail.ports.imap, timeout=30) as imap:
        imap.login(user, PASSWORD)
        yield imap


def letter(sender: str, to: str, text: str) -> bytes:
    return (
        f"From: {sender}\r\nTo: {to}\r\nSubject: A question\r\n"
        f"Message-ID: <{text.replace(' ', '-')}@kunde.example>\r\n\r\n{text}\r\n"
    ).encode()


async def heard(inbox: Inbox, *texts: str) -> None:
    await eventually(lambda: set(texts) <= set(map(words, inbox.events)))
