"""Who asks for something by a reaction: of their rights Discord tells only the parts."""

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from adapters.discord.community.reacting import Wish, by_manager, read, wish_of
from adapters.discord.community.words import TITLE_MAX, brief, excerpt, writing_first
from adapters.discord.known import Known
from core.errors import MalformedPayload
from core.model.conversation import Status
from core.model.ids import Number
from core.model.message import Audience
from core.ports import Brief
from tests.unit.adapters.discord.asking import (
    ANNA,
    BORIS,
    BOT,
    CHANNEL,
    GUILD,
    MESSAGE,
    settings,
)

OWNER, MODS, TEAM = "100000000000000007", "800000000000000001", "800000000000000002"
THREAD, HIDDEN, SPEAKERS = "900000000000000010", "900000000000000011", "900000000000000012"
MODERATE, ADMINISTER = str(1 << 13), str(1 << 3)


def known() -> Known:
    """A guild in which the moderators may moderate everywhere but in one channel, and in another
    one of the members may.
    """
    deny = {"id": MODS, "type": 0, "allow": "0", "deny": MODERATE}
    allow = {"id": ANNA, "type": 1, "allow": MODERATE, "deny": "0"}
    guild = {
        "id": GUILD,
        "name": "Acme",
        "owner_id": OWNER,
        "roles": [
            {"id": GUILD, "name": "@everyone", "permissions": "0"},
            {"id": MODS, "name": "Mods", "permissions": MODERATE},
            {"id": TEAM, "name": "Team", "permissions": ADMINISTER},
        ],
        "channels": [
            {"id": CHANNEL, "type": 0, "name": "general"},
            {"id": HIDDEN, "type": 0, "name": "rules", "permission_overwrites": [deny]},
            {"id": SPEAKERS, "type": 0, "name": "stage", "permission_overwrites": [allow]},
        ],
        "threads": [{"id": THREAD, "type": 11, "name": "t", "parent_id": HIDDEN}],
    }
    found = Known(BOT)
    found.note("GUILD_CREATE", msgspec.json.encode(guild))
    return found


def reaction(**changes: Any) -> dict[str, Any]:
    """Anna's, to a message of Boris'."""
    user = {"id": changes.get("user_id", ANNA), "username": "somebody"}
    return {
        "user_id": ANNA,
        "channel_id": CHANNEL,
        "message_id": MESSAGE,
        "message_author_id": BORIS,
        "guild_id": GUILD,
        "emoji": {"id": None, "name": "🎫"},
        "member": {"user": user, "roles": changes.pop("roles", [])},
    } | changes


@pytest.mark.parametrize(
    ("changes", "is_manager"),
    [
        ({}, False),
        ({"roles": [MODS]}, True),
        ({"roles": [MODS], "channel_id": HIDDEN}, False),
        ({"roles": [MODS], "channel_id": THREAD}, False),
        ({"roles": [TEAM], "channel_id": THREAD}, True),
        ({"channel_id": SPEAKERS}, True),
        ({"user_id": BORIS, "channel_id": SPEAKERS}, False),
        ({"user_id": OWNER, "channel_id": HIDDEN}, True),
        ({"roles": [MODS], "channel_id": "900000000000000099"}, False),
        ({"roles": [MODS], "guild_id": "900000000000000098"}, False),
        ({"roles": ["800000000000000099"]}, False),
        ({"member": None}, False),
        ({"user_id": OWNER, "member": None}, False),
    ],
)
def test_rights_are_computed_as_discord_does_and_the_unknown_has_none(
    changes: dict[str, Any], *, is_manager: bool
) -> None:
    """A passer-by could hand over and settle, or a moderator could not."""
    heard = read(msgspec.json.encode(reaction(**changes)))

    assert by_manager(heard, known(), settings().community) is is_manager
    by_role = settings(manager_permission=False, manager_roles=(MODS,)).community
    has_role = heard.member is not None and MODS in heard.member.roles
    assert by_manager(heard, known(), by_role) is has_role


@pytest.mark.parametrize(
    ("changes", "wish"),
    [
        ({}, Wish.HAND),
        ({"emoji": {"id": None, "name": "✅"}}, Wish.ACCEPT),
        ({"emoji": {"id": "77", "name": "🎫"}}, None),
        ({"emoji": {"id": "700000000000000077", "name": "help"}}, None),
        ({"emoji": {"id": None, "name": None}}, None),
        ({"user_id": BOT}, None),
        ({"message_author_id": BOT}, None),
        ({"guild_id": None}, None),
        ({"guild_id": "900000000000000098"}, None),
    ],
)
def test_only_the_agreed_emoji_asks_for_something(
    changes: dict[str, Any], wish: Wish | None
) -> None:
    """Every smile would cost calls of Discord's API, or end somebody's question."""
    heard = read(msgspec.json.encode(reaction(**changes)))

    assert wish_of(heard, settings(guilds=(GUILD,)), BOT) is wish


def test_an_emoji_of_the_guilds_own_can_be_agreed_on_and_none_at_all() -> None:
    """Operators with an emoji for it would have to take another."""
    own = reaction(emoji={"id": "700000000000000077", "name": "help"})
    chosen = settings(hand_reaction="700000000000000077", accept_reaction="")
    none = settings(hand_reaction="", accept_reaction="")

    assert wish_of(read(msgspec.json.encode(own)), chosen, BOT) is Wish.HAND
    for emoji in ("✅", ""):
        odd = reaction(emoji={"id": None, "name": emoji})
        assert wish_of(read(msgspec.json.encode(odd)), none, BOT) is None


@pytest.mark.parametrize("sent", ["❤️", "❤"])
@pytest.mark.parametrize("wanted", ["❤️", "❤"])
def test_a_heart_is_a_heart_however_a_client_spells_it(sent: str, wanted: str) -> None:
    """Whoever reacts with a phone would ask for nothing."""
    heard = reaction(emoji={"id": None, "name": sent})

    assert wish_of(read(msgspec.json.encode(heard)), settings(hand_reaction=wanted), BOT)


@pytest.mark.parametrize("change", [{"user_id": None}, {"message_id": "x"}, {"emoji": []}])
def test_what_is_no_reaction_is_malformed(change: dict[str, Any]) -> None:
    """Anything else that is raised would end what hears the next one."""
    with pytest.raises(MalformedPayload):
        read(msgspec.json.encode(reaction() | change))


def test_what_people_call_things_has_no_markup_and_calls_nobody() -> None:
    """A subject could call everybody, hide a link, or be as long as it likes."""
    odd = "@everyone **x** [a](https://evil.example) <@1> # h\n> q" + "y" * 500
    told = Brief(
        number=Number("T-7KQ4-M"),
        status=Status.OPEN,
        audience=Audience.PRIVATE,
        title=odd,
        touched_at=datetime(2026, 5, 4, tzinfo=UTC),
    )

    line = brief(told)
    first = writing_first(odd, odd)

    for text in (line, first):
        assert "\\@everyone" in text
        assert "\\[a\\]\\(https" in text
        assert "\\<\\@1\\>" in text
    assert "\n" not in line
    assert len(line) < 3 * TITLE_MAX
    assert 190 < len(excerpt("a b " * 500)) <= 200
