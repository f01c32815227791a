"""Who gets a mail: the person of the thread, and whoever else the agent chose."""

from typing import NamedTuple

from adapters.email.account import Account
from adapters.email.addresses import normalise_address
from adapters.email.identifiers import taken_apart, verify_reply_address
from adapters.email.mime.charsets import printable
from adapters.email.outgoing.wire import Mailbox
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
    to = _writable(outbound.context.get("reply_to", "")) or _writable(person)
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
        elif address == to or address in copies or _is_ours(address, account):
            continue
        elif len(copies) == COPIES_MAX:
            notes.append(f"no copy to {address}: a mail has at most {COPIES_MAX}")
        else:
            copies[address] = Mailbox(one.name[:NAME_LENGTH_MAX], address)
    return Recipients(person, to, tuple(copies.values()), tuple(notes))


def _is_ours(address: str, account: Account) -> bool:
    """Also an address that we signed for answers: who answers all of a mail's recipients has it."""
    own = account.address
    signed = verify_reply_address(address, secret=account.secret, address=own)
    return address == own or bool(signed)


def _writable(address: str) -> str:
    """The one spelling of an address that any server takes; "" for one outside ASCII."""
    normalised = normalise_address(address)
    return normalised if normalised and normalised.isascii() else ""
