"""Mail to several: who gets it, who does not, and that the agent hears of it."""

import email
from email.message import EmailMessage
from email.policy import default

import pytest
from msgspec.structs import replace

from adapters.email.adapter import open_adapter
from adapters.email.settings import EmailSettings
from core.errors import PermanentDeliveryError, TemporaryDeliveryError
from core.model.content import Text
from core.model.event import Inbound
from core.model.message import Recipient, RecipientRole
from core.model.outbound import Outbound
from sandbox.faults import Fault, Kind
from tests.contract.email_harness import EmailHarness
from tests.contract.harness import Person
from tests.contract.running import asked, reply_to
from tests.contract.surroundings import Lent

TEXT = Text(text="It is on its way.")


@pytest.fixture
async def question(host: EmailHarness, lent: Lent) -> Inbound:
    return await asked(host, lent)


@pytest.fixture
def jonas(host: EmailHarness) -> Person:
    return host.person("jonas")


@pytest.fixture
def amara(host: EmailHarness) -> Person:
    return host.person("amara")


async def test_copies_go_to_whom_the_agent_chose(
    host: EmailHarness, lent: Lent, question: Inbound, mei: Person, jonas: Person
) -> None:
    """All see who else has it; nobody gets it twice, and we do not write to ourselves."""
    us = host.sandbox.support_address
    outbound = copied(question, jonas.remote, jonas.remote.upper(), mei.remote, us)

    async with host.adapter(lent.surroundings) as adapter:
        receipt = await adapter.send(outbound)

    [to_mei], [to_jonas] = mails(host, mei), mails(host, jonas)
    assert to_mei.as_bytes() == to_jonas.as_bytes()
    assert to_mei["To"] == mei.remote
    assert to_mei["Cc"] == jonas.remote
    assert receipt.notes == ()


async def test_a_copy_that_is_refused_stops_nobody_else(
    host: EmailHarness, lent: Lent, question: Inbound, mei: Person, jonas: Person
) -> None:
    """And the agent reads which one, and why, in the server's words."""
    domain = mei.remote.partition("@")[2]
    gone = f"unknown.gone@{domain}"

    async with host.adapter(lent.surroundings) as adapter:
        receipt = await adapter.send(copied(question, gone, jonas.remote))

    assert len(mails(host, mei)) == len(mails(host, jonas)) == 1
    [note] = receipt.notes
    assert note.startswith(f"no copy to {gone}: 550 5.1.1")


async def test_a_copy_that_is_put_off_is_told(
    host: EmailHarness, lent: Lent, question: Inbound, mei: Person, jonas: Person
) -> None:
    """Sending to all again would give the others the mail twice."""
    host.sandbox.world.faults.add(
        Fault("smtp", "RCPT", Kind.REPLY, target=jonas.remote, reply="451 4.7.1 Greylisted")
    )

    async with host.adapter(lent.surroundings) as adapter:
        receipt = await adapter.send(copied(question, jonas.remote))

    assert len(mails(host, mei)) == 1
    assert receipt.notes == (f"no copy to {jonas.remote}: not taken now: 451 4.7.1 Greylisted",)


async def test_copies_beyond_what_a_server_takes_at_once_are_told(
    host: EmailHarness, lent: Lent, question: Inbound, mei: Person, jonas: Person, amara: Person
) -> None:
    """Such a limit is the server's; those within it have their mail."""
    host.sandbox.world.mail.settings.smtp.recipients_max = 2

    async with host.adapter(lent.surroundings) as adapter:
        receipt = await adapter.send(copied(question, jonas.remote, amara.remote))

    assert [len(mails(host, who)) for who in (mei, jonas, amara)] == [1, 1, 0]
    [note] = receipt.notes
    assert note.startswith(f"no copy to {amara.remote}: not taken now: 452")


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        ("550 5.1.1 User unknown", PermanentDeliveryError),
        ("450 4.2.0 Greylisted", TemporaryDeliveryError),
    ],
)
async def test_when_the_customer_is_refused_nobody_gets_it(
    host: EmailHarness,
    lent: Lent,
    question: Inbound,
    mei: Person,
    jonas: Person,
    reply: str,
    kind: type[PermanentDeliveryError | TemporaryDeliveryError],
) -> None:
    """A copy of an answer that its addressee never got would puzzle everybody. The connection
    is kept, and nothing of the refused mail is left on it.
    """
    host.sandbox.world.faults.add(Fault("smtp", "RCPT", Kind.REPLY, target=mei.remote, reply=reply))
    settings = one_connection(host)

    async with open_adapter(settings, lent.surroundings) as adapter:
        with pytest.raises(kind):
            await adapter.send(copied(question, jonas.remote))
        before = len(mails(host, jonas))
        await adapter.send(copied(question))

    assert before == 0
    assert (len(mails(host, mei)), len(mails(host, jonas))) == (1, 0)
    assert host.sandbox.world.journal.calls["smtp.connect"] == 1


async def test_when_the_server_goes_away_at_a_copy_all_is_sent_anew(
    host: EmailHarness, lent: Lent, question: Inbound, mei: Person, jonas: Person
) -> None:
    """421 in the middle of the recipients: nothing has left yet."""
    host.sandbox.world.faults.add(
        Fault("smtp", "RCPT", Kind.REPLY, target=jonas.remote, reply="421 4.3.2 Closing")
    )

    async with host.adapter(lent.surroundings) as adapter:
        with pytest.raises(TemporaryDeliveryError):
            await adapter.send(copied(question, jonas.remote))
        before = len(mails(host, mei))
        await adapter.send(copied(question, jonas.remote))

    assert before == 0
    assert len(mails(host, mei)) == len(mails(host, jonas)) == 1


async def test_an_address_no_server_takes_is_named(
    host: EmailHarness, lent: Lent, question: Inbound, mei: Person
) -> None:
    """Beyond ASCII before the "@": many servers cannot, so it is said before anybody tries."""
    async with host.adapter(lent.surroundings) as adapter:
        receipt = await adapter.send(copied(question, "grüße@kunde.example", "x\r\nBcc: y@z.test"))

    assert len(mails(host, mei)) == 1
    assert receipt.notes == (
        "no copy to grüße@kunde.example: mail cannot be sent to this address",
        "no copy to x Bcc: y@z.test: mail cannot be sent to this address",
    )


def one_connection(host: EmailHarness) -> EmailSettings:
    settings = host.settings()
    return replace(settings, smtp=replace(settings.smtp, connections_max=1))


def copied(question: Inbound, *addresses: str) -> Outbound:
    recipients = tuple(Recipient(address=one, role=RecipientRole.CC) for one in addresses)
    return replace(reply_to(question, TEXT), recipients=recipients)


def mails(host: EmailHarness, who: Person) -> list[EmailMessage]:
    found = []
    for stored in host.sandbox.mail_programs.mailbox(who.key).inbox.messages:
        mail = email.message_from_bytes(stored.raw, policy=default)
        assert isinstance(mail, EmailMessage)
        found.append(mail)
    return found
