"""Sending through a connection that breaks at every place: once, or marked as maybe twice."""

import dataclasses

import pytest
from msgspec.structs import replace

from adapters.email.adapter import COPIES_NOT_KNOWN, MAY_ARRIVE_TWICE, open_adapter
from adapters.email.settings import EmailSettings
from core.errors import TemporaryDeliveryError, UnknownOutcome
from core.model.content import Text
from core.model.event import Inbound
from core.model.message import Recipient
from core.model.outbound import Outbound, Receipt
from core.ports import Adapter
from sandbox.faults import BODY, Fault, Kind
from sandbox.mail.mailboxes import INBOX
from tests.contract.email_harness import EmailHarness
from tests.contract.harness import Person
from tests.contract.running import asked, reply_to
from tests.contract.surroundings import Lent

ATTEMPTS_MAX = 5
BREAKS = [
    *(
        Fault("smtp", command, Kind.DROP_BEFORE)
        for command in ("connect", "EHLO", "AUTH", "MAIL", "RCPT", "DATA")
    ),
    *(
        Fault("smtp", command, Kind.DROP_AFTER)
        for command in ("EHLO", "AUTH", "MAIL", "RCPT", "DATA")
    ),
    *(
        Fault("smtp", BODY, kind, after_bytes=count)
        for kind in (Kind.DROP_BEFORE, Kind.RESET, Kind.HANG)
        for count in (1, 500, 1200)
    ),
    Fault("smtp", "DATA", Kind.HANG),
    Fault("smtp", "MAIL", Kind.HANG),
]


@pytest.fixture
async def question(host: EmailHarness, lent: Lent) -> Inbound:
    return await asked(host, lent)


@pytest.mark.parametrize("looks", [True, False], ids=["sent folder", "no sent folder"])
@pytest.mark.parametrize(
    "fault", BREAKS, ids=lambda fault: f"{fault.method}-{fault.kind}-{fault.after_bytes}"
)
async def test_a_mail_arrives_once_or_the_agent_knows_that_it_may_not(
    host: EmailHarness,
    lent: Lent,
    question: Inbound,
    mei: Person,
    fault: Fault,
    looks: bool,
) -> None:
    """Law 4, wherever it breaks: never lost, never twice unseen, under one Message-ID."""
    answer = reply_to(question, Text(text="It is on its way. " * 40))
    host.sandbox.world.faults.add(dataclasses.replace(fault))

    async with open_adapter(impatient(host, looks=looks), lent.surroundings) as adapter:
        receipt = await persistently(adapter, answer)

    read = host.sandbox.mail_programs.read(mei.remote)
    arrived = [mail for mail in read if mail["folder"] == INBOX]
    assert {str(mail["message_id"]) for mail in arrived} == set(receipt.remotes)
    assert len(arrived) == 1 or (not looks and MAY_ARRIVE_TWICE in receipt.notes)


async def test_an_attempt_of_unknown_outcome_after_another_says_that_there_may_be_two(
    host: EmailHarness, lent: Lent, question: Inbound, mei: Person
) -> None:
    """It may be the last one: what the agent reads then is this."""
    answer = reply_to(question, Text(text="It is on its way."), attempted=True)
    host.sandbox.world.faults.add(Fault("smtp", "DATA", Kind.DROP_AFTER))

    async with open_adapter(impatient(host, looks=False), lent.surroundings) as adapter:
        with pytest.raises(UnknownOutcome, match=MAY_ARRIVE_TWICE):
            await adapter.send(answer)


async def test_of_copies_of_a_mail_that_is_found_sent_nothing_is_claimed(
    host: EmailHarness, lent: Lent, question: Inbound
) -> None:
    """The server's word on each of them was lost with the connection."""
    jonas = host.person("jonas").remote
    answer = reply_to(question, Text(text="It is on its way."))
    answer = replace(answer, recipients=(Recipient(address=jonas),))
    host.sandbox.world.faults.add(Fault("smtp", "DATA", Kind.DROP_AFTER))

    async with open_adapter(impatient(host, looks=True), lent.surroundings) as adapter:
        receipt = await persistently(adapter, answer)

    assert receipt.notes == (COPIES_NOT_KNOWN,)


async def persistently(adapter: Adapter, answer: Outbound) -> Receipt:
    """As core does: again after a temporary failure, as attempted after an unknown outcome."""
    for _ in range(ATTEMPTS_MAX):
        try:
            return await adapter.send(answer)
        except UnknownOutcome:
            answer = replace(answer, attempted=True)
        except TemporaryDeliveryError:
            pass
    raise AssertionError(f"not sent in {ATTEMPTS_MAX} attempts")


def impatient(host: EmailHarness, *, looks: bool) -> EmailSettings:
    settings = host.settings()
    return replace(
        settings,
        imap=replace(settings.imap, sent_folder="auto" if looks else ""),
        smtp=replace(settings.smtp, command_seconds=0.5, final_dot_seconds=0.5),
    )
