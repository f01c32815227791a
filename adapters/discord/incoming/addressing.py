"""Which messages of a guild are for us. Pure."""

from adapters.discord.incoming.envelope import Reader
from adapters.discord.objects.message import Message
from adapters.discord.places import Place
from adapters.discord.settings import Listen

# Before Python 3.12 an enum's member is found by a function in Python, which every event pays for.
_ALL, _NONE = Listen.ALL, Listen.NONE


def is_heard(place: Place, reader: Reader) -> bool:
    """Whether everything there is for us: direct messages, support channels with all that is under
    them, threads that the bot is a member of.
    """
    if place.direct:
        return True
    if not is_wanted(place, reader):
        return False
    if reader.listen is _ALL:
        return True
    support = reader.support_channels
    if place.channel in support:
        return True
    facts = reader.known.channel(place.channel)
    if facts is None:
        return False
    if facts.joined:
        return True
    return bool(facts.parent) and any(one in support for one in reader.known.above(facts.parent))


def is_wanted(place: Place, reader: Reader) -> bool:
    """Whether the guild is one that the operator named, if they named any."""
    return place.direct or not reader.guilds or place.guild in reader.guilds


def is_spoken_to(place: Place, reader: Reader) -> bool:
    """Whether anything there may be for us."""
    return is_heard(place, reader) or (reader.listen is not _NONE and is_wanted(place, reader))


def is_for_us(message: Message, place: Place, reader: Reader) -> bool:
    """Edited and forwarded messages are judged by what they say like any other."""
    if is_heard(place, reader):
        return True
    if reader.listen is _NONE or not is_wanted(place, reader):
        return False
    return message.id in reader.told or addresses(message, place, reader)


def addresses(message: Message, place: Place, reader: Reader) -> bool:
    """Whether it names the bot or a role of its, answers it, or holds a keyword."""
    bot = reader.known.bot
    if message.mentions and any(one.id == bot for one in message.mentions):
        return True
    answered = message.referenced_message
    if answered and answered.author and answered.author.id == bot:
        return True
    if message.mention_roles:
        guild = reader.known.guild(place.guild)
        if guild and not guild.own_roles.isdisjoint(message.mention_roles):
            return True
    return bool(reader.keywords and reader.keywords.search(message.content))


def concerns_us(message: str, place: Place, reader: Reader, *, on_ours: bool = False) -> bool:
    """Whether what happens to this message is for us. `on_ours`: the bot wrote it."""
    if is_heard(place, reader):
        return True
    return is_spoken_to(place, reader) and (on_ours or message in reader.told)
