"""A private redis-server for tests: unix socket, append-only file, gone with its directory."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from redis import Redis

from gateway.redis_binary import find_binary
from tests.rigs.waiting import eventually

ANSWER_SECONDS: Final = 5.0


class RedisServer:
    """Start with `with`; `url` is for redis-py. `kill` and `start` play a crash.

    Its files are in `home`. A file that cannot grow any more does not end it.
    """

    def __init__(self, *options: str, environ: Mapping[str, str] | None = None) -> None:
        self._options, self._environ = options, environ
        self.home = Path(tempfile.mkdtemp(prefix="tl-"))
        self._process: subprocess.Popen[bytes] | None = None
        self.socket = self.home / "s"

    @property
    def pid(self) -> int:
        assert self._process, "the server is not running"
        return self._process.pid

    @property
    def has_ended(self) -> bool:
        """By itself: whom nobody killed."""
        return self._process is not None and self._process.poll() is not None

    @property
    def url(self) -> str:
        return f"unix://{self.socket}"

    def start(self) -> None:
        binary = find_binary(self._environ or os.environ).path
        self.socket.unlink(missing_ok=True)
        arguments = [
            *("--port", "0", "--unixsocket", str(self.socket), "--dir", str(self.home)),
            *("--save", "", "--appendonly", "yes", "--maxmemory-policy", "noeviction"),
            *("--logfile", str(self.home / "log"), *self._options),
        ]
        self._process = subprocess.Popen(
            [binary, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            env=self._environ,
            restore_signals=False,  # SIGXFSZ, which Python ignores, would end it
        )
        deadline = time.monotonic() + 20
        while not self._answers():
            if time.monotonic() > deadline or self._process.poll() is not None:
                raise RuntimeError(f"no server: {(self.home / 'log').read_text()[-2000:]}")
            time.sleep(0.005)

    def _answers(self) -> bool:
        try:
            with socket.socket(socket.AF_UNIX) as connection:
                connection.connect(str(self.socket))
                connection.sendall(b"PING\r\n")
                return connection.recv(64).startswith(b"+PONG")
        except OSError:
            return False

    def signal(self, number: signal.Signals) -> None:
        if self._process:
            self._process.send_signal(number)

    def kill(self) -> None:
        """kill -9: nothing is written any more."""
        if self._process:
            self._process.kill()
            self._process.wait()
            self._process = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        self.kill()
        shutil.rmtree(self.home, ignore_errors=True)


async def when_written(url: str) -> None:
    """Return at a moment at which everything that the server has answered is in its file, so that
    kill -9 has to lose nothing; what it answers after that moment may be lost.

    While the disk takes its time to force the file, a server with `appendfsync everysec` holds
    back writing for up to two seconds, and answers all the same. `INFO` tells that a disk does;
    where none does, all there is gets written before the answer to `INFO` leaves.
    """
    with Redis.from_url(url, socket_timeout=ANSWER_SECONDS) as redis:
        await eventually(lambda: not redis.info("persistence")["aof_pending_bio_fsync"])
