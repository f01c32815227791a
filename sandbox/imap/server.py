"""The IMAP port: which command is whose, and which connections are cut."""

from functools import partial

from sandbox.imap import account, login, selected
from sandbox.imap.connection import CommandFunction, Connection
from sandbox.listener import Listener
from sandbox.world import World

COMMANDS: dict[str, CommandFunction] = {
    "CAPABILITY": account.capability,
    "NOOP": account.noop,
    "LOGOUT": account.logout,
    "ID": account.identify,
    "NAMESPACE": account.namespace,
    "LOGIN": login.login,
    "AUTHENTICATE": login.authenticate,
    "LIST": account.list_folders,
    "LSUB": account.list_folders,
    "CREATE": account.create,
    "STATUS": account.status,
    "SELECT": account.select,
    "EXAMINE": account.select,
    "APPEND": account.append,
    "FETCH": selected.fetch,
    "SEARCH": selected.search,
    "STORE": selected.store,
    "EXPUNGE": selected.expunge,
    "COPY": selected.copy,
    "MOVE": selected.move,
    "CHECK": selected.check,
    "CLOSE": selected.close,
    "UNSELECT": selected.close,
    "IDLE": selected.idle,
}


class ImapServer(Listener[Connection]):
    """Serves the world's mailboxes inside its `async with` block, where `port` is the real one."""

    def __init__(self, world: World, host: str, port: int) -> None:
        super().__init__(host, port, partial(Connection, world, COMMANDS))

    def cut(self, address: str | None = None) -> int:
        """Close every connection, or those to one mailbox, without a word; returns how many."""
        chosen = [
            connection
            for connection in self._connections
            if address is None
            or (connection.mailbox is not None and connection.mailbox.address == address)
        ]
        return self._cut(chosen)
