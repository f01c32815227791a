"""The Discord of the sandbox, and customers who write to its bot."""

from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from typing import Final

from adapters.discord.adapter import open_adapter
from adapters.discord.markdown.reading import read
from adapters.discord.settings import DiscordSettings
from core.model.content import MediaKind, Style
from core.model.secret import Secret
from core.ports import Adapter, Surroundings
from sandbox.discord.app.acts import File
from sandbox.discord.guilds import Channel
from sandbox.discord.kinds import MessageFlag
from sandbox.discord.messages import Message
from sandbox.faults import Fault, Kind
from sandbox.server import Sandbox
from tests.contract.cells import Cell
from tests.contract.harness import BOLD, Got, Person, Trouble
from tests.contract.running import receiving
from tests.contract.surroundings import Inbox, Lent
from tests.rigs.files import real_file
from tests.rigs.waiting import eventually

RETRY_AFTER_SECONDS: Final = 7
SEND: Final = "create_message"
FAULTS: Final = {
    Trouble.BUSY: Fault("discord", SEND, Kind.RATE_LIMIT, retry_after=RETRY_AFTER_SECONDS),
    Trouble.REFUSED: Fault("discord", SEND, Kind.BLOCKED),
    Trouble.SILENT: Fault("discord", SEND, Kind.DROP_AFTER),
}
GROUP: Final = "Pier"
NOT_THERE: Final = frozenset(
    {
        Cell.QUOTE,
        Cell.COPY,
        Cell.READ,
        Cell.DELIVERED,
        Cell.ALBUM,
        Cell.PLACE,
        Cell.CARD,
    }
)
"""Several files are one message there; the rest people cannot do, or a bot does not hear of."""


class DiscordHarness:
    channel = "discord"
    people_can = frozenset(Cell) - NOT_THERE
    text_length_max = 2000
    retry_after_seconds: float | None = float(RETRY_AFTER_SECONDS)
    tells_kinds = False

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox, self.app = sandbox, sandbox.discord
        self._threads: list[Channel] = []

    def settings(self, token: str | None = None) -> DiscordSettings:
        """Impatient: what takes seconds between servers takes fractions here."""
        guild = self.app.guild()
        listened = {"support", "questions"}
        channels = [str(one.id) for one in guild.channels.values() if one.name in listened]
        return DiscordSettings(
            token=Secret(token or self.sandbox.discord_token),
            support_channels=tuple(channels),
            route_to=self.sandbox.discord_route,
            authority=str(self.sandbox.discord_authority),
            request_timeout_seconds=5,
            back_off_seconds_min=0.02,
            back_off_seconds_max=0.1,
            identify_seconds=0.01,
            invalid_seconds=0.02,
            checkpoint_seconds=0.05,
        )

    async def begin(self, lent: Lent) -> None:
        """Discord keeps for a bot what happens while it is away only since it was there."""
        lines = self.sandbox.discord_gateway.lines
        async with self.adapter(lent.surroundings) as adapter, receiving(adapter, Inbox()):
            await eventually(lambda: any(line.session for line in lines))
            await eventually(lambda: bool(lent.checkpoints.values))

    def person(self, key: str) -> Person:
        user = self.app.user(key)
        return Person(key, str(user.id), user.global_name or user.name)

    def adapter(self, surroundings: Surroundings) -> AbstractAsyncContextManager[Adapter]:
        return open_adapter(self.settings(), surroundings)

    def locked_out(self, surroundings: Surroundings) -> AbstractAsyncContextManager[Adapter]:
        return open_adapter(self.settings("bm90.YQ.not_the_token"), surroundings)

    def write(self, who: Person, text: str, *, after: str = "") -> str:
        del after  # a channel is one thread
        return str(self.app.say(who.key, text).id)

    def write_file(self, who: Person, name: str, content: bytes) -> None:
        self.app.say(who.key, "See the file.", files=[File(name=name, content=content)])

    def write_poison(self, who: Person) -> None:
        self.app.say(who.key, "x", extra={"timestamp": ["no", "moment"]})

    def answer(self, who: Person, remote: str, text: str) -> None:
        self.app.say(who.key, text, reply_to=remote)

    def does(self, who: Person, cell: Cell, remote: str = "", *, undone: bool = False) -> None:
        if remote:
            self._does_to(who, cell, remote, undone=undone)
            return
        match cell:
            case Cell.FORMAT:
                self.app.say(who.key, f"😀 😀 **{BOLD}** it is")
            case Cell.VOICE:
                self.app.voice(who.key, real_file(MediaKind.VOICE).content)
            case Cell.DELETE:
                self.app.delete(who.key, self.app.say(who.key, "My card is 4711"))
            case Cell.TYPING:
                self.app.type(who.key)
            case Cell.THREAD:
                text = f"thread {len(self._threads) + 1}"
                self._threads.append(self.app.forum_post(who.key, text, text).channel)
            case Cell.GROUP:
                self.app.say(who.key, "hello", self._group(who))
            case other:
                raise NotImplementedError(other)

    def _does_to(self, who: Person, cell: Cell, remote: str, *, undone: bool) -> None:
        match cell:
            case Cell.EDIT:
                self.app.edit(who.key, remote, "Tomorrow.")
            case Cell.REACTION if undone:
                self.app.unreact(who.key, remote, "👍")
            case Cell.REACTION:
                self.app.react(who.key, remote, "👍")
            case Cell.BUTTONS:
                self.app.press(who.key, remote, "b0")
            case other:
                raise NotImplementedError(other)

    def _group(self, who: Person) -> Channel:
        """A private thread of both persons and the bot."""
        channels = self.app.state.channels.values()
        found = next((one for one in channels if one.name == GROUP), None)
        guests = ["mei", "jonas", str(self.app.bot().id)]
        return found or self.app.open_thread(who.key, GROUP, "support", private=True, invite=guests)

    def threads(self, who: Person) -> list[list[str]]:
        return [
            [read(one.content)[0] for one in self.app.seen(who.key, thread)]
            for thread in self._threads
        ]

    def received(self, who: Person) -> list[Got]:
        bot = self.app.bot().user
        return [_got(one) for one in self.app.seen(who.key) if one.author is bot]

    def reaction(self, who: Person, remote: str) -> str:
        del who
        bot = self.app.bot().user
        reactions = self.app.message(remote).reactions
        return "".join(emoji.name for emoji, users in reactions.items() if bot in users)

    def saw_typing(self, who: Person) -> bool:
        return self.app.bot().user in self.app.typing(self.app.place(who.key))

    def trouble(self, kind: Trouble) -> None:
        self.sandbox.world.faults.add(replace(FAULTS[kind]))


def _got(message: Message) -> Got:
    cards = (f"{card.get('title', '')}\n{card.get('description', '')}" for card in message.embeds)
    text, spans = read("\n".join((message.content, *cards)).strip())
    poll = message.poll
    styled: dict[Style, tuple[str, ...]] = {}
    for span in spans:
        covered = text[span.start : span.end]
        styled[span.style] = (*styled.get(span.style, ()), covered)
    files = tuple((file.name, file.content) for file in message.attachments)
    reference = message.reference
    return Got(
        text=text,
        answers=str(reference.message_id) if reference and reference.message_id else "",
        styled=styled,
        files=files,
        album=str(message.id) if len(files) > 1 else "",
        buttons=tuple(
            tuple(str(button["label"]) for button in row["components"])
            for row in message.components
        ),
        poll=(poll.question, tuple(str(one.text) for one in poll.answers)) if poll else None,
        silent=MessageFlag.SUPPRESS_NOTIFICATIONS in message.flags,
    )
