"""One IMAP connection: reads commands, finds their functions, writes answers, fails as told."""

import asyncio
import re
from collections.abc import Awaitable, Callable

from sandbox.faults import BODY, Fault, Kind
from sandbox.imap.capabilities import capabilities, check_command
from sandbox.imap.failing import NOISE, NOISE_OF_FOLDERS, Goodbye, Told, refuse
from sandbox.imap.selection import Selection
from sandbox.imap.tokens import Bad, Command, No, parse_command
from sandbox.mail.line import Cut, Line
from sandbox.mail.mailboxes import Mailbox
from sandbox.mail.settings import ImapSettings
from sandbox.world import World

PLATFORM = "imap"
LITERAL = re.compile(rb"\{(\d+)(\+?)\}\r?\n$")
LITERAL_BYTES_MAX = 64 * 1024 * 1024
CommandFunction = Callable[["Connection", Command], Awaitable[str]]
"""Carries the command out and returns the tagged answer without its tag."""


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
        self.fault: Fault | None = None
        """What goes wrong with the command that is being carried out."""
        self.line = Line(reader, writer)
        self._commands = commands
        self._ended = False

    async def run(self) -> None:
        """Serve until either side ends the connection."""
        try:
            await self._greet()
            while not self._ended:
                await self._serve_one()
                await self.line.flush()
        except (Goodbye, No) as goodbye:
            self.untagged(f"BYE {goodbye}")
            self.line.writer.write(self.line.take_queued())
        except (Cut, ConnectionError):
            self.cut()
        finally:
            self.line.writer.close()

    @property
    def settings(self) -> ImapSettings:
        """What the host is like."""
        return self.world.mail.settings.imap

    @property
    def capabilities(self) -> str:
        """What this server can do for whom it knows by now."""
        return capabilities(self.settings, logged_in=self.mailbox is not None)

    def write(self, data: bytes) -> None:
        """Queue bytes, line end included."""
        self.line.write(data)

    def untagged(self, text: str) -> None:
        """Queue an untagged response."""
        self.write(f"* {text}\r\n".encode())

    async def flush(self) -> None:
        """Wait until the other side has room for what is queued."""
        await self.line.flush()

    def end(self) -> None:
        """Close after the answer that is being made."""
        self._ended = True

    def cut(self) -> None:
        """Close at once; what is queued is lost."""
        self._ended = True
        self.line.cut()

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

    async def read_line(self, seconds: float | None = None) -> bytes:
        """A line; what changes in the selected folder is told until it comes.

        Raises TimeoutError when no line comes within so many seconds.
        """
        outcome: list[bytes | Exception] = []
        async with asyncio.TaskGroup() as tasks:
            pushing = tasks.create_task(self._push())
            outcome.append(await _outcome(self.line.read_line(seconds)))
            pushing.cancel()
        if isinstance(outcome[0], Exception):
            raise outcome[0]
        return outcome[0]

    async def _greet(self) -> None:
        await self._fail_if_due("connect")
        self.untagged(f"OK [CAPABILITY {self.capabilities}] Trunkline sandbox ready.")
        await self.flush()

    async def _serve_one(self) -> None:
        self.line.spoil(None)
        pieces = await self._read_pieces()
        tag = pieces[0].split(b" ")[0].decode("ascii", "replace").strip() or "*"
        try:
            text = await self._perform(parse_command(pieces))
        except Bad as error:
            text = f"BAD {error}"
        except No as error:
            text = f"NO {error}"
        except Told as told:
            text = str(told)
        *before, last = text.split("\n")
        for line in before:
            self.write(f"{line}\r\n".encode())
        self.write(f"{tag} {last}\r\n".encode())

    async def _perform(self, command: Command) -> str:
        function = self._commands.get(command.name)
        if function is None:
            raise Bad(f"Unknown command {command.name}")
        check_command(command.name, self.settings)
        self.world.journal.count(PLATFORM, command.name)
        await self._fail_if_due(command.name)
        text = await function(self, command)
        if self.fault is not None:
            await self.line.break_after(self.fault)
        return text

    async def _fail_if_due(self, method: str) -> None:
        """Fail before the effect; a fault that comes after it is kept."""
        address = self.mailbox.address if self.mailbox else None
        fault = self.fault = self.world.faults.take(PLATFORM, method, address)
        if fault is None:
            return
        if fault.kind is Kind.HANG and method == "IDLE":
            return  # it hangs while it idles
        await self.line.break_before(fault)
        refuse(fault)
        self.line.spoil(fault)
        if fault.kind is Kind.NOISE and method != "connect":
            for text in (*NOISE, *(NOISE_OF_FOLDERS if self.selection else ())):
                self.untagged(text)

    async def _read_pieces(self) -> list[bytes]:
        """One command: lines and the literals between them."""
        pieces: list[bytes] = []
        seconds = self.settings.idle_seconds or None
        while True:
            try:
                pushes = self.settings.unsolicited and not pieces
                reading = self.read_line if pushes else self.line.read_line
                line = await reading(seconds)
            except TimeoutError as error:
                raise Goodbye("Autologout; idle for too long") from error
            match = LITERAL.search(line)
            pieces.append(line.rstrip(b"\r\n"))
            if match is None:
                return pieces
            pieces.append(await self._read_literal(int(match[1]), waits=not match[2]))

    async def _read_literal(self, size: int, *, waits: bool) -> bytes:
        if size > LITERAL_BYTES_MAX:
            raise Cut
        if waits:
            self.write(b"+ Ready for literal data\r\n")
            await self.flush()
        address = self.mailbox.address if self.mailbox else None
        fault = self.world.faults.take(PLATFORM, BODY, address) if self.mailbox else None
        if fault is not None:
            await self.line.read_bytes(min(fault.after_bytes, size))
            await self.line.break_before(fault)
        return await self.line.read_bytes(size)

    async def _push(self) -> None:
        """Tell what changes until cancelled; nothing when that is what goes wrong."""
        if self.selection is None:
            return
        deaf = self.fault is not None and self.fault.kind is Kind.DEAF
        while True:
            changed = self.selection.folder.changed.next_ring()
            for news in self.selection.catch_up(expunges=True):
                if not deaf:
                    self.untagged(news)
            try:
                await self.flush()
            except Cut:
                return
            await changed.wait()


async def _outcome(reading: Awaitable[bytes]) -> bytes | Exception:
    """An exception as a value: raised inside a task group it would come out wrapped."""
    try:
        return await reading
    except (Cut, TimeoutError) as error:
        return error
