"""Who wrote a mail, as its headers claim, and what about that claim nobody can vouch for."""

from typing import NamedTuple

from adapters.email.addresses import Mailbox, domain_of, mailboxes, organisation_of
from adapters.email.mime.message import Message
from adapters.email.mime.parse import occurrences, unfolded


class Author(NamedTuple):
    """`mailbox` is who it is, None if no header names an address. `doubt`: why not even a valid
    signature can prove it, "" if one can. `lost` names what was left out.
    """

    mailbox: Mailbox | None
    doubt: str = ""
    lost: tuple[str, ...] = ()

    @property
    def address(self) -> str:
        return self.mailbox.address if self.mailbox else ""

    @property
    def domain(self) -> str:
        return domain_of(self.address)


def author_of(message: Message) -> Author:
    """The first From address; who else claims to have written is noted."""
    found = mailboxes(unfolded(message, "From"))
    if not found:
        fallback = mailboxes(unfolded(message, "Sender"))
        return Author(
            fallback[0] if fallback else None,
            "no valid From address",
            ("the From address: it is missing or not an address",),
        )
    if len(found) > 1 or occurrences(message, "From") > 1:
        lost = ("further senders: the mail names more than one",)
        return Author(found[0], "several From addresses", lost)
    return Author(found[0], _doubt(message, found[0]))


def _doubt(message: Message, author: Mailbox) -> str:
    organisation = organisation_of(domain_of(author.address))
    if not organisation:
        return f"{domain_of(author.address)} is nobody's domain"
    senders = mailboxes(unfolded(message, "Sender"))
    if any(organisation_of(domain_of(sender.address)) != organisation for sender in senders):
        return f"sent by {domain_of(senders[0].address)} in the author's name"
    return ""
