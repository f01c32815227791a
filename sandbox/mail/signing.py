"""Signatures of senders (DKIM), with keys that the sandbox invents and publishes in its own DNS."""

import base64
from functools import cached_property

import dkim  # type: ignore[import-untyped]
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from sandbox.dns.zones import Zones

KEY_BITS = 2048
SELECTOR = "sandbox"
SIGNED = (b"from", b"to", b"cc", b"subject", b"date", b"message-id", b"in-reply-to", b"references")


class Signers:
    """Signs for any domain. One key serves all: making it takes a moment, so it waits for need."""

    selector = SELECTOR

    def __init__(self, zones: Zones) -> None:
        self._zones = zones

    def publish(self, domain: str, selector: str = SELECTOR) -> str:
        """Publish the key of a domain; the record's name."""
        name = f"{selector}._domainkey.{domain}"
        public = self._key.public_key().public_bytes(
            Encoding.DER, PublicFormat.SubjectPublicKeyInfo
        )
        record = f"v=DKIM1; k=rsa; p={base64.b64encode(public).decode()}"
        self._zones.publish(name, (record,))
        return name

    def sign(self, raw: bytes, domain: str, selector: str = SELECTOR) -> bytes:
        """The mail with a signature on top, whose key is published then."""
        self.publish(domain, selector)
        private = self._key.private_bytes(
            Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()
        )
        header: bytes = dkim.sign(
            raw, selector.encode(), domain.encode(), private, include_headers=list(SIGNED)
        )
        return header + raw

    @cached_property
    def _key(self) -> rsa.RSAPrivateKey:
        return rsa.generate_private_key(public_exponent=65537, key_size=KEY_BITS)
