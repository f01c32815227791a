"""Commands that need no selected folder."""

import fnmatch

from sandbox.imap.connection import CAPABILITIES, Connection
from sandbox.imap.dates import parse_internal_date
from sandbox.imap.selection import Selection
from sandbox.imap.tokens import Argument, Bad, Command, No
from sandbox.mail.mailboxes import FOLDERS, Folder

FLAG_NAMES = r"\Answered \Flagged \Deleted \Seen \Draft"


async def capability(connection: Connection, _command: Command) -> str:
    """What this server can do."""
    connection.untagged(f"CAPABILITY {CAPABILITIES}")
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


async def login(connection: Connection, command: Command) -> str:
    """Open a mailbox with its address and password."""
    mailbox = connection.world.mail.by_login(command.text(0), command.text(1))
    if mailbox is None:
        raise No("[AUTHENTICATIONFAILED] Authentication failed.")
    connection.mailbox = mailbox
    return f"OK [CAPABILITY {CAPABILITIES}] Logged in"


async def list_folders(connection: Connection, command: Command) -> str:
    """LIST and LSUB: every folder exists and is subscribed."""
    mailbox = connection.own_mailbox()
    pattern = command.text(1)
    if not pattern:
        connection.untagged(rf'{command.name} (\Noselect) "/" ""')
    for name in mailbox.folders:
        if fnmatch.fnmatchcase(name.upper(), (command.text(0) + pattern).upper().replace("%", "*")):
            use = f" {FOLDERS[name]}" if FOLDERS.get(name) else ""
            connection.untagged(rf'{command.name} (\HasNoChildren{use}) "/" "{name}"')
    return f"OK {command.name} completed"


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
    connection.untagged(f'STATUS "{folder.name}" ({items})')
    return "OK STATUS completed"


async def select(connection: Connection, command: Command) -> str:
    """SELECT and EXAMINE."""
    connection.selection = None
    folder = _folder(connection, command.text(0))
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
    return f"OK [APPENDUID {folder.uid_validity} {mail.uid}] APPEND completed"


def _text(token: Argument) -> str:
    return token.decode("utf-8", "replace") if isinstance(token, bytes) else str(token)


def _folder(connection: Connection, name: str) -> Folder:
    folder = connection.own_mailbox().folder(name)
    if folder is None:
        raise No(f"[TRYCREATE] Mailbox doesn't exist: {name}")
    return folder
