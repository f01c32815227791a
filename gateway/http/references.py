"""What people and programs call a conversation, found."""

from typing import NamedTuple

from core.model.conversation import Conversation, Leg
from core.rules import numbers
from core.view import Views


class Found(NamedTuple):
    """`leg` is the one that the reference names. Unlike the conversation it belongs to, it stays
    the same when conversations are joined.
    """

    conversation: Conversation
    leg: Leg


async def find(views: Views, reference: str) -> Found:
    """By the id of a conversation or a leg, or by number. Raises NotFound."""
    conversation = await views.conversation(reference)
    wanted = numbers.parse(reference) if is_number(reference) else reference
    legs = conversation.legs
    leg = next((one for one in legs if wanted in (one.id, one.number)), legs[0])
    return Found(conversation, leg)


def is_number(reference: str) -> bool:
    return reference.upper().startswith("T-")
