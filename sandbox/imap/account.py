"""Commands that need no selected folder."""

import fnmatch

from sandbox.faults import Kind
from sandbox.imap.connection import Connection
from sandbox.imap.dates import parse_internal_date
from sandbox.imap.names import decode_name, encode_name
from sandbox.imap.selection import Selection
from sandbox.imap.tokens import Argument, Bad, Command, No
from sandbox.mail.mailboxes import Folder

FLAG_NAMES = r"\Answered \Flagged \Deleted \Seen \Draft"


async def capability(connection: Connection, _command: Command) -> str:
    """What this server can do."""
    connection.untagged(f"CAPABILITY {connection.capabilities}")
    return "OK CAPABILITY completed"


async def noop(connection: Connection, _command: Command) -> str:
    """Tell what changed."""
    if connection.selection is not None:
        for news in connection.selection.catch_up(expunges=True):
            connection.untagged(news)
    return "OK NOOP completed"


async def logout(connection: Connection, _command: Command) -> str:
    """Say goodbye."""
    connection.untagged("BYE Logging out")
    connection.end()
    return "OK LOGOUT completed"


async def identify(connection: Connection, _command: Command) -> str:
    """RFC 2971."""
    connection.untagged('ID ("name" "trunkline-sandbox")')
    return "OK ID completed"


async def namespace(connection: Connection, _command: Command) -> str:
    """RFC 2342: one personal namespace."""
    connection.own_mailbox()
    connection.untagged('NAMESPACE (("" "/")) NIL NIL')
    return "OK NAMESPACE completed"


async def list_folders(connection: Connection, command: Command) -> str:
    """LIST and LSUB: every folder is subscribed. LIST (SPECIAL-USE) gives those with a use only."""
    mailbox = connection.own_mailbox()
    arguments = list(command.arguments)
    only_used = "SPECIAL-USE" in _words(arguments.pop(0)) if _is_list(arguments) else False
    reference, pattern = Command("", "LIST", arguments).text(0), _pattern(arguments)
    if not pattern:
        connection.untagged(rf'{command.name} (\Noselect) "/" ""')
    wanted = (reference + pattern).upper().replace("%", "*")
    for folder in mailbox.folders.values():
        name = encode_name(folder.name)
        if fnmatch.fnmatchcase(name.upper(), wanted) and (folder.use or not only_used):
            hidden = "SPECIAL-USE" in connection.settings.without
            use = f" {folder.use}" if folder.use and not hidden else ""
            connection.untagged(rf'{command.name} (\HasNoChildren{use}) "/" "{_escaped(name)}"')
    return f"OK {command.name} completed"


async def create(connection: Connection, command: Command) -> str:
    """CREATE: a folder without a special use."""
    name = decode_name(command.text(0)).rstrip("/")
    if not name or connection.own_mailbox().folder(name) is not None:
        raise No("[ALREADYEXISTS] Mailbox already exists")
    connection.world.mail.add_folder(connection.own_mailbox(), name)
    return "OK CREATE completed"


async def status(connection: Connection, command: Command) -> str:
    """Counts of a folder that need not be selected."""
    folder = _folder(connection, command.text(0))
    wanted = command.token(1)
    if not isinstance(wanted, list):
        raise Bad("list of status items expected")
    values = {
        "MESSAGES": len(folder.messages),
        "RECENT": 0,
        "UIDNEXT": folder.next_uid,
        "UIDVALIDITY": folder.uid_validity,
        "UNSEEN": sum(r"\Seen" not in mail.flags for mail in folder.messages),
    }
    names = [str(name).upper() for name in wanted]
    if not set(names) <= set(values):
        raise Bad("unknown status item")
    items = " ".join(f"{name} {values[name]}" for name in names)
    connection.untagged(f'STATUS "{_escaped(encode_name(folder.name))}" ({items})')
    return "OK STATUS completed"


async def select(connection: Connection, command: Command) -> str:
    """SELECT and EXAMINE."""
    connection.selection = None
    folder = _folder(connection, command.text(0))
    if connection.fault is not None and connection.fault.kind is Kind.RENUMBER:
        folder.renumber()
    selection = Selection(folder, read_only=command.name == "EXAMINE")
    connection.selection = selection
    connection.untagged(f"FLAGS ({FLAG_NAMES})")
    kept = "" if selection.read_only else rf"{FLAG_NAMES} \*"
    connection.untagged(f"OK [PERMANENTFLAGS ({kept})] Flags kept")
    connection.untagged(f"{len(selection.known)} EXISTS")
    connection.untagged("0 RECENT")
    connection.untagged(f"OK [UIDVALIDITY {folder.uid_validity}] UIDs valid")
    connection.untagged(f"OK [UIDNEXT {folder.next_uid}] Predicted next UID")
    mode = "READ-ONLY" if selection.read_only else "READ-WRITE"
    return f"OK [{mode}] {command.name} completed"


async def append(connection: Connection, command: Command) -> str:
    """Put a message into a folder: APPEND folder [(flags)] ["date"] literal."""
    folder = _folder(connection, command.text(0))
    options, content = command.arguments[1:-1], command.arguments[-1]
    if len(command.arguments) < 2 or not isinstance(content, bytes):
        raise Bad("literal expected")
    flags = next((set(map(str, option)) for option in options if isinstance(option, list)), set())
    dates = [_text(option) for option in options if not isinstance(option, list)]
    at = parse_internal_date(dates[0]) if dates else None
    mail = folder.add(content, flags, at)
    mailbox = connection.own_mailbox()
    connection.world.feed.publish("mail.stored", mailbox.owner, folder=folder.name, uid=mail.uid)
    if "UIDPLUS" in connection.settings.without:
        return "OK APPEND completed"
    return f"OK [APPENDUID {folder.uid_validity} {mail.uid}] APPEND completed"


def _is_list(arguments: list[Argument]) -> bool:
    return bool(arguments) and isinstance(arguments[0], list)


def _words(token: Argument) -> set[str]:
    return {str(word).upper() for word in token} if isinstance(token, list) else set()


def _pattern(arguments: list[Argument]) -> str:
    """One of LIST's patterns, or the first of several; what comes after RETURN is given anyway."""
    patterns = arguments[1] if len(arguments) > 1 else ""
    return _text(patterns[0] if isinstance(patterns, list) and patterns else patterns)


def _escaped(name: str) -> str:
    return name.replace("\\", "\\\\").replace('"', '\\"')


def _text(token: Argument) -> str:
    return token.decode("utf-8", "replace") if isinstance(token, bytes) else str(token)


def _folder(connection: Connection, name: str) -> Folder:
    folder = connection.own_mailbox().folder(decode_name(name))
    if folder is None:
        raise No(f"[TRYCREATE] Mailbox doesn't exist: {name}")
    return folder
