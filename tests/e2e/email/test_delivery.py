"""Mail out: what is sent once, what is told, and what is never sent twice."""

import asyncio
import dataclasses
from contextlib import nullcontext

import msgspec
import pytest

from adapters.email.adapter import MAY_ARRIVE_TWICE, open_adapter
from adapters.email.settings import EmailSettings, Limits
from core.errors import (
    ConfigurationError,
    DeliveryError,
    PermanentDeliveryError,
    TemporaryDeliveryError,
    UnknownOutcome,
)
from core.model.content import Attachment, Media, MediaKind, Text
from core.model.event import Inbound
from core.model.ids import AttachmentId
from core.model.message import Sender, SenderKind
from core.model.outbound import Outbound
from sandbox.faults import Fault, Kind
from tests.contract.email_harness import EmailHarness
from tests.contract.harness import Person
from tests.contract.running import asked, reply_to
from tests.contract.surroundings import Lent
from tests.rigs.waiting import eventually

TEXT = Text(text="It is on its way.")


@pytest.fixture
async def question(host: EmailHarness, lent: Lent) -> Inbound:
    return await asked(host, lent)


async def test_connections_are_kept_and_shared(
    host: EmailHarness, lent: Lent, question: Inbound
) -> None:
    """Opening one costs more than the mail; too many look like an attack."""
    async with host.adapter(lent.surroundings) as adapter:
        sends = (adapter.send(reply_to(question, TEXT)) for _ in range(30))
        receipts = await asyncio.gather(*sends)

    assert len({receipt.remotes for receipt in receipts}) == 30
    assert host.sandbox.world.journal.calls["smtp.connect"] <= 2


async def test_a_connection_is_not_used_for_ever(
    host: EmailHarness, lent: Lent, question: Inbound
) -> None:
    """Many servers cut at a hundred mails, some in the middle of one."""
    settings = smtp(host, mails_per_connection_max=3, connections_max=1)
    async with open_adapter(settings, lent.surroundings) as adapter:
        for _ in range(7):
            await adapter.send(reply_to(question, TEXT))

    assert host.sandbox.world.journal.calls["smtp.connect"] == 3


async def test_a_kept_connection_that_died_is_noticed(
    host: EmailHarness, lent: Lent, question: Inbound, mei: Person
) -> None:
    """The server hangs up on those who are idle: the next mail gets a new one, silently."""
    settings = smtp(host, idle_check_seconds=0, connections_max=1)
    async with open_adapter(settings, lent.surroundings) as adapter:
        await adapter.send(reply_to(question, TEXT))
        host.sandbox.world.faults.add(Fault("smtp", "RSET", Kind.DROP_BEFORE))
        await adapter.send(reply_to(question, TEXT))

    assert len(host.received(mei)) == 2


@pytest.mark.parametrize("method", ["MAIL", "RCPT"])
async def test_a_server_that_hangs_up_between_mails_costs_no_attempt(
    host: EmailHarness, lent: Lent, question: Inbound, mei: Person, method: str
) -> None:
    """It may do so at any time: the agent sees no failure, the customer one mail."""
    async with open_adapter(smtp(host, connections_max=1), lent.surroundings) as adapter:
        await adapter.send(reply_to(question, TEXT))
        host.sandbox.world.faults.add(Fault("smtp", method, Kind.DROP_BEFORE))
        await adapter.send(reply_to(question, TEXT))

    assert len(host.received(mei)) == 2
    assert host.sandbox.world.journal.calls["smtp.connect"] == 2


async def test_a_server_that_takes_few_mails_on_a_connection_gets_more_connections(
    host: EmailHarness, lent: Lent, question: Inbound, mei: Person
) -> None:
    """421 instead of MAIL, at a number that no server tells beforehand."""
    host.sandbox.world.mail.settings.smtp.mails_per_connection_max = 2

    async with open_adapter(smtp(host, connections_max=1), lent.surroundings) as adapter:
        for _ in range(5):
            await adapter.send(reply_to(question, TEXT))

    assert len(host.received(mei)) == 5
    assert host.sandbox.world.journal.calls["smtp.connect"] == 3


@pytest.mark.parametrize("missing", ["SIZE", "8BITMIME", "SMTPUTF8", "PIPELINING"])
async def test_no_extension_is_needed(
    host: EmailHarness, lent: Lent, question: Inbound, mei: Person, missing: str
) -> None:
    """Whatever the words are, a mail is ASCII on the wire."""
    host.sandbox.world.mail.settings.smtp.without = frozenset({missing})

    async with host.adapter(lent.surroundings) as adapter:
        await adapter.send(reply_to(question, Text(text="漢字 مرحبا 🚚")))

    assert host.received(mei)[0].text == "漢字 مرحبا 🚚"


async def test_a_mail_waits_for_a_connection_but_not_for_ever(
    host: EmailHarness, lent: Lent, question: Inbound, mei: Person
) -> None:
    """One that is stuck must not make others look as if they might have left."""
    host.sandbox.world.faults.add(Fault("smtp", "DATA", Kind.SLOW_AFTER, seconds=1))
    settings = smtp(host, connections_max=1, command_seconds=0.2)

    async with open_adapter(settings, lent.surroundings) as adapter:
        stuck = asyncio.ensure_future(adapter.send(reply_to(question, TEXT)))
        await eventually(lambda: len(host.received(mei)) == 1)
        with pytest.raises(TemporaryDeliveryError) as failure:
            await adapter.send(reply_to(question, TEXT))
        await stuck

    assert failure.value.code == "busy"


@pytest.mark.parametrize(
    ("fault", "kind", "code"),
    [
        (Fault("smtp", "connect", Kind.DROP_BEFORE), TemporaryDeliveryError, "connect"),
        (Fault("smtp", "MAIL", Kind.DROP_BEFORE), TemporaryDeliveryError, "connection"),
        (Fault("smtp", "RCPT", Kind.DROP_BEFORE), TemporaryDeliveryError, "connection"),
        (
            Fault("smtp", "RCPT", Kind.REPLY, reply="421 4.3.2 Shutting down"),
            TemporaryDeliveryError,
            "421",
        ),
        (Fault("smtp", "RCPT", Kind.RATE_LIMIT), TemporaryDeliveryError, "450"),
        (Fault("smtp", "DATA", Kind.SERVER_ERROR), TemporaryDeliveryError, "451"),
        (
            Fault("smtp", "MAIL", Kind.REPLY, reply="552 5.3.4 Too big"),
            PermanentDeliveryError,
            "552",
        ),
        (Fault("smtp", "DATA", Kind.BLOCKED), PermanentDeliveryError, "550"),
        (
            Fault("smtp", "AUTH", Kind.REPLY, reply="454 4.7.0 Later"),
            TemporaryDeliveryError,
            "454",
        ),
        (Fault("smtp", "AUTH", Kind.UNAUTHORISED, count=2), DeliveryError, "authentication"),
        (Fault("smtp", "DATA", Kind.DROP_AFTER), UnknownOutcome, "unknown"),
    ],
    ids=lambda value: f"{value.method}-{value.kind}" if isinstance(value, Fault) else "",
)
async def test_a_failure_says_what_may_be_done_next(
    host: EmailHarness,
    lent: Lent,
    question: Inbound,
    fault: Fault,
    kind: type[DeliveryError],
    code: str,
) -> None:
    """And the next mail is not affected by it."""
    host.sandbox.world.faults.add(dataclasses.replace(fault))

    async with host.adapter(lent.surroundings) as adapter:
        with pytest.raises(kind) as failure:
            await adapter.send(reply_to(question, TEXT))
        await adapter.send(reply_to(question, TEXT))

    assert failure.value.code == code


async def test_any_word_of_success_is_one(
    host: EmailHarness, lent: Lent, question: Inbound
) -> None:
    """The first digit decides: else a mail that was taken would be sent again and again."""
    host.sandbox.world.faults.add(Fault("smtp", "DATA", Kind.REPLY, reply="252 2.0.0 Taken"))

    async with host.adapter(lent.surroundings) as adapter:
        receipt = await adapter.send(reply_to(question, TEXT))

    assert receipt.remotes


async def test_a_file_counts_as_often_as_it_is_attached(
    host: EmailHarness, lent: Lent, question: Inbound
) -> None:
    """The limit is for the mail, which carries it each time."""
    limits = Limits(outgoing_size_bytes_max=15)
    settings = msgspec.structs.replace(host.settings(), limits=limits)
    data = b"0123456789"
    file = Attachment(
        id=AttachmentId("file"), name="a.txt", sha256=lent.blobs.add(data), size_bytes=len(data)
    )
    part = Media(media=MediaKind.FILE, attachment=file)

    async with open_adapter(settings, lent.surroundings) as adapter:
        await adapter.send(reply_to(question, part))
        with pytest.raises(PermanentDeliveryError, match="20 bytes, 15 are allowed"):
            await adapter.send(reply_to(question, part, part))


@pytest.mark.parametrize("line", ["imap", "smtp"])
async def test_certificates_that_cannot_be_read_are_named_at_once(
    host: EmailHarness, lent: Lent, line: str
) -> None:
    """Not at the first mail, and as what they are: the operator's mistake."""
    settings = host.settings()
    changed = msgspec.structs.replace(getattr(settings, line), tls="tls", ca_file="/nowhere.pem")
    settings = msgspec.structs.replace(settings, **{line: changed})

    with pytest.raises(ConfigurationError, match=r"ca_file.*/nowhere\.pem"):
        async with open_adapter(settings, lent.surroundings):
            raise AssertionError("opened")


async def test_a_mail_larger_than_the_server_takes_is_not_carried_there(
    host: EmailHarness, lent: Lent, question: Inbound, mei: Person
) -> None:
    """The server says its limit when it is greeted; the agent reads it at once."""
    host.sandbox.world.mail.settings.smtp.size_bytes_max = 5000
    long = Text(text="漢字だけ\n" * 500)

    async with host.adapter(lent.surroundings) as adapter:
        with pytest.raises(PermanentDeliveryError, match="takes at most 5000") as failure:
            await adapter.send(reply_to(question, long))
        before = host.sandbox.world.journal.calls["smtp.MAIL"]
        await adapter.send(reply_to(question, TEXT))

    assert failure.value.code == "too_large"
    assert before == 0
    assert len(host.received(mei)) == 1


@pytest.mark.parametrize("nobody", [False, True])
async def test_a_machines_mail_leaves_without_a_sender_if_the_operator_wants_it(
    host: EmailHarness, lent: Lent, question: Inbound, mei: Person, nobody: bool
) -> None:
    """Nobody bounces it, then. This server shows whether it does: it refuses our address."""
    us, refusal = host.sandbox.support_address, "550 5.7.1 Not from here"
    host.sandbox.world.faults.add(
        Fault("smtp", "MAIL", Kind.REPLY, target=us, reply=refusal, count=0)
    )
    bot = Sender(kind=SenderKind.BOT, id="bot:greeter")
    automatic = msgspec.structs.replace(reply_to(question, TEXT), sender=bot)
    settings = smtp(host, null_sender_for_automatic=nobody)
    refused = pytest.raises(PermanentDeliveryError)

    async with open_adapter(settings, lent.surroundings) as adapter:
        with nullcontext() if nobody else refused:
            await adapter.send(automatic)
        with refused:
            await adapter.send(reply_to(question, TEXT))

    assert len(host.received(mei)) == (1 if nobody else 0)


async def test_a_server_that_never_confirms_leaves_the_outcome_unknown(
    host: EmailHarness, lent: Lent, question: Inbound
) -> None:
    host.sandbox.world.faults.add(Fault("smtp", "DATA", Kind.SLOW_AFTER, seconds=1))
    settings = smtp(host, final_dot_seconds=0.2)

    async with open_adapter(settings, lent.surroundings) as adapter:
        with pytest.raises(UnknownOutcome):
            await adapter.send(reply_to(question, TEXT))


async def test_a_mail_that_was_sent_after_all_is_not_sent_again(
    host: EmailHarness, lent: Lent, question: Inbound, mei: Person
) -> None:
    """The copy among the sent mail proves it."""
    host.sandbox.world.faults.add(Fault("smtp", "DATA", Kind.DROP_AFTER))
    outbound = reply_to(question, TEXT)

    async with open_adapter(with_sent_folder(host), lent.surroundings) as adapter:
        with pytest.raises(UnknownOutcome):
            await adapter.send(outbound)
        receipt = await adapter.send(again(outbound))

    assert len(host.received(mei)) == 1
    assert receipt.remotes[0] in sent_ids(host)


async def test_a_mail_that_was_not_sent_is_sent_under_the_same_id(
    host: EmailHarness, lent: Lent, question: Inbound, mei: Person
) -> None:
    """The receiving side recognises it, should the first one still turn up; the agent is told that
    it may not.
    """
    outbound = reply_to(question, TEXT)

    async with open_adapter(with_sent_folder(host), lent.surroundings) as adapter:
        receipt = await adapter.send(again(outbound))
        repeated = await adapter.send(again(outbound))

    assert receipt.remotes == repeated.remotes
    assert receipt.notes == (MAY_ARRIVE_TWICE,)
    assert repeated.notes == ()
    assert len(host.received(mei)) == 1


async def test_a_copy_is_kept_once_whoever_keeps_it(
    host: EmailHarness, lent: Lent, question: Inbound
) -> None:
    """Large providers file sent mail themselves, others leave it to us."""
    async with open_adapter(with_sent_folder(host), lent.surroundings) as adapter:
        by_host = await adapter.send(reply_to(question, TEXT))
        host.sandbox.world.mail.settings.saves_sent = False
        by_us = await adapter.send(reply_to(question, TEXT))

    assert sent_ids(host) == [by_host.remotes[0], by_us.remotes[0]]


async def test_a_copy_that_cannot_be_kept_does_not_undo_the_sending(
    host: EmailHarness, lent: Lent, question: Inbound, mei: Person
) -> None:
    host.sandbox.world.mail.settings.saves_sent = False
    host.sandbox.world.faults.add(Fault("imap", "APPEND", Kind.REPLY, reply="NO quota exceeded"))

    async with open_adapter(with_sent_folder(host), lent.surroundings) as adapter:
        await adapter.send(reply_to(question, TEXT))

    assert len(host.received(mei)) == 1


async def test_without_a_look_into_the_sent_mail_nothing_is_sent_again(
    host: EmailHarness, lent: Lent, question: Inbound, mei: Person
) -> None:
    """It waits until the folder can be looked into."""
    host.sandbox.world.faults.add(Fault("imap", "SEARCH", Kind.DROP_BEFORE))

    async with open_adapter(with_sent_folder(host), lent.surroundings) as adapter:
        with pytest.raises(TemporaryDeliveryError):
            await adapter.send(again(reply_to(question, TEXT)))

    assert host.received(mei) == []


async def test_a_folder_that_cannot_be_opened_for_now_proves_nothing(
    host: EmailHarness, lent: Lent, question: Inbound, mei: Person
) -> None:
    """What has arrived would arrive again, though the copy that proves it is there."""
    host.sandbox.world.faults.add(Fault("smtp", "DATA", Kind.DROP_AFTER))
    outbound = reply_to(question, TEXT)

    async with open_adapter(with_sent_folder(host), lent.surroundings) as adapter:
        with pytest.raises(UnknownOutcome):
            await adapter.send(outbound)
        reply = "NO [UNAVAILABLE] Try again later"
        host.sandbox.world.faults.add(Fault("imap", "SELECT", Kind.REPLY, reply=reply))
        with pytest.raises(TemporaryDeliveryError):
            await adapter.send(again(outbound))
        await adapter.send(again(outbound))

    assert len(host.received(mei)) == 1


def smtp(host: EmailHarness, **changes: float) -> EmailSettings:
    settings = host.settings()
    return msgspec.structs.replace(settings, smtp=msgspec.structs.replace(settings.smtp, **changes))


def with_sent_folder(host: EmailHarness) -> EmailSettings:
    settings = host.settings()
    imap = msgspec.structs.replace(settings.imap, sent_folder="Sent")
    return msgspec.structs.replace(settings, imap=imap)


def again(outbound: Outbound) -> Outbound:
    return msgspec.structs.replace(outbound, attempted=True)


def sent_ids(host: EmailHarness) -> list[str]:
    mails = host.sandbox.mail_programs.read(host.sandbox.support_address)
    return [str(mail["message_id"]) for mail in mails if mail["folder"] == "Sent"]
