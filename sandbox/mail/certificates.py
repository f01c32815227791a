"""How the mail host proves who it is: with certificates that nobody vouches for but themselves."""

import ssl
from dataclasses import dataclass
from functools import cached_property

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from sandbox.certificates import alternatives, begun, server_context

OWN_NAMES = ("127.0.0.1", "::1", "localhost")
OTHER_NAMES = ("mail.elsewhere.example",)


@dataclass(frozen=True, slots=True)
class Certificate:
    """What a client has to trust to get in, and what the server shows."""

    pem: str
    context: ssl.SSLContext


class Certificates:
    """Made when they are needed. Whoever trusts `own` gets in; the other one names another host."""

    @cached_property
    def own(self) -> Certificate:
        """For this machine."""
        return _made(OWN_NAMES)

    @cached_property
    def other(self) -> Certificate:
        """For another host."""
        return _made(OTHER_NAMES)


def _made(names: tuple[str, ...]) -> Certificate:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
    certificate = (
        begun(subject, subject, key.public_key())
        .add_extension(alternatives(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    shown = certificate.public_bytes(Encoding.PEM).decode()
    return Certificate(shown, server_context(certificate, key))
