"""The intake: every mail of a mailbox, by one process at a time.

New mail of the main folder is pushed on a connection of its own, so that nothing else delays it.
The other folders are looked through on a second one, and old mail is brought in on a third.
"""

import asyncio
from collections.abc import Callable
from functools import partial

import structlog

from adapters.email.account import Account
from adapters.email.line.backfill import Backfill
from adapters.email.line.connecting import Connecting
from adapters.email.line.examining import Examiner
from adapters.email.line.following import Follower, Line
from adapters.email.line.oauth import Tokens
from adapters.email.line.patience import Patience, together
from adapters.email.line.rounds import Rounds
from adapters.email.line.session import Session
from adapters.email.line.taking import Source, Taking
from adapters.email.settings import ImapSettings
from core.errors import StoreError
from core.ports import Checkpoints, Deliver, Surroundings
from core.remarks import Remarks

STANDING_BY = "another process reads this mailbox"

RECHECK_SECONDS = 1.0
"""The first wait after a search is short: there are servers whose IDLE tells only of what comes
after it began, and a mail may have come between the two.
"""

FRUITLESS_MAX = 3
"""A server may announce mail so often in a row without there being any; then it is not believed at
once.
"""

FRUITLESS_SECONDS_MAX = 10.0

log = structlog.get_logger()


class Intake:
    """Feeds `deliver` from one mailbox until it is cancelled."""

    def __init__(
        self,
        settings: ImapSettings,
        account: Account,
        surroundings: Surroundings,
        examiner: Examiner,
        tokens: Tokens | None = None,
    ) -> None:
        self._settings = settings
        self._account = account
        self._surroundings = surroundings
        self._examiner = examiner
        self._remarks = Remarks(surroundings.remark)
        self._connecting = Connecting(settings, tokens, account.name, self._remarks)
        self._patience = Patience(account.name, settings.store_retry_seconds)

    async def run(self, deliver: Deliver) -> None:
        """Raises AuthenticationError after `refusals_max` refused logins in a row."""
        while True:
            self._remarks.say(self, STANDING_BY)
            try:
                async with self._surroundings.exclusive("mailbox") as checkpoints:
                    self._remarks.say(self, "")
                    await self._read(self._line(checkpoints, deliver))
            except StoreError as failure:
                log.warning(
                    "mailbox given up", account=self._account.name, why=type(failure).__name__
                )
                await asyncio.sleep(self._settings.store_retry_seconds)

    def _line(self, checkpoints: Checkpoints, deliver: Deliver) -> Line:
        return Line(
            account=self._account.name,
            settings=self._settings,
            limits=self._account.limits,
            checkpoints=checkpoints,
            patience=self._patience,
            taking=Taking(self._account, self._surroundings, self._examiner, self._patience),
            deliver=deliver,
        )

    async def _read(self, line: Line) -> None:
        connecting, settings = self._connecting, self._settings
        main = Follower(Source(folder=settings.folder), line)
        caught_up = asyncio.Event()
        work = [
            connecting.keep_on(partial(self._follow, main, caught_up), main.connection_broke),
        ]
        rounds = Rounds(line, self._remarks)
        if rounds.wanted:
            work.append(connecting.keep_on(rounds.run, rounds.connection_broke))
        else:
            rounds.caught_up.set()
        if settings.backfill_days:
            backfill = Backfill(line, (settings.folder, *settings.folders))
            ready = (caught_up, rounds.caught_up)
            work.append(self._afterwards(backfill, ready))
        await together(work)

    async def _afterwards(self, backfill: Backfill, ready: tuple[asyncio.Event, ...]) -> None:
        for event in ready:
            await event.wait()
        await self._connecting.keep_on(backfill.run, backfill.connection_broke)

    async def _follow(
        self, main: Follower, caught_up: asyncio.Event, session: Session, well: Callable[[], None]
    ) -> None:
        await main.enter(session)
        fruitless, sure, announced = 0, False, False
        while True:
            found = await main.catch_up(session, pushed=announced)
            well()
            caught_up.set()
            announced = session.news  # it came while we searched; IDLE would not mention it again
            if not announced:
                await self._wait(session, sure=sure and not found)
                sure = not session.news
                announced = session.news
            fruitless = fruitless + 1 if announced and not found else 0
            if fruitless > FRUITLESS_MAX:
                await asyncio.sleep(min(0.05 * 2**fruitless, FRUITLESS_SECONDS_MAX))

    async def _wait(self, session: Session, *, sure: bool) -> None:
        """Until there is news, or it is time to look. `sure`: a search since the last news found
        nothing.
        """
        settings = self._settings
        if session.can_idle:
            seconds = settings.idle_seconds
            await session.idle(seconds if sure else min(RECHECK_SECONDS, seconds))
        else:
            await asyncio.sleep(settings.poll_seconds)
