"""Reactions: putting one's own under a message, taking them away, reading who reacted."""

from sandbox.discord.happenings import clear_reactions, react, unreact
from sandbox.discord.kinds import Permission
from sandbox.discord.rest.forms import Form
from sandbox.discord.rest.places import (
    named_channel,
    named_emoji,
    named_message,
    require,
    require_open,
)
from sandbox.discord.rest.refusals import Refusal, unknown
from sandbox.discord.rest.request import Request
from sandbox.discord.state import DiscordState
from sandbox.discord.wire import user_json
from sandbox.payload import Json

REACTIONS_MAX = 20
PAGE, PAGE_MAX = 25, 100


def add_my_reaction(state: DiscordState, call: Request) -> None:
    """React. Only a new emoji under the message needs a permission."""
    message = named_message(state, call)
    require_open(message.channel)
    emoji = named_emoji(state, call)
    user = call.application.user
    if any(one.blocked & {user.id} for one in (message.author,)):
        raise Refusal(403, 90001, "Reaction blocked")
    if emoji not in message.reactions:
        require(state, message.channel, call.application, Permission.ADD_REACTIONS)
        if len(message.reactions) >= REACTIONS_MAX:
            raise Refusal(400, 30010, f"Maximum number of reactions reached ({REACTIONS_MAX})")
    react(state, message, user, emoji)


def delete_my_reaction(state: DiscordState, call: Request) -> None:
    """Take one's own reaction away."""
    message = named_message(state, call)
    require_open(message.channel)
    unreact(state, message, call.application.user, named_emoji(state, call))


def delete_user_reaction(state: DiscordState, call: Request) -> None:
    """Take somebody else's reaction away."""
    message = named_message(state, call, Permission.MANAGE_MESSAGES)
    user = state.users.get(call.snowflake("user_id"))
    if user is None:
        raise unknown("User")
    unreact(state, message, user, named_emoji(state, call))


def list_reactions(state: DiscordState, call: Request) -> list[Json]:
    """Who reacted with one emoji, by their ids."""
    message = named_message(state, call)
    asked: Form = call.asked()
    limit = asked.integer("limit", least=1, most=PAGE_MAX) or PAGE
    after = asked.snowflake("after") or 0
    asked.check()
    users = message.reactions.get(named_emoji(state, call), [])
    later = sorted((one for one in users if one.id > after), key=lambda user: user.id)
    return [user_json(one) for one in later[:limit]]


def delete_all_reactions(state: DiscordState, call: Request) -> None:
    """Take away everybody's, or everybody's of one emoji."""
    named_channel(state, call, Permission.MANAGE_MESSAGES)
    message = named_message(state, call)
    emoji = named_emoji(state, call) if "emoji_name" in call.ids else None
    clear_reactions(state, message, emoji)
