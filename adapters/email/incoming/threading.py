"""Which exchange a mail belongs to, decided from the mail alone: no index, no clock.

What a mail cites is a claim. In this order: a signed address that it was sent to, an id of ours
that was signed for its very sender, one that was signed for somebody else who is named beside the
sender, a mark of ours in the HTML that it quotes, else the oldest id that it cites. Whatever
exchange is claimed, the sender's address is part of the thread's name: a stranger gets a thread of
their own, never somebody else's conversation.
"""

import re
from collections.abc import Iterable, Iterator
from hashlib import sha256
from itertools import islice

from adapters.email.account import Account
from adapters.email.identifiers import (
    MADE,
    MESSAGE_ID,
    OURS,
    RECIPIENT_HEADER,
    marked_root,
    root_of,
    verify_own,
    verify_reply_address,
)
from adapters.email.incoming.senders import people
from adapters.email.mime.charsets import decode_words
from adapters.email.mime.message import Message
from adapters.email.mime.parse import content_type, header, text, unfolded, walk
from adapters.email.subjects import is_answer

REFERENCES_LENGTH_MAX = 20_000
REFERENCES_HEAD_LENGTH = 2_000
CITED_MAX = 20
"""So many ids that look like ours are checked, and so many people as their recipients."""

DELIVERED_TO = ("To", "Cc", "Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To")
BARE_ID = re.compile(r"<?\s*([^<>\s]{1,600}@[^<>\s]{1,255})\s*>?")
"""Without its brackets, or with spaces inside them."""


def signed_recipients(message: Message) -> tuple[str, ...]:
    """For whom an id in this mail of ours may have been signed."""
    return tuple(_addresses(message, (RECIPIENT_HEADER, "To")))


def is_our_own(message: Message, message_id: str, secret: bytes) -> bool:
    """Whether we wrote it: its id is one that we signed for somebody to whom it is addressed."""
    if not OURS.match(message_id.strip("<> ").lower()):
        return False
    return any(
        verify_own(message_id, secret=secret, recipient=recipient)
        for recipient in signed_recipients(message)
    )


def message_id_of(message: Message, raw: bytes, domain: str) -> str:
    """The mail's own id, in angle brackets; made from its bytes when it has none."""
    written = unfolded(message, "Message-ID")
    found = MESSAGE_ID.search(written)
    if found and found[0].isascii():
        return found[0]
    bare = BARE_ID.fullmatch(written.strip())
    if bare and bare[1].isascii():
        return f"<{bare[1]}>"
    return f"{MADE}{sha256(raw).hexdigest()[:32]}@{domain}>"


def cited_ids(message: Message, name: str) -> tuple[str, ...]:
    """The ids in In-Reply-To or References, oldest first; of too many the first and the last. Mail
    written with Python's standard library has long ids as encoded words.
    """
    value = unfolded(message, name)
    if not value:
        return ()
    value = decode_words(value)
    if len(value) > REFERENCES_LENGTH_MAX:
        rest = REFERENCES_LENGTH_MAX - REFERENCES_HEAD_LENGTH
        value = f"{value[:REFERENCES_HEAD_LENGTH]} {value[-rest:]}"
    return tuple(match[0] for match in MESSAGE_ID.finditer(value) if match[0].isascii())


def exchange_root(
    message: Message, message_id: str, account: Account, *, sender: str, forward: bool
) -> str:
    """16 hex digits for the exchange that this mail belongs to. A forwarded mail begins one, unless
    it was sent to the address of another.
    """
    addressed = _addressed(message, account)
    if addressed:
        return addressed
    if forward:
        return root_of(message_id)
    references = cited_ids(message, "References")
    answered = cited_ids(message, "In-Reply-To")
    newest_first = (*answered, *reversed(references))
    ours = [cited for cited in newest_first if OURS.match(cited.lower().strip("<"))]
    named = [sender, *_addresses(message, ("To", "Cc"))]
    signed = _signed_root(ours[:CITED_MAX], named[:CITED_MAX], account.secret)
    answers = bool(newest_first) or is_answer(header(message, "Subject"))
    marked = _marked(message, account, sender) if answers and not signed else ""
    return signed or marked or root_of((*references, *answered, message_id)[0])


def dedup_of(message_id: str, message: Message, author: str) -> str:
    """The same for every reading of one mail; another for a reused Message-ID with other text, or
    under the same words by somebody else.
    """
    body = sha256(message.body).digest()
    return "m" + sha256(f"{message_id} {author}".encode() + body).hexdigest()[:38]


def _addressed(message: Message, account: Account) -> str:
    """The root in a signed address of ours that the mail was sent to."""
    for written_to in islice(_addresses(message, DELIVERED_TO), CITED_MAX * len(DELIVERED_TO)):
        root = verify_reply_address(written_to, secret=account.secret, address=account.address)
        if root:
            return root
    return ""


def _marked(message: Message, account: Account, sender: str) -> str:
    """The root in a mark of ours that the mail quotes: some providers give our mail other ids."""
    for node in islice(walk(message, account.limits.depth_max), account.limits.parts_max):
        if content_type(node.part) == "text/html":
            html, _ = text(node.part)
            shown = html[: account.limits.html_length_max]
            return marked_root(shown, secret=account.secret, recipient=sender)
    return ""


def _signed_root(ours: Iterable[str], named: Iterable[str], secret: bytes) -> str:
    """Of an id signed for the sender, who is named first; else for another person."""
    for person in named:
        for cited in ours:
            verified = verify_own(cited, secret=secret, recipient=person)
            if verified is not None:
                return verified.root
    return ""


def _addresses(message: Message, names: Iterable[str]) -> Iterator[str]:
    for name in names:
        for mailbox in people(message, name):
            yield mailbox.address
