"""Mail addresses out of headers: names are for people, the addr-spec is who it is.

Encoded words are never decoded inside an addr-spec (RFC 2047 section 5): a decoded "@" would let
anybody be anybody.
"""

import re
import unicodedata
from functools import cache, lru_cache
from typing import NamedTuple

from publicsuffixlist import PublicSuffixList

from adapters.email.mime.charsets import decode_words, printable

ADDRESSES_MAX = 200
HEADER_LENGTH_MAX = 20_000
NAME_LENGTH_MAX = 200
CARRIED_MAX = 300
ADDRESS_LENGTH_MAX = 254

LOCAL = re.compile(r'[^\s@<>()\[\],;:\\"\x00-\x1f\x7f\ud800-\udfff]{1,200}')
LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
PIECE = re.compile(r'"(?:[^"\\]|\\.){0,300}+"|<[^<>]*>|[,;]|[^"<,;]+|["<]', re.DOTALL)
BRACKETED = re.compile(r"<([^<>]*)(?:>|$)")
GROUP = re.compile(r"^[^\"<>@:]{0,200}:")
PREFIX = re.compile(r"mailto:|@[^<>:]{1,500}:", re.IGNORECASE)
BETWEEN_WORDS = re.compile(r"[\s，、；]+")
ROUND_ADDRESS = "[]()<>\"',;:，"
COMMENT = re.compile(r"\(([^()]*)\)")
SHOWN_ADDRESS = re.compile(r"[^\s@<>()\"',;:]+@[^\s@<>()\"',;:]+")
_RANGES = ((0x200B, 0x2010), (0x202A, 0x202F), (0x2060, 0x2070))
UNSEEN = dict.fromkeys((0xAD, 0xFEFF, *(code for ends in _RANGES for code in range(*ends))))
"""Characters without a width, and those that turn the direction: in a name they only deceive."""

DEVIATING = frozenset("ßς")
"""Letters that IDNA 2003 turned into others and that are letters of their own since IDNA 2008: the
old reading would make one registrant's domain another's.
"""

_PROVIDERS = (
    "gmail.com googlemail.com outlook.com hotmail.com live.com msn.com yahoo.com ymail.com aol.com "
    "icloud.com me.com mac.com gmx.de gmx.net gmx.com web.de t-online.de freenet.de proton.me "
    "protonmail.com mail.ru yandex.ru yandex.com qq.com 163.com 126.com naver.com orange.fr "
    "laposte.net free.fr libero.it wp.pl seznam.cz fastmail.com zoho.com mail.com"
)
PUBLIC_PROVIDERS = frozenset(_PROVIDERS.split())
"""Sharing one of these domains says nothing about two people."""


class Mailbox(NamedTuple):
    address: str
    """Lower case, the domain in its ASCII form. Safe for a header and an SMTP command."""
    name: str = ""


def mailboxes(header: str, charset: str = "") -> tuple[Mailbox, ...]:
    """The valid addresses of a From, To or Reply-To header, as it came (surrogates for raw 8-bit,
    which is probably in `charset`).

    Copes with comments, groups, unquoted commas in names, and brackets that are missing or too
    many. What is no address is left out.
    """
    found: list[Mailbox] = []
    carried = ""
    for entry in _entries(header[:HEADER_LENGTH_MAX]):
        if "@" not in entry:
            # "Doe, John <john@…>": the comma was not quoted
            carried = f"{carried[-CARRIED_MAX:]}{entry}, "
            continue
        found += _mailboxes(carried + entry if "<" in entry else entry, charset)
        carried = ""
        if len(found) >= ADDRESSES_MAX:
            break
    return tuple(found[:ADDRESSES_MAX])


def normalise_address(spec: str) -> str | None:
    """The one spelling of an address, or None when it is not one."""
    local, at, domain = spec.strip().rpartition("@")
    if local.startswith('"') and local.endswith('"'):
        local = local[1:-1]
    ascii_domain = _ascii_domain(domain.strip())
    if not at or not ascii_domain or not LOCAL.fullmatch(local):
        return None
    address = f"{local.lower()}@{ascii_domain}"
    return address if len(address) <= ADDRESS_LENGTH_MAX and "=?" not in address else None


def domain_of(address: str) -> str:
    return address.rpartition("@")[2]


def organisation_of(domain: str) -> str:
    """The registered domain that a host belongs to: what its owner, and nobody else, names things
    under. "" for what is no part of any (a public suffix itself, a single label).
    """
    return str(_public_suffixes().privatesuffix(domain) or "")


def same_organisation(one: str, other: str) -> bool:
    """Both addresses are of one registered domain that is not a public provider's."""
    organisation = organisation_of(domain_of(one))
    return bool(organisation) and (
        organisation == organisation_of(domain_of(other)) and organisation not in PUBLIC_PROVIDERS
    )


def _entries(header: str) -> list[str]:
    """The header cut at its top-level commas and semicolons, names of groups left out."""
    if not any(mark in header for mark in ',;"'):
        return [header.strip()] if header.strip() else []
    entries = [""]
    for piece in PIECE.findall(header):
        if piece in ",;":
            entries.append("")
        else:
            entries[-1] += piece
    if ";" in header:
        entries = [GROUP.sub("", entry) for entry in entries]
    return [entry.strip() for entry in entries if entry.strip()]


def _mailboxes(entry: str, charset: str) -> list[Mailbox]:
    """One, as a rule; several where blanks stand between them instead of commas."""
    bracketed = BRACKETED.findall(entry)
    if bracketed:
        spec, name = bracketed[-1], entry[: entry.rindex("<")].rstrip("< ")
    else:
        comments = COMMENT.findall(entry)
        spec = COMMENT.sub("", entry).rpartition(":")[2]  # "Undisclosed recipients: a@b"
        name = comments[-1] if comments else ""
    address = _address(spec)
    if address is not None:
        return [_named(address, name, charset)]
    return [] if bracketed else _among_words(spec, name, charset)


def _among_words(text: str, name: str, charset: str) -> list[Mailbox]:
    """The words that are addresses: in square brackets or quotes, beside a name without brackets,
    or several, with an encoded comma between them as Python's library folds long headers.
    """
    addresses: list[str] = []
    others: list[str] = []
    for word in BETWEEN_WORDS.split(text):
        address = _address(word.strip(ROUND_ADDRESS)) if "@" in word else None
        if address is None:
            others.append(word.strip("[]<>"))
        else:
            addresses.append(address)
    if len(addresses) == 1:
        return [_named(addresses[0], name or " ".join(filter(None, others)), charset)]
    return [Mailbox(address) for address in addresses]


def _named(address: str, name: str, charset: str) -> Mailbox:
    return Mailbox(address, _honest(_name(name, charset), address))


def _address(spec: str) -> str | None:
    bare = spec.strip()
    return normalise_address(_readable(PREFIX.sub("", bare, count=1) if ":" in bare else bare))


def _honest(name: str, address: str) -> str:
    """No name at all instead of one that shows another address than the real one."""
    if name.isascii() and "@" not in name:
        return name
    shown = unicodedata.normalize("NFKC", name).lower()
    others = set(SHOWN_ADDRESS.findall(shown)) - {address}
    return "" if others else name


def _readable(spec: str) -> str:
    """Raw 8-bit in an address is UTF-8 (RFC 6532) or nothing."""
    if spec.isascii():
        return spec
    try:
        return spec.encode("utf-8", "surrogateescape").decode("utf-8")
    except UnicodeError:
        return ""


def _name(raw: str, charset: str) -> str:
    text = raw.strip()
    if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'":
        text = re.sub(r"\\(.)", r"\1", text[1:-1])
    shown = decode_words(text, charset)
    if not shown.isascii():
        shown = shown.translate(UNSEEN)
    return printable(shown)[:NAME_LENGTH_MAX]


@lru_cache(maxsize=4096)
def _ascii_domain(domain: str) -> str:
    """IDNA where it is needed; "" for what no domain can be."""
    lowered = domain.lower().rstrip(".")
    if not lowered.isascii():
        try:
            lowered = ".".join(_ascii_label(label) for label in re.split("[.。．｡]", lowered))
        except UnicodeError:
            return ""
    labels = lowered.split(".")
    return lowered if all(LABEL.fullmatch(label) for label in labels) else ""


def _ascii_label(label: str) -> str:
    if DEVIATING.isdisjoint(label):
        return label.encode("idna").decode("ascii")
    return "xn--" + unicodedata.normalize("NFKC", label).encode("punycode").decode("ascii")


@cache
def _public_suffixes() -> PublicSuffixList:
    return PublicSuffixList()
