"""What somebody may do in a channel, from roles and overwrites."""

from collections.abc import Iterable
from enum import IntFlag

from adapters.discord.objects.channel import Overwrite


class Permission(IntFlag):
    """Those that this adapter asks for or judges by."""

    KICK_MEMBERS = 1 << 1
    BAN_MEMBERS = 1 << 2
    ADMINISTRATOR = 1 << 3
    MANAGE_CHANNELS = 1 << 4
    MANAGE_GUILD = 1 << 5
    ADD_REACTIONS = 1 << 6
    VIEW_CHANNEL = 1 << 10
    SEND_MESSAGES = 1 << 11
    MANAGE_MESSAGES = 1 << 13
    EMBED_LINKS = 1 << 14
    ATTACH_FILES = 1 << 15
    READ_MESSAGE_HISTORY = 1 << 16
    USE_EXTERNAL_EMOJIS = 1 << 18
    MANAGE_THREADS = 1 << 34
    CREATE_PUBLIC_THREADS = 1 << 35
    CREATE_PRIVATE_THREADS = 1 << 36
    SEND_MESSAGES_IN_THREADS = 1 << 38
    MODERATE_MEMBERS = 1 << 40
    SEND_POLLS = 1 << 49


ALL = (1 << 64) - 1


def of_guild(everyone: int, roles: Iterable[int]) -> int:
    """Before any channel: what the roles allow together."""
    allowed = everyone
    for one in roles:
        allowed |= one
    return ALL if allowed & Permission.ADMINISTRATOR else allowed


def within_channel(
    allowed: int, overwrites: Iterable[Overwrite], guild: str, roles: Iterable[str], person: str
) -> int:
    """First what the channel says of everyone, then of the roles together, then of the person."""
    if allowed & Permission.ADMINISTRATOR:
        return ALL
    by_id = {one.id: one for one in overwrites}
    if everyone := by_id.get(guild):
        allowed = allowed & ~int(everyone.deny) | int(everyone.allow)
    theirs = [by_id[role] for role in roles if role in by_id and role != guild]
    denied, granted = 0, 0
    for one in theirs:
        denied |= int(one.deny)
        granted |= int(one.allow)
    allowed = allowed & ~denied | granted
    if own := by_id.get(person):
        allowed = allowed & ~int(own.deny) | int(own.allow)
    return allowed
