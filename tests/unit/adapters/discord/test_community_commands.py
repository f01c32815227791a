"""What is registered with Discord, which refuses all of it for one mistake in one of it."""

from typing import Any

import pytest

from adapters.discord.community.commands import (
    NAME,
    Name,
    everybody_anywhere,
    in_guilds,
    registered_as,
)
from adapters.discord.community.forms import hand_form, support_form
from adapters.discord.settings import CommunitySettings

COMMUNITY = CommunitySettings()
ALL = (*everybody_anywhere(), *in_guilds(COMMUNITY))
LOCALES = {"de", "fr", "es-ES"}


@pytest.mark.parametrize("command", ALL, ids=[one["name"] for one in ALL])
def test_a_command_is_one_that_discord_takes(command: dict[str, Any]) -> None:
    """Discord refuses the whole list: nobody would have any command."""
    names = [command["name"], *command.get("name_localizations", {}).values()]
    described = [command, *command.get("options", ())] if command["type"] == 1 else []
    optional = [not one.get("required", False) for one in command.get("options", ())]

    assert all(1 <= len(one) <= 32 for one in names)
    if command["type"] == 1:
        assert NAME.fullmatch(command["name"])
        assert all(NAME.fullmatch(one["name"]) for one in command["options"])
    else:
        assert "description" not in command
        assert "options" not in command
    assert all(1 <= len(one["description"]) <= 100 for one in described)
    translated = command.get("description_localizations") or command["name_localizations"]
    assert set(translated) == LOCALES
    assert all(1 <= len(one) <= 100 for one in translated.values())
    assert optional == sorted(optional), "required ones first"
    assert all(one in (0, 1) for one in command["contexts"])


def test_each_command_is_registered_once() -> None:
    """Discord refuses two of one name; one that is missing cannot be asked for."""
    assert sorted(one["name"] for one in ALL) == sorted(Name)


def test_direct_messages_have_what_everybody_may_ask_for() -> None:
    """Who writes to the bot could not ask for anything."""
    there = {one["name"] for one in ALL if 1 in one["contexts"]}

    assert there == {Name.SUPPORT, Name.STATUS, Name.LINK}


def test_what_is_for_managers_is_hidden_only_where_discord_knows_who_they_are() -> None:
    """Who is a manager by role alone would not see the command; others would all see it."""
    by_role = {c["name"]: c for c in in_guilds(CommunitySettings(manager_roles=("7",)))}
    by_right = {c["name"]: c for c in in_guilds(COMMUNITY)}

    for name in (Name.TICKET, Name.HAND):
        assert by_right[name]["default_member_permissions"] == "8192"
        assert "default_member_permissions" not in by_role[name]
    assert "default_member_permissions" not in by_right[Name.OPEN]


def as_discord_tells(command: dict[str, Any], number: int) -> dict[str, Any]:
    """What Discord makes of a command: it adds, and says null for what was not given."""
    told = {
        "id": str(1000 + number),
        "application_id": "1",
        "version": "2",
        "default_member_permissions": None,
        "description": "",
        "dm_permission": True,
        "name_localizations": None,
        "description_localizations": None,
        "nsfw": False,
    } | command
    return told | {"options": [{"required": False, **one} for one in command.get("options", ())]}


OTHER = {
    "id": "5",
    "type": 1,
    "name": "play",
    "description": "Music",
    "options": [],
    "version": "9",
    "application_id": "1",
}


def test_nothing_is_registered_that_is_there_already() -> None:
    """Each start would write to Discord, which allows 200 new commands a day."""
    told = [as_discord_tells(one, n) for n, one in enumerate(ALL)]

    assert registered_as(reversed(told), ALL) is None
    assert registered_as([OTHER, *told], ALL) is None
    assert registered_as([OTHER], ()) is None


@pytest.mark.parametrize(
    "change",
    [
        {"description": "Old words"},
        {"contexts": [0]},
        {"options": []},
        {"default_member_permissions": "8"},
        {"description_localizations": {"de": "Anders"}},
    ],
)
def test_whatever_differs_is_registered_and_others_commands_stay(change: dict[str, Any]) -> None:
    """An update would change nothing, or take away what other software of the operator's has."""
    told = [as_discord_tells(one, n) for n, one in enumerate(ALL)]
    told[1] = told[1] | change

    registered = registered_as([OTHER, *told], ALL)

    assert registered is not None
    assert [one["name"] for one in registered] == ["play", *(one["name"] for one in ALL)]
    assert registered[0] == {k: OTHER[k] for k in ("name", "type", "description", "options", "id")}


def test_without_commands_ours_alone_are_taken_back() -> None:
    """Whoever switches them off would lose other software's, or keep ours."""
    told = [OTHER, *(as_discord_tells(one, n) for n, one in enumerate(ALL))]

    registered = registered_as(told, ())

    assert registered is not None
    assert [one["name"] for one in registered] == ["play"]


@pytest.mark.parametrize(
    "form", [support_form("c", ("A", "B")), support_form("c", ()), hand_form("c")]
)
def test_a_form_is_one_that_discord_takes(form: dict[str, Any]) -> None:
    """Nobody would see it."""
    fields = [one["component"] for one in form["components"]]

    assert 1 <= len(form["title"]) <= 45
    assert 1 <= len(fields) <= 5
    assert all(one["type"] == 18 and 1 <= len(one["label"]) <= 45 for one in form["components"])
    assert len({one["custom_id"] for one in fields}) == len(fields)
    for one in fields:
        assert one["type"] in (3, 4)
        if one["type"] == 4:
            assert 1 <= one["max_length"] <= 4000
        else:
            assert 1 <= len(one["options"]) <= 25
            assert sum(option["default"] for option in one["options"]) <= 1
