"""Who is on Discord and where: users, guilds with their roles and members, channels, threads."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sandbox.discord.kinds import CUSTOMARY, NOTHING, THREADS, ChannelKind, Permission

if TYPE_CHECKING:
    from sandbox.discord.messages import Message

AUTO_ARCHIVE_MINUTES = 4320


@dataclass(slots=True, eq=False)
class User:
    """A person or a bot. `key` is how acts name a person; bots have none.

    `closed` persons take no direct messages from bots. `blocked` are ids of users they blocked.
    """

    id: int
    username: str
    global_name: str | None = None
    bot: bool = False
    key: str | None = None
    closed: bool = False
    blocked: set[int] = field(default_factory=set)

    @property
    def name(self) -> str:
        """As others see it."""
        return self.global_name or self.username


@dataclass(slots=True, eq=False)
class Role:
    """A role of a guild. The one with the guild's own id is everybody's."""

    id: int
    name: str
    permissions: Permission = NOTHING
    position: int = 1
    mentionable: bool = False
    bot_id: int | None = None
    """Of the bot it was made for."""


@dataclass(slots=True, eq=False)
class Member:
    """A user in a guild. `roles` are ids, without everybody's."""

    user: User
    joined_at: float
    roles: list[int] = field(default_factory=list)
    nick: str | None = None
    timed_out_until: float | None = None


@dataclass(slots=True, frozen=True)
class Overwrite:
    """What a role (`member` False) or a member may and may not in one channel."""

    id: int
    allow: Permission = NOTHING
    deny: Permission = NOTHING
    member: bool = False


@dataclass(slots=True, frozen=True)
class Tag:
    """What posts of a forum can be marked with."""

    id: int
    name: str
    moderated: bool = False
    emoji: str | None = None


@dataclass(slots=True, frozen=True)
class Emoji:
    """`id` None: a character of Unicode, which is the name."""

    name: str
    id: int | None = None
    animated: bool = False

    @property
    def written(self) -> str:
        """As it stands in an address."""
        return self.name if self.id is None else f"{self.name}:{self.id}"


@dataclass(slots=True, eq=False)
class Sticker:
    """A picture that can be sent alone. `format`: 1 PNG, 2 APNG, 3 Lottie, 4 GIF."""

    id: int
    name: str
    format: int = 1
    description: str = ""
    tags: str = ""


@dataclass(slots=True, eq=False)
class Guild:
    """A server, as people call it. `available` False: out of order, its channels are not there."""

    id: int
    name: str
    owner: User
    roles: dict[int, Role] = field(default_factory=dict)
    members: dict[int, Member] = field(default_factory=dict)
    channels: dict[int, "Channel"] = field(default_factory=dict)
    """Threads included."""
    emojis: dict[int, Emoji] = field(default_factory=dict)
    stickers: dict[int, Sticker] = field(default_factory=dict)
    features: list[str] = field(default_factory=lambda: ["COMMUNITY", "NEWS"])
    locale: str = "en-GB"
    available: bool = True

    def __post_init__(self) -> None:
        everyone = Role(self.id, "@everyone", CUSTOMARY, position=0)
        self.roles.setdefault(self.id, everyone)

    @property
    def everyone(self) -> Role:
        """Everybody's role."""
        return self.roles[self.id]

    @property
    def threads(self) -> list["Channel"]:
        """All of them, archived ones too."""
        return [one for one in self.channels.values() if one.is_thread]

    def named(self, name: str) -> "Channel | None":
        """The channel or thread of this name, the oldest of several."""
        return next((one for one in self.channels.values() if one.name == name), None)


@dataclass(slots=True)
class ThreadFacts:
    """What threads have and other channels have not. Moments are unix seconds."""

    owner: User
    created_at: float
    archive_changed_at: float
    archived: bool = False
    locked: bool = False
    invitable: bool = True
    auto_archive_minutes: int = AUTO_ARCHIVE_MINUTES
    members: dict[int, float] = field(default_factory=dict)
    """User id -> when they joined."""
    tags: list[int] = field(default_factory=list)
    message_count: int = 0
    total_sent: int = 0


@dataclass(slots=True, eq=False)
class Channel:
    """Of any kind. Direct ones have `recipients` (the bot is one) and no guild."""

    id: int
    kind: ChannelKind
    name: str = ""
    guild: Guild | None = None
    parent: "Channel | None" = None
    position: int = 0
    topic: str | None = None
    nsfw: bool = False
    slowmode_seconds: int = 0
    overwrites: list[Overwrite] = field(default_factory=list)
    tags: list[Tag] = field(default_factory=list)
    requires_tag: bool = False
    recipients: list[User] = field(default_factory=list)
    thread: ThreadFacts | None = None
    messages: dict[int, "Message"] = field(default_factory=dict)
    last_message_id: int | None = None
    last_pin_at: float | None = None
    last_sent: dict[int, float] = field(default_factory=dict)
    """User id -> when they last wrote, where there is a slow mode."""

    @property
    def is_thread(self) -> bool:
        """True for every kind of thread, posts of a forum included."""
        return self.kind in THREADS

    @property
    def direct(self) -> bool:
        """True where only its recipients can read."""
        return self.guild is None

    @property
    def home(self) -> "Channel":
        """Whose overwrites count: a thread has its parent's."""
        return self.parent if self.is_thread and self.parent is not None else self
