"""Where the mail servers of the tests are."""

import socket
from contextlib import ExitStack
from typing import Final

import msgspec

HOST: Final = "127.0.0.1"
DOMAIN: Final = "example.test"
PASSWORD: Final = "secret"


class Ports(msgspec.Struct, frozen=True):
    """Ports of `HOST`. `submission` asks for STARTTLS and a login, `smtp` for neither."""

    imap: int
    imaps: int
    lmtp: int
    smtp: int
    submission: int
    elsewhere: int
    """The mail server of every other domain: refuses all recipients."""


def free_ports() -> Ports:
    """Ports that nobody uses at this moment."""
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in Ports.__struct_fields__]
        for one in sockets:
            one.bind((HOST, 0))
        return Ports(*(int(one.getsockname()[1]) for one in sockets))
