"""Receivers can tell by the reference library that it was us."""

import json
from datetime import UTC, datetime

import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from core.errors import ConfigurationError
from gateway.webhooks.signing import headers, written
from gateway.webhooks.vault import Vault

OLD, NEW = b"o" * 32, b"n" * 32
BODY = '{"type": "ping", "data": {"text": "Grüße 👋"}}'.encode()


def now() -> int:
    """The library refuses what was signed more than five minutes ago."""
    return int(datetime.now(UTC).timestamp())


def test_the_reference_library_accepts_it_and_nothing_else() -> None:
    """Anybody could write to an integrator's program in our name, or nobody."""
    signed_at = now()
    signed = headers("evt_1-0", signed_at, BODY, (NEW,))

    assert Webhook(written(NEW)).verify(BODY, signed) == json.loads(BODY)
    for other in ({"webhook-id": "evt_2-0"}, {"webhook-timestamp": str(signed_at - 1)}):
        with pytest.raises(WebhookVerificationError):
            Webhook(written(NEW)).verify(BODY, signed | other)
    with pytest.raises(WebhookVerificationError):
        Webhook(written(NEW)).verify(BODY + b" ", signed)
    with pytest.raises(WebhookVerificationError):
        Webhook(written(OLD)).verify(BODY, signed)


def test_two_secrets_sign_side_by_side() -> None:
    """A receiver that has not got the new secret yet would refuse everything."""
    signed = headers("evt_1-0", now(), BODY, (NEW, OLD))

    for secret in (NEW, OLD):
        assert Webhook(written(secret)).verify(BODY, signed)


def test_a_secret_on_disk_opens_with_the_key_and_for_its_webhook_alone() -> None:
    """Who reads a backup of the file could sign in our name."""
    vault = Vault(b"k" * 32)
    secret, locked = vault.make("wh_1", "asked")

    assert secret not in locked
    assert vault.open(locked, "wh_1") == secret
    assert vault.make("wh_1", "asked") == (secret, locked)
    others = [vault.make("wh_1", "again"), vault.make("wh_2", "asked")]
    assert len({secret, *(one for one, _ in others)}) == 3
    with pytest.raises(ConfigurationError, match="rotate"):
        vault.open(locked, "wh_2")
    with pytest.raises(ConfigurationError, match=r"secret\.key"):
        Vault(b"j" * 32).open(locked, "wh_1")
