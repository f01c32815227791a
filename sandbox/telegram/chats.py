"""getChat and getChatMember."""

from sandbox.payload import Json
from sandbox.telegram.call import Call
from sandbox.telegram.membership import member_json, status_of
from sandbox.telegram.refusals import bad_request
from sandbox.telegram.state import TelegramState
from sandbox.telegram.targets import known_chat, open_chat
from sandbox.telegram.wire import chat_json

GIFTS = (
    "unlimited_gifts",
    "limited_gifts",
    "unique_gifts",
    "premium_subscription",
    "gifts_from_channels",
)


async def get_chat(state: TelegramState, call: Call) -> Json:
    """A `ChatFullInfo` object; of what it may hold only what differs between chats here."""
    chat = known_chat(state, call)
    about: Json = {
        "accent_color_id": abs(chat.id) % 7,
        "max_reaction_count": 11,
        "accepted_gift_types": dict.fromkeys(GIFTS, False),
    }
    if chat.private and chat.members[0].key in state.voice_forbidden:
        about["has_restricted_voice_and_video_messages"] = True
    return chat_json(chat) | about


async def get_chat_member(state: TelegramState, call: Call) -> Json:
    """A `ChatMember` object, of somebody who has left too."""
    chat = open_chat(state, call)
    user_id = call.integer("user_id")
    user = state.known_user(user_id)
    if user is None:
        raise bad_request("PARTICIPANT_ID_INVALID" if user_id > 0 else "invalid user_id specified")
    return member_json(user, status_of(chat, user))
