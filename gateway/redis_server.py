"""One private server process: its configuration, its birth, its first answer and its end."""

import asyncio
import os
import secrets
import subprocess
import time
from contextlib import aclosing, suppress
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any
from urllib.parse import quote

import msgspec
import structlog
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import AuthenticationError, BusyLoadingError, RedisError, ResponseError
from typing_extensions import override

from core.errors import ConfigurationError
from gateway.locks import FileLock, until
from gateway.redis_binary import RedisBinary

POLL_SECONDS = 0.02
SPAWN_TIMEOUT_SECONDS = 15.0
ANSWER_TIMEOUT_SECONDS = 15.0
"""How long a server may be silent. One that says it is loading its data may take any time."""
STOP_TIMEOUT_SECONDS = 30.0
COMMAND_TIMEOUT_SECONDS = 2.0
LOG_SIZE_BYTES_MAX = 1_000_000
DUMP = "dump.rdb"
"""A snapshot that a server which is `loading` begins with."""

log = structlog.get_logger()


class Fsync(StrEnum):
    """How often the append-only file is forced to the disk."""

    EVERY_SECOND = "everysec"
    ALWAYS = "always"


class Owner(msgspec.Struct, frozen=True, kw_only=True):
    """How to reach a server; the content of `owner.json`.

    `pid` and `run_id` are the server's, None until it has answered.
    """

    socket: str
    password: str
    started_at: datetime
    pid: int | None = None
    run_id: str | None = None

    @override
    def __repr__(self) -> str:
        return f"Owner(socket={self.socket!r}, pid={self.pid}, run_id={self.run_id!r})"

    @property
    def url(self) -> str:
        return f"unix://{quote(self.socket)}?password={quote(self.password, safe='')}"


def new_owner(socket: Path, password: str | None = None) -> Owner:
    return Owner(
        socket=str(socket),
        password=password or secrets.token_urlsafe(32),
        started_at=datetime.now(UTC),
    )


class ServerGone(Exception):
    """No server process runs on the directory (any more)."""


class ServerDirectory:
    """The files of one server, and the process that works on them, if any.

    The caller sees to it that one process at a time starts or stops the server.
    """

    def __init__(self, data_dir: Path) -> None:
        self.path = data_dir / "redis"
        self.path.mkdir(mode=0o700, exist_ok=True)
        self._owner_path = data_dir / "owner.json"
        self._alive_path = self.path / "alive.lock"
        self._log_path = self.path / "server.log"
        self._pid_path = self.path / "server.pid"

    def is_alive(self) -> bool:
        """Whether a server process runs here: it holds this lock from birth to death."""
        with FileLock(self._alive_path) as alive:
            return not alive.take(shared=True)

    def owner(self) -> Owner | None:
        try:
            return msgspec.json.decode(self._owner_path.read_bytes(), type=Owner)
        except (FileNotFoundError, msgspec.DecodeError):
            return None

    async def start(
        self, binary: RedisBinary, owner: Owner, fsync: Fsync, *, loading: bool = False
    ) -> Owner:
        """Start a server on the socket and with the password of `owner`; -> once it answers.

        `loading`: it begins with the snapshot in its directory and writes nothing down, unless it
        is told to. Raises ConfigurationError when it does not come up.
        """
        # Written first: when we are killed right after the spawn, the next one can adopt it.
        self._write_owner(owner)
        self._turn_log()
        await asyncio.to_thread(self._spawn, binary, self._configuration(owner, fsync, loading))
        try:
            return await self.adopt(owner, fsync)
        except ServerGone as error:
            words = self._last_words()
            raise ConfigurationError(
                f"{binary} ended while it started in {self.path}. Its last words: {words}"
            ) from error

    async def adopt(self, owner: Owner, fsync: Fsync) -> Owner:
        """Wait until the running server answers; -> its `owner.json`, completed.

        `fsync` may make a server stricter than it was started, never laxer.
        Raises ServerGone when it ends meanwhile, ConfigurationError when it stays silent or is
        not the one that `owner` describes.
        """
        async with aclosing(connection(owner)) as redis:
            server = await self._answered(redis, fsync)
        if owner.run_id not in (None, server["run_id"]):
            raise ConfigurationError(self._unreachable("is not the one of owner.json"))
        owner = msgspec.structs.replace(owner, pid=server["process_id"], run_id=server["run_id"])
        self._write_owner(owner)
        return owner

    async def stop(self, owner: Owner) -> None:
        """Ask the server to write everything down and end; -> once it has ended."""
        async with aclosing(connection(owner)) as redis:
            with suppress(RedisError, TimeoutError):
                async with asyncio.timeout(COMMAND_TIMEOUT_SECONDS):
                    await redis.shutdown()
        try:
            async with asyncio.timeout(STOP_TIMEOUT_SECONDS):
                await until(lambda: not self.is_alive(), every_seconds=POLL_SECONDS)
        except TimeoutError:
            log.warning("embedded redis does not stop", pid=owner.pid, log=str(self._log_path))
        else:
            self._owner_path.unlink(missing_ok=True)

    async def _answered(self, redis: Redis, fsync: Fsync) -> dict[str, Any]:
        """What it says of itself, as soon as it does; asked again when it, or we, were held up."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + ANSWER_TIMEOUT_SECONDS
        while True:
            try:
                async with asyncio.timeout(COMMAND_TIMEOUT_SECONDS):
                    await redis.ping()  # refused until it has read its file
                    if fsync is Fsync.ALWAYS:
                        await redis.config_set("appendfsync", fsync)
                    return await redis.info("server")
            except AuthenticationError as error:
                raise ConfigurationError(
                    self._unreachable("refuses owner.json's password")
                ) from error
            except BusyLoadingError:
                deadline = loop.time() + ANSWER_TIMEOUT_SECONDS
            except ResponseError as error:
                raise ConfigurationError(self._unreachable(f"answers {error}")) from error
            except (RedisError, OSError):
                if not self.is_alive():
                    raise ServerGone from None
            if loop.time() > deadline:
                raise ConfigurationError(self._unreachable("does not answer"))
            await asyncio.sleep(POLL_SECONDS)

    def _spawn(self, binary: RedisBinary, configuration: str) -> None:
        """Run the binary, which goes into the background with the alive lock.

        Blocking, in a thread: asyncio's own subprocesses wait for the end of a pipe that, under
        uvloop, a server in the background keeps open.
        """
        with FileLock(self._alive_path) as alive:
            self._wait_for_lock(alive)
            try:
                done = subprocess.run(  # noqa: S603 - find_binary has looked at it
                    [binary.path, "-"],  # the configuration comes by standard input
                    input=configuration,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.STDOUT,
                    text=True,
                    pass_fds=(alive.fileno(),),
                    timeout=SPAWN_TIMEOUT_SECONDS,
                    check=False,
                )
            except (OSError, subprocess.TimeoutExpired) as error:
                raise ConfigurationError(
                    f"{binary} does not run: {type(error).__name__}"
                ) from error
        if done.returncode != 0:
            words = _last_line(done.stdout)
            raise ConfigurationError(f"{binary} does not start in {self.path}: {words}")

    def _wait_for_lock(self, alive: FileLock) -> None:
        """Somebody may be looking whether it is held; a killed server's child may still write."""
        deadline = time.monotonic() + SPAWN_TIMEOUT_SECONDS
        while not alive.take():
            if time.monotonic() > deadline:
                raise ConfigurationError(self._unreachable("is not the one of owner.json"))
            time.sleep(POLL_SECONDS)

    def _configuration(self, owner: Owner, fsync: Fsync, loading: bool) -> str:
        lines = (
            "daemonize yes",
            f"dir {_quoted(self.path)}",
            f"logfile {_quoted(self._log_path)}",
            f"pidfile {_quoted(self._pid_path)}",
            "port 0",
            f"unixsocket {_quoted(owner.socket)}",
            "unixsocketperm 700",
            f"requirepass {_quoted(owner.password)}",
            f"appendonly {'no' if loading else 'yes'}",
            f"dbfilename {DUMP}",
            f"appendfsync {fsync}",
            'save ""',
            "maxmemory-policy noeviction",
            "repl-diskless-sync yes",  # for backups: nothing on disk, and no waiting for others
            "repl-diskless-sync-delay 0",
        )
        return "\n".join(lines) + "\n"

    def _write_owner(self, owner: Owner) -> None:
        fresh = self._owner_path.with_suffix(".new")
        fresh.unlink(missing_ok=True)
        fd = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(fd, "wb") as file:
            file.write(msgspec.json.encode(owner))
        fresh.replace(self._owner_path)

    def _turn_log(self) -> None:
        with suppress(FileNotFoundError):
            if self._log_path.stat().st_size > LOG_SIZE_BYTES_MAX:
                self._log_path.replace(self._log_path.with_suffix(".log.1"))

    def _last_words(self) -> str:
        with suppress(OSError):
            return _last_line(self._log_path.read_text(errors="replace"))
        return f"none in {self._log_path}"

    def _unreachable(self, what: str) -> str:
        pid = "unknown"
        with suppress(OSError):
            pid = self._pid_path.read_text().strip()
        return (
            f"the Redis server that runs in {self.path} (pid {pid}) {what}. "
            f"See {self._log_path}; end the server (kill {pid}) and start again, nothing is lost"
        )


def connection(owner: Owner) -> Redis:
    """One connection for a few commands, without retries: the caller knows what to wait for.

    The caller sets the time limit: with a `socket_timeout` redis-py sends by `asyncio.wait_for`,
    which on Python 3.11 may lose a cancellation (https://github.com/python/cpython/issues/86296).
    """
    return Redis.from_url(
        owner.url,
        socket_timeout=None,
        retry=Retry(NoBackoff(), 0),
        decode_responses=True,
    )


def _last_line(text: str) -> str:
    lines = text.split("\n")
    return next((line.strip() for line in reversed(lines) if line.strip()), "nothing")


def _quoted(value: object) -> str:
    """A value in a Redis configuration file, whatever characters it holds."""
    escaped = str(value).replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
