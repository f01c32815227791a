"""What people, roles and channels are called that a text names by their ids. Pure."""

from adapters.discord.known import Known
from adapters.discord.markdown.syntax import Kind, Names
from adapters.discord.objects.people import Mentioned
from adapters.discord.places import Place


def names_of(mentions: tuple[Mentioned, ...], place: Place, known: Known) -> Names:
    """People are named in the message itself, all else is known of the guild."""
    people = {one.id: one.name for one in mentions}

    def name(kind: Kind, remote: str) -> str:
        match kind:
            case Kind.USER:
                return people.get(remote, "")
            case Kind.CHANNEL:
                channel = known.channel(remote)
                return channel.name if channel and channel.guild == place.guild else ""
            case Kind.ROLE:
                guild = known.guild(place.guild)
                role = guild.roles.get(remote) if guild else None
                return role.name.removeprefix("@") if role else ""

    return name
