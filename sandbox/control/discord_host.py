"""Control of Discord itself: guilds, bots, and its gateway.

POST /control/discord/settings   {any of sandbox/discord/settings.py}    -> all of them
POST /control/discord/close_direct {person, closed=true}    take no direct messages from bots
POST /control/discord/block      {person, blocked=true}     block the bot
POST /control/discord/join_guild, leave_guild  {person, guild?}
POST /control/discord/nickname   {person, nick|null, guild?}
POST /control/discord/give_role, take_role     {whom: key or bot id, role: name, guild?}
POST /control/discord/change_role {role: name, allow?: [permission], deny?: [permission], guild?}
POST /control/discord/remove_role {role: name, guild?}
POST /control/discord/time_out   {person, seconds, guild?}
POST /control/discord/permit     {place, whom: role, key or bot id, allow?, deny?}
POST /control/discord/channels   {name, kind=0, parent?, guild?}          -> the channel
POST /control/discord/emojis     {name, guild?}
POST /control/discord/guilds     {name}                                   -> {id, name}
POST /control/discord/rename_guild {name, guild?}
POST /control/discord/invite_bot, kick_bot     {bot_id?, guild?}
POST /control/discord/outage     {guild?, over=false}       a guild is out of order, or works again
POST /control/discord/grant      {intents: [name], bot_id?} privileged intents; the others are off
POST /control/discord/revoke     {bot_id?}                                -> {token}
POST /control/discord/gateway    {act: "drop"|"reset"|"heartbeat"|"reconnect"|"invalidate"|"lose"|
                                  "hang"|"close"|"send"|"inject", code?, resumable?, text?,
                                  event?, data?}
                                  -> {connections: how many it struck}
GET  /control/discord/gateway    -> {sessions: [{id, bot_id, seq, shard, intents, connected}]}

`guild` is an id or a name; missing: the first one. Permissions are named as Discord names them.
"""

from collections.abc import Awaitable, Callable
from dataclasses import asdict, replace
from typing import TypeVar

from aiohttp import web

from sandbox.control.discord import BASE
from sandbox.control.reading import Fields, answer, read_fields
from sandbox.discord.app import DiscordApp
from sandbox.discord.gateway.hub import Gateway
from sandbox.discord.kinds import ChannelKind, Intent, Permission
from sandbox.discord.wire import channel_json
from sandbox.errors import ActError
from sandbox.payload import Json

Flag = TypeVar("Flag", Permission, Intent)
Act = Callable[[Fields], Json | None]


class DiscordHostControl:
    """Translates control requests into what a guild's owner and Discord itself do."""

    def __init__(self, app: DiscordApp, gateway: Gateway) -> None:
        self._app = app
        self._gateway = gateway

    def routes(self) -> list[web.RouteDef]:
        """The addresses of this part."""
        acts: list[Act] = [
            *(self.settings, self.close_direct, self.block, self.join_guild, self.leave_guild),
            *(self.nickname, self.give_role, self.take_role, self.change_role, self.remove_role),
            *(self.time_out, self.permit, self.channels, self.emojis, self.guilds),
            *(self.rename_guild, self.invite_bot, self.kick_bot, self.outage, self.grant),
            *(self.revoke, self.gateway),
        ]
        named = [web.post(f"{BASE}/{act.__name__}", _handler(act)) for act in acts]
        return [*named, web.get(f"{BASE}/gateway", self.sessions)]

    # Each act is named after its address.

    def settings(self, fields: Fields) -> Json:
        """Change how Discord behaves."""
        state = self._app.state
        usual = asdict(state.settings)
        if unknown := [name for name in fields.names() if name not in usual]:
            raise ActError(f"there is no setting {unknown[0]!r}: {', '.join(usual)}")
        changed: Json = {name: fields.like(name, usual[name]) for name in fields.names()}
        state.settings = replace(state.settings, **changed)
        return asdict(state.settings)

    def close_direct(self, fields: Fields) -> None:
        """Take no direct messages from bots."""
        closed = fields.flag("closed", default=True)
        self._app.close_direct(fields.text("person"), closed=closed)

    def block(self, fields: Fields) -> None:
        """Block a bot."""
        blocked = fields.flag("blocked", default=True)
        bot_id = fields.text_or_none("bot_id")
        self._app.block(fields.text("person"), bot_id, blocked=blocked)

    def join_guild(self, fields: Fields) -> None:
        """Come into a guild."""
        self._app.join_guild(fields.text("person"), _guild(fields))

    def leave_guild(self, fields: Fields) -> None:
        """Leave a guild."""
        self._app.leave_guild(fields.text("person"), _guild(fields))

    def nickname(self, fields: Fields) -> None:
        """Call somebody otherwise."""
        self._app.nickname(fields.text("person"), fields.text_or_none("nick"), _guild(fields))

    def give_role(self, fields: Fields) -> None:
        """Give somebody a role."""
        self._app.give_role(fields.text("whom"), fields.text("role"), _guild(fields))

    def take_role(self, fields: Fields) -> None:
        """Take a role from somebody."""
        self._app.take_role(fields.text("whom"), fields.text("role"), _guild(fields))

    def change_role(self, fields: Fields) -> None:
        """Let all who have a role do more or less."""
        allow, deny = _flags(fields, "allow", Permission), _flags(fields, "deny", Permission)
        self._app.change_role(fields.text("role"), allow=allow, deny=deny, guild=_guild(fields))

    def remove_role(self, fields: Fields) -> None:
        """Abolish a role."""
        self._app.remove_role(fields.text("role"), _guild(fields))

    def time_out(self, fields: Fields) -> None:
        """Silence somebody."""
        seconds = fields.number("seconds", 60.0)
        self._app.time_out(fields.text("person"), seconds, _guild(fields))

    def permit(self, fields: Fields) -> None:
        """Change who may what in a channel."""
        allow, deny = _flags(fields, "allow", Permission), _flags(fields, "deny", Permission)
        self._app.permit(fields.text("place"), fields.text("whom"), allow=allow, deny=deny)

    def channels(self, fields: Fields) -> Json:
        """Open a channel."""
        number = fields.integer("kind", 0)
        if number not in list(ChannelKind):
            raise ActError("'kind' must be one of Discord's types of channels")
        parent, guild = fields.text_or_none("parent"), _guild(fields)
        name, kind = fields.text("name"), ChannelKind(number)
        return channel_json(self._app.create_channel(name, kind, parent=parent, guild=guild))

    def emojis(self, fields: Fields) -> Json:
        """Give a guild an emoji."""
        emoji = self._app.add_emoji(fields.text("name"), _guild(fields))
        return {"id": str(emoji.id), "name": emoji.name}

    def guilds(self, fields: Fields) -> Json:
        """Found a guild."""
        guild = self._app.found_guild(fields.text("name"))
        return {"id": str(guild.id), "name": guild.name}

    def rename_guild(self, fields: Fields) -> None:
        """Give a guild another name."""
        self._app.rename_guild(fields.text("name"), _guild(fields))

    def invite_bot(self, fields: Fields) -> None:
        """Let a bot into a guild."""
        self._app.invite_bot(fields.text_or_none("bot_id"), _guild(fields))

    def kick_bot(self, fields: Fields) -> None:
        """Throw a bot out of a guild."""
        self._app.kick_bot(fields.text_or_none("bot_id"), _guild(fields))

    def outage(self, fields: Fields) -> None:
        """Let a guild be out of order, or work again."""
        self._app.outage(_guild(fields), over=fields.flag("over"))

    def grant(self, fields: Fields) -> None:
        """Switch privileged intents on and off."""
        self._app.grant(_flags(fields, "intents", Intent), bot_id=fields.text_or_none("bot_id"))

    def revoke(self, fields: Fields) -> Json:
        """Give a bot another token."""
        return {"token": self._app.revoke(fields.text_or_none("bot_id"))}

    def gateway(self, fields: Fields) -> Json:
        """Strike the connections that bots have now."""
        acts: dict[str, Callable[[], int]] = {
            "drop": self._gateway.drop,
            "reset": lambda: self._gateway.drop(reset=True),
            "close": lambda: self._gateway.close(fields.integer("code", 4000)),
            "heartbeat": self._gateway.ask_heartbeat,
            "reconnect": self._gateway.reconnect,
            "invalidate": lambda: self._gateway.invalidate(resumable=fields.flag("resumable")),
            "lose": self._gateway.lose,
            "hang": self._gateway.hang,
            "send": lambda: self._gateway.send(fields.text("text")),
            "inject": lambda: self._gateway.inject(
                fields.text("event"), fields.object_or_none("data") or {}
            ),
        }
        act = acts.get(fields.text("act"))
        if act is None:
            raise ActError(f"'act' must be one of {', '.join(acts)}")
        return {"connections": act()}

    async def sessions(self, _request: web.Request) -> web.Response:
        """The sessions that can be resumed or are connected."""
        shown = [
            {
                "id": one.id,
                "bot_id": str(one.application.id),
                "seq": one.seq,
                "shard": [one.identity.shard_id, one.identity.shard_count],
                "intents": int(one.identity.intents),
                "connected": one.carrier is not None,
            }
            for one in self._gateway.sessions.values()
        ]
        return answer({"sessions": shown})


def _handler(act: Act) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def handle(request: web.Request) -> web.Response:
        return answer(act(await read_fields(request)) or {})

    return handle


def _guild(fields: Fields) -> str | None:
    return fields.text_or_none("guild")


def _flags(fields: Fields, name: str, among: type[Flag]) -> Flag:
    named = fields.texts(name, required=False)
    if unknown := [one for one in named if one not in among.__members__]:
        raise ActError(f"{unknown[0]!r} is none of {', '.join(among.__members__)}")
    flags = among(0)
    for one in named:
        flags |= among[one]
    return flags
