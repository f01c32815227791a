"""Which conversation a mail belongs to, decided from the mail alone: no index, no clock.

Our own Message-IDs are `<root.message.signature@domain>`. `root` names the exchange, the signature
covers root, message and the one recipient. When an answer cites such an id and comes from that
very recipient, it belongs to `root`. Anybody else who cites it (a forwarded mail, a stranger who
guesses) fails the check, and in any case the sender's address is part of the thread: a stranger
gets a thread of their own, never somebody else's conversation.
"""

import base64
import hmac
import re
from collections.abc import Iterable
from email.message import Message
from hashlib import sha256
from typing import NamedTuple

from adapters.email.addresses import mailboxes
from adapters.email.charsets import decode_words
from adapters.email.parse import body_of, unfolded

MESSAGE_ID = re.compile(r"<([^<>\s\x00-\x1f\x7f]{1,900})>")
OURS = re.compile(r"([0-9a-f]{16})\.([0-9a-z-]{1,64})\.([a-z2-7]{26})@")
RECIPIENT_HEADER = "X-Trunkline-Recipient"
"""Names the thread's address in our mails that go to the same person's Reply-To instead."""

REFERENCES_LENGTH_MAX = 20_000
SIGNATURE_BYTES = 16


class OurId(NamedTuple):
    """What one of our own Message-IDs says, once its signature has been checked."""

    root: str
    token: str


def own_message_id(*, secret: bytes, root: str, token: str, recipient: str, domain: str) -> str:
    """The Message-ID, in angle brackets, of what we send to `recipient`. The same for the same
    arguments.
    """
    return f"<{root}.{token}.{_signature(secret, root, token, recipient)}@{domain}>"


def verify_own(message_id: str, *, secret: bytes, recipient: str) -> OurId | None:
    """What our id says if we made it for a mail to `recipient`, in constant time."""
    match = OURS.match(message_id.strip("<> ").lower())
    if match is None:
        return None
    root, token, signature = match.groups()
    if not hmac.compare_digest(signature, _signature(secret, root, token, recipient)):
        return None
    return OurId(root, token)


def signed_recipients(message: Message) -> tuple[str, ...]:
    """For whom an id in this mail of ours may have been signed."""
    headers = (unfolded(message, RECIPIENT_HEADER), unfolded(message, "To"))
    return tuple(mailbox.address for value in headers for mailbox in mailboxes(value))


def message_id_of(message: Message, raw: bytes, domain: str) -> str:
    """The mail's own id, in angle brackets; made from its bytes when it has none."""
    found = MESSAGE_ID.search(unfolded(message, "Message-ID"))
    if found and found[0].isascii():
        return found[0]
    return f"<gen-{sha256(raw).hexdigest()[:32]}@{domain}>"


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


def root_of(message_id: str) -> str:
    return sha256(message_id.encode()).hexdigest()[:16]


def thread_of(root: str, address: str) -> str:
    return f"{root}/{address}"


def taken_apart(thread: str) -> tuple[str, str]:
    """-> (root, address) of what `thread_of` made."""
    root, _, address = thread.partition("/")
    return root, address


def dedup_of(message_id: str, raw: bytes) -> str:
    """The same for every reading of one mail; another for a reused Message-ID with other text."""
    body = sha256(body_of(raw)).digest()
    return "m" + sha256(message_id.encode() + body).hexdigest()[:38]


def capped(chain: Iterable[str], count_max: int) -> tuple[str, ...]:
    """A References chain without repetitions: the first and the newest stay (RFC 5322 3.6.4)."""
    unique = tuple(dict.fromkeys(chain))
    if len(unique) <= count_max:
        return unique
    return (unique[0], *unique[1 - count_max :])


def _signature(secret: bytes, root: str, token: str, recipient: str) -> str:
    signed = "|".join((root, token, recipient)).encode()
    digest = hmac.digest(secret, signed, "sha256")[:SIGNATURE_BYTES]
    return base64.b32encode(digest).decode().rstrip("=").lower()
