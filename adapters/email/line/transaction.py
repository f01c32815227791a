"""One mail over one SMTP connection, and an exact answer to "what became of it?".

Until the body is on its way nothing can have left: every failure there is temporary, or final if
the server says so. From then on only the server's own word counts: a connection that is lost before
it comes leaves the outcome unknown.
"""

import re
from typing import NamedTuple

import aiosmtplib

from core.errors import (
    AuthenticationError,
    DeliveryError,
    PermanentDeliveryError,
    TemporaryDeliveryError,
    UnknownOutcome,
)

START_INPUT = 354
CLOSING = 421
REFUSED_LOGIN = frozenset({530, 534, 535, 538})
SAID_LENGTH_MAX = 200


class Envelope(NamedTuple):
    """Who sends, to whom it has to go, and who gets a copy if they can. Bare ASCII addresses;
    `sender` may be empty: then nobody is told of a bounce.
    """

    sender: str
    recipient: str
    copies: tuple[str, ...] = ()


class HungUp(TemporaryDeliveryError):
    """The connection is gone, and nothing has left: another one may be tried at once."""


async def transact(
    client: aiosmtplib.SMTP, envelope: Envelope, mail: bytes, *, final_dot_seconds: float
) -> tuple[str, ...]:
    """Returns when the server has taken responsibility; -> in words, which copies it did not take
    and why. Raises a DeliveryError: the mail has gone to nobody, or UnknownOutcome.
    """
    host = str(client.hostname)
    _check_size(client, len(mail))
    try:
        notes = await _address(client, envelope, len(mail))
        response = await client.execute_command(b"DATA")
    except aiosmtplib.SMTPResponseException as error:
        raise refused(host, error.code, error.message) from error
    except (aiosmtplib.SMTPException, OSError) as error:
        raise _lost_before(host) from error
    if response.code != START_INPUT:
        raise refused(host, response.code, response.message)
    await _body(client, mail, final_dot_seconds)
    return notes


def refused(host: str, code: int, message: str) -> DeliveryError:
    """What a server's refusal means for the mail."""
    words = said(message)
    if code in REFUSED_LOGIN:
        return AuthenticationError(
            f"SMTP login on {host} was refused: renew smtp.password, or the consent of oauth "
            f"({code} {words})"
        )
    if code == CLOSING:
        return HungUp(f"not taken now: {code} {words}", code=str(code))
    if 500 <= code < 600:
        return PermanentDeliveryError(f"refused for good: {code} {words}", code=str(code))
    return TemporaryDeliveryError(f"not taken now: {code} {words}", code=str(code))


def said(message: str) -> str:
    """A server's own words, fit to be shown."""
    return " ".join(re.sub(r"[^\x20-\x7e]+", " ", message).split())[:SAID_LENGTH_MAX]


def _check_size(client: aiosmtplib.SMTP, size_bytes: int) -> None:
    """Before the mail is carried there in vain (RFC 1870); 0 or nothing: no fixed limit."""
    allowed = client.esmtp_extensions.get("size", "").strip()
    if allowed.isdecimal() and 0 < int(allowed) < size_bytes:
        raise PermanentDeliveryError(
            f"the mail has {size_bytes} bytes, {client.hostname} takes at most {allowed}: send "
            "smaller files",
            code="too_large",
        )


async def _address(client: aiosmtplib.SMTP, envelope: Envelope, size_bytes: int) -> tuple[str, ...]:
    """MAIL and every RCPT. Whoever it is for has to be taken; of a copy it is noted if not."""
    options = [f"SIZE={size_bytes}"] if client.supports_extension("size") else []
    await client.mail(envelope.sender, options=options)
    await client.rcpt(envelope.recipient)
    notes = []
    for copy in envelope.copies:
        try:
            await client.rcpt(copy)
        except aiosmtplib.SMTPRecipientRefused as error:
            if error.code == CLOSING:
                raise
            notes.append(_no_copy(copy, error.code, error.message))
    return tuple(notes)


def _no_copy(address: str, code: int, message: str) -> str:
    when = "" if 500 <= code < 600 else "not taken now: "
    return f"no copy to {address}: {when}{code} {said(message)}"


async def _body(client: aiosmtplib.SMTP, mail: bytes, final_dot_seconds: float) -> None:
    """The mail and its final dot. What is asked of the library's protocol object here instead of
    `SMTP.data`: the one call would not tell a refusal before the body from one after it.
    """
    host = str(client.hostname)
    end = b".\r\n" if mail.endswith(b"\r\n") else b"\r\n.\r\n"
    protocol = client.protocol
    if protocol is None or not protocol.is_connected:
        raise _lost_before(host)
    try:
        protocol.write(_dotted(mail) + end)
        response = await protocol.read_response(timeout=final_dot_seconds)
    except (aiosmtplib.SMTPException, OSError) as error:
        raise UnknownOutcome(
            f"{host} was given the mail and did not say whether it took it"
        ) from error
    if not 200 <= response.code < 300:  # its first digit decides (RFC 5321 section 4.2.1)
        raise refused(host, response.code, response.message)


def _dotted(mail: bytes) -> bytes:
    """A line that begins with a dot gets another one (RFC 5321 section 4.5.2)."""
    first = b"." if mail.startswith(b".") else b""
    return first + mail.replace(b"\n.", b"\n..")


def _lost_before(host: str) -> HungUp:
    return HungUp(f"connection to {host} lost before the mail was sent", code="connection")
