"""Control of the Discord side: use commands, press, choose, submit, and see what comes of it.

POST /control/discord/slash     {person, command: "ticket open", options?: {name: value}, place?,
                                 files?: {option: {name, content (base64), media_type?}}}
POST /control/discord/complete  {person, command, focused, options?, place?}
POST /control/discord/menu      {person, command, message_id | whom, place?}
POST /control/discord/press     {person, message_id, button: custom id or label}
POST /control/discord/choose    {person, message_id, custom_id, values: [value or id]}
POST /control/discord/submit    {person, fields?: {custom_id: text or [value]}}
POST /control/discord/dismiss   {person}                         close the form
GET  /control/discord/interactions/<id>
GET  /control/discord/seen/<person>     -> {user, guilds: [{id, name, channels, roles, members,
                                 emojis, stickers}], directs: [channel], form, pings: [message id]}
GET  /control/discord/seen/<person>/<place>  -> {channel, messages, typing: [name], commands}
                                 `place` "@me": direct messages with the first bot
GET  /control/discord/files/<id>        -> the bytes

The acts answer {id, kind, answer, failed, original, followups, form, choices}; `answer` is null
until the bot has reacted, which GET shows later. `failed`: Discord says that it did not in time.
"""

from aiohttp import web

from sandbox.control.discord import BASE
from sandbox.control.reading import Fields, answer, read_fields
from sandbox.discord.app import DiscordApp, File
from sandbox.discord.applications import Interaction
from sandbox.discord.guilds import Guild, User
from sandbox.discord.interactions import failed, shown_modal
from sandbox.discord.messages import Message
from sandbox.discord.permissions import in_channel, sees
from sandbox.discord.wire import (
    channel_json,
    guild_emoji_json,
    role_json,
    sticker_json,
    user_json,
)
from sandbox.discord.wire_applications import command_json
from sandbox.discord.wire_messages import message_json
from sandbox.errors import UnknownThing
from sandbox.payload import Json

DIRECT = "@me"


class DiscordInteractionControl:
    """Translates control requests into acts in the app, and shows what persons see there."""

    def __init__(self, app: DiscordApp) -> None:
        self._app = app
        self._state = app.state

    def routes(self) -> list[web.RouteDef]:
        """The addresses of this part."""
        return [
            web.post(f"{BASE}/slash", self.slash),
            web.post(f"{BASE}/complete", self.complete),
            web.post(f"{BASE}/menu", self.menu),
            web.post(f"{BASE}/press", self.press),
            web.post(f"{BASE}/choose", self.choose),
            web.post(f"{BASE}/submit", self.submit),
            web.post(f"{BASE}/dismiss", self.dismiss),
            web.get(f"{BASE}/interactions/{{id:[0-9]+}}", self.interaction),
            web.get(f"{BASE}/seen/{{person}}", self.seen),
            web.get(f"{BASE}/seen/{{person}}/{{place}}", self.channel),
            web.get(f"{BASE}/files/{{id:[0-9]+}}", self.file),
        ]

    async def slash(self, request: web.Request) -> web.Response:
        """Use a slash command."""
        fields = await read_fields(request)
        given = {
            option: Fields(body) for option, body in (fields.object_or_none("files") or {}).items()
        }
        files = {
            option: File(
                name=one.text("name"),
                content=one.content("content"),
                media_type=one.text_or_none("media_type"),
            )
            for option, one in given.items()
        }
        return self._begun(
            self._app.slash(
                fields.text("person"),
                fields.text("command"),
                fields.object_or_none("options"),
                fields.text_or_none("place"),
                files=files,
            )
        )

    async def complete(self, request: web.Request) -> web.Response:
        """Begin to write an option."""
        fields = await read_fields(request)
        return self._begun(
            self._app.complete(
                fields.text("person"),
                fields.text("command"),
                fields.text("focused"),
                fields.object_or_none("options") or {},
                fields.text_or_none("place"),
            )
        )

    async def menu(self, request: web.Request) -> web.Response:
        """Choose in the context menu of a message or a person."""
        fields = await read_fields(request)
        person, command = fields.text("person"), fields.text("command")
        if (which := fields.text_or_none("message_id")) is not None:
            return self._begun(self._app.message_menu(person, command, which))
        place = fields.text_or_none("place")
        return self._begun(self._app.user_menu(person, command, fields.text("whom"), place))

    async def press(self, request: web.Request) -> web.Response:
        """Press a button."""
        fields = await read_fields(request)
        person, button = fields.text("person"), fields.text("button")
        return self._begun(self._app.press(person, fields.text("message_id"), button))

    async def choose(self, request: web.Request) -> web.Response:
        """Choose in a select menu."""
        fields = await read_fields(request)
        which, custom_id = fields.text("message_id"), fields.text("custom_id")
        values = fields.texts("values")
        return self._begun(self._app.choose(fields.text("person"), which, custom_id, *values))

    async def submit(self, request: web.Request) -> web.Response:
        """Submit the form."""
        fields = await read_fields(request)
        given = fields.object_or_none("fields") or {}
        return self._begun(self._app.submit(fields.text("person"), None, given))

    async def dismiss(self, request: web.Request) -> web.Response:
        """Close the form."""
        self._app.dismiss((await read_fields(request)).text("person"))
        return answer({})

    async def interaction(self, request: web.Request) -> web.Response:
        """What has come of an interaction."""
        wanted = int(request.match_info["id"])
        for one in self._state.interactions.values():
            if one.id == wanted:
                return answer(self._interaction_view(one))
        raise UnknownThing(f"no interaction {wanted}")

    async def seen(self, request: web.Request) -> web.Response:
        """Where a person can go."""
        person = request.match_info["person"]
        user, form = self._app.user(person), self._app.form(person)
        guilds = [one for one in self._state.guilds.values() if user.id in one.members]
        return answer(
            {
                "user": user_json(user) | {"key": user.key},
                "guilds": [_guild_view(guild, user) for guild in guilds],
                "directs": [channel_json(one, user) for one in self._app.directs(person)],
                "form": None if form is None else form.modal,
                "pings": [str(one.id) for one in self._app.pings(person)],
            }
        )

    async def channel(self, request: web.Request) -> web.Response:
        """What a person sees in a channel."""
        person, place = request.match_info["person"], request.match_info["place"]
        channel = self._app.place(person, None if place == DIRECT else place)
        user = self._app.user(person)
        return answer(
            {
                "channel": channel_json(channel, user),
                "messages": [
                    self._message_view(one, user) for one in self._app.seen(person, channel)
                ],
                "typing": [one.name for one in self._app.typing(channel) if one is not user],
                "commands": [
                    command_json(command, application)
                    for application, command in self._app.commands(person, channel)
                ],
                "permissions": str(int(in_channel(channel, user, self._state.now()))),
            }
        )

    async def file(self, request: web.Request) -> web.Response:
        """The bytes of an attachment."""
        stored = self._state.files.get(int(request.match_info["id"]))
        if stored is None or stored.lost:
            raise UnknownThing("there is no such file")
        media_type = stored.media_type or "application/octet-stream"
        return web.Response(body=stored.content, content_type=media_type.split(";")[0])

    def _begun(self, interaction: Interaction) -> web.Response:
        return answer(self._interaction_view(interaction), status=201)

    def _interaction_view(self, interaction: Interaction) -> Json:
        user, original = interaction.user, interaction.original
        return {
            "id": str(interaction.id),
            "kind": int(interaction.kind),
            "answer": None if interaction.answer is None else int(interaction.answer),
            "failed": failed(self._state, interaction),
            "original": None if original is None else self._message_view(original, user),
            "followups": [self._message_view(one, user) for one in interaction.followups],
            "form": shown_modal(interaction),
            "choices": interaction.choices,
        }

    def _message_view(self, message: Message, viewer: User) -> Json:
        body = message_json(message, self._state.links, viewer)
        return body | {"ephemeral": message.ephemeral, "author_key": message.author.key}


def _guild_view(guild: Guild, user: User) -> Json:
    return {
        "id": str(guild.id),
        "name": guild.name,
        "owner_id": str(guild.owner.id),
        "roles": [role_json(one) for one in guild.roles.values()],
        "members": [
            user_json(one.user) | {"nick": one.nick, "key": one.user.key}
            for one in guild.members.values()
        ],
        "emojis": [guild_emoji_json(one) for one in guild.emojis.values()],
        "stickers": [sticker_json(one, guild) for one in guild.stickers.values()],
        "channels": [channel_json(one, user) for one in guild.channels.values() if sees(one, user)],
    }
