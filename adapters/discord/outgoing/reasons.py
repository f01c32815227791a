"""What Discord's refusals mean, told by its own numbers. Pure.

https://docs.discord.com/developers/topics/opcodes-and-status-codes#json. What is not listed is told
in Discord's own words.
"""

from collections.abc import Mapping
from typing import Final

import msgspec


class Reason(msgspec.Struct, frozen=True):
    """`code` is a short stable word, `words` are for the agent and name the remedy."""

    code: str
    words: str


_CLOSED_DM = Reason(
    "dm_closed",
    "the customer takes no direct messages from the bot: they have blocked it, share no guild with"
    " it any more, or allow none in their privacy settings. Ask them in public to change that",
)
_NO_ACCESS = Reason(
    "no_access",
    "the bot does not see the channel: give it View Channel there, or add it to the guild again",
)
_NO_RIGHTS = Reason(
    "not_allowed",
    "the bot lacks a right in this channel: run `trunkline doctor`, which names it",
)
_NO_CHANNEL = Reason("channel_not_found", "the channel or thread was deleted: write elsewhere")
_NO_GUILD = Reason("guild_not_found", "the bot is no longer in the guild: add it again")
_NO_PERSON = Reason("person_not_found", "Discord knows no such person: the account was deleted")
_GONE = Reason("gone", "the message is no longer there")
_TOO_LARGE = Reason(
    "too_large",
    "it is larger than Discord takes: lower upload_size_bytes_max, so that such files go as links",
)
_EMPTY = Reason("empty", "there is nothing in it that Discord can show: write something")
_ARCHIVED = Reason("thread_archived", "the thread is archived: somebody there has to open it again")
_LOCKED = Reason("thread_locked", "the thread is locked: a moderator of the guild has to unlock it")
_FULL = Reason("thread_full", "the thread holds as many messages as it can: write in another one")
_SLOW = Reason(
    "slow_mode",
    "the channel is in slow mode: give the bot Manage Messages or Bypass Slowmode there, or wait",
)
_BLOCKED = Reason(
    "moderated",
    "AutoMod of the guild has blocked it: change the text, or exempt the bot's role from the rule",
)
_UNVERIFIED = Reason("not_verified", "the guild demands a verification that the bot does not have")
_OTHERS = Reason("not_ours", "Discord lets the bot change only what it has written itself")
_FIXED = Reason("not_changeable", "Discord lets nobody change this message")
_BAD_EMOJI = Reason(
    "bad_reaction", "Discord knows no such emoji, or the bot is not where it belongs to"
)
_REACTIONS = Reason("too_many_reactions", "the message has as many different reactions as it can")
_REACTION_BLOCKED = Reason("reaction_blocked", "the customer has blocked the bot: it cannot react")
_NO_HISTORY = Reason(
    "no_history", "to answer a message there the bot needs Read Message History in the channel"
)
_NO_TEXT = Reason("not_text", "one cannot write in this channel: it is no channel for text")
_NO_POLL = Reason("no_poll", "the bot may not make polls there: give it Create Polls")
_BAD_FILE = Reason("bad_file", "Discord cannot make sense of the file")
_OFTEN_EDITED = Reason(
    "edited_too_often", "Discord takes no more edits of old messages for now: correct it by a reply"
)
_POLL_FIXED = Reason("not_changeable", "Discord lets nobody change a poll: make another one")
_NEEDS_TAG = Reason("tag_required", "a post in this forum needs a tag, which the bot cannot choose")
_INVALID = Reason("bad_request", "Discord does not take the message as it is")
_BAD_BUTTON = Reason(
    "bad_button", "Discord does not take one of the buttons: look at its address and its text"
)
_BAD_CARD = Reason(
    "bad_card", "Discord does not take the card: look at its addresses and how long its texts are"
)
_BAD_POLL = Reason("bad_poll", "Discord does not take the poll: look at how long its texts are")
_TOO_LONG = Reason("too_long", "it is longer than Discord takes")

INVALID_BODY: Final = 50035
_REASONS: Final = {
    10003: _NO_CHANNEL,
    10004: _NO_GUILD,
    10007: _NO_PERSON,
    10008: _GONE,
    10013: _NO_PERSON,
    10014: _BAD_EMOJI,
    20009: _BLOCKED,
    20016: _SLOW,
    20022: _OFTEN_EDITED,
    20028: _SLOW,
    30010: _REACTIONS,
    30033: _FULL,
    30046: _OFTEN_EDITED,
    40005: _TOO_LARGE,
    40058: _NO_TEXT,
    40067: _NEEDS_TAG,
    50001: _NO_ACCESS,
    50003: _FIXED,
    50005: _OTHERS,
    50006: _EMPTY,
    50007: _CLOSED_DM,
    50008: _NO_TEXT,
    50009: _UNVERIFIED,
    50013: _NO_RIGHTS,
    50021: _FIXED,
    50024: _NO_TEXT,
    50045: _TOO_LARGE,
    50046: _BAD_FILE,
    50083: _ARCHIVED,
    50278: _CLOSED_DM,
    90001: _REACTION_BLOCKED,
    160002: _NO_HISTORY,
    160005: _LOCKED,
    200000: _BLOCKED,
    200001: _BLOCKED,
    240000: _BLOCKED,
    520000: _NO_POLL,
    520001: _NO_POLL,
    520003: _POLL_FIXED,
}

_OF_FIELDS: Final = {
    "components": _BAD_BUTTON,
    "embeds": _BAD_CARD,
    "poll": _BAD_POLL,
    "attachments": _BAD_FILE,
    "files": _BAD_FILE,
    "emoji": _BAD_EMOJI,
}
_LENGTH: Final = "BASE_TYPE_MAX_LENGTH"
_UNKNOWN_MESSAGE: Final = 10008
_UNKNOWN_EMOJI: Final = 10014


def reason_of(code: int, fields: Mapping[str, str] | None = None) -> Reason | None:
    """`fields`: what was wrong in the body, and the short word for how, if Discord said so."""
    if code != INVALID_BODY:
        return _REASONS.get(code)
    for path, how in (fields or {}).items():
        field = path.partition(".")[0]
        if field in _OF_FIELDS:
            return _OF_FIELDS[field]
        if field == "content" and how == _LENGTH:
            return _TOO_LONG
        if field == "content":
            return _EMPTY
    return _INVALID


def is_gone(code: int) -> bool:
    """The message is not there: what was to be taken back is."""
    return code == _UNKNOWN_MESSAGE


def refuses_emoji(code: int) -> bool:
    return code == _UNKNOWN_EMOJI


def is_archived(code: int) -> bool:
    """The thread sleeps: whoever may can open it, which writing does by itself."""
    return _REASONS.get(code) is _ARCHIVED
