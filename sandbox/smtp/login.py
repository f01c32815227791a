"""AUTH: PLAIN and LOGIN with a mailbox's password, XOAUTH2 with an access token."""

import base64
import binascii

from sandbox.mail.line import Line
from sandbox.mail.mailboxes import Mailbox, MailState
from sandbox.mail.oauth import REFUSED_CHALLENGE, read_xoauth2
from sandbox.smtp.syntax import Refusal

INVALID = Refusal("535 5.7.8 Authentication credentials invalid")


async def authenticate(line: Line, mail: MailState, argument: str) -> Mailbox:
    """The mailbox that was logged in to; raises Refusal."""
    mechanism, _, initial = argument.partition(" ")
    settings = mail.settings.smtp
    if "AUTH" in settings.without:
        raise Refusal("502 5.5.1 Error: command not implemented")
    match mechanism.upper():
        case wanted if wanted not in settings.mechanisms:
            raise Refusal("504 5.5.4 Unrecognised authentication type")
        case "PLAIN":
            found = _by_password(mail, await _first(line, initial, b""))
        case "LOGIN":
            name = await _first(line, initial, b"Username:")
            found = mail.by_login(_text(name), _text(await _ask(line, b"Password:")))
        case _:
            found = await _by_token(line, mail, await _first(line, initial, b""))
    if found is None:
        raise INVALID
    return found


def _by_password(mail: MailState, answer: bytes) -> Mailbox | None:
    """RFC 4616: identity, name and password between NUL bytes."""
    match _text(answer).split("\0"):
        case [_, name, password]:
            return mail.by_login(name, password)
        case _:
            raise Refusal("501 5.5.2 PLAIN takes three parts")


async def _by_token(line: Line, mail: MailState, answer: bytes) -> Mailbox | None:
    """A bad token is answered by a challenge first, which the other side has to take."""
    mailbox = mail.by_token(*read_xoauth2(answer))
    if mailbox is None:
        await _ask(line, REFUSED_CHALLENGE)
    return mailbox


async def _first(line: Line, initial: str, challenge: bytes) -> bytes:
    return _decoded(initial.strip().encode()) if initial else await _ask(line, challenge)


async def _ask(line: Line, challenge: bytes) -> bytes:
    line.write(b"334 " + base64.b64encode(challenge) + b"\r\n")
    await line.flush()
    answer = (await line.read_line()).strip()
    if answer == b"*":
        raise Refusal("501 5.7.0 Authentication aborted")
    return _decoded(answer)


def _decoded(text: bytes) -> bytes:
    try:
        return b"" if text == b"=" else base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise Refusal("501 5.5.2 Cannot decode base64") from error


def _text(value: bytes) -> str:
    return value.decode("utf-8", "replace")
