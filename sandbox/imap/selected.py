"""Commands on the selected folder."""

from sandbox.faults import Kind
from sandbox.imap.connection import Connection
from sandbox.imap.failing import Goodbye
from sandbox.imap.fetch import parse_items, render
from sandbox.imap.names import decode_name
from sandbox.imap.search import Candidate, compile_search
from sandbox.imap.selection import Selection
from sandbox.imap.tokens import Bad, Command, No
from sandbox.mail.line import Cut
from sandbox.mail.mailboxes import Folder

STORE_MODES = ("FLAGS", "+FLAGS", "-FLAGS")


async def fetch(connection: Connection, command: Command) -> str:
    """Write the items of each chosen message; reading a body marks it seen."""
    selection = connection.own_selection()
    items = parse_items(command.token(1), by_uid=command.by_uid)
    marks_seen = not selection.read_only and any(not item.peek for item in items)
    kind = connection.fault.kind if connection.fault else None
    chosen = selection.chosen(command.text(0), by_uid=command.by_uid)
    if kind is Kind.VANISH:
        _remove(selection.folder, chosen)
        chosen = []
    elif kind is Kind.OMIT:
        chosen = chosen[-1:]
    for one in chosen:
        if marks_seen:
            one.mail.flags.add(r"\Seen")
        connection.write(b"* %d FETCH (%b)\r\n" % (one.number, render(one.mail, items, kind)))
        if kind is Kind.NOISE:
            _interrupt(connection, selection, one)
        await connection.flush()
    _tell_arrivals(connection, selection)
    return f"OK {_name(command)} completed"


async def search(connection: Connection, command: Command) -> str:
    """Answer the numbers, or UIDs, of the messages that match."""
    selection = connection.own_selection()
    _tell_arrivals(connection, selection)
    holds = compile_search(command.arguments, len(selection.known), selection.last_uid)
    found = [one for one in selection.candidates() if holds(one)]
    numbers = [str(one.mail.uid if command.by_uid else one.number) for one in found]
    connection.untagged(" ".join(["SEARCH", *numbers]))
    return f"OK {_name(command)} completed"


async def store(connection: Connection, command: Command) -> str:
    """Set, add or remove flags, with or without an answer per message."""
    selection = _writable(connection)
    mode, _, silent = command.text(1).upper().partition(".")
    if mode not in STORE_MODES:
        raise Bad("FLAGS, +FLAGS or -FLAGS expected")
    flags = _flags(command)
    for one in selection.chosen(command.text(0), by_uid=command.by_uid):
        _change(one.mail.flags, mode, flags)
        if silent != "SILENT":
            items = parse_items("FLAGS", by_uid=command.by_uid)
            connection.write(b"* %d FETCH (%b)\r\n" % (one.number, render(one.mail, items)))
    return f"OK {_name(command)} completed"


async def expunge(connection: Connection, command: Command) -> str:
    """Remove what is marked \\Deleted; UID EXPUNGE only within the given UIDs."""
    selection = _writable(connection)
    chosen = selection.candidates()
    if command.by_uid:
        chosen = selection.chosen(command.text(0), by_uid=True)
    _remove(selection.folder, [one for one in chosen if r"\Deleted" in one.mail.flags])
    _tell_all(connection, selection)
    return f"OK {_name(command)} completed"


async def copy(connection: Connection, command: Command) -> str:
    """Copy the chosen messages into another folder."""
    selection = connection.own_selection()
    chosen = selection.chosen(command.text(0), by_uid=command.by_uid)
    return f"OK {_copy(connection, command, chosen)} COPY completed"


async def move(connection: Connection, command: Command) -> str:
    """Copy the chosen messages into another folder and remove them here (RFC 6851)."""
    selection = _writable(connection)
    chosen = selection.chosen(command.text(0), by_uid=command.by_uid)
    connection.untagged(f"OK {_copy(connection, command, chosen)} Moved UIDs")
    _remove(selection.folder, chosen)
    _tell_all(connection, selection)
    return f"OK {_name(command)} completed"


async def check(connection: Connection, _command: Command) -> str:
    """Nothing to do: every change is in place at once."""
    connection.own_selection()
    return "OK CHECK completed"


async def close(connection: Connection, command: Command) -> str:
    """CLOSE and UNSELECT: leave the folder; CLOSE expunges in silence."""
    selection = connection.own_selection()
    if command.name == "CLOSE" and not selection.read_only:
        gone = [one for one in selection.candidates() if r"\Deleted" in one.mail.flags]
        _remove(selection.folder, gone)
    connection.selection = None
    return f"OK {command.name} completed"


async def idle(connection: Connection, _command: Command) -> str:
    """Push changes until the other side says DONE (RFC 2177)."""
    connection.own_selection()
    connection.write(b"+ idling\r\n")
    await connection.flush()
    kind = connection.fault.kind if connection.fault else None
    if kind is Kind.HANG:
        await connection.line.hang()
    cut_seconds = connection.fault.seconds if connection.fault and kind is Kind.DROP_AFTER else None
    try:
        line = await connection.read_line(cut_seconds or connection.settings.idle_seconds or None)
    except TimeoutError as error:
        raise (Cut if cut_seconds else Goodbye("Disconnected for inactivity.")) from error
    if line.strip().upper() != b"DONE":
        raise Bad("DONE expected")
    return "OK IDLE terminated"


def _name(command: Command) -> str:
    return f"UID {command.name}" if command.by_uid else command.name


def _writable(connection: Connection) -> Selection:
    selection = connection.own_selection()
    if selection.read_only:
        raise No("[READ-ONLY] Mailbox is read-only")
    return selection


def _interrupt(connection: Connection, selection: Selection, one: Candidate) -> None:
    """Flags of the mail just answered, and how many there are: news at odd moments."""
    flags = " ".join(sorted({*one.mail.flags, "$Label1"}))
    connection.untagged(f"{one.number} FETCH (FLAGS ({flags}))")
    connection.untagged(f"{len(selection.known)} EXISTS")


def _tell_all(connection: Connection, selection: Selection) -> None:
    for news in selection.catch_up(expunges=True):
        connection.untagged(news)


def _tell_arrivals(connection: Connection, selection: Selection) -> None:
    """Where EXPUNGE is not allowed: it would shift the numbers that are being used."""
    for news in selection.catch_up(expunges=False):
        connection.untagged(news)


def _flags(command: Command) -> set[str]:
    token = command.token(2)
    return set(map(str, token)) if isinstance(token, list) else {command.text(2)}


def _change(own: set[str], mode: str, flags: set[str]) -> None:
    match mode:
        case "+FLAGS":
            own |= flags
        case "-FLAGS":
            own -= flags
        case _:
            own.clear()
            own |= flags


def _copy(connection: Connection, command: Command, chosen: list[Candidate]) -> str:
    """Copy, and name the UIDs as COPYUID does (RFC 4315) if the host has that."""
    target = connection.own_mailbox().folder(decode_name(command.text(1)))
    if target is None:
        raise No(f"[TRYCREATE] Mailbox doesn't exist: {command.text(1)}")
    copies = [target.add(one.mail.raw, one.mail.flags, one.mail.at) for one in chosen]
    if not copies or "UIDPLUS" in connection.settings.without:
        return "Done"
    old = ",".join(str(one.mail.uid) for one in chosen)
    new = ",".join(str(mail.uid) for mail in copies)
    return f"[COPYUID {target.uid_validity} {old} {new}]"


def _remove(folder: Folder, chosen: list[Candidate]) -> None:
    for one in chosen:
        folder.remove(one.mail)
