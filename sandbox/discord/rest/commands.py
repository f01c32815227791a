"""Application commands: registering them everywhere or in one guild."""

import re
from typing import Final

from sandbox.discord.applications import Application, Command
from sandbox.discord.guilds import Guild
from sandbox.discord.kinds import CommandKind
from sandbox.discord.rest.forms import Form
from sandbox.discord.rest.places import named_guild
from sandbox.discord.rest.refusals import Refusal, unknown
from sandbox.discord.rest.request import Request
from sandbox.discord.state import DiscordState
from sandbox.discord.wire_applications import command_json
from sandbox.payload import Json

NAME: Final = re.compile(r"[-_'\w]{1,32}")
NAME_MAX, DESCRIPTION_MAX, OPTIONS_MAX, CHOICES_MAX, CHOICE_MAX = 32, 100, 25, 25, 100
COMMANDS_MAX: Final = {CommandKind.CHAT_INPUT: 100, CommandKind.USER: 15, CommandKind.MESSAGE: 15}
OPTION_KINDS: Final = frozenset(range(1, 12))
NESTED: Final = frozenset({1, 2})
"""Options that are commands and groups of commands themselves."""


def list_commands(state: DiscordState, call: Request) -> list[Json]:
    """Those registered here, everywhere or in the guild of the address."""
    application, guild = _whose(state, call)
    return [command_json(one, application) for one in _registered(application, guild)]


def get_command(state: DiscordState, call: Request) -> Json:
    """One of them."""
    application, guild = _whose(state, call)
    return command_json(_named(call, application, guild), application)


def create_command(state: DiscordState, call: Request) -> Json:
    """Register one; another of the same name and kind gives way to it."""
    application, guild = _whose(state, call)
    form = call.form()
    body = _read_command(form)
    form.check()
    _check_count([*(one.body for one in _registered(application, guild)), body])
    return command_json(_register(state, application, guild, body), application)


def set_commands(state: DiscordState, call: Request) -> list[Json]:
    """Register these and no others; those of the same name and kind keep their ids."""
    application, guild = _whose(state, call)
    listed = Form({"commands": call.body})
    forms = listed.forms("commands", most=sum(COMMANDS_MAX.values()))
    bodies = [_read_command(one) for one in forms]
    keys = [(one["name"], one["type"]) for one in bodies]
    if len(set(keys)) < len(keys):
        words = "Application command names must be unique"
        listed.complain("commands", "APPLICATION_COMMANDS_DUPLICATE_NAME", words)
    listed.check()
    _check_count(bodies)
    for old in _registered(application, guild):
        if (old.name, int(old.kind)) not in keys:
            del application.commands[old.id]
    made = [_register(state, application, guild, body) for body in bodies]
    return [command_json(one, application) for one in made]


def update_command(state: DiscordState, call: Request) -> Json:
    """Change parts of one."""
    application, guild = _whose(state, call)
    command = _named(call, application, guild)
    form = Form(command.body | (call.body if isinstance(call.body, dict) else {}))
    body = _read_command(form)
    form.check()
    command.body, command.name, command.version = body, body["name"], state.ids.take()
    return command_json(command, application)


def delete_command(state: DiscordState, call: Request) -> None:
    """Take one back."""
    application, guild = _whose(state, call)
    del application.commands[_named(call, application, guild).id]


def _whose(state: DiscordState, call: Request) -> tuple[Application, Guild | None]:
    application = call.application
    if call.snowflake("application_id") != application.id:
        words = "You are not authorized to perform this action on this application"
        raise Refusal(403, 20012, words)
    return application, named_guild(state, call) if "guild_id" in call.ids else None


def _registered(application: Application, guild: Guild | None) -> list[Command]:
    return [one for one in application.commands.values() if one.guild is guild]


def _named(call: Request, application: Application, guild: Guild | None) -> Command:
    command = application.commands.get(call.snowflake("command_id"))
    if command is None or command.guild is not guild:
        raise unknown("application command")
    return command


def _register(
    state: DiscordState, application: Application, guild: Guild | None, body: Json
) -> Command:
    kind, version = CommandKind(body["type"]), state.ids.take()
    for old in _registered(application, guild):
        if (old.name, old.kind) == (body["name"], kind):
            old.body, old.version = body, version if body != old.body else old.version
            return old
    command = Command(state.ids.take(), version, kind, body["name"], body, guild)
    application.commands[command.id] = command
    return command


def _check_count(bodies: list[Json]) -> None:
    for kind, most in COMMANDS_MAX.items():
        named = {one["name"] for one in bodies if one["type"] == kind}
        if len(named) > most:
            raise Refusal(400, 30032, f"Maximum number of application commands reached ({most})")


def _read_command(form: Form) -> Json:
    kind = form.choice("type", frozenset(CommandKind)) or int(CommandKind.CHAT_INPUT)
    slash = kind == CommandKind.CHAT_INPUT
    body: Json = {"type": kind, "name": _name(form, strict=slash) or ""}
    if slash:
        body["description"] = form.text("description", most=DESCRIPTION_MAX, least=1, required=True)
        options = form.forms("options", most=OPTIONS_MAX)
        body["options"] = [_read_option(one) for one in options]
    permissions = form.integer("default_member_permissions", most=2**63)
    body["default_member_permissions"] = None if permissions is None else str(permissions)
    if "dm_permission" in form.fields:
        body["dm_permission"] = form.fields["dm_permission"] is not False
    contexts = form.values("contexts", most=3)
    body["contexts"] = contexts if "contexts" in form else None
    for name in ("name_localizations", "description_localizations", "integration_types"):
        if name in form:
            body[name] = form.fields[name]
    return body | {"nsfw": form.flag("nsfw")}


def _read_option(form: Form) -> Json:
    body: Json = {
        "type": form.choice("type", OPTION_KINDS, required=True),
        "name": _name(form, strict=True),
        "description": form.text("description", most=DESCRIPTION_MAX, least=1, required=True),
    }
    if body["type"] in NESTED:
        body["options"] = [_read_option(one) for one in form.forms("options", most=OPTIONS_MAX)]
        return body
    body["required"] = form.flag("required")
    if "choices" in form:
        choices = form.forms("choices", most=CHOICES_MAX)
        body["choices"] = [
            {
                "name": one.text("name", most=CHOICE_MAX, least=1, required=True),
                "value": one.fields.get("value"),
            }
            for one in choices
        ]
    passed = ("autocomplete", "min_length", "max_length", "min_value", "max_value", "channel_types")
    return body | {name: form.fields[name] for name in passed if name in form}


def _name(form: Form, *, strict: bool) -> str | None:
    name = form.text("name", most=NAME_MAX, least=1, required=True)
    if strict and name is not None and (not NAME.fullmatch(name) or name != name.lower()):
        words = "String value did not match validation regex."
        form.complain("name", "STRING_TYPE_REGEX", words)
    return name
