"""What Telegram's refusals mean, told by their descriptions. Pure.

Telegram has no other names for them: the texts are those of the Bot API server and, in capitals,
of the servers behind it. What is not listed here is told in Telegram's own words.
"""

import msgspec


class Reason(msgspec.Struct, frozen=True):
    """`code` is a short stable word, `words` are for the agent and name the remedy."""

    code: str
    words: str


_BLOCKED = Reason("blocked", "the customer has blocked the bot: only they can undo that")
_UNKNOWN_CHAT = Reason(
    "chat_not_found", "Telegram knows no such chat: it was deleted, or the bot never was in it"
)
_NEVER_STARTED = Reason(
    "not_started", "the customer has not written to the bot: only they can begin a chat"
)
_DEACTIVATED = Reason("deactivated", "the customer's Telegram account is deleted")
_REMOVED = Reason("removed", "the bot is not in the group: somebody there has to add it again")
_NO_RIGHTS = Reason(
    "not_allowed", "the bot may not do this here: an administrator of the group has to allow it"
)
_NO_TOPIC = Reason("topic_not_found", "the topic was deleted: write in another one")
_TOPIC_CLOSED = Reason("topic_closed", "the topic is closed: somebody in the group has to open it")
_BUSINESS = Reason(
    "business_disconnected",
    "the bot is not connected to the business account, or may not answer there: the owner has to"
    " allow it in the account's settings",
)
_BUSINESS_QUIET = Reason(
    "business_quiet", "a bot may answer in a business chat only within 24 hours: ask the owner to"
)
_TOO_LONG = Reason("too_long", "it is longer than Telegram takes")
_TOO_LARGE = Reason("too_large", "the file is larger than Telegram takes from a bot")
_EMPTY = Reason("empty", "there is nothing in it that Telegram can show: write something")
_BAD_FILE = Reason("bad_file", "Telegram cannot make sense of the file")
_BAD_BUTTON = Reason(
    "bad_button", "Telegram does not take one of the buttons: look at its address and its text"
)
_NO_REACTION = Reason("bad_reaction", "Telegram does not allow this emoji as a reaction here")
_GONE = Reason("gone", "the message is no longer there")
_FIXED = Reason("not_changeable", "Telegram lets the bot change this message no more")
_KEPT = Reason(
    "not_deletable",
    "Telegram lets a bot take back only its own messages, and none older than 48 hours",
)
_VOICE = Reason("voice_forbidden", "the customer takes no voice or video messages")

_REASONS = {
    "bot was blocked by the user": _BLOCKED,
    "user_is_blocked": _BLOCKED,
    "user is deactivated": _DEACTIVATED,
    "input_user_deactivated": _DEACTIVATED,
    "can't initiate conversation": _NEVER_STARTED,
    "bot was kicked": _REMOVED,
    "bot is not a member": _REMOVED,
    "channel_private": _REMOVED,
    "the group chat was deleted": _UNKNOWN_CHAT,
    "chat not found": _UNKNOWN_CHAT,
    "peer_id_invalid": _UNKNOWN_CHAT,
    "chat_id_invalid": _UNKNOWN_CHAT,
    "message thread not found": _NO_TOPIC,
    "topic_deleted": _NO_TOPIC,
    "topic_id_invalid": _NO_TOPIC,
    "topic_closed": _TOPIC_CLOSED,
    "not enough rights": _NO_RIGHTS,
    "have no rights": _NO_RIGHTS,
    "have no write access": _NO_RIGHTS,
    "need administrator rights": _NO_RIGHTS,
    "chat_write_forbidden": _NO_RIGHTS,
    "chat_restricted": _NO_RIGHTS,
    "chat_admin_required": _NO_RIGHTS,
    "business_connection": _BUSINESS,
    "business connection": _BUSINESS,
    "business_peer_usage_missing": _BUSINESS_QUIET,
    "business_peer_invalid": _BUSINESS,
    "bot_access_forbidden": _BUSINESS,
    "voice_messages_forbidden": _VOICE,
    "restricted receiving of": _VOICE,
    "message is too long": _TOO_LONG,
    "caption is too long": _TOO_LONG,
    "media_caption_too_long": _TOO_LONG,
    "message_too_long": _TOO_LONG,
    "file is too big": _TOO_LARGE,
    "request entity too large": _TOO_LARGE,
    "text is empty": _EMPTY,
    "text must be non-empty": _EMPTY,
    "file must be non-empty": _BAD_FILE,
    "image_process_failed": _BAD_FILE,
    "photo_invalid_dimensions": _BAD_FILE,
    "photo_save_file_invalid": _BAD_FILE,
    "button_": _BAD_BUTTON,
    "inline keyboard": _BAD_BUTTON,
    "reply markup is too long": _BAD_BUTTON,
    "reaction_": _NO_REACTION,
    "message to edit not found": _GONE,
    "message to react not found": _GONE,
    "message to delete not found": _GONE,
    "message_id_invalid": _GONE,
    "can't be edited": _FIXED,
    "no text in the message to edit": _FIXED,
    "no caption in the message to edit": _FIXED,
    "message_edit_time_expired": _FIXED,
    "can't be deleted": _KEPT,
    "message_delete_forbidden": _KEPT,
    "_forbidden": _NO_RIGHTS,  # CHAT_SEND_PHOTOS_FORBIDDEN and its many kin
}
"""A part of the description in lower case → what it means; the first that fits."""

_ALREADY_SO = ("message is not modified",)
_ALREADY_GONE = ("message to delete not found", "message_id_invalid")
_NO_TEXT = "there is no text in the message to edit"
_PHOTO = ("photo_invalid_dimensions", "image_process_failed", "photo_save_file_invalid")
_NO_VOICE = ("voice_messages_forbidden", "restricted receiving of")
_NO_QUOTE = ("quote_text_invalid",)
_NO_REACTIONS = ("reaction_invalid", "reaction_empty", "reactions_too_many")


def reason_of(description: str) -> Reason | None:
    told = description.lower()
    return next((reason for part, reason in _REASONS.items() if part in told), None)


def is_so_already(description: str) -> bool:
    """The message says already what it was to say."""
    return _names(description, _ALREADY_SO)


def is_gone_already(description: str) -> bool:
    """What was to be deleted is not there."""
    return _names(description, _ALREADY_GONE)


def has_no_text(description: str) -> bool:
    """The message is a file: its text is a caption."""
    return _names(description, (_NO_TEXT,))


def is_no_photo(description: str) -> bool:
    """The picture is refused for what it is: as a document it is taken."""
    return _names(description, _PHOTO)


def takes_no_voice(description: str) -> bool:
    """The customer's privacy forbids voice messages and video notes, no other files."""
    return _names(description, _NO_VOICE)


def quotes_nothing(description: str) -> bool:
    """What is quoted is not in the message: it was edited meanwhile, or is formatted otherwise."""
    return _names(description, _NO_QUOTE)


def refuses_emoji(description: str) -> bool:
    return _names(description, _NO_REACTIONS)


def _names(description: str, parts: tuple[str, ...]) -> bool:
    told = description.lower()
    return any(part in told for part in parts)
