"""What a message answers, and where it was forwarded from. Pure."""

from typing import Final

from adapters.discord.incoming.envelope import in_utc
from adapters.discord.known import Known
from adapters.discord.objects.message import (
    FORWARD,
    Message,
    MessageReference,
    Snapshotted,
    Written,
)
from core.model.content import Forward
from core.model.message import Quote
from core.rules.text import beginning

EXCERPT_MAX: Final = 140
"""So many characters of an answered message are repeated with the answer."""


def quote(message: Written | Message) -> Quote | None:
    """The beginning of what is answered: an agent sees what it is even if that message was never
    told to us. One that was deleted is only named.
    """
    known = message.message_reference.message_id
    if not known or message.message_reference.type == FORWARD:
        return None
    answered = message.referenced_message
    return Quote(remote=known, text=excerpt(answered.content) if answered else "")


def forward(reference: MessageReference, snapshot: Snapshotted, known: Known) -> Forward:
    """Discord tells where it was said, not by whom."""
    channel = known.channel(reference.channel_id) if reference.channel_id else None
    return Forward(
        name=f"#{channel.name}" if channel and channel.name else "",
        remote=reference.message_id or "",
        at=in_utc(snapshot.timestamp) if snapshot.timestamp else None,
    )


def excerpt(text: str) -> str:
    """Ends where the sense allows it, never within a character as a reader sees it."""
    if len(text) <= EXCERPT_MAX:
        return text
    return f"{beginning(text, EXCERPT_MAX - 1).rstrip()}…"
