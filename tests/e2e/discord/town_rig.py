"""The whole core behind the real adapter, over the sandbox's Discord: what persons and agents do
there is said for whom it is meant, so that anybody can judge afterwards who could read what.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from random import Random
from typing import Final

from adapters.discord.adapter import open_adapter
from adapters.discord.community import words
from core.errors import DeliveryError, Refused, Stale
from core.model.content import Text
from core.model.conversation import Conversation
from core.model.ids import MessageId, ThreadRef
from core.model.message import Audience, DeliveryState
from core.ports import Adapter, Surroundings
from core.reply import Draft
from core.showing import States
from core.store.store import Store
from gateway.quarantine import DirectoryQuarantine
from sandbox.discord.applications import Interaction
from sandbox.discord.guilds import Channel
from sandbox.discord.kinds import ChannelKind
from sandbox.discord.messages import Message
from sandbox.errors import ActError, UnknownThing
from sandbox.server import Sandbox
from tests.contract.surroundings import DirectoryBlobs
from tests.e2e.discord.line_rig import channel, settings
from tests.rigs.assembly import AGENT, Assembly
from tests.rigs.waiting import eventually

ACCOUNT: Final = "main"
PEOPLE: Final = ("mei", "jonas", "kofi")
HAND, OPEN, CONTINUE = "Hand to support", "Open a conversation", words.CONTINUE
SAID_TO_ALL: Final = frozenset({words.HANDED_PUBLICLY})
"""What the bot may say by itself where everybody reads it."""

PARTITIONS: Final = tuple(range(16))
PENDING: Final = (DeliveryState.QUEUED, DeliveryState.SENDING)


@asynccontextmanager
async def town(
    sandbox: Sandbox, store: Store, directory: Path, **others: Adapter
) -> AsyncIterator["DiscordTown"]:
    """A gateway works while this is open, with these inboxes besides."""
    adapters = dict(others)
    line = Assembly(store, adapters, hand_over=False)
    surroundings = Surroundings(
        account=ACCOUNT,
        secret=b"a key of 32 bytes, for tests only",
        checkpoints=store.checkpoints(ACCOUNT),
        blobs=DirectoryBlobs(directory),
        quarantine=DirectoryQuarantine(directory / "quarantine"),
        exclusive=store.holds(ACCOUNT),
        remark=lambda _: None,
        front_desk=line.desk_of("discord", ACCOUNT),
        record_gap=line.gaps.recorder(ACCOUNT),
    )
    options = settings(
        sandbox,
        account_per_second=10_000.0,
        account_burst=1000,
        channel_per_second=10_000.0,
        channel_burst=1000,
    )
    async with open_adapter(options, surroundings) as adapter, asyncio.TaskGroup() as tasks:
        adapters[ACCOUNT] = adapter
        going = [
            tasks.create_task(adapter.run(line.dispatcher.accept)),
            tasks.create_task(_work(line)),
            tasks.create_task(States(store, adapters).run([ACCOUNT])),
        ]
        bot = sandbox.world.discord.applications[0]
        lines = sandbox.discord_gateway.lines
        await eventually(lambda: bool(bot.commands) and any(one.session for one in lines))
        try:
            yield DiscordTown(sandbox, line)
        finally:
            for task in going:
                task.cancel()


async def _work(line: Assembly) -> None:
    while True:
        with suppress(Stale, Refused):
            await line.settle()
        await line.store.live.relay(PARTITIONS)
        await asyncio.sleep(0.005)


class DiscordTown:
    """Each story is told with a chance of its own; what was said before stays."""

    def __init__(self, sandbox: Sandbox, line: Assembly) -> None:
        self.line, self.told = line, Counter[str]()
        self._sandbox, self.app, self._chance = sandbox, sandbox.discord, Random(0)
        self._count = 0
        self._asked: list[tuple[str, Message]] = []
        self._announced: list[tuple[str, Message]] = []
        self._conversations: list[Conversation] = []
        self._deeds: tuple[Callable[[], Awaitable[None]], ...] = (
            *2 * (self.somebody_asks_in_public,),
            self.somebody_writes_in_private,
            self.somebody_opens_a_conversation,
            self.a_manager_hands_over,
            *2 * (self.somebody_continues_in_private,),
            *4 * (self.an_agent_replies,),
            *2 * (self.an_agent_goes_on_in_private,),
            self.an_agent_rewords,
        )

    async def live(self, deeds: int, chance: Random) -> None:
        self._chance = chance
        await self.somebody_asks_in_public()
        for _ in range(deeds):
            deed = chance.choice(self._deeds)
            try:
                await deed()
                self.told[deed.__name__] += 1
            except (Refused, DeliveryError, ActError, UnknownThing) as refusal:
                self.told[f"refused: {type(refusal).__name__}"] += 1

    def leaks(self) -> list[str]:
        """What the bot has said somewhere that not all who read there were meant to read."""
        found = []
        for place in self._sandbox.world.discord.channels.values():
            if place.direct:
                continue
            for message in place.messages.values():
                ours = message.author.bot and message.only_for is None and message.content
                meant = message.content.partition(":")[0]
                if ours and message.content not in SAID_TO_ALL and meant not in _allowed(place):
                    found.append(f"{place.name}: {message.content}")
                if ours:
                    self.told["read by others"] += 1
        return found

    # --- people

    async def somebody_asks_in_public(self) -> None:
        who = self._chance.choice(PEOPLE)
        if self._chance.random() < 0.3:
            message = self.app.forum_post(who, "A question", self._word(Audience.PUBLIC))
        else:
            place = channel(self._sandbox, "support")
            message = self.app.say(who, self._word(Audience.PUBLIC), place)
        await self._heard(message)
        self._asked.append((who, message))

    async def somebody_writes_in_private(self) -> None:
        who = self._chance.choice(PEOPLE)
        await self._heard(self.app.say(who, self._word(Audience.PRIVATE)))

    async def somebody_opens_a_conversation(self) -> None:
        """Of what they said where nobody listens, in a thread of its own."""
        who = self._chance.choice(PEOPLE)
        message = self.app.say(who, self._word(Audience.PUBLIC), channel(self._sandbox, "general"))
        await self._answered(self.app.message_menu(who, OPEN, message))

    async def a_manager_hands_over(self) -> None:
        who = self._chance.choice(PEOPLE)
        place = channel(self._sandbox, "general")
        message = self.app.say(who, self._word(Audience.PUBLIC), place)
        asked = self.app.message_menu("noor", HAND, message)
        await eventually(lambda: asked.modal is not None)
        form = self.app.submit("noor", asked, {"reason": "private: angry", "urgency": "high"})
        await self._answered(form)
        await self._heard(message)
        under = list(self.app.place(who, place).messages.values())
        said = [one for one in under if one.content == words.HANDED_PUBLICLY]
        self._announced += [(who, one) for one in said[-1:]]

    async def somebody_continues_in_private(self) -> None:
        if not self._announced:
            await self.a_manager_hands_over()
        who, message = self._chance.choice(self._announced)
        await self._answered(self.app.press(who, message, CONTINUE))

    # --- agents

    async def an_agent_replies(self) -> None:
        conversation = await self._conversation()
        audience = self._chance.choice(tuple(Audience))
        draft = Draft(
            id=MessageId(self.line.new_id()),
            parts=(Text(text=self._word(audience)),),
            leg=self._chance.choice((None, self._chance.choice(conversation.legs).id)),
            audience=audience,
        )
        entry = await self.line.agents.reply(conversation, AGENT, draft)
        await self._left(entry.leg, entry.position)

    async def an_agent_goes_on_in_private(self) -> None:
        conversation = await self._conversation()
        found = await self.line.continuing.in_private(conversation, AGENT)
        word = self._word(Audience.PRIVATE)
        entry = await self.line.reply(found.conversation, word, leg=found.leg.id)
        await self._left(entry.leg, entry.position)

    async def an_agent_rewords(self) -> None:
        conversation = await self._conversation()
        page = await self.line.views.messages(conversation, "", 20)
        ours = [one for one in page.entries if one.delivery and not one.message.change]
        if not ours:
            return
        entry = self._chance.choice(ours)
        text = Text(text=self._word(entry.message.audience))
        change = await self.line.agents.edit(
            conversation, AGENT, MessageId(self.line.new_id()), entry.message.id, text
        )
        await self._left(change.leg, change.position)

    # --- what is to be seen

    def bots_reactions(self, message: Message) -> list[str]:
        bot = self._sandbox.world.discord.applications[0]
        shown = message.reactions.items()
        return [str(emoji.name) for emoji, users in shown if bot.user in users]

    # --- waiting for it, and what it is about

    async def _heard(self, message: Message) -> None:
        """It has come to a conversation, which is talked about from now on."""
        self._conversations.append(await self.conversation_of(message))

    async def conversation_of(self, message: Message) -> Conversation:
        """As soon as it is in one."""
        place, desk = message.channel, self.line.desk_of("discord", ACCOUNT)
        guild = f"{place.guild.id}/" if place.guild else ""
        where = ThreadRef(channel="discord", account=ACCOUNT, thread=f"{guild}{place.id}")

        async def is_known() -> bool:
            return await desk.about(where, str(message.id)) is not None

        await eventually(is_known)
        found = await desk.about(where, str(message.id))
        assert found is not None
        return await self.line.views.conversation(found.number)

    async def _answered(self, interaction: Interaction) -> None:
        await eventually(lambda: interaction.original is not None)
        assert interaction.ephemeral, "others could read it"

    async def _left(self, leg: str, position: int) -> None:
        async def is_decided() -> bool:
            entry = await self.line.views.entry(leg, position)  # type: ignore[arg-type]
            return entry.delivery is not None and entry.delivery.state not in PENDING

        await eventually(is_decided)

    async def _conversation(self) -> Conversation:
        known = self._chance.choice(self._conversations[-12:])
        return await self.line.views.conversation(self._chance.choice(known.legs).number)

    def _word(self, audience: Audience) -> str:
        self._count += 1
        return f"{audience}: word {self._count}"


def _allowed(place: Channel) -> frozenset[str]:
    if place.kind is ChannelKind.PRIVATE_THREAD:
        return frozenset({Audience.GROUP, Audience.PUBLIC})
    return frozenset({Audience.PUBLIC})
