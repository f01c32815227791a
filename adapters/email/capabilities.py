"""What a mail can carry, and nothing that this adapter does not do."""

from adapters.email.outgoing.markup import NATIVE
from adapters.email.settings import Limits
from core.model.capabilities import Capabilities, Level, Resend
from core.model.content import MediaKind


def capabilities(limits: Limits) -> Capabilities:
    return Capabilities(
        text_limit=0,
        styles=NATIVE,
        media=frozenset(MediaKind),
        media_size_bytes_max=limits.outgoing_size_bytes_max,
        parts={"text": Level.NATIVE, "media": Level.NATIVE},
        combines=True,
        replies=True,
        quotes=True,
        subject=True,
        copies=True,
        resend=Resend.SAME_KEY,
    )
