"""What is said on Discord: messages with files, reactions and polls."""

from dataclasses import dataclass, field

from sandbox.discord.guilds import Channel, Emoji, Sticker, User
from sandbox.discord.kinds import MessageFlag, MessageKind
from sandbox.payload import Json

NO_FLAGS = MessageFlag(0)


@dataclass(slots=True, eq=False)
class StoredFile:
    """Bytes behind an address that expires. `lost`: they are gone for good."""

    id: int
    channel_id: int
    name: str
    content: bytes
    media_type: str | None = None
    width: int | None = None
    height: int | None = None
    description: str | None = None
    duration_seconds: float | None = None
    """Of a voice message, as `waveform` (base64)."""
    waveform: str | None = None
    spoiler: bool = False
    ephemeral: bool = False
    lost: bool = False


@dataclass(slots=True, frozen=True)
class Reference:
    """What a message answers (`forward` False) or passes on."""

    channel_id: int
    message_id: int | None = None
    guild_id: int | None = None
    forward: bool = False


@dataclass(slots=True)
class Answer:
    """One answer of a poll, and who chose it."""

    id: int
    text: str | None
    emoji: Emoji | None = None
    voters: list[User] = field(default_factory=list)


@dataclass(slots=True)
class Poll:
    """`expires_at` is unix seconds; `over` once it has been counted."""

    question: str
    answers: list[Answer]
    expires_at: float
    multiple: bool = False
    over: bool = False


@dataclass(slots=True)
class Pinged:
    """Whom a message really notified, after its `allowed_mentions`."""

    users: frozenset[int] = frozenset()
    roles: frozenset[int] = frozenset()
    everyone: bool = False

    def __bool__(self) -> bool:
        return bool(self.users or self.roles or self.everyone)


@dataclass(slots=True, eq=False)
class Message:
    """A message as Discord keeps it. `extra` holds fields of the object that pass through unseen.

    `edited_at` is unix seconds. An ephemeral one is seen by `only_for` alone.
    """

    id: int
    channel: Channel
    author: User
    content: str = ""
    kind: MessageKind = MessageKind.DEFAULT
    flags: MessageFlag = NO_FLAGS
    edited_at: float | None = None
    mentions: list[User] = field(default_factory=list)
    mention_roles: list[int] = field(default_factory=list)
    mention_everyone: bool = False
    attachments: list[StoredFile] = field(default_factory=list)
    embeds: list[Json] = field(default_factory=list)
    components: list[Json] = field(default_factory=list)
    stickers: list[Sticker] = field(default_factory=list)
    reactions: dict[Emoji, list[User]] = field(default_factory=dict)
    poll: Poll | None = None
    nonce: str | int | None = None
    tts: bool = False
    pinned_at: float | None = None
    webhook_id: int | None = None
    application_id: int | None = None
    reference: Reference | None = None
    referenced: "Message | None" = None
    snapshots: list[Json] = field(default_factory=list)
    thread: Channel | None = None
    interaction: Json | None = None
    """`interaction_metadata` of an answer to one."""
    only_for: User | None = None
    allowed_mentions: Json | None = None
    pinged: Pinged = field(default_factory=Pinged)
    deleted: bool = False
    extra: Json = field(default_factory=dict)

    @property
    def ephemeral(self) -> bool:
        """True when one person alone sees it."""
        return self.only_for is not None
