"""SMTP's command syntax: paths and parameters. Pure."""

import re
from dataclasses import dataclass

from sandbox.mail.settings import SmtpSettings

PATH = re.compile(
    r"(?P<word>FROM|TO):\s*<(?P<path>[^<>\s]*)>(?:\s+(?P<rest>.*))?\s*", re.IGNORECASE
)
SYNTAX = {
    "FROM": "501 5.5.4 Syntax: MAIL FROM:<address>",
    "TO": "501 5.5.4 Syntax: RCPT TO:<address>",
}
OFFERS = ("PIPELINING", "8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES")
HOST_NAME = "mx.acme.example"


class Refusal(Exception):
    """The command is answered by the reply that this holds."""


@dataclass(frozen=True, slots=True)
class Path:
    """An address of the envelope, "" for the null sender, and what is said about the mail."""

    address: str
    parameters: dict[str, str]


def parse_path(argument: str, word: str) -> Path:
    """What follows MAIL or RCPT; `word` is FROM or TO. Raises Refusal."""
    match = PATH.fullmatch(argument)
    if match is None or match["word"].upper() != word:
        raise Refusal(SYNTAX[word])
    address = match["path"]
    if address and "@" not in address:
        raise Refusal("553 5.1.3 Error: malformed address")
    if not address and word == "TO":
        raise Refusal(SYNTAX[word])
    given = [one.partition("=") for one in (match["rest"] or "").split()]
    return Path(address, {name.upper(): value for name, _, value in given})


def check_parameters(path: Path, settings: SmtpSettings) -> None:
    """Raises Refusal for what this host does not have, and for a mail that is announced too big."""
    known = {"AUTH"}
    known |= {"SIZE"} - settings.without
    known |= {"BODY"} if "8BITMIME" not in settings.without else set()
    known |= {"SMTPUTF8"} - settings.without
    for name, value in path.parameters.items():
        if name not in known:
            raise Refusal(f"555 5.5.4 Unsupported parameter {name}")
        if name == "BODY" and value.upper() not in ("7BIT", "8BITMIME"):
            raise Refusal("501 5.5.4 BODY is 7BIT or 8BITMIME")
        if name == "SIZE" and not value.isdecimal():
            raise Refusal("501 5.5.4 SIZE is a number")
    size = int(path.parameters.get("SIZE", "0"))
    if settings.size_bytes_max and size > settings.size_bytes_max:
        raise Refusal("552 5.3.4 Message size exceeds fixed maximum message size")
    check_script(path.address, utf8="SMTPUTF8" in path.parameters)


def check_script(address: str, *, utf8: bool) -> None:
    """Raises Refusal for an address in other letters when nobody spoke of SMTPUTF8 (RFC 6531)."""
    if not utf8 and not address.isascii():
        raise Refusal("553 5.6.7 Non-ASCII addresses need SMTPUTF8")


def greeting(settings: SmtpSettings, *, starttls: bool) -> str:
    """EHLO's reply, its lines separated by "\\n"."""
    offers = [name for name in OFFERS if name not in settings.without]
    if "SIZE" not in settings.without:
        offers.append(f"SIZE {settings.size_bytes_max}")
    if starttls:
        offers.append("STARTTLS")
    if "AUTH" not in settings.without and settings.mechanisms:
        offers.append(f"AUTH {' '.join(settings.mechanisms)}")
    lines = [HOST_NAME, *offers]
    return "\n".join([*(f"250-{line}" for line in lines[:-1]), f"250 {lines[-1]}"])
