"""Who is a community manager: by what they may do on Discord, or by a role. Pure."""

from collections.abc import Iterable
from typing import Final

from adapters.discord.community.asking import Asked
from adapters.discord.objects.permissions import Permission
from adapters.discord.settings import CommunitySettings

NEEDED: Final = Permission.MANAGE_MESSAGES
"""An administrator may do everything, whether or not it is said."""


def manages(permissions: int, roles: Iterable[str], community: CommunitySettings) -> bool:
    """Whether somebody with these permissions in the channel, and these roles, is one."""
    allowed = community.manager_permission and permissions & (NEEDED | Permission.ADMINISTRATOR)
    return bool(allowed) or not set(community.manager_roles).isdisjoint(roles)


def asked_by_manager(asked: Asked, community: CommunitySettings) -> bool:
    """Discord itself says what the person may do in the channel; where nobody can moderate, in
    direct messages, nobody is one.
    """
    if not asked.member or not asked.guild_id:
        return False
    return manages(int(asked.member.permissions), asked.member.roles, community)
