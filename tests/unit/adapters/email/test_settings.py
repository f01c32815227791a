"""What an operator may set, and what is refused before anything is opened."""

import msgspec
import pytest

from adapters.email.settings import (
    EmailSettings,
    ImapSettings,
    Limits,
    OAuthSettings,
    SmtpSettings,
)
from core.model.secret import Secret

IMAP = ImapSettings(host="mail.example.org", user="help", password=Secret("hidden"))
SMTP = SmtpSettings(host="mail.example.org")


def test_the_address_has_one_spelling() -> None:
    settings = EmailSettings(address="Help@Example.ORG", imap=IMAP, smtp=SMTP)

    assert settings.mailbox == "help@example.org"


@pytest.mark.parametrize("address", ["", "help", "Help <help@example.org>", "hélp@example.org"])
def test_an_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="address"):
        EmailSettings(address=address, imap=IMAP, smtp=SMTP)


def test_a_login_needs_more_than_a_name() -> None:
    """Without it we would not log in at all, and every reply would be refused."""
    nameless = msgspec.structs.replace(SMTP, user="help")

    with pytest.raises(ValueError, match=r"smtp\.password"):
        EmailSettings(address="help@example.org", imap=IMAP, smtp=nameless)


def test_the_password_is_not_shown() -> None:
    assert "hidden" not in repr(IMAP)


@pytest.mark.parametrize("idle_seconds", [0, 271])
def test_bounds_are_checked_when_settings_are_read(idle_seconds: int) -> None:
    """Some servers cut at 300 s; a round has to be over by then."""
    written = {"host": "h", "user": "u", "password": "p", "idle_seconds": idle_seconds}

    with pytest.raises(msgspec.ValidationError, match="idle_seconds"):
        msgspec.convert(written, ImapSettings, dec_hook=lambda _kind, text: Secret(text))


def test_no_mail_is_asked_for_whole_that_the_connection_would_not_take() -> None:
    """It would be cut off again and again, before it is taken by its beginning after all."""
    with pytest.raises(msgspec.ValidationError, match="message_size_bytes_max"):
        msgspec.convert({"message_size_bytes_max": 100 * 1024 * 1024}, Limits)


OAUTH = {
    "token_url": "https://login.example.org/token",
    "client_id": "trunkline",
    "client_secret": "hidden",
}


@pytest.mark.parametrize(
    ("changes", "needed"),
    [
        ({"token_url": "http://login.example.org/token"}, "https"),
        ({"token_url": "login.example.org"}, "https"),
        ({"client_secret": None}, "refresh_token"),
    ],
)
def test_tokens_are_asked_for_in_private_and_with_a_proof(
    changes: dict[str, str | None], needed: str
) -> None:
    """A refresh token opens the mailbox: it may not travel in the clear."""
    fields = {name: value for name, value in {**OAUTH, **changes}.items() if value is not None}

    with pytest.raises(msgspec.ValidationError, match=needed):
        msgspec.convert(fields, OAuthSettings, dec_hook=secrets)


def test_a_mailbox_needs_a_password_or_tokens() -> None:
    imap = {"host": "imap.example.org", "user": "support@example.org"}
    fields = {"address": "support@example.org", "imap": imap, "smtp": {"host": "smtp.example.org"}}

    with pytest.raises(msgspec.ValidationError, match="oauth"):
        msgspec.convert(fields, EmailSettings, dec_hook=secrets)
    settings = msgspec.convert({**fields, "oauth": OAUTH}, EmailSettings, dec_hook=secrets)

    assert settings.imap.password is None


def secrets(kind: type, value: object) -> object:
    assert kind is Secret
    return Secret(str(value))
