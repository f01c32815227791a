"""Applications, which are bots, with their commands and the interactions they have to answer."""

from dataclasses import dataclass, field

from sandbox.discord.guilds import Channel, Guild, User
from sandbox.discord.kinds import (
    ApplicationFlag,
    CallbackKind,
    CommandKind,
    Intent,
    InteractionKind,
)
from sandbox.discord.messages import Message
from sandbox.payload import Json

FLAGS = {
    Intent.GUILD_PRESENCES: ApplicationFlag.PRESENCE_LIMITED,
    Intent.GUILD_MEMBERS: ApplicationFlag.MEMBERS_LIMITED,
    Intent.MESSAGE_CONTENT: ApplicationFlag.CONTENT_LIMITED,
}


@dataclass(slots=True, eq=False)
class Command:
    """A registered command. `body` is what was registered; `guild` None: everywhere."""

    id: int
    version: int
    kind: CommandKind
    name: str
    body: Json
    guild: Guild | None = None


@dataclass(slots=True, eq=False)
class Application:
    """A bot. Its application's id and its user's are the same. `granted` are privileged intents."""

    user: User
    token: str
    owner: User
    granted: Intent = Intent.MESSAGE_CONTENT
    revoked: bool = False
    commands: dict[int, Command] = field(default_factory=dict)

    @property
    def id(self) -> int:
        """Of the application and of its user."""
        return self.user.id

    @property
    def flags(self) -> ApplicationFlag:
        """What the application's owner has switched on."""
        flags = ApplicationFlag(0)
        for intent, flag in FLAGS.items():
            flags |= flag if self.granted & intent else ApplicationFlag(0)
        return flags


@dataclass(slots=True, eq=False)
class Interaction:
    """What somebody did and waits for. `answer` is None until the application has reacted.

    `deferred`: an answer is promised and `original` is not there yet. `modal` and `choices` are
    what the person is shown. `command` is the name of the command that began it.
    """

    id: int
    token: str
    application: Application
    kind: InteractionKind
    user: User
    channel: Channel
    data: Json
    created_at: float
    message: Message | None = None
    command: str = ""
    answer: CallbackKind | None = None
    answered_at: float | None = None
    deferred: bool = False
    ephemeral: bool = False
    original: Message | None = None
    followups: list[Message] = field(default_factory=list)
    modal: Json | None = None
    choices: list[Json] = field(default_factory=list)
    begun_by: "Interaction | None" = None
    """The one that was answered with the modal that this one submits."""

    @property
    def guild(self) -> Guild | None:
        """Where it happened."""
        return self.channel.guild
