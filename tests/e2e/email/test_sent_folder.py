"""Copies of sent mail: in the right folder, once, and never at the cost of the mail."""

import asyncio

import psutil
from msgspec.structs import replace

from adapters.email.adapter import open_adapter
from adapters.email.settings import EmailSettings
from core.model.content import Text
from sandbox.faults import Fault, Kind
from tests.contract.email_harness import EmailHarness
from tests.contract.harness import Person
from tests.contract.running import asked, reply_to
from tests.contract.surroundings import Lent
from tests.rigs.waiting import eventually

TEXT = Text(text="It is on its way.")


async def test_the_folder_is_found_by_its_use(host: EmailHarness, lent: Lent) -> None:
    """It is called differently in every language and by every provider."""
    question = await asked(host, lent)

    async with open_adapter(keeping(host, "auto"), lent.surroundings) as adapter:
        receipt = await adapter.send(reply_to(question, TEXT))

    assert ids(host, "Sent") == list(receipt.remotes)


async def test_a_folder_that_is_missing_is_made(host: EmailHarness, lent: Lent) -> None:
    """A new mailbox has none before its owner sends their first mail."""
    question = await asked(host, lent)

    async with open_adapter(keeping(host, "Büro & Co"), lent.surroundings) as adapter:
        first = await adapter.send(reply_to(question, TEXT))
        second = await adapter.send(reply_to(question, TEXT))

    assert ids(host, "Büro & Co") == [*first.remotes, *second.remotes]


async def test_copies_share_a_connection(host: EmailHarness, lent: Lent) -> None:
    """A login for every mail looks like an attack."""
    question = await asked(host, lent)
    before = logins(host)

    async with open_adapter(keeping(host, "Sent"), lent.surroundings) as adapter:
        for _ in range(5):
            await adapter.send(reply_to(question, TEXT))

    assert logins(host) - before == 1
    assert len(ids(host, "Sent")) == 5


async def test_a_kept_connection_that_died_is_replaced(host: EmailHarness, lent: Lent) -> None:
    question = await asked(host, lent)

    async with open_adapter(keeping(host, "Sent"), lent.surroundings) as adapter:
        await adapter.send(reply_to(question, TEXT))
        host.sandbox.world.faults.add(Fault("imap", "SELECT", Kind.DROP_BEFORE))
        await adapter.send(reply_to(question, TEXT))

    assert len(ids(host, "Sent")) == 2


async def test_a_server_that_keeps_no_copies_slows_nobody_down(
    host: EmailHarness, lent: Lent, mei: Person
) -> None:
    """After a failure it is left alone for a while; every mail has left all the same."""
    question = await asked(host, lent)
    host.sandbox.world.faults.add(Fault("imap", "APPEND", Kind.DROP_BEFORE, count=0))

    async with open_adapter(keeping(host, "Sent"), lent.surroundings) as adapter:
        receipts = [await adapter.send(reply_to(question, TEXT)) for _ in range(5)]

    assert all(receipt.notes == () for receipt in receipts)
    assert len(host.received(mei)) == 5
    assert host.sandbox.world.journal.calls["imap.APPEND"] == 1


async def test_a_login_that_is_not_even_possible_undoes_no_sending(
    host: EmailHarness, lent: Lent, mei: Person
) -> None:
    """A mistake about IMAP must not make a mail that has left look as if it had not."""
    question = await asked(host, lent)
    settings = keeping(host, "Sent")
    host.sandbox.world.mail.settings.imap.login_disabled = True
    host.sandbox.world.mail.settings.imap.mechanisms = ()

    async with open_adapter(settings, lent.surroundings) as adapter:
        receipt = await adapter.send(reply_to(question, TEXT))

    assert len(receipt.remotes) == len(host.received(mei)) == 1


async def test_what_ends_while_we_stop_is_left_open_by_nobody(
    host: EmailHarness, lent: Lent
) -> None:
    """An inbox that is paused again and again would fill the server with our connections."""
    question = await asked(host, lent)
    host.sandbox.world.faults.add(Fault("smtp", "DATA", Kind.SLOW_AFTER, seconds=0.3))
    before = open_connections()

    async with open_adapter(keeping(host, "Sent"), lent.surroundings) as adapter:
        last = asyncio.ensure_future(adapter.send(reply_to(question, TEXT)))
        await eventually(lambda: host.sandbox.world.journal.calls["smtp.DATA"] == 1)
    await last

    await eventually(lambda: open_connections() <= before)


def open_connections() -> int:
    """Both ends: the sandbox is in this process."""
    connections = psutil.Process().net_connections(kind="tcp")
    return sum(one.status == psutil.CONN_ESTABLISHED for one in connections)


def keeping(host: EmailHarness, folder: str) -> EmailSettings:
    """The mail host keeps no copies itself."""
    host.sandbox.world.mail.settings.saves_sent = False
    settings = host.settings()
    return replace(settings, imap=replace(settings.imap, sent_folder=folder))


def logins(host: EmailHarness) -> int:
    calls = host.sandbox.world.journal.calls
    return calls["imap.LOGIN"] + calls["imap.AUTHENTICATE"]


def ids(host: EmailHarness, folder: str) -> list[str]:
    mails = host.sandbox.mail_programs.read(host.sandbox.support_address)
    return [str(mail["message_id"]) for mail in mails if mail["folder"] == folder]
