"""One account's way in: its shards' sessions with the gateway, and what becomes of what they tell.

Of several gateways one receives and the others stand by.
"""

import asyncio
from contextlib import suppress
from functools import partial
from itertools import islice
from typing import Final, NoReturn

from adapters.discord.incoming.envelope import Reader
from adapters.discord.line.backfill import Backfill
from adapters.discord.line.catching_up import CatchingUp
from adapters.discord.line.identifying import Identifying
from adapters.discord.line.intake import Answers, Intake
from adapters.discord.line.lanes import Turns
from adapters.discord.line.marks import TOLD_MAX, Marks, is_said
from adapters.discord.line.patience import Patience
from adapters.discord.line.rest import Rest
from adapters.discord.line.session import Session
from adapters.discord.line.storing import Storing
from adapters.discord.line.surveying import Surveying
from adapters.discord.places import is_snowflake
from adapters.discord.settings import DiscordSettings
from core.errors import StoreError
from core.ports import Checkpoints, Deliver, Surroundings
from core.recent import Recent
from core.remarks import Remarks

SAVE_SECONDS: Final = 2.0
"""At the end, for a last note."""
STANDING_BY: Final = "standing by: another gateway receives for this inbox"


class Receiving:
    """`told` is what the reader looks into: ids of messages that were for us, of late."""

    def __init__(
        self,
        rest: Rest,
        settings: DiscordSettings,
        surroundings: Surroundings,
        reader: Reader,
        told: Recent[str, bool],
        answers: Answers,
    ) -> None:
        self._rest, self._settings, self._surroundings = rest, settings, surroundings
        self._reader, self._told, self._answers = reader, told, answers
        self._remarks = Remarks(surroundings.remark)
        self._patience = Patience(settings, surroundings.account, self._remarks.by("patience"))
        self._begun = asyncio.Event()

    async def run(self, deliver: Deliver) -> NoReturn:
        """Receive until cancelled. Raises AuthenticationError, ConfigurationError."""
        await self._patience.until_done(self._rest.ready)
        self._reader.known.bot = self._rest.me.id
        remark = self._remarks.by("turn")
        while True:
            remark(STANDING_BY)
            try:
                async with self._surroundings.exclusive("receive") as checkpoints:
                    remark("")
                    await self._receive(checkpoints, deliver)
            except StoreError as failure:
                remark(str(failure))
                await asyncio.sleep(self._patience.seconds(1))

    async def _receive(self, checkpoints: Checkpoints, deliver: Deliver) -> None:
        marks = Marks()
        await marks.load(checkpoints)
        for message in reversed(marks.told.largest_first()):
            self._told.note(message, True)
        try:
            async with asyncio.TaskGroup() as tasks:
                sessions = self._sessions(marks, deliver, tasks)
                for session in sessions:
                    await session.load(checkpoints, marks.newest)
                    tasks.create_task(session.run())
                tasks.create_task(self._keep(marks, sessions, checkpoints))
        except BaseExceptionGroup as failures:
            raise failures.exceptions[0] from None

    def _sessions(self, marks: Marks, deliver: Deliver, tasks: asyncio.TaskGroup) -> list[Session]:
        settings, around, patience = self._settings, self._surroundings, self._patience
        reader, told, limit = self._reader, self._told, settings.under_way_max
        parts = self._rest, patience, around.quarantine, deliver, told, around.record
        storing = Storing(reader, marks, *parts)
        surveying = Surveying(self._rest, reader.known, patience)
        intake = Intake(storing, surveying, self._answers, deliver, tasks, limit, around.spares)
        turns = Turns(settings.backfill_at_once)
        backfill = Backfill(self._rest, storing, patience, turns, settings.backfill_messages_max)
        catching_up = CatchingUp(
            backfill,
            storing,
            surveying,
            intake.lanes,
            turns,
            self._rest,
            patience,
            settings,
            around,
            tasks,
        )
        intake.catching_up = catching_up
        remark = self._remarks.by("identifying")
        identifying = Identifying(self._rest, patience, remark, settings.identify_seconds)
        return [
            Session(
                shard,
                self._rest.client,
                settings,
                around.account,
                self._remarks.by(shard),
                identifying,
                patience,
                intake,
                catching_up,
                self._begun,
            )
            for shard in settings.shard_ids or range(settings.shards)
        ]

    async def _keep(self, marks: Marks, sessions: list[Session], checkpoints: Checkpoints) -> None:
        """Note how far all is stored, every so often and at the end, and a new session at once: who
        is killed before the first note would not know that anything was missed. Raises Stale.
        """
        try:
            while True:
                with suppress(TimeoutError):
                    async with asyncio.timeout(self._settings.checkpoint_seconds):
                        await self._begun.wait()
                self._begun.clear()
                await self._patience.until_done(partial(self._save, marks, sessions, checkpoints))
        except asyncio.CancelledError:
            with suppress(StoreError, TimeoutError):
                async with asyncio.timeout(SAVE_SECONDS):
                    await self._save(marks, sessions, checkpoints)
            raise

    async def _save(self, marks: Marks, sessions: list[Session], checkpoints: Checkpoints) -> None:
        for message in islice(reversed(self._told), TOLD_MAX):
            if is_snowflake(message) and is_said(message):
                marks.told.note(message, int(message))
        await marks.save(checkpoints)
        for session in sessions:
            await session.save(checkpoints)
