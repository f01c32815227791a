"""Ways in: LOGIN, and AUTHENTICATE with PLAIN or XOAUTH2."""

import base64
import binascii

from sandbox.imap.connection import Connection
from sandbox.imap.tokens import Bad, Command, No
from sandbox.mail.mailboxes import Mailbox
from sandbox.mail.oauth import REFUSED_CHALLENGE, read_xoauth2

REFUSED = "[AUTHENTICATIONFAILED] Authentication failed."


async def login(connection: Connection, command: Command) -> str:
    """Open a mailbox with its address and password."""
    if connection.settings.login_disabled:
        raise No("[PRIVACYREQUIRED] LOGIN is disabled here, use AUTHENTICATE")
    mailbox = connection.world.mail.by_login(command.text(0), command.text(1))
    return _enter(connection, mailbox)


async def authenticate(connection: Connection, command: Command) -> str:
    """SASL, with the first answer on the command's own line (RFC 4959) or after a challenge."""
    mechanism = command.text(0).upper()
    if mechanism not in connection.settings.mechanisms:
        raise No("[CANNOT] Unsupported authentication mechanism")
    if len(command.arguments) > 1:
        if "SASL-IR" in connection.settings.without:
            raise Bad("no initial response here")
        answer = _decoded(command.text(1).encode())
    else:
        answer = await _ask(connection, b"")
    match mechanism:
        case "PLAIN":
            return _enter(connection, _by_password(connection, answer))
        case "XOAUTH2":
            return await _by_token(connection, answer)
        case _:
            raise No("[CANNOT] Unsupported authentication mechanism")


def _by_password(connection: Connection, answer: bytes) -> Mailbox | None:
    """RFC 4616: identity, name and password between NUL bytes."""
    match answer.decode("utf-8", "replace").split("\0"):
        case [_, name, password]:
            return connection.world.mail.by_login(name, password)
        case _:
            raise Bad("PLAIN takes three parts")


async def _by_token(connection: Connection, answer: bytes) -> str:
    """A bad token is answered by a challenge first, which the other side has to take."""
    name, token = read_xoauth2(answer)
    mailbox = connection.world.mail.by_token(name, token)
    if mailbox is None:
        await _ask(connection, REFUSED_CHALLENGE)
    return _enter(connection, mailbox)


async def _ask(connection: Connection, challenge: bytes) -> bytes:
    connection.write(b"+ " + base64.b64encode(challenge) + b"\r\n")
    await connection.flush()
    line = (await connection.line.read_line()).strip()
    if line == b"*":
        raise Bad("Authentication aborted")
    return _decoded(line)


def _decoded(text: bytes) -> bytes:
    try:
        return b"" if text == b"=" else base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise Bad("base64 expected") from error


def _enter(connection: Connection, mailbox: Mailbox | None) -> str:
    if mailbox is None:
        raise No(REFUSED)
    connection.mailbox = mailbox
    return f"OK [CAPABILITY {connection.capabilities}] Logged in"
