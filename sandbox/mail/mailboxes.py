"""The state of the mail world: mailboxes, folders, messages as bytes."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from sandbox.feed import Feed, Signal
from sandbox.mail.certificates import Certificates
from sandbox.mail.greylist import Greylist
from sandbox.mail.oauth import OAuth
from sandbox.mail.settings import MailSettings

SUPPORT_ADDRESS = "support@acme.example"
INBOX = "INBOX"
SENT = "Sent"
FOLDERS = {
    INBOX: "",
    SENT: r"\Sent",
    "Drafts": r"\Drafts",
    "Junk": r"\Junk",
    "Trash": r"\Trash",
    "Archive": r"\Archive",
}
"""Folder name -> its special use (RFC 6154)."""
UNKNOWN_PREFIX = "unknown"
"""Local parts that begin so do not exist: mail to them is refused with 550."""


@dataclass(slots=True, eq=False)
class StoredMail:
    """One message of a folder: the bytes exactly as they were handed in."""

    uid: int
    raw: bytes
    at: datetime
    flags: set[str] = field(default_factory=set)
    sender: str = ""
    """The envelope's."""


@dataclass(slots=True, eq=False)
class Folder:
    """An ordered list of messages. `uid_validity` changes when the UIDs are given out anew."""

    name: str
    uid_validity: int
    next_uid: int = 1
    use: str = ""
    """Its special use (RFC 6154)."""
    messages: list[StoredMail] = field(default_factory=list)
    changed: Signal = field(default_factory=Signal)

    def add(self, raw: bytes, flags: set[str], at: datetime | None = None) -> StoredMail:
        """Append a message and wake those who idle on the folder."""
        mail = StoredMail(self.next_uid, raw, at or datetime.now(UTC), set(flags))
        self.next_uid += 1
        self.messages.append(mail)
        self.changed.ring()
        return mail

    def remove(self, mail: StoredMail) -> None:
        """Expunge a message; does nothing when it is gone already."""
        if mail in self.messages:
            self.messages.remove(mail)
            self.changed.ring()

    def snapshot(self) -> "Folder":
        """What a backup holds: the mails and numbers as they are now."""
        kept = [replace(mail, flags=set(mail.flags)) for mail in self.messages]
        return Folder(self.name, self.uid_validity, self.next_uid, self.use, kept)

    def restore(self, backup: "Folder") -> None:
        """Be as the backup was, under the same UIDVALIDITY: UIDs go back and are given again, as
        a careless restore does it.
        """
        old = backup.snapshot()
        self.messages, self.next_uid = old.messages, old.next_uid
        self.uid_validity = old.uid_validity
        self.changed.ring()

    def skip(self, count: int) -> None:
        """Leave a gap in the UIDs."""
        self.next_uid += count

    def renumber(self) -> None:
        """Give new UIDs under a new UIDVALIDITY, as after a move to another server."""
        self.uid_validity += 1
        for number, mail in enumerate(self.messages, start=1):
            mail.uid = number
        self.next_uid = len(self.messages) + 1
        self.changed.ring()


@dataclass(slots=True, eq=False)
class Mailbox:
    """Everything under one address. `owner` is a person's key, None for the support team's."""

    address: str
    owner: str | None
    folders: dict[str, Folder]

    @property
    def inbox(self) -> Folder:
        """Where mail is delivered."""
        return self.folders[INBOX]

    @property
    def sent(self) -> Folder:
        """Where copies of sent mail are."""
        return self.folders[SENT]

    def folder(self, name: str) -> Folder | None:
        """The folder of this name; INBOX in any case."""
        return self.folders.get(INBOX if name.upper() == INBOX else name)


class MailState:
    """Every mailbox of the mail host.

    The host serves the domains of the addresses that it was given; any address there exists as
    soon as mail reaches it, except local parts that begin with "unknown". "+tag" is ignored.
    """

    def __init__(
        self, feed: Feed, rng: random.Random, now: Callable[[], float] = time.time
    ) -> None:
        self.feed = feed
        self.mailboxes: dict[str, Mailbox] = {}
        self.settings = MailSettings()
        self.certificates = Certificates()
        self.greylist = Greylist()
        self.now = now
        self.password = f"sandbox-{rng.randrange(16**8):08x}"
        self._uid_validity = rng.randint(1_600_000_000, 1_700_000_000)
        self.support = self.host(SUPPORT_ADDRESS)
        self.oauth = OAuth(rng, SUPPORT_ADDRESS, now)

    def host(self, address: str, owner: str | None = None) -> Mailbox:
        """The mailbox of an address, created when it does not exist."""
        key = canonical(address)
        if key not in self.mailboxes:
            self._uid_validity += 1
            folders = {
                name: Folder(name, self._uid_validity, use=use) for name, use in FOLDERS.items()
            }
            self.mailboxes[key] = Mailbox(key, owner, folders)
        return self.mailboxes[key]

    def add_folder(self, mailbox: Mailbox, name: str, use: str = "") -> Folder:
        """Create a folder, with a special use or without; does nothing when it exists."""
        if name not in mailbox.folders:
            self._uid_validity += 1
            mailbox.folders[name] = Folder(name, self._uid_validity, use=use)
        return mailbox.folders[name]

    def refusal(self, address: str) -> str | None:
        """Why mail to this address is refused, as an SMTP reply; None when it is taken."""
        local, _, domain = canonical(address).partition("@")
        if domain not in {known.partition("@")[2] for known in self.mailboxes}:
            return f"550 5.7.1 <{address}>: Relay access denied"
        if local.startswith(UNKNOWN_PREFIX):
            return f"550 5.1.1 <{address}>: Recipient address rejected: User unknown"
        return None

    def deliver(self, address: str, raw: bytes, sender: str = "") -> StoredMail:
        """Put a message into the inbox of an address that is not refused."""
        mailbox = self.host(address)
        mail = mailbox.inbox.add(raw, set())
        mail.sender = sender
        self.feed.publish("mail.received", mailbox.owner, address=mailbox.address, uid=mail.uid)
        return mail

    def keep_sent(self, mailbox: Mailbox, raw: bytes) -> None:
        """Put a copy into the sender's Sent folder."""
        mail = mailbox.sent.add(raw, {r"\Seen"})
        self.feed.publish("mail.sent", mailbox.owner, address=mailbox.address, uid=mail.uid)

    def by_login(self, name: str, password: str) -> Mailbox | None:
        """The mailbox that this login opens."""
        mailbox = self.mailboxes.get(canonical(name))
        return mailbox if mailbox is not None and password == self.password else None

    def by_token(self, name: str, token: str) -> Mailbox | None:
        """The mailbox that an access token opens, if it is the one that is asked for."""
        address = self.oauth.address_of(token)
        return self.mailboxes.get(address) if address == canonical(name) else None


def canonical(address: str) -> str:
    """Lower case and without "+tag": what decides which mailbox it is."""
    local, at, domain = address.strip().lower().rpartition("@")
    return f"{local.partition('+')[0]}{at}{domain}"
