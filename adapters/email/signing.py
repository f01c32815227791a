"""DKIM (RFC 6376): our mail is signed for our domain, where no relay does it.

Relaxed on both sides: what servers do to white space on the way breaks nothing. Every field that a
reader sees is signed once more than it occurs, so that none can be added.
"""

import base64
import re
from datetime import datetime
from hashlib import sha256

import msgspec
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from core.model.secret import Secret

KEY_BITS_MIN = 2048
LINE_LENGTH_MAX = 72
OVERSIGNED = (
    "from", "to", "cc", "subject", "date", "message-id", "in-reply-to", "references", "reply-to",
    "mime-version", "content-type",
)  # fmt: skip
ALSO_SIGNED = frozenset({*OVERSIGNED, "auto-submitted", "list-unsubscribe"})
DOMAIN = re.compile(r"(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}")
SELECTOR = re.compile(r"[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*")
FIELD = re.compile(rb"([^\s:]+)[ \t]*:((?:[^\r]|\r\n[ \t]|\r(?!\n))*)\r\n")


class DkimSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Signs for `domain`, whose DNS has the public key at `<selector>._domainkey.<domain>`. `key`
    is the private one, as PEM without a password.
    """

    domain: str
    selector: str
    key: Secret

    def __post_init__(self) -> None:
        if not DOMAIN.fullmatch(self.domain):
            raise ValueError('"dkim.domain" must be a domain in ASCII and lower case')
        if not SELECTOR.fullmatch(self.selector):
            raise ValueError('"dkim.selector" must be the name of the key in DNS, like "mail2026"')
        private_key(self.key)


def private_key(secret: Secret) -> RSAPrivateKey:
    """Raises ValueError, without a word of the key, for one that cannot sign."""
    try:
        key = load_pem_private_key(secret.reveal().encode(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise ValueError(
            '"dkim.key" must be a private key as PEM without a password: openssl genrsa 2048'
        ) from None
    if not isinstance(key, RSAPrivateKey) or key.key_size < KEY_BITS_MIN:
        raise ValueError(
            f'"dkim.key" must be an RSA key of at least {KEY_BITS_MIN} bits: many receivers check '
            "no other: openssl genrsa 2048"
        )
    return key


class Signer:
    """Signs mails with one key."""

    def __init__(self, settings: DkimSettings) -> None:
        self._domain, self._selector = settings.domain, settings.selector
        self._key = private_key(settings.key)

    def signed(self, mail: bytes, at: datetime) -> bytes:
        """The mail with a signature above it. `mail` has CRLF line ends and no signature yet."""
        head, _, body = mail.partition(b"\r\n\r\n")
        fields = [(name.lower(), value) for name, value in FIELD.findall(head + b"\r\n")]
        names = [name for name, _ in fields if name.decode() in ALSO_SIGNED]
        names += [name.encode() for name in OVERSIGNED]
        bare = self._field(names, _digest(_relaxed_body(body)), at)
        covered = _covered(fields, names) + _relaxed(b"dkim-signature", bare).removesuffix(b"\r\n")
        signature = base64.b64encode(self._key.sign(covered, PKCS1v15(), SHA256()))
        folded = b"\r\n ".join(re.findall(rb".{1,%d}" % LINE_LENGTH_MAX, signature))
        return b"DKIM-Signature:" + bare + folded + b"\r\n" + mail

    def _field(self, names: list[bytes], body_hash: bytes, at: datetime) -> bytes:
        """Up to the "b=" whose value comes last."""
        listed = b":\r\n ".join(_in_lines(names))
        tags = (
            b" v=1; a=rsa-sha256; c=relaxed/relaxed",
            f" d={self._domain}; s={self._selector}; t={int(at.timestamp())}".encode(),
            b" h=" + listed,
            b" bh=" + body_hash,
            b" b=",
        )
        return b";\r\n".join(tags)


def _in_lines(names: list[bytes]) -> list[bytes]:
    lines = [b""]
    for name in names:
        joined = lines[-1] + b":" + name if lines[-1] else name
        if len(joined) > LINE_LENGTH_MAX:
            lines.append(name)
        else:
            lines[-1] = joined
    return lines


def _covered(fields: list[tuple[bytes, bytes]], names: list[bytes]) -> bytes:
    """The named fields, of several of one name the lowest first (RFC 6376 section 5.4.2); a name
    beyond the last one stands for there being no more.
    """
    left = list(fields)
    chosen = []
    for name in names:
        found = next((n for n in range(len(left) - 1, -1, -1) if left[n][0] == name), None)
        if found is not None:
            chosen.append(_relaxed(*left.pop(found)))
    return b"".join(chosen)


def _relaxed(name: bytes, value: bytes) -> bytes:
    words = re.sub(rb"[ \t]+", b" ", value.replace(b"\r\n", b"")).strip()
    return name + b":" + words + b"\r\n"


def _relaxed_body(body: bytes) -> bytes:
    folded = re.sub(rb"[ \t]+(?=\r\n|$)", b"", re.sub(rb"[ \t]+", b" ", body))
    kept = folded.rstrip(b"\r\n")
    return kept + b"\r\n" if kept else b""


def _digest(data: bytes) -> bytes:
    return base64.b64encode(sha256(data).digest())
