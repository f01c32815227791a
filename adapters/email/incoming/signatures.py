"""DKIM signatures (RFC 6376): which of a mail's may prove its author, and whether one is valid.

The answer of the domain name system comes from outside; what is here decides and computes only.
"""

import logging
import re
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

import dkim  # type: ignore[import-untyped]

from adapters.email.addresses import normalise_address, organisation_of
from adapters.email.mime.message import Message

SIGNATURES_MAX = 3
SIGNATURE_LENGTH_MAX = 8_000
FIELDS_MAX = 1_000
SIGNED_FIELDS_MAX = 200
SIZE_BYTES_MAX = 10 * 1024 * 1024
KEY_BITS_MIN, KEY_BITS_MAX = 1024, 4096
KEY_LENGTH_MAX = 4_000
TAG = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
SELECTOR = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,120}[A-Za-z0-9_])?")
ONCE = frozenset(
    [
        "from",
        "sender",
        "reply-to",
        "to",
        "cc",
        "subject",
        "date",
        "message-id",
        "in-reply-to",
        "references",
        "mime-version",
        "content-type",
        "content-transfer-encoding",
    ]
)
"""Of these fields a mail has one (RFC 5322 section 3.6). Of two, the lower was signed and the
upper is shown.
"""

SPACES = re.compile(r"\s{80}")
"""Longer runs of blanks than any mailer writes; they would keep the library busy for minutes."""

FAULTS = (ArithmeticError, LookupError, TypeError, ValueError)

HEAD_END = re.compile(rb"\n\r?\n")
BLANKS = re.compile(rb"[ \t]+")
LINE_END = re.compile(rb"\r?\n")

QUIET = logging.getLogger("adapters.email.dkim")
QUIET.addHandler(logging.NullHandler())
QUIET.propagate = False


class Validity(StrEnum):
    VALID = "valid"
    BROKEN = "broken"
    UNKNOWN = "unknown"


class Signature(NamedTuple):
    """One that would prove the author's domain. `number` counts the mail's DKIM-Signature fields
    from 0, `key_name` is where its key is published, `refused` says why it proves nothing ("" if
    it may). `relaxed`: it does not count the blanks of the body.
    """

    number: int
    domain: str
    key_name: str
    refused: str = ""
    relaxed: bool = False


def aligned(domain: str, author_domain: str, *, strictly: bool = False) -> bool:
    """Whether who signs for `domain` speaks for `author_domain` (RFC 7489 section 3.1)."""
    if domain == author_domain:
        return bool(domain)
    organisation = organisation_of(domain)
    return not strictly and bool(organisation) and organisation == organisation_of(author_domain)


def aligned_signatures(
    message: Message, author_domain: str, now: datetime
) -> tuple[Signature, ...]:
    """The first few signatures of the author's own organisation, those of the very domain first."""
    found = []
    repeated = frozenset(name for name in ONCE if len(message.get_all(name)) > 1)
    for number, value in enumerate(message.get_all("DKIM-Signature")):
        tags = parse_tags(value[:SIGNATURE_LENGTH_MAX])
        address = normalise_address(f"x@{tags.get('d', '')}") or ""
        domain = address.rpartition("@")[2]
        if not aligned(domain, author_domain):
            continue
        selector = tags.get("s", "")
        refused = _refused(value, tags, repeated, now)
        relaxed = tags.get("c", "").lower().endswith("/relaxed")
        key_name = f"{selector}._domainkey.{domain}"
        found.append(Signature(number, domain, key_name, refused, relaxed))
    found.sort(key=lambda signature: (bool(signature.refused), signature.domain != author_domain))
    return tuple(found[:SIGNATURES_MAX])


def parse_tags(value: str) -> dict[str, str]:
    """`a=b; c=d` of a signature or a record, blanks removed; {} when a tag is given twice."""
    tags: dict[str, str] = {}
    for entry in value.split(";"):
        name, equals, text = entry.partition("=")
        name = name.strip()
        if not equals or not TAG.fullmatch(name):
            continue
        if name in tags:
            return {}
        tags[name] = "".join(text.split())
    return tags


def checked(raw: bytes, signature: Signature, record: str) -> tuple[Validity, str]:
    """Whether the signature is valid under the published `record`, and why not.

    Computes for milliseconds a megabyte. UNKNOWN: it proves nothing either way.
    """
    refused = signature.refused or _refused_key(record)
    if refused:
        return Validity.UNKNOWN, refused
    if len(raw) > SIZE_BYTES_MAX:
        return Validity.UNKNOWN, "the mail is too long to check its signature"
    try:
        prepared = _relaxed(raw) if signature.relaxed else raw
        verifier = dkim.DKIM(prepared, logger=QUIET, minkey=KEY_BITS_MIN)
        if not signature.number < len(verifier.headers) <= FIELDS_MAX:
            return Validity.UNKNOWN, "the mail's header cannot be checked"
        valid = verifier.verify(signature.number, dnsfunc=lambda *_args, **_named: record.encode())
    except dkim.ValidationError:
        return Validity.BROKEN, "what was signed has been changed"
    except (dkim.DKIMException, *FAULTS) as error:
        return Validity.UNKNOWN, f"the signature cannot be read ({type(error).__name__})"
    return (Validity.VALID, "") if valid else (Validity.BROKEN, "the signature does not fit")


def _relaxed(raw: bytes) -> bytes:
    """The mail with the blanks of its body as the signature's reading has them (RFC 6376 section
    3.4.4), in linear time: the library takes hours for a megabyte of them.
    """
    found = HEAD_END.search(raw)
    start = found.end() if found else len(raw)
    body = BLANKS.sub(b" ", LINE_END.sub(b"\r\n", raw[start:]))
    return raw[:start] + body.replace(b" \r\n", b"\r\n")


def _refused(value: str, tags: dict[str, str], repeated: frozenset[str], now: datetime) -> str:
    """Why a signature proves nothing, whatever its key."""
    signed = [name.lower() for name in tags.get("h", "").split(":")]
    expires = tags.get("x", "")
    if len(value) > SIGNATURE_LENGTH_MAX or SPACES.search(value) or len(signed) > SIGNED_FIELDS_MAX:
        return "the signature is malformed"
    if not SELECTOR.fullmatch(tags.get("s", "")):
        return "the signature names no key"
    if "l" in tags:
        return "the signature covers only a part of the text"
    if "from" not in signed:
        return "the signature does not cover the author"
    if repeated.intersection(signed):
        return "a signed field is there twice"
    if tags.get("a", "").lower() != "rsa-sha256":
        return "the signature is of a kind that is not checked"
    if expires and not (expires.isdecimal() and int(expires[:15]) > now.timestamp()):
        return "the signature has expired"
    return ""


def _refused_key(record: str) -> str:
    if not record:
        return "its key is not published"
    tags = parse_tags(record)
    if len(record) > KEY_LENGTH_MAX or not record.isascii() or "p" not in tags:
        return "its key cannot be read"
    if not tags["p"]:
        return "its key was withdrawn"
    if tags.get("k", "rsa") != "rsa":
        return "its key is of a kind that is not checked"
    if "y" in tags.get("t", "").split(":"):
        return "its key is only being tried out"
    try:
        bits = dkim.evaluate_pk("the key", record)[1]
    except (dkim.DKIMException, *FAULTS):
        return "its key cannot be read"
    if not KEY_BITS_MIN <= bits <= KEY_BITS_MAX:
        return f"its key has {bits} bits, {KEY_BITS_MIN} to {KEY_BITS_MAX} are accepted"
    return ""
