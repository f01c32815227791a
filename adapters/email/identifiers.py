"""The ids that we give: Message-IDs which only we can have made, and the names of threads.

Our own Message-IDs are `<root.message.signature@domain>`. `root` names the exchange, the signature
covers root, message and the one recipient, so that an answer proves from whom it may come.
"""

import base64
import hmac
import re
from collections.abc import Iterable
from hashlib import sha256
from typing import NamedTuple

from core.model.ids import MessageId

MESSAGE_ID = re.compile(r"<([^<>\s\x00-\x1f\x7f]{1,900})>")
REPLY_TAG = re.compile(r"([0-9a-f]{16})\.([a-z2-7]{16})")
OURS = re.compile(r"([0-9a-f]{16})\.([0-9a-z-]{1,64})\.([a-z2-7]{26})@")
MADE = "<gen-"
"""Begins the id that we make for a mail which came without one."""
RECIPIENT_HEADER = "X-Trunkline-Recipient"
"""Names the thread's address in our mails that go to the same person's Reply-To instead."""

SIGNATURE_BYTES = 16
ULID = re.compile(r"[0-7][0-9A-HJKMNP-TV-Z]{25}")
BEGUN = "begun"
MARKER = "=marker"
"""In the place of a message's token, and none that a message can have."""
MARKED = re.compile(r"tl-([0-9a-f]{16})-([a-z2-7]{26})(?![a-z2-7])")
"""Mailers put prefixes before a class (`gmail-`, `x_`); none removes it."""
MARKERS_MAX = 50
LOCAL_LENGTH_MAX = 64
REPLY_SIGNATURE_BYTES = 10
"""80 bits: a local part has 64 characters at most (RFC 5321 section 4.5.3.1.1)."""


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


def message_of(token: str) -> MessageId | None:
    """Which message of ours an id's token stands for; None if it only stands for a hash of it."""
    message = token.partition("-")[0].upper()
    return MessageId(message) if ULID.fullmatch(message) else None


def own_marker(*, secret: bytes, root: str, recipient: str) -> str:
    """A class name for the HTML of what we send: it finds the exchange again in an answer that
    quotes us, also where somebody on the way has given our mail another Message-ID.
    """
    return f"tl-{root}-{_signature(secret, root, MARKER, recipient)}"


def marked_root(html: str, *, secret: bytes, recipient: str) -> str:
    """The exchange of the first marker that we made for `recipient`, "" for none."""
    for count, (root, signature) in enumerate(MARKED.findall(html.lower())):
        if count == MARKERS_MAX:
            break
        expected = _signature(secret, root, MARKER, recipient)
        if hmac.compare_digest(signature, expected):
            return str(root)
    return ""


def reply_address(*, secret: bytes, root: str, address: str) -> str:
    """`support+<root>.<signature>@domain`: whoever writes there means this exchange. `address` is
    the mailbox's own, whose server has to deliver such addresses to it; returned unchanged when it
    is too long to carry more.
    """
    local, _, domain = address.rpartition("@")
    tagged = f"{local}+{root}.{_reply_signature(secret, root, address)}"
    return f"{tagged}@{domain}" if len(tagged) <= LOCAL_LENGTH_MAX else address


def verify_reply_address(written_to: str, *, secret: bytes, address: str) -> str:
    """The root in an address that `reply_address` made for this mailbox, in constant time; else
    "".
    """
    local, _, domain = address.rpartition("@")
    to_local, _, to_domain = written_to.lower().rpartition("@")
    prefix = f"{local}+"
    match = REPLY_TAG.fullmatch(to_local.removeprefix(prefix))
    if match is None or to_domain != domain or not to_local.startswith(prefix):
        return ""
    root, signature = match.groups()
    genuine = hmac.compare_digest(signature, _reply_signature(secret, root, address))
    return root if genuine else ""


def begun_id(*, secret: bytes, root: str, recipient: str, domain: str) -> str:
    """An id that no mail has, and that all of ours cite in an exchange which we began: mail
    programs show those as one, also before there is an answer.
    """
    return own_message_id(secret=secret, root=root, token=BEGUN, recipient=recipient, domain=domain)


def root_of(message_id: str) -> str:
    return sha256(message_id.encode()).hexdigest()[:16]


def thread_of(root: str, address: str) -> str:
    return f"{root}/{address}"


def taken_apart(thread: str) -> tuple[str, str]:
    """-> (root, address) of what `thread_of` made."""
    root, _, address = thread.partition("/")
    return root, address


def capped(chain: Iterable[str], count_max: int) -> tuple[str, ...]:
    """A References chain without repetitions: the first and the newest stay (RFC 5322 3.6.4)."""
    unique = tuple(dict.fromkeys(chain))
    if len(unique) <= count_max:
        return unique
    return (unique[0], *unique[1 - count_max :])


def _signature(secret: bytes, root: str, token: str, recipient: str) -> str:
    return _signed(secret, (root, token, recipient), SIGNATURE_BYTES)


def _reply_signature(secret: bytes, root: str, address: str) -> str:
    # No root of a Message-ID is called so: neither signature passes for the other.
    return _signed(secret, ("reply", root, address), REPLY_SIGNATURE_BYTES)


def _signed(secret: bytes, what: Iterable[str], length_bytes: int) -> str:
    digest = hmac.digest(secret, "|".join(what).encode(), "sha256")[:length_bytes]
    return base64.b32encode(digest).decode().rstrip("=").lower()
