"""One person's flood: what is beyond their limit is not kept, and nobody else notices.

A flood is an episode: it begins with the first event that is too much and ends when there was none
for a while. The person is told once, agents see a line when it begins and one when it ends. All of
this is known to this process only, so a restart begins afresh.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Final

import msgspec
import structlog

from core.errors import StoreError
from core.ids import derived_ulid
from core.lines import write_line
from core.model.content import System, Text
from core.model.conversation import Leg, Status
from core.model.event import Inbound
from core.model.flooding import Flooding
from core.model.ids import IdentityId, MessageId
from core.model.message import Audience, Sender, SenderKind
from core.recent import Recent
from core.rules.floods import (
    UNSPENT,
    Level,
    Limit,
    counts,
    drawn,
    given_back,
    has_date,
    limit_of,
    may_be_told,
    moment_of,
)
from core.rules.routing import author_key, goes_on
from core.store.store import Store
from core.telling import Telling

PERSONS_MAX: Final = 50_000
"""Whose level is known; who is forgotten begins afresh."""

EPISODES_MAX: Final = 1000
"""At once; who floods beside them is limited and told of in the log only."""

QUIET_SECONDS: Final = 60.0
"""Without anything that is too much: then it is over."""

TOLD_AGAIN_SECONDS: Final = 600.0
"""A person who floods, rests and floods again is not told more often."""

TOLD_A_MINUTE_MAX: Final = 30
"""Of one inbox: whoever writes in many names does not make us write to all of them."""

TELLING: Final = Limit(60.0 / TOLD_A_MINUTE_MAX, 60.0)

LOOK_SECONDS: Final = 1.0
END_SECONDS: Final = 2.0
"""At the end of the process, for the last lines."""

WRITER: Final = Sender(kind=SenderKind.SYSTEM, id="system:flood")

log = structlog.get_logger()


class _Episode(msgspec.Struct, kw_only=True):
    """`first` is the first event that was not kept; `line` where agents were told."""

    first: Inbound
    began_at: datetime
    latest: float
    latest_at: datetime
    not_kept: int = 0
    line: Leg | None = None


class Floods:
    """One a process. `settings` by account, which may change; an account without them has no
    limit.
    """

    def __init__(
        self,
        store: Store,
        telling: Telling,
        settings: Mapping[str, Flooding],
        now: Callable[[], datetime],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store, self._telling, self._settings = store, telling, settings
        self._now, self._clock = now, clock
        self._limits: dict[str, tuple[Flooding | None, Limit | None]] = {}
        self._levels = {dated: Recent[IdentityId, Level](PERSONS_MAX) for dated in (False, True)}
        """Apart: what has no date must not make all that is older count as of now."""
        self._episodes: dict[IdentityId, _Episode] = {}
        self._told = Recent[IdentityId, float](PERSONS_MAX)
        self._telling_levels: dict[str, Level] = {}
        self._stirred = asyncio.Event()
        self.not_kept: Counter[str] = Counter()
        """Events beyond a limit, by account, since the process began."""

    def admits(self, event: Inbound, person: IdentityId) -> bool:
        """Whether one more event of this person may be kept; it is drawn if so."""
        limit = self._limit(event.thread.account)
        if limit is None or not counts(event):
            return True
        moment = moment_of(event, dated_by_sender=limit.dated_by_sender)
        levels = self._levels[has_date(event, dated_by_sender=limit.dated_by_sender)]
        after = drawn(levels.get(person, UNSPENT), moment, limit)
        if after is None:
            self._refuse(event, person)
            return False
        levels.note(person, after)
        return True

    def give_back(self, event: Inbound, person: IdentityId) -> None:
        """It was not kept, or had been before: as if it had not come."""
        limit = self._limit(event.thread.account)
        if limit is None or not counts(event):
            return
        levels = self._levels[has_date(event, dated_by_sender=limit.dated_by_sender)]
        if level := levels.get(person):
            levels.note(person, given_back(level, limit))

    def _limit(self, account: str) -> Limit | None:
        """As the settings are now; reckoned out once for each of them."""
        settings, known = self._settings.get(account), self._limits.get(account)
        if known is None or known[0] is not settings:
            known = settings, limit_of(settings.allowance) if settings else None
            self._limits[account] = known
        return known[1]

    def _refuse(self, event: Inbound, person: IdentityId) -> None:
        account, now, clock = event.thread.account, self._now(), self._clock()
        self.not_kept[account] += 1
        episode = self._episodes.get(person)
        if episode is None:
            log.warning("a person's flood begins: what is too much is not kept", account=account)
            if len(self._episodes) >= EPISODES_MAX:
                return
            episode = _Episode(first=event, began_at=now, latest=clock, latest_at=now)
            self._episodes[person] = episode
            self._stirred.set()
        episode.not_kept += 1
        episode.latest, episode.latest_at = clock, now

    # --- telling

    async def run(self) -> None:
        """Tell of floods until cancelled; of those that last, then, how far they have come."""
        try:
            while True:
                await self.tell()
                with suppress(TimeoutError):
                    async with asyncio.timeout(LOOK_SECONDS if self._episodes else None):
                        await self._stirred.wait()
                self._stirred.clear()
        finally:
            with suppress(TimeoutError):
                async with asyncio.timeout(END_SECONDS):
                    await self._end(self._episodes.items())

    async def tell(self) -> None:
        """Tell of what has begun, and of what is over. What cannot be told now is told later."""
        over = self._clock() - QUIET_SECONDS
        begun = [(who, one) for who, one in self._episodes.items() if one.line is None]
        for person, episode in begun:
            try:
                await self._begin(person, episode)
            except StoreError as error:
                log.warning("a flood is told of later", reason=str(error))
                return
        await self._end([one for one in self._episodes.items() if one[1].latest <= over])

    async def _begin(self, person: IdentityId, episode: _Episode) -> None:
        leg = await self._leg_of(person, episode.first)
        if leg is None:  # what came before the flood is not filed yet
            return
        words = "more comes from them than the limit allows: what is beyond it is not kept"
        await self._note(leg, person, episode, "flood", words)
        episode.line = leg
        await self._tell_them(leg, person, episode)

    async def _end(self, episodes: Iterable[tuple[IdentityId, _Episode]]) -> None:
        for person, episode in list(episodes):
            since, until = (f"{at:%H:%M:%S}" for at in (episode.began_at, episode.latest_at))
            count = episode.not_kept
            words = f"{count} of what they did from {since} to {until} UTC was beyond the limit"
            try:
                leg = episode.line or await self._leg_of(person, episode.first)
                if leg:
                    await self._note(leg, person, episode, "flood_over", f"{words} and not kept")
            except StoreError as error:
                log.warning("the end of a flood is told of later", reason=str(error))
                return
            account = episode.first.thread.account
            log.warning("a person's flood is over", account=account, not_kept=count)
            del self._episodes[person]

    async def _note(
        self, leg: Leg, person: IdentityId, episode: _Episode, code: str, words: str
    ) -> None:
        line, part = _id(code, person, episode), System(code=code, text=words)
        await write_line(self._store, leg, line, WRITER, self._now(), part)

    async def _tell_them(self, leg: Leg, person: IdentityId, episode: _Episode) -> None:
        """Once, alone, in their language."""
        text = self._settings[leg.thread.account].wording.text_for(episode.first.actor.language)
        private = leg.audience is Audience.PRIVATE and not leg.doubted
        if not (text and private and may_be_told(episode.first) and self._may_tell(person, leg)):
            return
        await self._telling.tell(leg, _id("told", person, episode), (Text(text=text),), WRITER)

    def _may_tell(self, person: IdentityId, leg: Leg) -> bool:
        clock, told, account = self._clock(), self._told.get(person), leg.thread.account
        if told is not None and clock - told < TOLD_AGAIN_SECONDS:
            return False
        level = self._telling_levels.get(account, UNSPENT)
        after = drawn(level, clock, TELLING)
        if after is None:
            return False
        self._telling_levels[account] = after
        self._told.note(person, clock)
        return True

    async def _leg_of(self, person: IdentityId, event: Inbound) -> Leg | None:
        """Where agents look for what this person writes: the leg of the thread, else their newest.
        None: there is none yet that goes on.
        """
        store = self._store
        bound = await store.threads.bound(event.thread, author_key(event.audience, person))
        if bound and goes_on(bound):
            return (await store.legs.heads([bound.leg]))[0]
        heads = await store.legs.heads(await store.people.every_leg_of([person]))
        going_on = [one for one in heads if one and one.status is not Status.CLOSED]
        return max(going_on, key=lambda one: one.created_at, default=None)


def _id(code: str, person: IdentityId, episode: _Episode) -> MessageId:
    """One for each of an episode's messages, however often it is written."""
    return MessageId(derived_ulid("flood", code, person, episode.began_at.isoformat()))
