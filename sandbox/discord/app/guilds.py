"""Guilds that change: who is in them, who may what, which channels there are."""

from sandbox.discord.app.acts import Acts, Place
from sandbox.discord.gateway.greeting import guild_object
from sandbox.discord.guilds import Channel, Emoji, Guild, Member, Overwrite, Role, User
from sandbox.discord.kinds import NOTHING, ChannelKind, Intent, Permission
from sandbox.discord.threads import create_channel, tell_changed
from sandbox.discord.wire import guild_emoji_json, guild_json, member_json, role_json, user_json
from sandbox.errors import ActError, UnknownThing
from sandbox.payload import Json


class Guilds(Acts):
    """Acts of persons about themselves, and of a guild's owner, who may do everything."""

    # About oneself

    def close_direct(self, person: str, *, closed: bool = True) -> None:
        """Take no direct messages from bots any more, or take them again."""
        self.user(person).closed = closed

    def block(self, person: str, bot_id: int | str | None = None, *, blocked: bool = True) -> None:
        """Block a bot, or let it be."""
        bots = self.user(person).blocked
        (bots.add if blocked else bots.discard)(self.bot(bot_id).id)

    def join_guild(self, person: str, guild: Guild | int | str | None = None) -> None:
        """Come into a guild."""
        place, user = self.guild(guild), self.user(person)
        if user.id in place.members:
            raise ActError(f"{person} is in {place.name} already")
        member = place.members[user.id] = Member(user, self.state.now())
        self._tell(place, "GUILD_MEMBER_ADD", member_json(member))

    def leave_guild(self, person: str, guild: Guild | int | str | None = None) -> None:
        """Leave a guild, with all its threads."""
        place, user = self.guild(guild), self.user(person)
        self._remove(place, user)
        self._tell(place, "GUILD_MEMBER_REMOVE", {"user": user_json(user)})

    # What the owner does

    def nickname(
        self, person: str, nick: str | None, guild: Guild | int | str | None = None
    ) -> None:
        """Call somebody otherwise in a guild."""
        place = self.guild(guild)
        member = self._member(place, self.user(person))
        member.nick = nick
        self._tell_member(place, member)

    def give_role(self, whom: str, role: str, guild: Guild | int | str | None = None) -> None:
        """Give a person, or a bot by its id, a role of this name; it is made if need be."""
        place = self.guild(guild)
        member, given = self._member(place, self._whom(whom)), self._role(place, role)
        if given.id not in member.roles:
            member.roles.append(given.id)
            self._tell_member(place, member)

    def take_role(self, whom: str, role: str, guild: Guild | int | str | None = None) -> None:
        """Take a role from a person, or from a bot by its id."""
        place = self.guild(guild)
        member, taken = self._member(place, self._whom(whom)), self._role(place, role)
        if taken.id in member.roles:
            member.roles.remove(taken.id)
            self._tell_member(place, member)

    def change_role(
        self,
        role: str,
        *,
        allow: Permission = NOTHING,
        deny: Permission = NOTHING,
        guild: Guild | int | str | None = None,
    ) -> Role:
        """Let all who have a role do more or less. "@everyone" is everybody's."""
        place = self.guild(guild)
        changed = self._role(place, role)
        changed.permissions = (changed.permissions | allow) & ~deny
        self._tell(place, "GUILD_ROLE_UPDATE", {"role": role_json(changed)})
        return changed

    def remove_role(self, role: str, guild: Guild | int | str | None = None) -> None:
        """Abolish a role."""
        place = self.guild(guild)
        gone = self._role(place, role)
        del place.roles[gone.id]
        for member in place.members.values():
            if gone.id in member.roles:
                member.roles.remove(gone.id)
        self._tell(place, "GUILD_ROLE_DELETE", {"role_id": str(gone.id)})

    def time_out(self, person: str, seconds: float, guild: Guild | int | str | None = None) -> None:
        """Silence somebody for a while; 0 lets them speak again."""
        place = self.guild(guild)
        member = self._member(place, self.user(person))
        member.timed_out_until = self.state.now() + seconds if seconds else None
        self._tell_member(place, member)

    def permit(
        self,
        place: Place,
        whom: str,
        *,
        allow: Permission = NOTHING,
        deny: Permission = NOTHING,
    ) -> Channel:
        """Change who may what in a channel: a role by its name, a person, or a bot by its id.
        Neither allowed nor denied anything: the channel makes no difference for them any more.
        """
        channel = self._channel(place)
        guild = self._guild_of(channel)
        named = next((one for one in guild.roles.values() if one.name == whom), None)
        target = named.id if named else self._whom(whom).id
        channel.overwrites = [one for one in channel.overwrites if one.id != target]
        if allow or deny:
            channel.overwrites.append(Overwrite(target, allow, deny, member=named is None))
        tell_changed(self.state, channel)
        return channel

    def create_channel(
        self,
        name: str,
        kind: ChannelKind = ChannelKind.TEXT,
        *,
        parent: Place = None,
        guild: Guild | int | str | None = None,
    ) -> Channel:
        """Open a channel."""
        place = self.guild(guild)
        above = None if parent is None else self._channel(parent)
        channel = Channel(self.state.ids.take(), kind, name, place, above, len(place.channels))
        return create_channel(self.state, channel)

    def add_emoji(self, name: str, guild: Guild | int | str | None = None) -> Emoji:
        """Give a guild an emoji of its own."""
        place = self.guild(guild)
        emoji = Emoji(name, self.state.ids.take())
        place.emojis[emoji.id or 0] = emoji
        shown = [guild_emoji_json(one) for one in place.emojis.values()]
        self._tell(place, "GUILD_EMOJIS_UPDATE", {"emojis": shown})
        return emoji

    def rename_guild(self, name: str, guild: Guild | int | str | None = None) -> None:
        """Give a guild another name."""
        place = self.guild(guild)
        place.name = name
        self.state.publish("GUILD_UPDATE", guild_json(place), place)

    # Bots

    def invite_bot(
        self, bot_id: int | str | None = None, guild: Guild | int | str | None = None
    ) -> None:
        """Let a bot into a guild."""
        application, place = self.bot(bot_id), self.guild(guild)
        if application.id in place.members:
            raise ActError(f"the bot is in {place.name} already")
        self.state.invite(application, place)
        self._show(place, {application.id})

    def kick_bot(
        self, bot_id: int | str | None = None, guild: Guild | int | str | None = None
    ) -> None:
        """Throw a bot out of a guild."""
        application, place = self.bot(bot_id), self.guild(guild)
        self._remove(place, application.user)
        to = frozenset({application.id})
        self.state.publish("GUILD_DELETE", {"id": str(place.id)}, place, to=to)

    def found_guild(self, name: str) -> Guild:
        """Another guild, of the owner's, with one channel, and no bot in it."""
        owner = self.state.owner
        guild = Guild(self.state.ids.take(), name, owner)
        guild.members[owner.id] = Member(owner, self.state.now())
        self.state.guilds[guild.id] = guild
        channel = Channel(self.state.ids.take(), ChannelKind.TEXT, "general", guild)
        self.state.add_channel(channel)
        return guild

    def outage(self, guild: Guild | int | str | None = None, *, over: bool = False) -> None:
        """A guild is out of order at Discord's, or works again."""
        place = self.guild(guild)
        bots = {one.id for one in self.state.applications if one.id in place.members}
        place.available = over
        if over:
            self._show(place, bots)
        else:
            gone = {"id": str(place.id), "unavailable": True}
            self.state.publish("GUILD_DELETE", gone, place, to=frozenset(bots))

    def grant(self, *intents: Intent, bot_id: int | str | None = None) -> None:
        """Switch these privileged intents on for a bot, and the others off."""
        granted = Intent(0)
        for intent in intents:
            granted |= intent
        self.bot(bot_id).granted = granted

    def revoke(self, bot_id: int | str | None = None) -> str:
        """Give a bot another token; the old one is good for nothing. Returns the new one."""
        application = self.bot(bot_id)
        application.token = self.state.new_bot_token(application.user)
        application.revoked = False
        return application.token

    def _show(self, guild: Guild, bots: set[int]) -> None:
        for application in self.state.applications:
            if application.id in bots:
                body = guild_object(guild, application, Intent(0))
                to = frozenset({application.id})
                self.state.publish("GUILD_CREATE", body, guild, to=to)

    def _tell(self, guild: Guild, name: str, body: Json) -> None:
        self.state.publish(name, {"guild_id": str(guild.id), **body}, guild)

    def _tell_member(self, guild: Guild, member: Member) -> None:
        self._tell(guild, "GUILD_MEMBER_UPDATE", member_json(member))

    def _remove(self, guild: Guild, user: User) -> None:
        self._member(guild, user)
        del guild.members[user.id]
        for channel in guild.threads:
            if channel.thread is not None:
                channel.thread.members.pop(user.id, None)

    def _member(self, guild: Guild, user: User) -> Member:
        member = guild.members.get(user.id)
        if member is None:
            raise UnknownThing(f"{user.name} is not in {guild.name}")
        return member

    def _whom(self, whom: str) -> User:
        return self.bot(whom).user if whom.isdecimal() else self.user(whom)

    def _role(self, guild: Guild, name: str) -> Role:
        for role in guild.roles.values():
            if role.name == name:
                return role
        role = Role(self.state.ids.take(), name, position=len(guild.roles))
        guild.roles[role.id] = role
        self._tell(guild, "GUILD_ROLE_CREATE", {"role": role_json(role)})
        return role

    def _channel(self, place: Place) -> Channel:
        if place is None:
            raise ActError("name a channel of the guild")
        return place if isinstance(place, Channel) else self.state.channel(place)

    def _guild_of(self, channel: Channel) -> Guild:
        if channel.guild is None:
            raise ActError("direct messages belong to no guild")
        return channel.guild
