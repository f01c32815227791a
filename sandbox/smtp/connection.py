"""One SMTP connection: reads commands, replies, takes mail in, fails as told."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from sandbox.faults import BODY, Fault
from sandbox.mail.headers import header_values
from sandbox.mail.line import Cut, Line
from sandbox.mail.mailboxes import Mailbox
from sandbox.mail.settings import SmtpSettings
from sandbox.smtp import login
from sandbox.smtp.failing import refusal
from sandbox.smtp.syntax import (
    HOST_NAME,
    Refusal,
    check_parameters,
    check_script,
    greeting,
    parse_path,
)
from sandbox.world import World

PLATFORM = "smtp"
GO_AHEAD = "354"
"""The method that is the reply to the command DATA; "DATA" itself is the mail as a whole."""
CONTENT_LINE_BYTES_MAX = 1000
CommandMethod = Callable[[str], Awaitable[str]]
"""Takes what follows the command's name; may raise Refusal."""
CLOSING = "421"
"""RFC 5321 section 4.2.1: this reply announces that the connection ends."""


@dataclass(slots=True)
class Envelope:
    """What was said of the mail that is about to come."""

    sender: str | None = None
    recipients: list[str] = field(default_factory=list)
    utf8: bool = False


class Connection:
    """The state of one connection. A command's method returns its reply, lines by "\\n"."""

    def __init__(
        self, world: World, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.world = world
        self.line = Line(reader, writer)
        self.mailbox: Mailbox | None = None
        self._greeted = False
        self._encrypted = False
        self._envelope = Envelope()
        self._taken = 0
        self._ended = False
        self._commands: dict[str, CommandMethod] = {
            "EHLO": self._ehlo,
            "HELO": self._ehlo,
            "AUTH": self._auth,
            "STARTTLS": self._starttls,
            "MAIL": self._mail,
            "RCPT": self._rcpt,
            "DATA": self._data,
            "RSET": self._rset,
            "NOOP": self._noop,
            "VRFY": self._vrfy,
            "QUIT": self._quit,
        }

    async def run(self) -> None:
        """Serve until either side ends the connection."""
        try:
            await self._perform("connect", "", self._welcome)
            while not self._ended:
                await self._serve_one()
        except (Cut, ConnectionError):
            self.cut()
        finally:
            self.line.writer.close()

    @property
    def settings(self) -> SmtpSettings:
        """What the host is like."""
        return self.world.mail.settings.smtp

    def cut(self) -> None:
        """Close at once; what is queued is lost."""
        self._ended = True
        self.line.cut()

    async def reply(self, text: str) -> None:
        """Send a reply; one that announces the end is followed by it."""
        for line in text.split("\n"):
            self.line.write(f"{line}\r\n".encode())
        await self.line.flush()
        self._ended = self._ended or text.startswith(CLOSING)

    async def _serve_one(self) -> None:
        self.line.spoil(None)
        try:
            line = await self.line.read_line(self.settings.idle_seconds or None)
        except TimeoutError:
            await self.reply(f"{CLOSING} 4.4.2 {HOST_NAME} Error: timeout exceeded")
            return
        name, _, argument = line.decode("utf-8", "surrogateescape").strip().partition(" ")
        command = self._commands.get(name.upper())
        if command is None:
            await self.reply("502 5.5.2 Error: command not recognised")
        else:
            await self._perform(name.upper(), argument, command)

    async def _perform(self, method: str, argument: str, command: CommandMethod) -> None:
        """Carry out and reply, or fail on the way; DATA, which replies twice, fails by itself."""
        fault = None
        try:
            if method != "DATA":
                fault = await self._fail_before(method, _address(argument))
            reply = await command(argument)
        except Refusal as refused:
            reply = str(refused)
        if fault is not None:
            await self.line.break_after(fault)
        if reply:
            await self.reply(reply)

    async def _fail_before(self, method: str, target: str | None) -> Fault | None:
        """The fault that comes after the effect; raises Refusal, or Cut, for one before it."""
        self.world.journal.count(PLATFORM, method)
        fault = self.world.faults.take(PLATFORM, method, target)
        self.line.spoil(fault)
        if fault is None:
            return None
        await self.line.break_before(fault)
        if reply := refusal(fault):
            raise Refusal(reply)
        return fault

    async def _welcome(self, _argument: str) -> str:
        return f"220 {HOST_NAME} ESMTP Trunkline sandbox"

    async def _ehlo(self, argument: str) -> str:
        if not argument:
            raise Refusal("501 5.5.4 Syntax: EHLO hostname")
        self._greeted = True
        self._envelope = Envelope()
        return greeting(
            self.settings, starttls=bool(self.settings.starttls) and not self._encrypted
        )

    async def _auth(self, argument: str) -> str:
        self._expect(self._greeted)
        self._expect(self.mailbox is None)
        self.mailbox = await login.authenticate(self.line, self.world.mail, argument)
        return "235 2.7.0 Authentication successful"

    async def _starttls(self, _argument: str) -> str:
        """What was said before is forgotten (RFC 3207); there is no second reply."""
        certificates = self.world.mail.certificates
        match self.settings.starttls:
            case "own":
                shown = certificates.own
            case "other":
                shown = certificates.other
            case _:
                raise Refusal("454 4.7.0 TLS not available due to local problem")
        await self.reply("220 2.0.0 Ready to start TLS")
        await self.line.encrypt(shown.context)
        self._encrypted, self._greeted, self.mailbox = True, False, None
        self._envelope = Envelope()
        return ""

    async def _mail(self, argument: str) -> str:
        """The sender; "" is the null sender of automatic mail."""
        self._expect(self._greeted)
        if self.mailbox is None:
            raise Refusal("530 5.7.0 Authentication required")
        if self._envelope.sender is not None:
            raise Refusal("503 5.5.1 Error: nested MAIL command")
        path = parse_path(argument, "FROM")
        check_parameters(path, self.settings)
        limit = self.settings.mails_per_connection_max
        if limit and self._taken >= limit:
            raise Refusal(f"{CLOSING} 4.7.0 Too many messages in this connection")
        self._envelope = Envelope(path.address, utf8="SMTPUTF8" in path.parameters)
        return "250 2.1.0 Ok"

    async def _rcpt(self, argument: str) -> str:
        """A recipient: refused when the mailbox cannot exist, or for now."""
        envelope, mail = self._envelope, self.world.mail
        self._expect(envelope.sender is not None)
        path = parse_path(argument, "TO")
        check_script(path.address, utf8=envelope.utf8)
        if path.parameters:
            raise Refusal("555 5.5.4 Unsupported parameter")
        if len(envelope.recipients) >= self.settings.recipients_max:
            raise Refusal("452 4.5.3 Error: too many recipients")
        later = mail.greylist.refusal(
            envelope.sender or "", path.address, self.settings, mail.now()
        )
        if refused := mail.refusal(path.address) or later:
            raise Refusal(refused)
        envelope.recipients.append(path.address)
        return "250 2.1.5 Ok"

    async def _data(self, argument: str) -> str:
        """The mail: delivered to every recipient before the final reply."""
        if argument:
            raise Refusal("501 5.5.4 Syntax: DATA")
        envelope = self._envelope
        self._expect(bool(envelope.recipients))
        if fault := await self._fail_before(GO_AHEAD, envelope.recipients[0]):
            await self.line.break_after(fault)
        await self.reply("354 End data with <CR><LF>.<CR><LF>")
        raw = await self._receive(envelope)
        self._envelope = Envelope()
        fault = await self._fail_before("DATA", envelope.recipients[0])
        self._check(raw)
        self._taken += 1
        self._deliver(raw, envelope)
        if fault is not None:
            await self.line.break_after(fault)
        return f"250 2.0.0 Ok: queued as {self.world.feed.seq}"

    async def _rset(self, _argument: str) -> str:
        self._envelope = Envelope()
        return "250 2.0.0 Ok"

    async def _noop(self, _argument: str) -> str:
        return "250 2.0.0 Ok"

    async def _vrfy(self, _argument: str) -> str:
        return "252 2.0.0 Cannot verify, send some mail"

    async def _quit(self, _argument: str) -> str:
        self._ended = True
        return "221 2.0.0 Bye"

    async def _receive(self, envelope: Envelope) -> bytes:
        """The bytes up to the lone dot, without the dots that stand for themselves.

        Only CR LF ends a line: a dot between bare line feeds is text.
        """
        fault = self.world.faults.take(PLATFORM, BODY, envelope.recipients[0])
        lines: list[bytes] = []
        line, count = b"", 0
        while True:
            line += await self.line.read_line()
            if not line.endswith(b"\r\n"):
                continue
            if line == b".\r\n":
                return b"".join(lines)
            count += len(line)
            if fault is not None and count >= fault.after_bytes:
                await self.line.break_before(fault)
            if not self._too_big(count):
                lines.append(line.removeprefix(b"."))
            line = b""

    def _too_big(self, count: int) -> bool:
        """One byte more than allowed is kept, so that the check afterwards sees it."""
        return bool(self.settings.size_bytes_max) and count > 2 * self.settings.size_bytes_max

    def _check(self, raw: bytes) -> None:
        """Raises Refusal for content that this host does not take."""
        if self.settings.size_bytes_max and len(raw) > self.settings.size_bytes_max:
            raise Refusal("552 5.3.4 Error: too much mail data")
        if any(len(line) > CONTENT_LINE_BYTES_MAX for line in raw.split(b"\n")):
            raise Refusal("500 5.5.2 Line too long (see RFC 5321 section 4.5.3.1.6)")
        if "8BITMIME" in self.settings.without and not raw.isascii():
            raise Refusal("554 5.6.1 Eight-bit content without 8BITMIME")

    def _deliver(self, raw: bytes, envelope: Envelope) -> None:
        mail = self.world.mail
        if mail.settings.saves_sent and self.mailbox is not None:
            mail.keep_sent(self.mailbox, raw)
        self.world.journal.accept(
            PLATFORM,
            "DATA",
            target=", ".join(envelope.recipients),
            ref=next(iter(header_values(raw, "Message-ID")), ""),
            text=next(iter(header_values(raw, "Subject")), ""),
        )
        self.world.post.carry(envelope.sender or "", envelope.recipients, raw)

    def _expect(self, order: bool) -> None:
        if not order:
            raise Refusal("503 5.5.1 Error: bad sequence of commands")


def _address(argument: str) -> str | None:
    """The address in angle brackets, which faults are aimed at."""
    return argument.partition("<")[2].partition(">")[0] or None
