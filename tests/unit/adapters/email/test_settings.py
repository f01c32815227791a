"""What an operator may set, and what is refused before anything is opened."""

import msgspec
import pytest

from adapters.email.settings import EmailSettings, ImapSettings, SmtpSettings
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


def test_the_password_is_not_shown() -> None:
    assert "hidden" not in repr(IMAP)


@pytest.mark.parametrize("idle_seconds", [0, 271])
def test_bounds_are_checked_when_settings_are_read(idle_seconds: int) -> None:
    """Some servers cut at 300 s; a round has to be over by then."""
    written = {"host": "h", "user": "u", "password": "p", "idle_seconds": idle_seconds}

    with pytest.raises(msgspec.ValidationError, match="idle_seconds"):
        msgspec.convert(written, ImapSettings, dec_hook=lambda _kind, text: Secret(text))
