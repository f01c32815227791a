"""Requests to the sandbox's Discord that no library would send: right but for one place."""

import copy
from collections import Counter
from random import Random
from typing import Any

import pytest

from sandbox.discord.interactions import begin_interaction
from sandbox.discord.kinds import CallbackKind, InteractionKind
from sandbox.discord.rest.table import ROUTES
from sandbox.server import Sandbox
from tests.rigs.discord_rest import Rest
from tests.rigs.discord_tour import BUTTONS, COMMAND, EMBED, MODAL

REQUESTS = 150
ODD: tuple[Any, ...] = (
    None,
    True,
    -1,
    0,
    1.5,
    2**70,
    "",
    "x",
    "5",
    "x" * 5000,
    "🎉",
    "@me",
    [],
    {},
    [[]],
    [{}],
)
MENU = {"type": 3, "custom_id": "m", "options": [{"label": "a", "value": "b"}], "min_values": 1}
MESSAGE = {
    "content": "hello <@5>",
    "nonce": "n",
    "enforce_nonce": True,
    "flags": 4096,
    "embeds": [EMBED],
    "components": [*BUTTONS, {"type": 1, "components": [MENU]}],
    "allowed_mentions": {"parse": ["roles"], "users": ["5"], "replied_user": True},
    "message_reference": {"message_id": "5", "fail_if_not_exists": False, "type": 0},
    "attachments": [],
}
CONTAINER = {"type": 17, "components": [{"type": 10, "content": "a"}], "accent_color": 5}
NEW = {"flags": 1 << 15, "components": [CONTAINER, {"type": 14}]}
POLL = {
    "poll": {
        "question": {"text": "a"},
        "answers": [{"poll_media": {"text": "b", "emoji": {"name": "🎉"}}}],
        "duration": 1,
    }
}
THREAD = {"name": "a", "type": 11, "auto_archive_duration": 60, "rate_limit_per_user": 0}
CALLBACKS = [
    {"type": 4, "data": MESSAGE | {"flags": 64}},
    {"type": 5, "data": {"flags": 64}},
    {"type": 7, "data": MESSAGE},
    {"type": 8, "data": {"choices": [{"name": "a", "value": "b"}]}},
    {"type": 9, "data": MODAL},
]
BODIES: dict[str, list[Any]] = {
    "create_message": [MESSAGE, NEW, POLL],
    "update_message": [{"content": "b", "embeds": [EMBED], "components": BUTTONS, "flags": 4}],
    "bulk_delete_messages": [{"messages": ["5", "6"]}],
    "create_dm": [{"recipient_id": "5"}],
    "create_thread": [THREAD, {"name": "a", "message": MESSAGE, "applied_tags": []}],
    "create_thread_from_message": [THREAD],
    "update_channel": [{"name": "a", "archived": False, "locked": False, "applied_tags": []}],
    "create_guild_channel": [{"name": "a", "type": 0, "topic": "b", "parent_id": "5"}],
    "create_application_command": [COMMAND | {"default_member_permissions": "8", "contexts": [0]}],
    "bulk_set_application_commands": [[COMMAND, {"name": "b", "type": 3}]],
    "update_application_command": [COMMAND],
    "create_interaction_response": CALLBACKS,
    "execute_webhook": [MESSAGE],
    "update_original_webhook_message": [MESSAGE],
    "refresh_urls": [{"attachment_urls": ["https://cdn.discordapp.com/attachments/1/2/a.txt"]}],
}


@pytest.mark.parametrize("seed", range(2))
async def test_whatever_is_sent_is_answered_by_discord_and_not_by_a_crash(
    sandbox: Sandbox, seed: int
) -> None:
    """A mistake of an adapter would look like an outage of Discord."""
    chance, statuses = Random(seed), Counter[int]()
    async with Rest.of(sandbox) as rest:
        for _ in range(REQUESTS):
            route = chance.choice([one for one in ROUTES if one.name in BODIES])
            path = _path(sandbox, chance, route.path)
            body = _broken(chance, copy.deepcopy(chance.choice(BODIES[route.name])))
            answer = await rest.ask(route.method, path, body)
            statuses[answer.status] += 1

            assert answer.status < 500, (route.name, body)
    assert statuses[200] + statuses[201] + statuses[204] > REQUESTS // 10
    assert statuses[400] > REQUESTS // 10


def _path(sandbox: Sandbox, chance: Random, path: str) -> str:
    """The route's, with ids that exist."""
    state = sandbox.world.discord
    application = state.applications[0]
    message = sandbox.discord.say("mei", "hello", "support")
    channels = [message.channel, message.channel, state.channel("questions")]
    if "interaction_id" in path or "webhook" in path:
        kind = chance.choice((InteractionKind.COMMAND, InteractionKind.COMPONENT))
        data = {"name": "ticket", "type": 1, "custom_id": "go", "component_type": 2}
        begun = begin_interaction(
            state, application, kind, state.user("mei"), message.channel, data, message=message
        )
        begun.answer = None if "callback" in path else CallbackKind.DEFERRED_UPDATE
        begun.original = message
        for name, value in (("interaction_id", begun.id), ("interaction_token", begun.token)):
            path = path.replace(f"{{{name}}}", str(value))
        path = path.replace("{webhook_token}", begun.token)
    names = {
        "channel_id": chance.choice(channels).id,
        "message_id": message.id,
        "guild_id": state.guild.id,
        "application_id": application.id,
        "webhook_id": application.id,
        "command_id": next(iter(application.commands), 5),
    }
    for name, value in names.items():
        path = path.replace(f"{{{name}}}", str(value))
    return path


def _broken(chance: Random, body: Any) -> Any:
    """With something odd in one place, or nowhere."""
    places = list(_places(body))
    if chance.random() < 0.3 or not places:
        return body
    container, key = chance.choice(places)
    container[key] = chance.choice(ODD)
    return body


def _places(value: Any) -> Any:
    keys = value.keys() if isinstance(value, dict) else range(len(value))
    for key in list(keys):
        yield value, key
        if isinstance(value[key], dict | list):
            yield from _places(value[key])
