"""Who is what in a chat, and the updates that say so has changed."""

from sandbox.payload import Json
from sandbox.persons import Person
from sandbox.telegram.state import Bot, Chat, unix_now
from sandbox.telegram.wire import chat_json, sender_json

MEMBER, ADMIN, OWNER, LEFT, KICKED = "member", "administrator", "creator", "left", "kicked"
ADMIN_RIGHTS = (
    "can_manage_chat",
    "can_delete_messages",
    "can_manage_video_chats",
    "can_restrict_members",
    "can_promote_members",
    "can_change_info",
    "can_invite_users",
    "can_post_stories",
    "can_edit_stories",
    "can_delete_stories",
    "can_send_welcome_messages",
    "can_pin_messages",
    "can_manage_topics",
)
STATUSES: dict[str, Json] = {
    OWNER: {"is_anonymous": False},
    ADMIN: {"can_be_edited": False, "is_anonymous": False, **dict.fromkeys(ADMIN_RIGHTS, True)},
    MEMBER: {},
    LEFT: {},
    KICKED: {"until_date": 0},
}
"""What each kind of `ChatMember` says besides its status and its user."""


def status_of(chat: Chat, user: Person | Bot) -> str:
    """Which of STATUSES the person or bot has. Whoever is first in a group owns it."""
    if isinstance(user, Bot):
        present, gone = user in chat.bots, KICKED if user in chat.removed_bots else LEFT
        return gone if not present else ADMIN if user in chat.admin_bots else MEMBER
    if user not in chat.members:
        return LEFT
    return OWNER if user is chat.members[0] and not chat.private else MEMBER


def member_json(user: Person | Bot, status: str) -> Json:
    """A `ChatMember` object."""
    return {"user": sender_json(user), "status": status, **STATUSES[status]}


def change_json(chat: Chat, by: Person | Bot, user: Person | Bot, old: str, new: str) -> Json:
    """A `ChatMemberUpdated` object: what `by` has made of `user`."""
    return {
        "chat": chat_json(chat),
        "from": sender_json(by),
        "date": unix_now(),
        "old_chat_member": member_json(user, old),
        "new_chat_member": member_json(user, new),
    }
