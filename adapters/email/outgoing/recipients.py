"""Who gets a mail: the person of the thread, and whoever else the agent chose."""

from email.headerregistry import Address
from typing import NamedTuple

from adapters.email.account import Account
from adapters.email.addresses import normalise_address
from adapters.email.identifiers import taken_apart
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
    copies: tuple[Address, ...] = ()
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
    copies: dict[str, Address] = {}
    notes: list[str] = []
    for one in outbound.recipients:
        address = _writable(one.address)
        if not address:
            notes.append(f"no copy to {_shown(one.address)}: mail cannot be sent to this address")
        elif address in {to, account.address} or address in copies:
            continue
        elif len(copies) == COPIES_MAX:
            notes.append(f"no copy to {address}: a mail has at most {COPIES_MAX}")
        else:
            copies[address] = mailbox(one.name, address)
    return Recipients(person, to, tuple(copies.values()), tuple(notes))


def mailbox(name: str, address: str) -> Address:
    """A name and a normalised address for a header. The name can break out of nothing: whatever is
    not printable is a space, and the library quotes and encodes the rest.
    """
    local, _, domain = address.rpartition("@")
    return Address(_shown(name), local, domain)


def _writable(address: str) -> str:
    """The one spelling of an address that any server takes; "" for one outside ASCII."""
    normalised = normalise_address(address)
    return normalised if normalised and normalised.isascii() else ""


def _shown(text: str) -> str:
    shown = "".join(c if c.isprintable() else " " for c in text)
    return " ".join(shown.split())[:NAME_LENGTH_MAX]
