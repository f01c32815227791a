"""Commands that persons use, components they press, forms they submit."""

from collections.abc import Mapping
from typing import Any

from sandbox.discord.app import components
from sandbox.discord.app.acts import Acts, File, Place, Which
from sandbox.discord.app.commands import OptionKind, Options, chosen, find, mentioned, offered
from sandbox.discord.app.components import Given
from sandbox.discord.applications import Application, Command, Interaction
from sandbox.discord.guilds import Channel, User
from sandbox.discord.interactions import begin_interaction, shown_modal
from sandbox.discord.kinds import CommandKind, InteractionKind
from sandbox.discord.messages import Message
from sandbox.discord.permissions import in_channel
from sandbox.discord.wire import channel_json, member_json, role_json, user_json
from sandbox.discord.wire_messages import attachment_json, message_json
from sandbox.errors import ActError, UnknownThing
from sandbox.payload import Json

OF_CHANNELS = ("id", "name", "type", "parent_id", "guild_id", "topic", "position", "nsfw", "flags")
"""What an interaction tells of a channel that is named in it."""


class Interacting(Acts):
    """Each act returns the interaction, on which the bot's answer can be watched:
    `answer`, `original`, `followups`, `modal`, `choices`.
    """

    def slash(
        self,
        person: str,
        command: str,
        options: Options | None = None,
        place: Place = None,
        *,
        files: Mapping[str, File] | None = None,
        bot_id: int | str | None = None,
    ) -> Interaction:
        """Use a slash command: "ticket", or with its parts "ticket open". `files` are the options
        that take an attachment; people, roles and channels are given by their ids.
        """
        channel, user = self.place(person, place), self.user(person)
        name, *path = command.removeprefix("/").split()
        application, known = self._command(user, channel, CommandKind.CHAT_INPUT, name, bot_id)
        stored = {option: self._stored(channel, file) for option, file in (files or {}).items()}
        given = {**(options or {}), **{option: str(one.id) for option, one in stored.items()}}
        filled_in = chosen(known.body.get("options", []), path, given)
        resolved = self._resolved(channel, mentioned(filled_in))
        if stored:
            resolved["attachments"] = {
                str(one.id): attachment_json(one, self.state.links) for one in stored.values()
            }
        data = _data(known) | {"options": filled_in}
        return begin_interaction(
            self.state,
            application,
            InteractionKind.COMMAND,
            user,
            channel,
            data | ({"resolved": resolved} if resolved else {}),
            command=command.removeprefix("/"),
        )

    def complete(
        self,
        person: str,
        command: str,
        focused: str,
        options: Options,
        place: Place = None,
    ) -> Interaction:
        """Begin to write an option of a slash command; the bot may propose how to go on."""
        channel, user = self.place(person, place), self.user(person)
        name, *path = command.removeprefix("/").split()
        application, known = self._command(user, channel, CommandKind.CHAT_INPUT, name, None)
        filled_in = chosen(known.body.get("options", []), path, options, focused)
        return begin_interaction(
            self.state,
            application,
            InteractionKind.AUTOCOMPLETE,
            user,
            channel,
            _data(known) | {"options": filled_in},
            command=name,
        )

    def message_menu(self, person: str, command: str, which: Which) -> Interaction:
        """Choose a command in the context menu of a message."""
        message, user = self._shown(person, which), self.user(person)
        target = message_json(message, self.state.links)
        resolved = {"messages": {str(message.id): target}}
        return self._menu(user, message.channel, CommandKind.MESSAGE, command, message.id, resolved)

    def user_menu(self, person: str, command: str, whom: str, place: Place = None) -> Interaction:
        """Choose a command in the context menu of a person, seen in a channel."""
        channel, target = self.place(person, place), self.user(whom)
        resolved = self._resolved(channel, [(OptionKind.USER, str(target.id))])
        user = self.user(person)
        return self._menu(user, channel, CommandKind.USER, command, target.id, resolved)

    def press(self, person: str, which: Which, button: str) -> Interaction:
        """Press a button of a message, by its custom id or label."""
        message = self._shown(person, which)
        pressed = components.button(message.components, button)
        return self._touch(person, message, pressed, {})

    def choose(self, person: str, which: Which, custom_id: str, *values: str) -> Interaction:
        """Choose in a select menu of a message: values, or ids of people, roles and channels."""
        message = self._shown(person, which)
        menu = components.select(message.components, custom_id, values)
        data: Json = {"values": list(values)}
        kind = components.Kind(menu["type"])
        if kind in _SELECTED:
            named = [(int(_SELECTED[kind]), value) for value in values]
            data["resolved"] = self._resolved(message.channel, named)
        return self._touch(person, message, menu, data)

    def submit(
        self,
        person: str,
        form: Interaction | None = None,
        given: Mapping[str, Given] | None = None,
    ) -> Interaction:
        """Submit the form that an interaction was answered with, by default the last that the
        person was shown; `given` by custom id.
        """
        begun = form or self.form(person)
        if begun is None or begun.user is not self.user(person):
            raise ActError(f"{person} has no form to submit")
        modal = shown_modal(begun)
        if modal is None:
            raise ActError("the interaction was not answered with a form")
        answers = components.filled(modal, given or {})
        begun.modal = None
        return begin_interaction(
            self.state,
            begun.application,
            InteractionKind.MODAL,
            begun.user,
            begun.channel,
            {"custom_id": modal["custom_id"], "components": answers, "resolved": {}},
            message=begun.message,
            begun_by=begun,
        )

    def dismiss(self, person: str) -> None:
        """Close the form without submitting it, which no bot learns."""
        begun = self.form(person)
        if begun is not None:
            begun.modal = None

    def form(self, person: str) -> Interaction | None:
        """The interaction that was answered with the form that the person sees now."""
        user = self.user(person)
        for interaction in reversed(self.state.interactions.values()):
            if interaction.user is user and shown_modal(interaction):
                return interaction
        return None

    def commands(self, person: str, place: Place = None) -> list[tuple[Application, Command]]:
        """Every command that the person finds in a channel: behind a slash, and in menus."""
        channel, user = self.place(person, place), self.user(person)
        return [
            (application, command)
            for application in self._bots_in(channel)
            for command in offered(application, channel, user)
        ]

    def _menu(
        self,
        user: User,
        channel: Channel,
        kind: CommandKind,
        command: str,
        target: int,
        resolved: Json,
    ) -> Interaction:
        application, known = self._command(user, channel, kind, command, None)
        data = _data(known) | {"target_id": str(target), "resolved": resolved}
        return begin_interaction(
            self.state,
            application,
            InteractionKind.COMMAND,
            user,
            channel,
            data,
            command=command,
        )

    def _touch(self, person: str, message: Message, component: Json, data: Json) -> Interaction:
        custom_id, number = component["custom_id"], component.get("id", 0)
        touched = {"custom_id": custom_id, "component_type": component["type"], "id": number}
        return begin_interaction(
            self.state,
            self._writer(message),
            InteractionKind.COMPONENT,
            self.user(person),
            message.channel,
            touched | data,
            message=message,
        )

    def _writer(self, message: Message) -> Application:
        for application in self.state.applications:
            if application.id in (message.author.id, message.application_id):
                return application
        raise ActError(f"no bot answers for message {message.id}")

    def _command(
        self,
        user: User,
        channel: Channel,
        kind: CommandKind,
        name: str,
        bot_id: int | str | None,
    ) -> tuple[Application, Command]:
        asked = self._bots_in(channel) if bot_id is None else [self.bot(bot_id)]
        found: UnknownThing | None = None
        for application in asked:
            try:
                return application, find(offered(application, channel, user), kind, name)
            except UnknownThing as error:
                found = error
        raise found or UnknownThing("there is no bot here")

    def _bots_in(self, channel: Channel) -> list[Application]:
        guild = channel.guild
        present = (
            channel.recipients
            if guild is None
            else [member.user for member in guild.members.values()]
        )
        return [one for one in self.state.applications if one.user in present]

    def _resolved(self, channel: Channel, named: list[tuple[int, str]]) -> Json:
        resolved: Json = {}
        for kind, identifier in named:
            for group, body in self._looked_up(channel, kind, identifier).items():
                resolved.setdefault(group, {})[identifier] = body
        return resolved

    def _looked_up(self, channel: Channel, kind: int, identifier: str) -> Json:
        guild, number = channel.guild, int(identifier)
        if kind in (OptionKind.USER, OptionKind.MENTIONABLE) and number in self.state.users:
            found: dict[str, Any] = {"users": user_json(self.state.users[number])}
            if guild is not None and number in guild.members:
                member = member_json(guild.members[number], with_user=False)
                held = in_channel(channel, self.state.users[number])
                found["members"] = member | {"permissions": str(int(held))}
            return found
        if kind in (OptionKind.ROLE, OptionKind.MENTIONABLE) and guild and number in guild.roles:
            return {"roles": role_json(guild.roles[number])}
        if kind == OptionKind.CHANNEL and guild is not None and number in guild.channels:
            whole = channel_json(guild.channels[number])
            return {"channels": {key: whole[key] for key in OF_CHANNELS if key in whole}}
        if kind == OptionKind.ATTACHMENT:
            return {}
        raise UnknownThing(f"nobody and nothing here has the id {identifier}")


_SELECTED = {
    components.Kind.USER_SELECT: OptionKind.USER,
    components.Kind.ROLE_SELECT: OptionKind.ROLE,
    components.Kind.MENTIONABLE_SELECT: OptionKind.MENTIONABLE,
    components.Kind.CHANNEL_SELECT: OptionKind.CHANNEL,
}


def _data(command: Command) -> Json:
    data: Json = {"id": str(command.id), "name": command.name, "type": int(command.kind)}
    return data if command.guild is None else data | {"guild_id": str(command.guild.id)}
