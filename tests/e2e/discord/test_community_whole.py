"""A question in public, from the first word to the last: Discord's wire and the real core."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from msgspec.structs import replace

from adapters.discord.adapter import DiscordAdapter, open_adapter
from core.model.content import System
from core.model.conversation import Conversation, Leg, Status
from core.model.ids import ThreadRef, identity_id
from core.model.message import Audience, Direction
from core.store.store import Store
from sandbox.discord.messages import Message
from sandbox.server import Sandbox
from tests.e2e.discord.community_rig import Stage, options_for
from tests.e2e.telegram.rig import Core, Directory
from tests.rigs.assembly import Assembly, fresh_store
from tests.rigs.redis_server import RedisServer
from tests.rigs.waiting import eventually

QUESTION = "My money is gone"


@pytest.fixture(scope="module")
def server() -> Iterator[RedisServer]:
    with RedisServer() as running:
        yield running


@dataclass
class Town:
    """A Discord on which Mei asks, and the desk on which agents answer."""

    stage: Stage
    desk: Assembly

    async def leg(self, message: Message | None) -> Leg:
        """Mei's: where this message of hers is, or in private."""
        place = message.channel if message else self.stage.app.place("mei")
        thread = self.stage.thread(place)
        mei = identity_id("discord", "main", str(self.stage.app.user("mei").id))
        author = mei if message else ""
        await eventually(lambda: self._is_bound(thread, author))
        return await self.desk.store.legs.head(await self.desk.leg_of(thread, author))

    async def _is_bound(self, thread: ThreadRef, author: str) -> bool:
        return await self.desk.store.threads.bound(thread, author) is not None

    async def conversation(self, message: Message | None) -> Conversation:
        return await self.desk.views.conversation((await self.leg(message)).id)

    async def activities(self, leg: Leg) -> list[str]:
        return [
            part.text
            for entry in await self.desk.log(leg.id)
            for part in entry.message.parts
            if entry.message.direction is Direction.ACTIVITY and isinstance(part, System)
        ]

    async def says(self, leg: Leg, text: str) -> None:
        """Wait until this is in the leg's log."""
        await eventually(lambda: self._says(leg, text))

    async def _says(self, leg: Leg, text: str) -> bool:
        return any(text in one for one in await self.desk.texts(leg.id))


@asynccontextmanager
async def town(store: Store, directory: Path) -> AsyncIterator[Town]:
    async with Sandbox() as sandbox:
        core, adapters = Core(Directory(directory)), dict[str, DiscordAdapter]()
        desk = Assembly(store, adapters)
        around = replace(core.surroundings(), front_desk=desk.desk_of("discord", "main"))
        async with open_adapter(options_for(sandbox), around) as adapter, asyncio.TaskGroup() as go:
            adapters["main"] = adapter
            tasks = [
                go.create_task(adapter.run(desk.dispatcher.accept)),
                go.create_task(_work(desk)),
            ]
            bot = sandbox.world.discord.applications[0]
            lines = sandbox.discord_gateway.lines
            await eventually(lambda: bool(bot.commands) and any(one.session for one in lines))
            yield Town(Stage(sandbox, core, adapter), desk)
            for task in tasks:
                task.cancel()


async def _work(desk: Assembly) -> None:
    """What workers do."""
    while True:
        await desk.settle()
        await asyncio.sleep(0.02)


async def test_a_question_goes_from_public_to_private_and_is_settled_by_the_community(
    server: RedisServer, tmp_path: Path
) -> None:
    """Every part may be right by itself, and the customer still be lost between two of them."""
    async with fresh_store(server.url) as store, town(store, tmp_path) as place:
        stage, desk = place.stage, place.desk
        asked = stage.app.say("mei", QUESTION, "general")

        # A manager hands it over: it is there, it is new, and agents see why.
        menu = stage.app.message_menu("noor", "Hand to support", asked)
        await stage.form(menu)
        form = stage.app.submit("noor", menu, {"reason": "Angry", "urgency": "high"})
        assert "Support has it" in await stage.answer(form)
        public = await place.leg(asked)
        await place.says(public, "Our team looks into this")
        public = await place.leg(asked)
        assert (public.audience, public.status) == (Audience.PUBLIC, Status.NEW)
        assert "by Noor Haddad (high): Angry" in await place.activities(public)

        # Mei goes on in private, and is told of both.
        (said,) = [one for one in stage.app.seen("mei", "general") if one.components]
        told = await stage.answer(stage.app.press("mei", said, "Continue in private"))
        assert "I have written to you" in told
        private = await place.leg(None)
        await place.says(private, "Only you and our team")
        assert private.audience is Audience.PRIVATE
        assert private.number != public.number
        status = await stage.answer(stage.app.slash("mei", "status", place="general"))
        assert public.number in status
        assert private.number in status
        unknown = await stage.answer(
            stage.app.slash("jonas", "status", {"number": public.number}, "general")
        )
        assert unknown == "There is no such conversation."

        # An agent answers there, and nobody else reads it.
        await desk.reply(await place.conversation(None), "Your account 4711 is fine")
        await eventually(lambda: any("4711" in one for one in stage.app.texts("mei")))
        assert not any("4711" in one for one in stage.app.texts("jonas", "general"))

        # Jonas knows better, and Mei says so.
        answer = stage.app.say("jonas", "Look under pending", "general", reply_to=asked)
        stage.app.react("mei", answer, "✅")
        await eventually(lambda: _is(place, asked, Status.RESOLVED))
        lines = await place.activities(await place.leg(asked))
        assert any("Jonas" in one and "Look under pending" in one for one in lines)


async def _is(place: Town, message: Message, status: Status) -> bool:
    return (await place.leg(message)).status is status
