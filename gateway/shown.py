"""Conversations as they are told to others, whichever way that is."""

from typing import Final

from msgspec.structs import replace

from core.model.conversation import Conversation

REPLY_TO: Final = "reply_to"
"""Of a leg's context: the address to which answers go, if it is not the author's."""


def shown(conversation: Conversation) -> Conversation:
    """Without what only the legs' adapters have a use for; where answers go, people want to see."""
    legs = tuple(
        replace(leg, context={n: v for n, v in leg.context.items() if n == REPLY_TO})
        for leg in conversation.legs
    )
    return replace(conversation, legs=legs)
