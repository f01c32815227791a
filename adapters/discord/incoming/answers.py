"""What a message answers, and where it was forwarded from. Pure."""

from typing import Final

from adapters.discord.incoming.envelope import in_utc
from adapters.discord.incoming.names import names_of
from adapters.discord.known import Known
from adapters.discord.markdown.reading import read
from adapters.discord.markdown.syntax import Names
from adapters.discord.objects.message import ANSWER, Answered, Message
from adapters.discord.places import Place
from core.model.content import Forward
from core.model.message import Quote
from core.rules.text import beginning

EXCERPT_MAX: Final = 140
"""So many characters of an answered message are repeated with the answer."""
CROSSPOST: Final = 1 << 1
"""The flag of news of another channel, which is followed here."""


def quote(message: Message, place: Place, known: Known) -> Quote | None:
    """The beginning of what is answered: an agent sees what it is even if that message was never
    told to us. One that was deleted is only named. What refers to another channel is no answer.
    """
    reference, answered = message.message_reference, message.referenced_message
    elsewhere = reference.channel_id not in (None, message.channel_id)
    if not reference.message_id or reference.type != ANSWER or elsewhere:
        return None
    if answered is None:
        return Quote(remote=reference.message_id)
    names = names_of(answered.mentions, place, known)
    return Quote(remote=reference.message_id, text=excerpt(answered, names))


def forward(message: Message, known: Known) -> Forward | None:
    """Of what is passed on from elsewhere. Discord tells where it was said, not by whom."""
    reference = message.message_reference
    snapshot = next((one.message for one in message.message_snapshots), None)
    if not snapshot and not message.flags & CROSSPOST:
        return None
    channel = known.channel(reference.channel_id) if reference.channel_id else None
    return Forward(
        name=f"#{channel.name}" if channel and channel.name else "",
        remote=reference.message_id or "",
        at=in_utc(snapshot.timestamp) if snapshot and snapshot.timestamp else None,
    )


def excerpt(answered: Answered, names: Names) -> str:
    """As Discord shows it. Ends where the sense allows it, never within a character as a reader
    sees it.
    """
    text, _ = read(answered.content, names)
    if len(text) <= EXCERPT_MAX:
        return text
    return f"{beginning(text, EXCERPT_MAX - 1).rstrip()}…"
