"""A customer's mail, and their domain's signature (DKIM) over it."""

import base64
from functools import cache

import dkim  # type: ignore[import-untyped]
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

DOMAIN = "kunde.example"
SHORT_KEY = b"\x30\x48\x02\x41\x00" + b"\xc5" * 64 + b"\x02\x03\x01\x00\x01"
"""An RSA public key of 512 bits, in DER."""

MAIL = (
    b"From: Ines <ines@kunde.example>\r\nTo: support@acme.example\r\nSubject: Invoice\r\n"
    b"Date: Fri, 21 Nov 2025 12:00:00 +0000\r\nMessage-ID: <a@kunde.example>\r\n\r\n"
    b"Please send it again.\r\n"
)


def signed(mail: bytes, *, domain: str = DOMAIN, length: bool = False) -> bytes:
    field = dkim.sign(
        mail,
        b"s1",
        domain.encode(),
        pem(),
        canonicalize=(b"relaxed", b"relaxed"),
        include_headers=[b"from", b"to", b"subject", b"date"],
        length=length,
    )
    return bytes(field) + mail


def published(der: bytes = b"") -> str:
    public = key().public_key()
    der = der or public.public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return "v=DKIM1; k=rsa; p=" + base64.b64encode(der).decode()


def pem() -> bytes:
    return key().private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )


@cache
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)
