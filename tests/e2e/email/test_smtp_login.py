"""How the sending server is logged in to, and what becomes of refusals."""

import pytest

from adapters.email.adapter import open_adapter
from core.errors import AuthenticationError, TemporaryDeliveryError
from sandbox.faults import Fault, Kind
from tests.contract.email_harness import EmailHarness
from tests.contract.harness import Person
from tests.contract.running import asked as a_question
from tests.contract.running import receiving, send_text
from tests.contract.surroundings import Inbox, Lent
from tests.e2e.email.mailbox import asked, heard, with_oauth


async def test_one_refusal_of_the_sending_server_is_not_believed(
    host: EmailHarness, lent: Lent, mei: Person
) -> None:
    """Large providers refuse good logins now and then; the inbox would rest for five minutes."""
    question = await a_question(host, lent)
    host.sandbox.world.faults.add(Fault("smtp", "AUTH", Kind.UNAUTHORISED))

    async with host.adapter(lent.surroundings) as adapter:
        await send_text(adapter, question, "An answer.")

    assert len(host.received(mei)) == 1
    assert host.sandbox.world.journal.calls["smtp.connect"] == 2


async def test_a_token_that_the_sending_server_refuses_is_renewed_once(
    host: EmailHarness, lent: Lent, mei: Person
) -> None:
    """It was withdrawn before its time; the second login is on a connection of its own."""
    inbox = Inbox()
    host.write(mei, "A question.")
    async with (
        open_adapter(with_oauth(host), lent.surroundings) as adapter,
        receiving(adapter, inbox),
    ):
        await heard(inbox, "A question.")
        host.sandbox.world.mail.oauth.expire()
        await send_text(adapter, inbox.events[0], "An answer.")

    assert len(host.received(mei)) == 1
    assert (asked(host), host.sandbox.world.journal.calls["smtp.connect"]) == (2, 2)


async def test_a_wrong_password_is_offered_to_the_sending_server_twice_in_all(
    host: EmailHarness, lent: Lent, mei: Person
) -> None:
    """Each mechanism that is tried with it counts as an attack, and the mailbox is locked."""
    question = await a_question(host, lent)
    host.sandbox.world.mail.settings.smtp.mechanisms = ("LOGIN", "PLAIN", "XOAUTH2")

    async with host.locked_out(lent.surroundings) as adapter:
        with pytest.raises(AuthenticationError, match=r"renew smtp\.password"):
            await send_text(adapter, question, "An answer.")

    assert host.sandbox.world.journal.calls["smtp.AUTH"] == 2
    assert host.sandbox.world.journal.calls["smtp.connect"] == 2


async def test_a_sending_server_that_knows_the_old_mechanism_alone_is_logged_in_to(
    host: EmailHarness, lent: Lent, mei: Person
) -> None:
    question = await a_question(host, lent)
    host.sandbox.world.mail.settings.smtp.mechanisms = ("LOGIN",)

    async with host.adapter(lent.surroundings) as adapter:
        await send_text(adapter, question, "An answer.")

    assert len(host.received(mei)) == 1


async def test_a_sending_server_without_passwords_is_told_apart_from_a_wrong_one(
    host: EmailHarness, lent: Lent, mei: Person
) -> None:
    question = await a_question(host, lent)
    host.sandbox.world.mail.settings.smtp.mechanisms = ("XOAUTH2",)

    async with host.adapter(lent.surroundings) as adapter:
        with pytest.raises(TemporaryDeliveryError, match="takes no password"):
            await send_text(adapter, question, "An answer.")
