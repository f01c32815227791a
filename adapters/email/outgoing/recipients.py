"""Who gets a mail: the person of the thread, and whoever else the agent chose."""

from typing import NamedTuple

from adapters.email.account import Account
from adapters.email.addresses import normalise_address
from adapters.email.identifiers import taken_apart
from adapters.email.outgoing.wire import Mailbox, printable
from core.errors import PermanentDeliveryError
from core.model.outbound import Outbound

COPIES_MAX = 50
NAME_LENGTH_MAX = 200


class Recipients(NamedTuple):
    """`person` is the thread's, for whom our Message-ID is signed; `to` where their mail goes.
    `notes` say in words who gets no copy, and why.
    """

    person: str
    to: str
    copies: tuple[Mailbox, ...] = ()
    notes: tuple[str, ...] = ()


def recipients_of(outbound: Outbound, account: Account) -> Recipients:
    """Nobody twice, and never ourselves. Raises PermanentDeliveryError when the person has no
    address.
    """
    _, person = taken_apart(outbound.thread.thread)
    to = _writable(outbound.context.get("reply_to") or person)
    if not to:
        raise PermanentDeliveryError(
            f"message {outbound.message} cannot be sent: the mail that it answers came without an "
            "address that can be written to",
            code="no_address",
        )
    copies: dict[str, Mailbox] = {}
    notes: list[str] = []
    for one in outbound.recipients:
        address = _writable(one.address)
        if not address:
            shown = printable(one.address)[:NAME_LENGTH_MAX]
            notes.append(f"no copy to {shown}: mail cannot be sent to this address")
        elif address in {to, account.address} or address in copies:
            continue
        elif len(copies) == COPIES_MAX:
            notes.append(f"no copy to {address}: a mail has at most {COPIES_MAX}")
        else:
            copies[address] = Mailbox(one.name[:NAME_LENGTH_MAX], address)
    return Recipients(person, to, tuple(copies.values()), tuple(notes))


def _writable(address: str) -> str:
    """The one spelling of an address that any server takes; "" for one outside ASCII."""
    normalised = normalise_address(address)
    return normalised if normalised and normalised.isascii() else ""
