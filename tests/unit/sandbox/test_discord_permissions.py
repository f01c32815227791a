"""Who may do what where on the sandbox's Discord, by roles and by a channel's overwrites."""

import pytest

from sandbox.discord.guilds import Channel, Guild, Member, Overwrite, Role, ThreadFacts, User
from sandbox.discord.kinds import CUSTOMARY, EVERYTHING, NOTHING, ChannelKind, Permission
from sandbox.discord.permissions import in_channel, sees

SEND, VIEW = Permission.SEND_MESSAGES, Permission.VIEW_CHANNEL
GUILD, RED, BLUE, MEI = 1, 2, 3, 4


@pytest.fixture
def mei() -> User:
    return User(MEI, "mei")


@pytest.fixture
def channel(mei: User) -> Channel:
    """Mei is a member of a guild with two roles, both of which she has."""
    guild = Guild(GUILD, "Acme", owner=User(9, "kofi"))
    guild.roles |= {RED: Role(RED, "red"), BLUE: Role(BLUE, "blue")}
    guild.members |= {
        MEI: Member(mei, 0.0, [RED, BLUE]),
        9: Member(guild.owner, 0.0),
    }
    return Channel(7, ChannelKind.TEXT, "support", guild)


@pytest.mark.parametrize(
    ("overwrites", "may"),
    [
        ([], True),
        ([Overwrite(GUILD, deny=SEND)], False),
        ([Overwrite(GUILD, deny=SEND), Overwrite(RED, allow=SEND)], True),
        ([Overwrite(RED, deny=SEND)], False),
        ([Overwrite(RED, deny=SEND), Overwrite(BLUE, allow=SEND)], True),
        ([Overwrite(RED, allow=SEND), Overwrite(MEI, deny=SEND, member=True)], False),
        ([Overwrite(RED, deny=SEND), Overwrite(MEI, allow=SEND, member=True)], True),
        ([Overwrite(GUILD, deny=VIEW), Overwrite(RED, allow=SEND)], False),
        ([Overwrite(MEI, deny=SEND)], True),
    ],
)
def test_overwrites_count_in_discords_order(
    channel: Channel, mei: User, overwrites: list[Overwrite], *, may: bool
) -> None:
    """A doctor that computes them otherwise would call a channel fine where nothing can be sent."""
    channel.overwrites = overwrites

    assert bool(in_channel(channel, mei) & SEND) is may


def test_owners_and_administrators_may_everything_everywhere(channel: Channel, mei: User) -> None:
    """A bot that is an administrator needs no other permission."""
    guild = channel.guild
    assert guild is not None
    channel.overwrites = [Overwrite(GUILD, deny=CUSTOMARY)]

    assert in_channel(channel, guild.owner) == EVERYTHING
    guild.roles[RED].permissions = Permission.ADMINISTRATOR
    assert in_channel(channel, mei) == EVERYTHING


def test_strangers_may_nothing_and_who_was_sent_out_may_only_read(
    channel: Channel, mei: User
) -> None:
    """Somebody in a time-out still sees the answer to their question."""
    guild = channel.guild
    assert guild is not None
    guild.members[MEI].timed_out_until = 100.0

    assert in_channel(channel, User(8, "stranger")) == NOTHING
    assert in_channel(channel, mei, now=99.0) == VIEW | Permission.READ_MESSAGE_HISTORY
    assert in_channel(channel, mei, now=101.0) & SEND


def test_a_private_thread_is_seen_by_its_members_and_by_moderators(
    channel: Channel, mei: User
) -> None:
    """What is said in private would be known to everybody in the channel."""
    guild = channel.guild
    assert guild is not None
    facts = ThreadFacts(guild.owner, created_at=0.0, archive_changed_at=0.0)
    thread = Channel(8, ChannelKind.PRIVATE_THREAD, "a", guild, channel, thread=facts)

    assert not sees(thread, mei)
    facts.members[MEI] = 0.0
    assert sees(thread, mei)
    facts.members.clear()
    guild.roles[RED].permissions = Permission.MANAGE_THREADS
    assert sees(thread, mei)
    channel.overwrites = [Overwrite(GUILD, deny=VIEW)]
    assert not sees(thread, mei)
