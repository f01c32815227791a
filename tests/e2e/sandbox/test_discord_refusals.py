"""What the sandbox's Discord refuses, and with which of Discord's codes."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from sandbox.discord.kinds import Permission
from sandbox.server import Sandbox
from tests.rigs.discord_rest import Rest

EMBED = {"description": "x" * 4096}
BUTTON = {"type": 2, "style": 1, "label": "Go", "custom_id": "go"}


@pytest.fixture
async def rest(sandbox: Sandbox) -> AsyncIterator[Rest]:
    async with Rest.of(sandbox) as rest:
        yield rest


def _row(*cells: Any) -> dict[str, Any]:
    return {"type": 1, "components": list(cells)}


@pytest.mark.parametrize(
    ("body", "at", "code"),
    [
        ({"content": "x" * 2001}, "content", "BASE_TYPE_MAX_LENGTH"),
        ({"content": 5}, "content", "STRING_TYPE_CONVERT"),
        ({"content": "a", "nonce": "n" * 26}, "nonce", "NONCE_TYPE_TOO_LONG"),
        ({"embeds": [EMBED, EMBED]}, "embeds", "MAX_EMBED_SIZE_EXCEEDED"),
        ({"embeds": [{"title": "a"}] * 11}, "embeds", "BASE_TYPE_MAX_LENGTH"),
        ({"embeds": [{"title": "x" * 257}]}, "embeds.0.title", "BASE_TYPE_MAX_LENGTH"),
        (
            {"embeds": [{"fields": [{"name": "a"}]}]},
            "embeds.0.fields.0.value",
            "BASE_TYPE_REQUIRED",
        ),
        (
            {"embeds": [{"fields": [{"name": "a", "value": "b"}] * 26}]},
            "embeds.0.fields",
            "BASE_TYPE_MAX_LENGTH",
        ),
        ({"components": [_row(BUTTON)] * 6}, "components", "BASE_TYPE_MAX_LENGTH"),
        ({"components": [_row(*[BUTTON] * 6)]}, "components.0.components", "BASE_TYPE_BAD_LENGTH"),
        (
            {"components": [_row(BUTTON | {"label": "x" * 81})]},
            "components.0.components.0.label",
            "BASE_TYPE_MAX_LENGTH",
        ),
        (
            {"components": [_row(BUTTON | {"custom_id": "x" * 101})]},
            "components.0.components.0.custom_id",
            "BASE_TYPE_BAD_LENGTH",
        ),
        (
            {"components": [_row(BUTTON, BUTTON)]},
            "components.0.components.1.custom_id",
            "COMPONENT_CUSTOM_ID_DUPLICATED",
        ),
        ({"components": [{"type": 99}]}, "components.0.type", "BASE_TYPE_CHOICES"),
        (
            {"content": "a", "message_reference": {"message_id": "5"}},
            "message_reference",
            "REPLIES_UNKNOWN_MESSAGE",
        ),
        (
            {"content": "a", "allowed_mentions": {"parse": ["users"], "users": ["5"]}},
            "allowed_mentions.parse",
            "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE",
        ),
        ({"content": "a", "flags": 1 << 15}, "content", "MESSAGE_CANNOT_USE_LEGACY"),
        ({"content": "a", "sticker_ids": ["5"]}, "sticker_ids", "STICKER_NOT_FOUND"),
        ({"attachments": [{"id": 3}]}, "attachments", "ATTACHMENT_NOT_FOUND"),
    ],
)
async def test_a_message_beyond_discords_limits_is_refused_where_it_is_wrong(
    rest: Rest, body: dict[str, Any], at: str, code: str
) -> None:
    """An adapter that cuts or nests wrongly would first be told so by the real Discord."""
    channel = rest.sandbox.world.discord.channel("support")

    refused = await rest.ask("POST", f"/channels/{channel.id}/messages", body)

    assert (refused.status, refused.code) == (400, 50035)
    errors = refused.body["errors"]
    for step in at.split("."):
        errors = errors[step]
    assert errors["_errors"][0]["code"].startswith(code)
    assert not channel.messages


async def test_files_that_are_too_many_or_too_big_are_refused(rest: Rest) -> None:
    """A reply with a long film would be lost without a word."""
    state = rest.sandbox.world.discord
    state.settings = replace(state.settings, upload_bytes_max=10)
    path = f"/channels/{state.channel('support').id}/messages"

    big = await rest.ask("POST", path, {}, {"film.mp4": b"x" * 11})
    many = await rest.ask("POST", path, {}, {f"{n}.txt": b"x" for n in range(11)})
    fits = await rest.ask("POST", path, {}, {f"{n}.txt": b"x" * 10 for n in range(10)})

    assert (big.status, big.code) == (413, 40005)
    assert (many.status, many.code) == (400, 50035)
    assert len(fits.body["attachments"]) == 10


async def test_an_empty_message_is_refused_also_as_an_edit(rest: Rest) -> None:
    """A reply whose text was all markup would show nothing."""
    said = await rest.said("support", "words")
    channel = rest.sandbox.world.discord.channel("support")
    path = f"/channels/{channel.id}/messages"

    empty = await rest.ask("POST", path, {"content": " \n"})
    emptied = await rest.ask("PATCH", f"{path}/{said['id']}", {"content": ""})

    assert empty.code == emptied.code == 50006
    assert channel.messages[int(said["id"])].content == "words"


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/channels/5/messages", 10003),
        ("/channels/{support}/messages/5", 10008),
        ("/guilds/5", 10004),
        ("/guilds/{guild}/members/5", 10013),
        ("/users/5", 10013),
        ("/channels/{team}/messages", 50001),
        ("/webhooks/5/nothing/messages/@original", 10015),
        ("/nowhere", 0),
    ],
)
async def test_what_is_not_there_or_not_to_be_seen_has_its_own_code(
    rest: Rest, path: str, code: int
) -> None:
    """Retrying for ever and giving up at once are both wrong for half of these."""
    state = rest.sandbox.world.discord
    names = {"support": state.channel("support").id, "team": state.channel("team").id}

    answer = await rest.ask("GET", path.format(guild=state.guild.id, **names))

    assert answer.code == code
    assert answer.status == (403 if code == 50001 else 404)


async def test_an_id_that_is_none_is_told_to_be_none(rest: Rest) -> None:
    """A thread's name in the place of its id would be looked for in vain."""
    answer = await rest.ask("GET", "/channels/support/messages")

    assert answer.code == 50035
    assert answer.body["errors"]["channel_id"]["_errors"][0]["code"] == "NUMBER_TYPE_COERCE"


async def test_a_wrong_token_and_a_revoked_one_are_refused(sandbox: Sandbox, rest: Rest) -> None:
    """An operator who rotates the token has to learn that the old one is over."""
    wrong = await rest.ask("GET", "/users/@me", token="abc")
    before = await rest.ask("GET", "/users/@me")
    sandbox.discord.revoke()
    after = await rest.ask("GET", "/users/@me")

    assert [one.status for one in (wrong, before, after)] == [401, 200, 401]


async def test_a_voice_message_is_one_sound_with_its_shape(rest: Rest) -> None:
    """A recording that is refused has to be sent as a file instead."""
    path = f"/channels/{rest.sandbox.world.discord.channel('support').id}/messages"
    voice = {"flags": 1 << 13}

    worded = await rest.ask("POST", path, voice | {"content": "a"}, {"a.ogg": b"OggS"})
    alone = await rest.ask("POST", path, voice, {"a.txt": b"no sound"})

    assert (worded.code, alone.code) == (50159, 50160)


async def test_a_forum_takes_posts_and_no_messages(rest: Rest) -> None:
    """A reply sent to the forum instead of the post would vanish."""
    state = rest.sandbox.world.discord
    forum = state.channel("questions")
    forum.requires_tag = True
    path = f"/channels/{forum.id}"
    post = {"name": "How?", "message": {"content": "so"}}

    message = await rest.ask("POST", path + "/messages", {"content": "a"})
    untagged = await rest.ask("POST", path + "/threads", post)
    wrong = await rest.ask("POST", path + "/threads", post | {"applied_tags": ["5"]})
    tag = str(forum.tags[0].id)
    right = await rest.ask("POST", path + "/threads", post | {"applied_tags": [tag]})

    assert (message.code, untagged.code, wrong.code) == (50008, 40067, 50035)
    assert right.status == 201
    assert right.body["message"]["id"] == right.body["id"]
    assert right.body["applied_tags"] == [tag]


async def test_only_what_is_allowed_is_called(rest: Rest) -> None:
    """A reply that repeats a customer's "@everyone" would wake the whole server."""
    state = rest.sandbox.world.discord
    bot = state.guild.roles[state.guild.members[state.applications[0].id].roles[0]]
    bot.permissions |= Permission.MENTION_EVERYONE
    mei = state.user("mei").id
    managers = next(one for one in state.guild.roles.values() if "managers" in one.name)
    text = f"@everyone <@{mei}> <@&{managers.id}> `<@{state.user('noor').id}>`"

    loud = await rest.said("support", text)
    quiet = await rest.said("support", text, allowed_mentions={"parse": []})
    some = await rest.said("support", text, allowed_mentions={"users": [str(mei)]})

    pinged = [state.message(int(one["id"])).pinged for one in (loud, quiet, some)]
    assert (pinged[0].users, pinged[0].roles, pinged[0].everyone) == (
        frozenset({mei}),
        frozenset({managers.id}),
        True,
    )
    assert not pinged[1]
    assert (pinged[2].users, pinged[2].roles, pinged[2].everyone) == (
        frozenset({mei}),
        frozenset(),
        False,
    )


async def test_commands_of_a_wrong_form_are_refused_where_they_are_wrong(rest: Rest) -> None:
    """A release whose commands cannot be registered would be left without any."""
    path = f"/applications/{rest.sandbox.world.discord.applications[0].id}/commands"
    good = {"name": "ticket", "description": "Open"}

    bad = await rest.ask("PUT", path, [good, {"name": "Two words"}])
    twice = await rest.ask("PUT", path, [good, good])
    foreign = await rest.ask("PUT", "/applications/5/commands", [good])
    await rest.done("PUT", path, [good])
    replaced = await rest.done("PUT", path, [good | {"description": "Begin"}])

    assert bad.body["errors"]["commands"]["1"].keys() == {"name", "description"}
    assert (twice.code, foreign.code) == (50035, 20012)
    assert [one["description"] for one in replaced] == ["Begin"]
    assert len(await rest.done("GET", path)) == 1
