"""What `trunkline doctor` says of a bot on Discord: each thing that is wrong, with its remedy."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from adapters.discord.incoming.rights import INVITED
from adapters.discord.line.examining import invitations, shards
from adapters.discord.settings import CommunitySettings, DiscordSettings, Listen
from core.model.secret import Secret
from core.ports import Finding
from sandbox.discord.guilds import Channel, Overwrite
from sandbox.discord.kinds import Permission
from sandbox.discord.settings import DiscordSettings as Emulated
from sandbox.faults import Fault, Kind
from sandbox.server import Sandbox
from tests.e2e.discord.line_rig import channel
from tests.e2e.discord.sending_rig import receiving, sending
from tests.rigs.waiting import eventually


async def test_a_bot_that_is_set_up_well_needs_no_remedy(tmp_path: Path) -> None:
    """Whoever reads the table acts on what has an arrow."""
    async with Sandbox() as sandbox:
        async with sending(sandbox, tmp_path) as (adapter, _), receiving(adapter):
            await eventually(lambda: bool(sandbox.world.discord.applications[0].commands))
        found = await _diagnosed(sandbox, tmp_path)

    assert [one.subject for one in found] == [
        "login",
        "message content",
        "invitations",
        "sessions",
        "shards",
        "#support",
        "#questions",
        "commands",
        "rate limits",
    ]
    assert all(one.ok for one in found), found
    assert not any(one.remedy for one in found)


async def test_a_token_that_is_no_longer_good_is_all_that_is_said(tmp_path: Path) -> None:
    async with Sandbox() as sandbox, sending(sandbox, tmp_path) as (adapter, _):
        sandbox.discord.revoke()
        (login,) = await adapter.diagnose()

    assert login.ok is False
    assert "reset the token" in login.remedy


async def test_nobody_there_is_told_with_where_to_look(tmp_path: Path) -> None:
    """The machine's firewall, usually."""
    async with Sandbox() as sandbox:
        (login,) = await _diagnosed(sandbox, tmp_path, route_to="127.0.0.1:1")

    assert login.ok is False
    assert "https://discord.com" in login.remedy


@pytest.mark.parametrize(
    ("changes", "ok"),
    [
        ({}, False),
        ({"support_channels": (), "listen": Listen.ADDRESSED}, False),
        ({"support_channels": (), "listen": Listen.NONE}, True),
        ({"support_channels": (), "listen": Listen.NONE, "keywords": ("refund",)}, False),
    ],
)
async def test_an_intent_that_the_portal_forbids_is_named_if_the_settings_need_it(
    tmp_path: Path, changes: dict[str, Any], ok: bool
) -> None:
    """Discord ends the connection, and says no more than a number."""
    async with Sandbox() as sandbox:
        sandbox.discord.grant()
        found = _of(await _diagnosed(sandbox, tmp_path, **changes), "message content")

    assert found.ok is ok
    assert ("Message Content Intent" in found.remedy) is not ok


@pytest.mark.parametrize(
    ("denied", "ok", "named"),
    [
        (Permission.SEND_MESSAGES, False, "Send Messages"),
        (Permission.SEND_MESSAGES_IN_THREADS, False, "Send Messages in Threads"),
        (Permission.READ_MESSAGE_HISTORY, False, "Read Message History"),
        (Permission.ADD_REACTIONS, None, "Add Reactions"),
        (Permission.ATTACH_FILES, None, "Attach Files"),
        (Permission.EMBED_LINKS, None, "Embed Links"),
        (Permission.SEND_POLLS, None, "Create Polls"),
        (Permission.CREATE_PUBLIC_THREADS, None, "Create Public Threads"),
    ],
)
async def test_a_right_that_a_support_channel_denies_is_named(
    tmp_path: Path, denied: Permission, ok: bool | None, named: str
) -> None:
    """The first answer there would be refused, by a number."""
    async with Sandbox() as sandbox:
        _deny(sandbox, "support", denied)
        found = _of(await _diagnosed(sandbox, tmp_path), "#support")

    assert (found.ok, found.text) == (ok, f"the bot lacks {named}")
    assert "#support" in found.remedy


async def test_a_channel_that_the_bot_does_not_see_lacks_everything(tmp_path: Path) -> None:
    """Nothing from there would ever arrive, and nobody would know."""
    async with Sandbox() as sandbox:
        _deny(sandbox, "support", Permission.VIEW_CHANNEL)
        found = _of(await _diagnosed(sandbox, tmp_path), "#support")

    assert found.ok is False
    assert "View Channel" in found.text


async def test_slow_mode_is_told_where_it_holds_for_the_bot(tmp_path: Path) -> None:
    """Agents' answers would come one in a minute."""
    async with Sandbox() as sandbox:
        _where(sandbox, "support").slowmode_seconds = 60
        freed = await _diagnosed(sandbox, tmp_path)
        _deny(sandbox, "support", Permission.MANAGE_MESSAGES)
        held = await _diagnosed(sandbox, tmp_path)

    assert not [one for one in freed if "slow mode" in one.text]
    (slow,) = [one for one in held if "slow mode" in one.text]
    assert (slow.subject, slow.ok) == ("#support", None)
    assert "Manage Messages" in slow.remedy


async def test_a_guild_without_support_channels_names_where_the_bot_is_mute(
    tmp_path: Path,
) -> None:
    async with Sandbox() as sandbox:
        found = _of(await _diagnosed(sandbox, tmp_path, support_channels=()), "Acme Community")

    assert found.ok is None
    assert "cannot answer in #announcements" in found.text


async def test_what_the_settings_name_and_the_bot_does_not_know_is_told(tmp_path: Path) -> None:
    """An id that was copied wrongly looks like any other."""
    async with Sandbox() as sandbox:
        guild = str(sandbox.discord.guild().id)
        changes = {"guilds": (guild, "77"), "support_channels": (channel(sandbox, "support"), "78")}
        found = await _diagnosed(sandbox, tmp_path, **changes)

    assert _of(found, "guild 77").ok is False
    assert f"+applications.commands&permissions={INVITED} " in _of(found, "guild 77").remedy
    assert _of(found, "channel 78").ok is False
    assert _of(found, "#support").ok


async def test_sessions_and_shards_are_told_before_discord_refuses_them(tmp_path: Path) -> None:
    async with Sandbox() as sandbox:
        sandbox.world.discord.settings = Emulated(identifies_per_day=0)
        none_left = _of(await _diagnosed(sandbox, tmp_path), "sessions")
        sandbox.world.discord.settings = Emulated(identifies_per_day=10)
        few_left = _of(await _diagnosed(sandbox, tmp_path), "sessions")

    assert (none_left.ok, few_left.ok) == (False, None)
    assert none_left.text == "0 of 0 that a day has are left"
    assert (shards(1, 2).ok, shards(3, 2).ok) == (True, None)
    assert shards(3, 2).remedy == "set shards = 3"


async def test_commands_that_are_not_registered_are_told(tmp_path: Path) -> None:
    async with Sandbox() as sandbox:
        there = _of(await _diagnosed(sandbox, tmp_path), "commands")
        none = CommunitySettings(commands=False)
        not_wanted = _of(await _diagnosed(sandbox, tmp_path, community=none), "commands")

    assert there.ok is None
    assert not_wanted.ok is True


@pytest.mark.parametrize("method", ["get_bot_gateway", "list_my_guilds", "list_guild_channels"])
async def test_what_cannot_be_looked_at_hides_nothing_else(tmp_path: Path, method: str) -> None:
    """One answer that is missing is one line."""
    async with Sandbox() as sandbox:
        sandbox.world.faults.add(Fault("discord", method, Kind.SERVER_ERROR, count=10))
        found = await _diagnosed(sandbox, tmp_path)

    unseen = [one for one in found if "could not be looked at" in one.text]
    assert [one.ok for one in unseen] == [None]
    assert "commands" in [one.subject for one in found]


async def _diagnosed(sandbox: Sandbox, directory: Path, **changes: Any) -> tuple[Finding, ...]:
    async with sending(sandbox, directory, **changes) as (adapter, _):
        return await adapter.diagnose()


def _of(found: Sequence[Finding], subject: str) -> Finding:
    return next(one for one in found if one.subject == subject)


def _deny(sandbox: Sandbox, name: str, right: Permission) -> None:
    """To the bot, in a channel."""
    bot = sandbox.world.discord.applications[0].id
    _where(sandbox, name).overwrites.append(Overwrite(bot, deny=right, member=True))


def _where(sandbox: Sandbox, name: str) -> Channel:
    channels = sandbox.discord.guild().channels.values()
    return next(one for one in channels if one.name == name)


def test_a_bot_that_anybody_may_invite_is_told_of_unless_guilds_are_named() -> None:
    """Whoever invites it to a guild of theirs would look up other people's conversations there."""
    token = Secret("a.b.c")
    anywhere, named = DiscordSettings(token=token), DiscordSettings(token=token, guilds=("1",))

    assert invitations(True, anywhere).ok is None
    assert "Public Bot" in invitations(True, anywhere).remedy
    assert invitations(False, anywhere).ok
    assert invitations(True, named).ok
