"""Which conversation a mail belongs to, decided from the mail alone: no index, no clock.

When an answer cites an id of ours and comes from the very recipient for whom it was signed, it
belongs to that id's exchange. Anybody else who cites it (a forwarded mail, a stranger who guesses)
fails the check, and in any case the sender's address is part of the thread: a stranger gets a
thread of their own, never somebody else's conversation.
"""

from hashlib import sha256

from adapters.email.addresses import mailboxes
from adapters.email.identifiers import MADE, MESSAGE_ID, RECIPIENT_HEADER, root_of, verify_own
from adapters.email.mime.charsets import decode_words
from adapters.email.mime.message import Message
from adapters.email.mime.parse import unfolded

REFERENCES_LENGTH_MAX = 20_000


def signed_recipients(message: Message) -> tuple[str, ...]:
    """For whom an id in this mail of ours may have been signed."""
    headers = (unfolded(message, RECIPIENT_HEADER), unfolded(message, "To"))
    return tuple(mailbox.address for value in headers for mailbox in mailboxes(value))


def message_id_of(message: Message, raw: bytes, domain: str) -> str:
    """The mail's own id, in angle brackets; made from its bytes when it has none."""
    found = MESSAGE_ID.search(unfolded(message, "Message-ID"))
    if found and found[0].isascii():
        return found[0]
    return f"{MADE}{sha256(raw).hexdigest()[:32]}@{domain}>"


def cited_ids(message: Message, name: str) -> tuple[str, ...]:
    """The ids in In-Reply-To or References, oldest first. Mail written with Python's standard
    library has long ids as encoded words.
    """
    value = decode_words(unfolded(message, name)[-REFERENCES_LENGTH_MAX:])
    return tuple(match[0] for match in MESSAGE_ID.finditer(value) if match[0].isascii())


def thread_root(message: Message, message_id: str, *, secret: bytes, sender: str) -> str:
    """16 hex digits for the exchange that this mail belongs to."""
    references = cited_ids(message, "References")
    answered = cited_ids(message, "In-Reply-To")
    for cited in (*answered, *reversed(references)):
        ours = verify_own(cited, secret=secret, recipient=sender)
        if ours is not None:
            return ours.root
    return root_of((*references, *answered, message_id)[0])


def dedup_of(message_id: str, message: Message) -> str:
    """The same for every reading of one mail; another for a reused Message-ID with other text."""
    body = sha256(message.body).digest()
    return "m" + sha256(message_id.encode() + body).hexdigest()[:38]
