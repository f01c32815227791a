"""Answers to several people through a real Postfix, and what comes back of them."""

import asyncio
from itertools import count
from pathlib import Path

import pytest
from msgspec.structs import replace

from adapters.email.adapter import open_adapter
from adapters.email.settings import EmailSettings, ImapSettings, SmtpSettings
from core.errors import TemporaryDeliveryError
from core.model.content import Text
from core.model.event import DeliveryReported, Inbound
from core.model.message import DeliveryState, Recipient, RecipientRole
from core.model.outbound import Outbound
from core.model.secret import Secret
from tests.contract.running import message, receiving, reply_to
from tests.contract.surroundings import Inbox, Lent
from tests.e2e.mail.test_channel import arrived, channel, content, mails, newest, write
from tests.rigs.mailports import HOST, PASSWORD
from tests.rigs.mailserver import MailServer
from tests.rigs.waiting import eventually

TEXT = Text(text="An answer.\n.\n..to all. 漢字")
numbers = count(7000)


@pytest.fixture
def support(mail: MailServer) -> str:
    return mail.address(f"support{next(numbers)}")


@pytest.fixture
def lent(tmp_path: Path) -> Lent:
    return Lent(tmp_path)


async def test_an_answer_to_several_arrives_at_all_who_can_have_it(
    mail: MailServer, lent: Lent, support: str
) -> None:
    """One of them is unknown, one is put off: the agent reads both, the others have their mail."""
    jonas, amina = (mail.address(f"{name}{next(numbers)}") for name in ("jonas", "amina"))
    inbox = Inbox()
    async with channel(mail, lent, support) as adapter, receiving(adapter, inbox):
        question = await asked(mail, inbox, support)
        answer = copied(question, jonas, mail.address("unknown1"), "x@tempfail.test", amina)
        receipt = await adapter.send(answer)
        own = await newest(mail, "mei", answers=message(question).remote)
        await eventually(lambda: bool(mails(mail, jonas) and mails(mail, amina)))

    [to_jonas], [to_amina] = mails(mail, jonas), mails(mail, amina)
    for got in (own, to_jonas, to_amina):
        assert content(got).replace("\r\n", "\n") == TEXT.text
        assert got["Message-ID"] == receipt.remotes[0]
    unknown, put_off = receipt.notes
    assert unknown.startswith(f"no copy to {mail.address('unknown1')}: 550")
    assert put_off.startswith("no copy to x@tempfail.test: not taken now: 450")


async def test_a_copy_that_bounces_later_is_a_report_of_that_copy(
    mail: MailServer, lent: Lent, support: str
) -> None:
    """A real one: the relay took the mail for a foreign host, which did not."""
    inbox = Inbox()
    async with channel(mail, lent, support) as adapter, receiving(adapter, inbox):
        question = await asked(mail, inbox, support)
        receipt = await adapter.send(copied(question, "paul@elsewhere.test"))
        await arrived(inbox, 2)

    report = inbox.events[1].body
    assert isinstance(report, DeliveryReported)
    assert (report.remote, report.state) == (receipt.remotes[0], DeliveryState.FAILED)
    assert report.recipient == "paul@elsewhere.test"


async def test_a_certificate_that_is_not_trusted_is_named(
    mail: MailServer, lent: Lent, support: str
) -> None:
    """With what would help; nothing of the mail is sent in the meantime."""
    inbox = Inbox()
    async with channel(mail, lent, support) as adapter, receiving(adapter, inbox):
        question = await asked(mail, inbox, support)
    settings = plain(mail, support)
    untrusting = replace(settings.smtp, tls="starttls", port=mail.ports.submission)

    async with open_adapter(replace(settings, smtp=untrusting), lent.surroundings) as adapter:
        with pytest.raises(TemporaryDeliveryError, match=r"certificate .* smtp\.ca_file") as failed:
            await adapter.send(reply_to(question, TEXT))

    assert failed.value.code == "tls"


@pytest.mark.parametrize("connections", [1, 2, 4])
async def test_many_answers_share_the_connections(
    mail: MailServer, lent: Lent, support: str, connections: int
) -> None:
    """All arrive, each once, however many connections carry them."""
    inbox = Inbox()
    async with channel(mail, lent, support) as adapter, receiving(adapter, inbox):
        question = await asked(mail, inbox, support)
    answers = [reply_to(question, Text(text=f"answer {number}")) for number in range(40)]

    async with open_adapter(plain(mail, support, connections), lent.surroundings) as adapter:
        receipts = await asyncio.gather(*map(adapter.send, answers))

    expected = sorted(receipt.remotes[0] for receipt in receipts)
    remote = message(question).remote

    def got() -> list[str]:
        found = mails(mail, mail.address("mei"))
        return sorted(str(m["Message-ID"]) for m in found if m["In-Reply-To"] == remote)

    await eventually(lambda: got() == expected)


async def asked(mail: MailServer, inbox: Inbox, support: str) -> Inbound:
    await write(mail, "mei", support, "A question.")
    await arrived(inbox, 1)
    return inbox.events[0]


def copied(question: Inbound, *addresses: str) -> Outbound:
    recipients = tuple(Recipient(address=one, role=RecipientRole.CC) for one in addresses)
    return replace(reply_to(question, TEXT), recipients=recipients)


def plain(mail: MailServer, support: str, connections: int = 2) -> EmailSettings:
    """Without TLS and login, on the port where servers hand mail to each other."""
    imap = ImapSettings(host=HOST, user=support, password=Secret(PASSWORD))
    smtp = SmtpSettings(host=HOST, port=mail.ports.smtp, tls="none", connections_max=connections)
    return EmailSettings(address=support, imap=imap, smtp=smtp)
