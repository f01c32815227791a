"""A private Redis server for an installation that names none in `redis.url`.

    async with embedded(data_dir, environ=os.environ) as server:
        store = Redis.from_url(server.url)
        task_group.create_task(server.watch())
        ...

One server runs per data directory, whoever started it. Everybody else attaches to it, and the
last one to leave stops it. Locks in the directory keep that safe against kill -9 of anybody:

    redis.lock        held for a moment by whoever starts, adopts or stops the server
    redis.users       shared by every process that uses the server: is anybody left?
    redis/alive.lock  held by the server process, which inherited it: is it running?

The server is a daemon: it runs on when its gateway is killed, and the next start adopts it with
everything that was accepted. `owner.json`, of mode 600, says how to reach it. The password goes
to the server by standard input: neither `ps` nor a log shows it.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from pathlib import Path

import structlog

from core.errors import ConfigurationError
from gateway.data_dir import prepare
from gateway.locks import FileLock, held, until
from gateway.redis_binary import find_binary
from gateway.redis_server import Fsync, Owner, ServerDirectory, ServerGone, new_owner
from gateway.redis_socket import may_listen_at, new_socket_path, remove_socket

TURN_TIMEOUT_SECONDS = 60.0
WATCH_SECONDS = 0.25
BACKOFF_SECONDS = (0.0, 0.5, 1.0, 2.0, 5.0)
STEADY_SECONDS = 60.0
"""After this long without a crash, the next one is answered at once again."""

log = structlog.get_logger()


@asynccontextmanager
async def embedded(
    data_dir: Path,
    *,
    environ: Mapping[str, str],
    fsync: Fsync = Fsync.EVERY_SECOND,
) -> AsyncIterator["EmbeddedRedis"]:
    """Use the server of this data directory, starting one when none runs.

    Raises ConfigurationError that says what to do: the directory cannot be written, no server is
    installed, the server does not come up.
    """
    data_dir = prepare(data_dir)
    with FileLock(data_dir / "redis.users") as users:
        server = EmbeddedRedis(data_dir, environ, fsync)
        await server.attach(users)
        try:
            yield server
        finally:
            await server.detach(users)


class EmbeddedRedis:
    """A private server that this process uses. `embedded` makes it."""

    def __init__(self, data_dir: Path, environ: Mapping[str, str], fsync: Fsync) -> None:
        self._data_dir = data_dir
        self._environ = environ
        self._fsync = fsync
        self._directory = ServerDirectory(data_dir)
        self._owner: Owner  # set by attach, which comes before everything else

    @property
    def url(self) -> str:
        """For `Redis.from_url`; it stays the same when the server is started again.

        It holds the password and does not belong in a log.
        """
        return self._owner.url

    @property
    def pid(self) -> int | None:
        """The server's process id."""
        return self._owner.pid

    async def watch(self) -> None:
        """Start the server again whenever it has ended. Ends by cancellation only."""
        loop = asyncio.get_running_loop()
        crashes, steady_at = 0, 0.0
        while True:
            await until(lambda: not self._directory.is_alive(), every_seconds=WATCH_SECONDS)
            crashes = 0 if loop.time() > steady_at else crashes + 1
            steady_at = loop.time() + STEADY_SECONDS
            log.warning("embedded redis has ended, starting it again", pid=self.pid)
            await asyncio.sleep(BACKOFF_SECONDS[min(crashes, len(BACKOFF_SECONDS) - 1)])
            try:
                await self.ensure_running()
            except ConfigurationError as error:
                log.warning("embedded redis does not start", reason=str(error))

    async def attach(self, users: FileLock) -> None:
        """Become one of the server's users, starting it if need be."""
        async with self._turn():
            await self._adopt_or_start()
            users.take(shared=True)

    async def detach(self, users: FileLock) -> None:
        """Leave; the last user stops the server."""
        async with self._turn():
            users.release()
            if users.take() and self._directory.is_alive():
                await self._stop()

    async def ensure_running(self) -> None:
        """Start the server unless it runs, or somebody else has started it meanwhile."""
        async with self._turn():
            await self._adopt_or_start()

    def _turn(self) -> AbstractAsyncContextManager[None]:
        return held(self._data_dir / "redis.lock", timeout_seconds=TURN_TIMEOUT_SECONDS)

    async def _adopt_or_start(self) -> None:
        recorded = self._directory.owner()
        if recorded and self._directory.is_alive():
            with suppress(ServerGone):
                self._owner = await self._directory.adopt(recorded, self._fsync)
                return
        binary = await asyncio.to_thread(find_binary, self._environ)
        owner = self._renewed(recorded) or new_owner(new_socket_path(self._environ))
        self._owner = await self._directory.start(binary, owner, self._fsync)
        log.info("embedded redis started", server=str(binary), pid=self._owner.pid)

    def _renewed(self, recorded: Owner | None) -> Owner | None:
        """The same socket and password, so that whoever is attached finds the new server."""
        if recorded is None:
            return None
        socket = Path(recorded.socket)
        return new_owner(socket, recorded.password) if may_listen_at(socket) else None

    async def _stop(self) -> None:
        owner = self._directory.owner() or self._owner
        await self._directory.stop(owner)
        remove_socket(Path(owner.socket))
