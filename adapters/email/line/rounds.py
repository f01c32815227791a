"""The folders that are looked through in turn, on a connection of their own."""

import asyncio
from collections.abc import Callable

import structlog

from adapters.email.line.broken import CannotOpen
from adapters.email.line.following import Follower, Line
from adapters.email.line.session import Session
from adapters.email.line.taking import Source
from adapters.email.settings import AUTO
from core.remarks import Remarks

log = structlog.get_logger()


class Rounds:
    """Every folder of a mailbox but the main one."""

    def __init__(self, line: Line, remarks: Remarks) -> None:
        self._line = line
        self._remarks = remarks
        self._followers: list[Follower] = []
        self._reading: Follower | None = None
        self.caught_up = asyncio.Event()
        """Every folder has been looked through once."""

    @property
    def wanted(self) -> bool:
        settings = self._line.settings
        return bool(settings.folders or settings.junk or settings.watch_sent)

    def connection_broke(self) -> None:
        if self._reading is not None:
            self._reading.connection_broke()

    async def run(self, session: Session, well: Callable[[], None]) -> None:
        if not self._followers:
            self._followers = [Follower(one, self._line) for one in await self._sources(session)]
        while True:
            for follower in self._followers:
                await self._look_through(follower, session)
            well()
            self.caught_up.set()
            await asyncio.sleep(self._line.settings.poll_seconds)

    async def _look_through(self, follower: Follower, session: Session) -> None:
        self._reading = follower
        try:
            await follower.enter(session)
            await follower.catch_up(session)
        except CannotOpen as error:
            self._tell(follower.folder, str(error))
        else:
            self._tell(follower.folder, "")
        self._reading = None

    async def _sources(self, session: Session) -> list[Source]:
        """Each folder once; the main one is read elsewhere."""
        settings = self._line.settings
        sources = [Source(folder=name) for name in settings.folders]
        if settings.junk:
            name = settings.junk if isinstance(settings.junk, str) else ""
            name = name or await session.special_folder(r"\Junk")
            sources.append(Source(folder=name, junk=True))
        if settings.watch_sent:
            name = "" if settings.sent_folder == AUTO else settings.sent_folder
            name = name or await session.special_folder(r"\Sent")
            sources.append(Source(folder=name, sent=True))
        if any(not source.folder for source in sources):
            self._tell("", "the server names no such folder: say imap.junk and imap.sent_folder")
        named = {one.folder: one for one in reversed(sources) if one.folder != settings.folder}
        return [source for name, source in named.items() if name]

    def _tell(self, folder: str, why: str) -> None:
        """Why a folder is not read; empty: it is. Once, as long as nothing changes."""
        if self._remarks.say(("folder", folder), why) and why:
            log.warning("folder not read", account=self._line.account, why=why)
