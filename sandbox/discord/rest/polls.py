"""Polls: who chose what, and ending one's own."""

from sandbox.discord.happenings import end_poll
from sandbox.discord.rest.places import named_message
from sandbox.discord.rest.refusals import Refusal, missing_permissions
from sandbox.discord.rest.request import Request
from sandbox.discord.state import DiscordState
from sandbox.discord.wire import user_json
from sandbox.discord.wire_messages import message_json
from sandbox.payload import Json

PAGE, PAGE_MAX = 25, 100


def expire_poll(state: DiscordState, call: Request) -> Json:
    """End a poll of one's own now."""
    message = named_message(state, call)
    if message.poll is None:
        raise Refusal(400, 520006, "Cannot expire a non-poll message")
    if message.author is not call.application.user:
        raise missing_permissions()
    if not message.poll.over:
        end_poll(state, message, message.poll)
    return message_json(message, state.links, call.application.user)


def list_voters(state: DiscordState, call: Request) -> Json:
    """Who chose an answer, by their ids."""
    message = named_message(state, call)
    number = call.snowflake("answer_id")
    asked = call.asked()
    limit = asked.integer("limit", least=1, most=PAGE_MAX) or PAGE
    after = asked.snowflake("after") or 0
    asked.check()
    answers = message.poll.answers if message.poll else []
    voters = [user for one in answers if one.id == number for user in one.voters]
    later = sorted((one for one in voters if one.id > after), key=lambda user: user.id)
    return {"users": [user_json(one) for one in later[:limit]]}
