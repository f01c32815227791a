"""How the mailbox is opened: by password, by access token, and what becomes of refusals."""

import json
import logging

import pytest
import structlog

from adapters.email.adapter import open_adapter
from adapters.email.line.oauth import CHECKPOINT, Tokens
from core.errors import AuthenticationError, ConfigurationError, TemporaryDeliveryError
from core.ports import Checkpoints
from sandbox.faults import Fault, Kind
from tests.contract.email_harness import EmailHarness
from tests.contract.harness import Person
from tests.contract.running import receiving, send_text
from tests.contract.surroundings import Inbox, Lent
from tests.e2e.email.mailbox import asked, cut, heard, put, with_imap, with_oauth
from tests.rigs.waiting import eventually


@pytest.mark.parametrize("without", [frozenset(), frozenset({"SASL-IR"})], ids=["ir", "asked"])
@pytest.mark.parametrize("refreshes", [True, False], ids=["refresh", "credentials"])
async def test_one_token_reads_and_sends(
    host: EmailHarness, lent: Lent, mei: Person, without: frozenset[str], refreshes: bool
) -> None:
    """Large providers take no passwords any more; one token a mailbox, not one a connection."""
    mail = host.sandbox.world.mail.settings
    mail.imap.mechanisms = mail.smtp.mechanisms = ("XOAUTH2",)
    mail.imap.login_disabled, mail.imap.without = True, without
    host.write(mei, "A question.")
    settings, inbox = with_oauth(host, refreshes=refreshes), Inbox()

    async with open_adapter(settings, lent.surroundings) as adapter, receiving(adapter, inbox):
        await heard(inbox, "A question.")
        await send_text(adapter, inbox.events[0], "An answer.")

    assert len(host.received(mei)) == 1
    assert asked(host) == 1


async def test_a_token_that_is_withdrawn_is_replaced_once(
    host: EmailHarness, lent: Lent, mei: Person
) -> None:
    """Its end may come before its time; the server says so in a question that wants an answer."""
    host.write(mei, "A question.")
    inbox = Inbox()
    async with (
        open_adapter(with_oauth(host), lent.surroundings) as adapter,
        receiving(adapter, inbox),
    ):
        await heard(inbox, "A question.")
        host.sandbox.world.mail.oauth.expire()
        await cut(host)
        host.write(mei, "Another one.")
        await heard(inbox, "Another one.")
        host.sandbox.world.mail.oauth.expire()
        await send_text(adapter, inbox.events[0], "An answer.")

    assert asked(host) == 3
    assert len(host.received(mei)) == 1


async def test_a_token_is_renewed_before_it_expires(host: EmailHarness, lent: Lent) -> None:
    """A login with a token that ends on the way counts as refused."""
    client = host.sandbox.world.mail.oauth.client
    tokens = tokens_of(host, lent)
    client.expires_seconds = 3600

    first = await tokens.token()
    assert await tokens.token() == first
    client.expires_seconds = 0.001
    tokens.refused(first)
    second = await tokens.token()
    third = await tokens.token()

    assert len({first, second, third}) == 3


async def test_a_refresh_token_that_was_replaced_is_kept_over_a_restart(
    host: EmailHarness, lent: Lent, mei: Person
) -> None:
    """The one in the settings is worth nothing from then on. What is kept shows nothing to whoever
    reads the store.
    """
    oauth = host.sandbox.world.mail.oauth
    oauth.change(3600, rotates=True)
    settings = with_oauth(host)
    for number in range(3):
        host.write(mei, f"mail {number}")
        inbox = Inbox()
        async with open_adapter(settings, lent.surroundings) as adapter, receiving(adapter, inbox):
            await heard(inbox, f"mail {number}")

    assert asked(host) == 3
    assert oauth.client.refresh_token not in lent.checkpoints.values[CHECKPOINT]


async def test_a_token_that_comes_in_pieces_is_a_token(host: EmailHarness, lent: Lent) -> None:
    """Long ones do: a part of the answer must not count as no answer."""
    trickle = Fault("oauth", "token", Kind.TRICKLE, seconds=0.1)
    host.sandbox.world.faults.add(trickle)

    assert await tokens_of(host, lent).token()


async def test_two_gateways_that_renew_at_once_do_not_lock_each_other_out(
    host: EmailHarness, lent: Lent
) -> None:
    """Each refresh token is worth one token: the slower one finds its own spent, and looks again
    what replaced it.
    """
    host.sandbox.world.mail.oauth.change(3600, rotates=True)
    slower = tokens_of(host, lent, checkpoints=ReadBefore(lent.checkpoints))

    await tokens_of(host, lent).token()

    assert await slower.token()


async def test_a_refresh_token_in_the_settings_goes_before_the_kept_one(
    host: EmailHarness, lent: Lent
) -> None:
    """After a new consent: that is what the operator has just pasted."""
    oauth = host.sandbox.world.mail.oauth
    oauth.change(3600, rotates=True)
    await tokens_of(host, lent).token()
    renewed = oauth.revoke()

    assert await tokens_of(host, lent, refresh=renewed).token()


async def test_a_consent_that_was_taken_back_pauses_the_inbox_and_says_what_to_do(
    host: EmailHarness, lent: Lent
) -> None:
    """After three refusals; no token and no secret is in what is said."""
    settings = with_oauth(host)
    host.sandbox.world.mail.oauth.revoke()

    async with open_adapter(settings, lent.surroundings) as adapter:
        with pytest.raises(AuthenticationError, match=r"renew oauth\.refresh_token") as failure:
            await adapter.run(Inbox())

    assert asked(host) == 3
    assert settings.oauth is not None
    assert settings.oauth.refresh_token is not None
    assert settings.oauth.refresh_token.reveal() not in str(failure.value)


@pytest.mark.parametrize(
    "fault",
    [
        Fault("oauth", "token", Kind.RATE_LIMIT, count=5),
        Fault("oauth", "token", Kind.SERVER_ERROR, count=5, status=503, html=True),
        Fault("oauth", "token", Kind.DROP_BEFORE, count=5),
        Fault("oauth", "token", Kind.CONFLICT, count=5),
        Fault("oauth", "token", Kind.GARBLED, count=5),
        Fault("imap", "AUTHENTICATE", Kind.SERVER_ERROR, count=5),
        Fault("imap", "AUTHENTICATE", Kind.REPLY, reply="BAD not connected", count=5),
        Fault("imap", "AUTHENTICATE", Kind.REPLY, reply="BYE overloaded", count=5),
    ],
    ids=lambda fault: f"{fault.method}-{fault.kind}",
)
async def test_what_passes_is_waited_for(host: EmailHarness, lent: Lent, fault: Fault) -> None:
    """Five times in a row: more often than refusals are allowed to come."""
    host.sandbox.world.faults.add(fault)
    put(host, "patience")
    inbox = Inbox()

    async with (
        open_adapter(with_oauth(host), lent.surroundings) as adapter,
        receiving(adapter, inbox),
    ):
        await heard(inbox, "patience")

    assert any("trying again" in remark for remark in lent.remarks)
    assert lent.remarks[-1] == ""


async def test_a_reply_waits_for_a_token(host: EmailHarness, lent: Lent, mei: Person) -> None:
    """It is sent later; it has not failed."""
    host.write(mei, "A question.")
    inbox = Inbox()
    async with (
        open_adapter(with_oauth(host), lent.surroundings) as adapter,
        receiving(adapter, inbox),
    ):
        await heard(inbox, "A question.")
        host.sandbox.world.mail.oauth.expire()
        host.sandbox.world.faults.add(Fault("oauth", "token", Kind.SERVER_ERROR, status=500))
        with pytest.raises(TemporaryDeliveryError):
            await send_text(adapter, inbox.events[0], "An answer.")


@pytest.mark.parametrize(
    ("mechanisms", "without", "login_disabled"),
    [
        (("PLAIN",), frozenset(), False),
        (("PLAIN",), frozenset({"SASL-IR"}), False),
        ((), frozenset(), False),
        (("PLAIN",), frozenset({"SASL-IR"}), True),
    ],
)
async def test_a_password_is_given_in_the_way_that_is_offered(
    host: EmailHarness,
    lent: Lent,
    mechanisms: tuple[str, ...],
    without: frozenset[str],
    login_disabled: bool,
) -> None:
    imap = host.sandbox.world.mail.settings.imap
    imap.mechanisms, imap.without, imap.login_disabled = mechanisms, without, login_disabled
    host.sandbox.world.mail.password = 'q"uo\\te {5}'
    put(host, "hello")
    inbox = Inbox()

    async with host.adapter(lent.surroundings) as adapter, receiving(adapter, inbox):
        await heard(inbox, "hello")


async def test_a_password_outside_ascii_is_given_whole(host: EmailHarness, lent: Lent) -> None:
    host.sandbox.world.mail.password = "Übergröße 🚚"
    host.sandbox.world.mail.settings.imap.without = frozenset({"SASL-IR"})
    put(host, "hello")
    inbox = Inbox()

    async with host.adapter(lent.surroundings) as adapter, receiving(adapter, inbox):
        await heard(inbox, "hello")


async def test_a_server_that_takes_no_password_is_told_apart_from_a_wrong_one(
    host: EmailHarness, lent: Lent
) -> None:
    """The operator has to change the settings, not the password."""
    imap = host.sandbox.world.mail.settings.imap
    imap.mechanisms, imap.login_disabled = ("XOAUTH2",), True

    async with host.adapter(lent.surroundings) as adapter:
        with pytest.raises(ConfigurationError, match="oauth"):
            await adapter.run(Inbox())


async def test_three_refusals_in_a_row_pause_the_inbox_and_a_pause_between_them_does_not(
    host: EmailHarness, lent: Lent
) -> None:
    """More would lock the mailbox; what is temporary is no refusal."""
    for nth in (1, 3):
        host.sandbox.world.faults.add(Fault("imap", "AUTHENTICATE", Kind.UNAUTHORISED, nth=nth))
    host.sandbox.world.faults.add(Fault("imap", "AUTHENTICATE", Kind.SERVER_ERROR, nth=2))
    put(host, "hello")
    inbox = Inbox()

    async with host.adapter(lent.surroundings) as adapter, receiving(adapter, inbox):
        await heard(inbox, "hello")
    async with host.locked_out(lent.surroundings) as adapter:
        with pytest.raises(AuthenticationError, match=r"renew imap\.password"):
            await adapter.run(Inbox())

    assert host.sandbox.world.journal.calls["imap.AUTHENTICATE"] == 4 + 3


async def test_secrets_are_in_no_log(
    host: EmailHarness, lent: Lent, mei: Person, caplog: pytest.LogCaptureFixture
) -> None:
    """Logs are sent to helpers, and kept for years."""
    caplog.set_level(logging.DEBUG)
    logging.getLogger("aioimaplib").setLevel(logging.WARNING)
    secrets = []
    with structlog.testing.capture_logs() as entries:
        for number in range(2):
            host.sandbox.world.faults.add(Fault("imap", "AUTHENTICATE", Kind.HANG))
            settings = with_oauth(host) if number else with_imap(host, command_seconds=0.2)
            host.write(mei, f"mail {number}")
            inbox = Inbox()
            async with (
                open_adapter(settings, lent.surroundings) as adapter,
                receiving(adapter, inbox),
            ):
                await heard(inbox, f"mail {number}") if not number else await eventually(
                    lambda: asked(host) > 0
                )
            client = host.sandbox.world.mail.oauth.client
            secrets += [host.sandbox.mail_password, client.refresh_token, client.client_secret]

    logged = caplog.text + json.dumps(entries, default=str)
    assert not any(secret in logged for secret in secrets)


class ReadBefore:
    """Checkpoints whose first look was a moment too early."""

    def __init__(self, checkpoints: Checkpoints) -> None:
        self._checkpoints, self._early = checkpoints, True

    async def load(self, name: str) -> str | None:
        early, self._early = self._early, False
        return None if early else await self._checkpoints.load(name)

    async def save(self, name: str, value: str) -> None:
        await self._checkpoints.save(name, value)


def tokens_of(
    host: EmailHarness, lent: Lent, refresh: str = "", checkpoints: Checkpoints | None = None
) -> Tokens:
    oauth = with_oauth(host, refresh=refresh).oauth
    assert oauth is not None
    secret = lent.surroundings.secret
    return Tokens(oauth, lent.account, checkpoints or lent.checkpoints, secret)
