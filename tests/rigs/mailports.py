"""Where the mail servers of the tests are."""

from typing import Final

import msgspec

from tests.rigs.ports import free_port

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
    """Ports that nobody else is given."""
    return Ports(*(free_port() for _ in Ports.__struct_fields__))
