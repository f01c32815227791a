"""Who wrote a mail, as its headers claim, and what about that claim nobody can vouch for."""

import re
from typing import NamedTuple

from adapters.email.addresses import Mailbox, domain_of, mailboxes, organisation_of
from adapters.email.mime.message import Message
from adapters.email.mime.parse import charset_of, occurrences, unfolded

VIA = re.compile(r"\s+(?:via|über|durch|par|por|tramite|через|通过|經由)\s+\S.*$", re.IGNORECASE)
FIELDS_MAX = 10
"""So many headers of one name are read for people; a mail has one of each."""

LIST_ADDRESS = re.compile(r"<mailto:([^?>]{1,254})", re.IGNORECASE)


class Author(NamedTuple):
    """`mailbox` is who it is, None if no header names an address. `domain` is the one that the From
    shows, and that a proof has to be about. `doubt`: why not even a proof would do, "" if one does.
    `lost` names what was left out.
    """

    mailbox: Mailbox | None
    domain: str = ""
    doubt: str = ""
    lost: tuple[str, ...] = ()

    @property
    def address(self) -> str:
        return self.mailbox.address if self.mailbox else ""


def people(message: Message, name: str) -> tuple[Mailbox, ...]:
    """The mailboxes in the headers of this name."""
    known = message.known.get(f"people {name}")
    if not isinstance(known, tuple):
        known = message.known[f"people {name}"] = tuple(
            mailbox
            for value in message.get_all(name)[:FIELDS_MAX]
            for mailbox in mailboxes(value, "" if value.isascii() else charset_of(message))
        )
    return known


def author_of(message: Message) -> Author:
    """The first From address; who else claims to have written is noted."""
    found = people(message, "From")
    if not found:
        fallback = next(iter(people(message, "Sender")), None)
        lost = ("the From address: it is missing or not an address",)
        return Author(fallback, doubt="no valid From address", lost=lost)
    shown = found[0]
    domain = domain_of(shown.address)
    if len(found) > 1 or occurrences(message, "From") > 1:
        lost = ("further senders: the mail names more than one",)
        return Author(shown, domain, "several From addresses", lost)
    named = _named_by_list(message, shown)
    if named is not None:
        return Author(named, domain, f"the list {shown.address} says that they wrote")
    return Author(shown, domain, _doubt(message, shown))


def _doubt(message: Message, author: Mailbox) -> str:
    organisation = organisation_of(domain_of(author.address))
    if not organisation:
        return f"{domain_of(author.address)} is nobody's domain"
    senders = people(message, "Sender")
    if any(organisation_of(domain_of(sender.address)) != organisation for sender in senders):
        return f"sent by {domain_of(senders[0].address)} in the author's name"
    return ""


def _named_by_list(message: Message, shown: Mailbox) -> Mailbox | None:
    """The person for whom a list put its own address into the From ("Ann via List"): without it all
    of a list's members would be one. Nobody vouches for what the list says.
    """
    if not any(message.get(name) for name in ("List-Id", "List-Post")):
        return None
    named = [
        mailbox
        for name in ("X-Original-From", "Reply-To")
        for mailbox in mailboxes(unfolded(message, name))[:1]
        if mailbox.address != shown.address
    ]
    if not named or not (VIA.search(shown.name) or shown.address in _list_addresses(message)):
        return None
    return Mailbox(named[0].address, named[0].name or VIA.sub("", shown.name).strip(" '\""))


def _list_addresses(message: Message) -> set[str]:
    """How the list itself is written to: `<mailto:...>`, or `<name.domain>` of its id."""
    listed = set(mailboxes(", ".join(LIST_ADDRESS.findall(unfolded(message, "List-Post")))))
    identifier = unfolded(message, "List-Id").rpartition("<")[2].rstrip("> ")
    listed |= set(mailboxes(identifier.replace(".", "@", 1)))
    return {mailbox.address for mailbox in listed}
