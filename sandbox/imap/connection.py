"""One IMAP connection: reads commands, finds their functions, writes answers, fails as told."""

import asyncio
import re
from collections.abc import Awaitable, Callable

from sandbox.faults import Fault, Kind
from sandbox.imap.selection import Selection
from sandbox.imap.tokens import Bad, Command, No, parse_command
from sandbox.mail.mailboxes import Mailbox
from sandbox.world import World

PLATFORM = "imap"
LITERAL = re.compile(rb"\{(\d+)(\+?)\}\r?\n$")
LITERAL_BYTES_MAX = 64 * 1024 * 1024
GREETING = b"* OK [CAPABILITY %b] Trunkline sandbox ready.\r\n"
CAPABILITIES = "IMAP4rev1 LITERAL+ IDLE UNSELECT UIDPLUS MOVE ID NAMESPACE SPECIAL-USE"
REFUSALS = {
    Kind.RATE_LIMIT: "NO [LIMIT] Too many commands",
    Kind.SERVER_ERROR: "NO [UNAVAILABLE] Temporary failure",
    Kind.UNAUTHORISED: "NO [AUTHENTICATIONFAILED] Authentication failed.",
    Kind.BLOCKED: "NO [NOPERM] Permission denied",
    Kind.CONFLICT: "NO [INUSE] Mailbox in use",
}
CommandFunction = Callable[["Connection", Command], Awaitable[str]]
"""Carries the command out and returns the tagged answer without its tag."""


class Cut(Exception):
    """The connection ends here, without a word."""


class Goodbye(Exception):
    """The connection ends here, after the BYE that this holds."""


class Connection:
    """The state of one connection, and what the commands may do with it."""

    def __init__(
        self,
        world: World,
        commands: dict[str, CommandFunction],
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        self.world = world
        self.mailbox: Mailbox | None = None
        self.selection: Selection | None = None
        self.reader = reader
        self._writer = writer
        self._commands = commands
        self._ended = False

    async def run(self) -> None:
        """Serve until either side ends the connection."""
        try:
            self._fail_if_due("connect")
            self.write(GREETING % CAPABILITIES.encode())
            while not self._ended:
                await self._writer.drain()
                await self._serve_one()
        except (Goodbye, No) as goodbye:
            self.untagged(f"BYE {goodbye}")
        except (Cut, ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            self.cut()
        finally:
            self._writer.close()

    def write(self, line: bytes) -> None:
        """Queue bytes, line end included."""
        self._writer.write(line)

    def untagged(self, text: str) -> None:
        """Queue an untagged response."""
        self.write(f"* {text}\r\n".encode())

    async def flush(self) -> None:
        """Wait until the other side has room for what is queued."""
        await self._writer.drain()

    def end(self) -> None:
        """Close after the answer that is being made."""
        self._ended = True

    def cut(self) -> None:
        """Close at once; what is queued is lost."""
        self._ended = True
        self._writer.transport.abort()

    def own_mailbox(self) -> Mailbox:
        """The mailbox that was logged in to."""
        if self.mailbox is None:
            raise Bad("Not authenticated")
        return self.mailbox

    def own_selection(self) -> Selection:
        """The folder that was selected."""
        if self.selection is None:
            raise Bad("No mailbox selected")
        return self.selection

    async def _serve_one(self) -> None:
        pieces = await self._read_pieces()
        tag = pieces[0].split(b" ")[0].decode("ascii", "replace").strip() or "*"
        try:
            command = parse_command(pieces)
            text = await self._perform(command)
        except Bad as error:
            text = f"BAD {error}"
        except No as error:
            text = f"NO {error}"
        self.write(f"{tag} {text}\r\n".encode())

    async def _perform(self, command: Command) -> str:
        function = self._commands.get(command.name)
        if function is None:
            raise Bad(f"Unknown command {command.name}")
        self.world.journal.count(PLATFORM, command.name)
        fault = self._fail_if_due(command.name)
        text = await function(self, command)
        if fault is not None and fault.kind is Kind.DROP_AFTER:
            raise Cut
        if fault is not None and fault.kind is Kind.SLOW_AFTER:
            await asyncio.sleep(fault.seconds)
        return text

    def _fail_if_due(self, method: str) -> Fault | None:
        """Fail before the effect; a fault that comes after it is returned."""
        address = self.mailbox.address if self.mailbox else None
        fault = self.world.faults.take(PLATFORM, method, address)
        if fault is None:
            return None
        if fault.kind is Kind.DROP_BEFORE:
            raise Cut
        refusal = fault.reply or REFUSALS.get(fault.kind)
        if refusal and refusal.startswith("BYE "):
            raise Goodbye(refusal.removeprefix("BYE "))
        if refusal:
            raise No(refusal.removeprefix("NO "))
        return fault

    async def _read_pieces(self) -> list[bytes]:
        """One command: lines and the literals between them."""
        pieces: list[bytes] = []
        while True:
            line = await self.reader.readuntil(b"\n")
            match = LITERAL.search(line)
            pieces.append(line.rstrip(b"\r\n"))
            if match is None:
                return pieces
            size = int(match[1])
            if size > LITERAL_BYTES_MAX:
                raise Cut
            if not match[2]:
                self.write(b"+ Ready for literal data\r\n")
                await self.flush()
            pieces.append(await self.reader.readexactly(size))
