"""What can happen to a connection."""


class ConnectionBroken(Exception):
    """This connection is of no use any more: open another one."""


class CommandRefused(ConnectionBroken):
    """The server has answered and does not do this; the connection itself is well."""


class CannotOpen(ConnectionBroken):
    """The server does not open this folder; others it may."""
