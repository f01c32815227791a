"""Commands as persons find and fill them in. Pure."""

from collections.abc import Mapping
from enum import IntEnum
from typing import Any

from sandbox.discord.applications import Application, Command
from sandbox.discord.guilds import Channel, User
from sandbox.discord.kinds import ChannelKind, CommandKind, Permission
from sandbox.discord.permissions import in_channel
from sandbox.errors import ActError, UnknownThing
from sandbox.payload import Json

IN_GUILDS, IN_BOT_DM = 0, 1
Options = Mapping[str, Any]
"""By name; files, people, roles and channels by their ids."""


class OptionKind(IntEnum):
    """https://docs.discord.com/developers/interactions/application-commands#application-command-object-application-command-option-type"""

    SUB_COMMAND = 1
    SUB_COMMAND_GROUP = 2
    STRING = 3
    INTEGER = 4
    BOOLEAN = 5
    USER = 6
    CHANNEL = 7
    ROLE = 8
    MENTIONABLE = 9
    NUMBER = 10
    ATTACHMENT = 11


NESTS = frozenset({OptionKind.SUB_COMMAND, OptionKind.SUB_COMMAND_GROUP})
PYTHON: Mapping[int, type | tuple[type, ...]] = {
    OptionKind.STRING: str,
    OptionKind.INTEGER: int,
    OptionKind.BOOLEAN: bool,
    OptionKind.NUMBER: (int, float),
}


def offered(application: Application, channel: Channel, user: User) -> list[Command]:
    """The commands that somebody finds in a channel: those of the guild, and of everywhere, as far
    as they may use them. One of the guild hides one of everywhere.
    """
    found: dict[tuple[CommandKind, str], Command] = {}
    for command in sorted(application.commands.values(), key=lambda one: one.guild is not None):
        if _here(command, channel) and _may(command, channel, user):
            found[command.kind, command.name] = command
    return list(found.values())


def find(commands: list[Command], kind: CommandKind, name: str) -> Command:
    """The one of this name; raises UnknownThing."""
    for command in commands:
        if command.kind is kind and command.name == name:
            return command
    names = ", ".join(one.name for one in commands if one.kind is kind) or "none"
    raise UnknownThing(f"no such command {name!r} is offered here; there are: {names}")


def chosen(
    declared: list[Json], path: list[str], given: Options, focused: str | None = None
) -> list[Json]:
    """The `options` of an interaction: subcommands by their names, then values. `focused` is the
    option that is just being written, for which nothing is required yet.
    """
    by_name = {option["name"]: option for option in declared}
    if path:
        option = by_name.get(path[0])
        if option is None or option["type"] not in NESTS:
            raise UnknownThing(f"the command has no part {path[0]!r}")
        inner = chosen(option.get("options", []), path[1:], given, focused)
        return [{"name": path[0], "type": option["type"], "options": inner}]
    if any(option["type"] in NESTS for option in declared):
        raise ActError(f"choose one of {', '.join(by_name)}")
    if unknown := [name for name in given if name not in by_name]:
        raise UnknownThing(f"the command has no option {unknown[0]!r}")
    missing = [one["name"] for one in declared if one.get("required") and one["name"] not in given]
    if missing and focused is None:
        raise ActError(f"the option {missing[0]!r} is required")
    return [_valued(by_name[name], value, focused) for name, value in given.items()]


def mentioned(options: list[Json]) -> list[tuple[int, str]]:
    """(kind, id) of everybody and everything that the options name."""
    found: list[tuple[int, str]] = []
    for option in options:
        if option["type"] in NESTS:
            found += mentioned(option["options"])
        elif option["type"] not in PYTHON:
            found.append((option["type"], option["value"]))
    return found


def _valued(option: Json, value: Any, focused: str | None) -> Json:
    answer = {"name": option["name"], "type": option["type"], "value": value}
    if option["name"] == focused:
        return answer | {"value": str(value), "focused": True}
    wanted = PYTHON.get(option["type"], str)
    if not isinstance(value, wanted) or (type(value) is bool and wanted is not bool):
        raise ActError(f"the option {option['name']!r} takes no {type(value).__name__}")
    choices = [choice["value"] for choice in option.get("choices") or []]
    if choices and value not in choices:
        raise ActError(f"{option['name']!r} must be one of {', '.join(map(str, choices))}")
    _check_bounds(option, value)
    return answer


def _check_bounds(option: Json, value: Any) -> None:
    if type(value) is bool:
        return
    text = isinstance(value, str)
    size = len(value) if text else value
    least, most = ("min_length", "max_length") if text else ("min_value", "max_value")
    if size < option.get(least, size) or size > option.get(most, size):
        raise ActError(f"the option {option['name']!r} is too small or too large")


def _here(command: Command, channel: Channel) -> bool:
    if command.guild is not None:
        return command.guild is channel.guild
    contexts = command.body.get("contexts")
    direct = channel.kind is ChannelKind.DM
    if contexts is None:
        return not direct or command.body.get("dm_permission", True) is not False
    return (IN_BOT_DM if direct else IN_GUILDS) in contexts


def _may(command: Command, channel: Channel, user: User) -> bool:
    if channel.guild is None:
        return True
    held = in_channel(channel, user)
    needed = command.body.get("default_member_permissions")
    if Permission.USE_APPLICATION_COMMANDS not in held:
        return False
    if needed is None or Permission.ADMINISTRATOR in held:
        return True
    return int(needed) > 0 and Permission(int(needed)) in held
