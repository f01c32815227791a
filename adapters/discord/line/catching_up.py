"""After a session was lost: reading what was said meanwhile, before what comes now.

A channel's newer events wait behind its reading, in its lane. What cannot be read is put on record.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Final

import msgspec

from adapters.discord.known import ChannelFacts, Known
from adapters.discord.line.answers import Failure
from adapters.discord.line.backfill import ATTEMPTS_MAX, Backfill, Missing, Unreadable, missing
from adapters.discord.line.lanes import Lanes, Turns
from adapters.discord.line.patience import Patience
from adapters.discord.line.rest import Rest
from adapters.discord.line.storing import Storing
from adapters.discord.line.surveying import Surveying
from adapters.discord.outgoing.calls import Call
from adapters.discord.places import CHANNEL, Place, made_at, snowflake_at
from adapters.discord.settings import DiscordSettings
from core.errors import MalformedPayload
from core.model.ids import ThreadRef
from core.ports import Gap, Surroundings
from core.recent import Recent

Done = Callable[[], None]

ARCHIVED_AFTER: Final = timedelta(days=8)
"""Discord archives a thread in which nothing is said for a week, at the latest."""
ARCHIVE_PAGES_MAX: Final = 10
_SEEN_MAX: Final = 10_000
_CLOCKS_APART: Final = timedelta(minutes=1)
_TOGETHER: Final = 3_000 << 22
"""Three seconds of ids: what is said about when a session begins may be told before it, although it
is newer than what is told in it.
"""
_DIRECT: Final = 0
"""The shard to which Discord tells direct messages."""
_ARCHIVED: Final = "/channels/{channel_id}/threads/archived/public"
"""Those that were archived last come first."""
_ARCHIVED_PRIVATE: Final = "/channels/{channel_id}/users/@me/threads/archived/private"
"""Those that began last come first."""
_NEVER_TOLD: Final = (
    "the connection was lost for too long to go on with it: what was edited, deleted or reacted to "
    "meanwhile is told by nobody, nor are direct messages of those who had never written before"
)
_UNTOLD: Final = "Discord did not tell what this channel is, so nobody knows whether it is for us"


class _Id(msgspec.Struct, frozen=True, gc=False):
    id: str


class _Told(msgspec.Struct, frozen=True):
    channels: tuple[_Id, ...] = ()
    threads: tuple[_Id, ...] = ()
    unavailable: bool = False


class _ThreadMetadata(msgspec.Struct, frozen=True):
    archive_timestamp: str


class _Archived(msgspec.Struct, frozen=True):
    id: str
    thread_metadata: _ThreadMetadata


class _Lost:
    """One session that was lost, of one shard. `looked`: channels of which it is known whether
    anything is missing.
    """

    def __init__(self, since: int, guilds: frozenset[str], done: Done) -> None:
        self.since, self.until = since, datetime.now(UTC)
        self.expected, self.looked = set(guilds), set[str]()
        self.channels = self.under_way = 0
        self.done = done


class CatchingUp:
    """Of one account, for as long as it receives."""

    def __init__(
        self,
        backfill: Backfill,
        storing: Storing,
        surveying: Surveying,
        lanes: Lanes,
        turns: Turns,
        rest: Rest,
        patience: Patience,
        settings: DiscordSettings,
        surroundings: Surroundings,
        tasks: asyncio.TaskGroup,
    ) -> None:
        self._backfill, self._storing, self._surveying = backfill, storing, surveying
        self._lanes, self._turns, self._rest, self._patience = lanes, turns, rest, patience
        self._settings, self._surroundings, self._tasks = settings, surroundings, tasks
        self._known: Known = storing.reader.known
        self._lost: dict[int, _Lost] = {}
        self._late = Recent[str, int](_SEEN_MAX)
        """Guilds that are out of reach, and since when."""
        self._directs_since = 0
        self._began: dict[int, int] = {}
        """By shard, the first id that can be of after its session began."""
        self._directs_seen = Recent[str, bool](_SEEN_MAX)

    # --- what the session tells

    def resume(self, shard: int, since: int, began: int) -> None:
        """A session goes on that began at the id `began`, when nothing was told since the message
        `since`.
        """
        self._began[shard] = began
        if shard == _DIRECT:
            self._directs_since = since

    def begin(self, shard: int, since: int, began: int, guilds: frozenset[str], done: Done) -> None:
        """A new session has begun. What was said after the message `since` has not been told, and
        `done` is called when all of it is read or on record. 0: there was no session before.
        """
        self.resume(shard, since, began)
        if before := self._lost.pop(shard, None):
            before.expected.clear()  # what it was still to be told of is told to this one
            self._end(before)
        if not since:
            done()
            return
        lost = self._lost[shard] = _Lost(since, guilds, done)
        self._go(lost, "gaps", partial(self._record, None, since, lost.until, _NEVER_TOLD))
        if shard == _DIRECT:
            self._read_directs(lost)
        self._tasks.create_task(self._give_up(shard, lost))

    def guild_told(self, guild: str, data: msgspec.Raw) -> None:
        """Discord has told all of this guild: see what is missing of it."""
        shard = (int(guild) >> 22) % self._settings.shards
        told = msgspec.json.decode(data, type=_Told)
        if told.unavailable:
            return
        lost, since = self._lost.get(shard), self._late.take(guild)
        if lost and guild in lost.expected:
            self._compare(lost, lost.since, told)
            lost.expected.discard(guild)
            self._all_told(shard, lost)
        else:
            since = since or _some_time_ago()
            self._compare(_Lost(since, frozenset(), _nothing), since, told)

    def guild_gone(self, guild: str) -> None:
        """It is out of reach, or the bot is not in it any more, until it is told again."""
        if guild not in self._late:
            self._late.note(guild, _some_time_ago())

    def before(self, place: Place, message: int) -> None:
        """Something of this channel is about to take its way: this message, unless it is 0."""
        self._turns.hurry(place.channel)
        if place.direct:
            self._before_direct(place, message)
        elif self._lost:
            shard = (int(place.guild) >> 22) % self._settings.shards
            lost = self._lost.get(shard)
            if lost and place.channel not in lost.looked:
                after = self._storing.marks.of(place.channel) or lost.since
                self._read(lost, Missing(place, after, True, self._until(shard, message)))

    def _until(self, shard: int, message: int) -> int:
        """What is newer than a message of the session is told in it, even if it is deleted by now:
        read from the channel, it would come before such a one that is older.
        """
        return message if message > self._began.get(shard, message) + _TOGETHER else 0

    def _before_direct(self, place: Place, message: int) -> None:
        """Of whoever writes for the first time there may be more that nobody could know of."""
        if not self._directs_since or place.channel in self._directs_seen:
            return
        if self._storing.marks.of(place.channel):
            return
        self._directs_seen.note(place.channel, True)
        lost = self._lost.get(_DIRECT) or _Lost(self._directs_since, frozenset(), _nothing)
        self._read(lost, Missing(place, self._directs_since, True, self._until(_DIRECT, message)))

    async def untold(self, place: Place, message: int) -> None:
        """It cannot be known whether this message is for us."""
        await self._record(place, message, datetime.now(UTC), _UNTOLD)

    # --- deciding what to read

    def _compare(self, lost: _Lost, since: int, told: _Told) -> None:
        ids = [one.id for one in (*told.channels, *told.threads)]
        channels = [facts for one in ids if (facts := self._known.channel(one))]
        lost.looked.update(ids)
        for one in missing(channels, since, self._storing.marks, self._storing.reader):
            self._read(lost, one)
        support = self._storing.reader.support_channels
        for channel in channels:
            if not channel.is_thread and any(
                one in support for one in self._known.above(channel.id)
            ):
                for path in (_ARCHIVED, _ARCHIVED_PRIVATE):
                    job = partial(self._read_archive, lost, channel, path)
                    self._go(lost, f"archive {channel.id}", job)

    def _read_directs(self, lost: _Lost) -> None:
        directs = self._storing.marks.directs
        for channel in directs.largest_first():
            self._directs_seen.note(channel, True)
            self._read(lost, Missing(Place(channel), directs.get(channel), ours=True))

    def _all_told(self, shard: int, lost: _Lost) -> None:
        """Once all guilds are told: what is ours and was not named may have been archived."""
        if lost.expected or self._lost.get(shard) is not lost:
            return
        channels, oldest = self._storing.marks.channels, made_at(lost.since) - ARCHIVED_AFTER
        for channel in channels.largest_first():
            if channel not in lost.looked and made_at(channels.get(channel)) >= oldest:
                lost.looked.add(channel)
                self._go(lost, channel, partial(self._look, lost, channel))
        self._end(lost)

    async def _give_up(self, shard: int, lost: _Lost) -> None:
        """Guilds that are out of reach hold up nothing; they are read when they come back."""
        await asyncio.sleep(self._settings.guilds_seconds)
        for guild in lost.expected:
            self._late.note(guild, lost.since)
        lost.expected.clear()
        self._all_told(shard, lost)

    # --- reading

    def _read(self, lost: _Lost, one: Missing) -> None:
        lost.looked.add(one.place.channel)
        lost.channels += 1
        job = partial(self._read_channel, lost, one)
        if lost.channels > self._settings.backfill_channels_max:
            limit = self._settings.backfill_channels_max
            reason = f"more than {limit} channels had news: raise backfill_channels_max"
            job = partial(self._unreadable, lost, one, Unreadable(reason, one.after))
        self._go(lost, one.place.channel, job)

    async def _read_channel(self, lost: _Lost, one: Missing) -> None:
        try:
            await self._backfill.read(one)
        except Unreadable as failure:
            await self._unreadable(lost, one, failure)

    async def _unreadable(self, lost: _Lost, one: Missing, failure: Unreadable) -> None:
        if one.ours:
            await self._record(one.place, failure.after, lost.until, str(failure))

    async def _look(self, lost: _Lost, channel: str) -> None:
        """Of a channel that its guild did not name."""
        async with self._turns.of(channel):
            facts = await self._surveying.channel(channel)
        if facts is None:
            reason = f"channel {channel} is gone, or the bot can no longer see it"
            after = self._storing.marks.of(channel)
            await self._record(None, after, lost.until, reason)
            self._storing.marks.channels.forget(channel)
            return
        for one in missing([facts], lost.since, self._storing.marks, self._storing.reader):
            await self._read_channel(lost, one)

    async def _read_archive(self, lost: _Lost, parent: ChannelFacts, path: str) -> None:
        """Threads of a support channel that were archived meanwhile, or began and were."""
        query = {"limit": "100"}
        for _ in range(ARCHIVE_PAGES_MAX):
            call = Call(method="GET", path=path, ids={"channel_id": parent.id}, query=query)
            try:
                answer = await self._patience.until_done(
                    partial(self._rest.ask, call), attempts_max=ATTEMPTS_MAX
                )
            except Failure as failure:
                reason = f"threads that were archived there cannot be listed: {failure}"
                await self._record(parent.place, lost.since, lost.until, reason)
                return
            before = self._note_archived(lost, answer, by_time=path == _ARCHIVED)
            if before is None:
                return
            query = {"limit": "100", "before": before}

    def _note_archived(self, lost: _Lost, answer: Any, *, by_time: bool) -> str | None:
        """-> before what to go on; None: there is no more, or it was archived long ago."""
        oldest = ""
        for thread in answer.get("threads", ()) if isinstance(answer, dict) else ():
            try:
                self._known.note("THREAD_CREATE", msgspec.json.encode(thread))
                last = msgspec.convert(thread, _Archived)
            except (MalformedPayload, msgspec.ValidationError):
                continue
            oldest = last.thread_metadata.archive_timestamp if by_time else last.id
            facts = self._known.channel(last.id)
            if facts and facts.id not in lost.looked:
                for one in missing([facts], lost.since, self._storing.marks, self._storing.reader):
                    self._read(lost, one)
        if not oldest or not answer.get("has_more"):
            return None
        return oldest if not by_time or oldest > made_at(lost.since).isoformat() else None

    # --- under way

    def _go(self, lost: _Lost, key: str, job: Callable[[], Awaitable[None]]) -> None:
        lost.under_way += 1
        self._lanes.put(key, partial(self._and_end, lost, job))

    async def _and_end(self, lost: _Lost, job: Callable[[], Awaitable[None]]) -> None:
        await job()
        lost.under_way -= 1
        self._end(lost)

    def _end(self, lost: _Lost) -> None:
        if lost.under_way or lost.expected:
            return
        self._lost = {shard: one for shard, one in self._lost.items() if one is not lost}
        lost.done()

    async def _record(self, place: Place | None, after: int, until: datetime, reason: str) -> None:
        account = self._surroundings.account
        thread = None
        if place is not None:
            thread = ThreadRef(channel=CHANNEL, account=account, thread=place.thread)
        gap = Gap(thread=thread, since=made_at(after), until=until, reason=reason)
        await self._patience.until_done(partial(self._surroundings.record_gap, gap))


def _some_time_ago() -> int:
    """What has an id from before that was told, whatever our clock says."""
    return snowflake_at(datetime.now(UTC) - _CLOCKS_APART)


def _nothing() -> None:
    pass
