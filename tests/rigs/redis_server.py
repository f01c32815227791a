"""A private redis-server for tests: unix socket, append-only file, gone with its directory."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from gateway.redis_binary import find_binary


class RedisServer:
    """Start with `with`; `url` is for redis-py. `kill` and `start` play a crash."""

    def __init__(self, *options: str) -> None:
        self._options = options
        self._home = Path(tempfile.mkdtemp(prefix="tl-"))
        self._process: subprocess.Popen[bytes] | None = None
        self.socket = self._home / "s"

    @property
    def url(self) -> str:
        return f"unix://{self.socket}"

    def start(self) -> None:
        binary = find_binary(os.environ).path
        self.socket.unlink(missing_ok=True)
        arguments = [
            *("--port", "0", "--unixsocket", str(self.socket), "--dir", str(self._home)),
            *("--save", "", "--appendonly", "yes", "--maxmemory-policy", "noeviction"),
            *("--logfile", str(self._home / "log"), *self._options),
        ]
        self._process = subprocess.Popen(
            [binary, *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
        )
        deadline = time.monotonic() + 20
        while not self._answers():
            if time.monotonic() > deadline or self._process.poll() is not None:
                raise RuntimeError(f"no server: {(self._home / 'log').read_text()[-2000:]}")
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
        self.kill()
        shutil.rmtree(self._home, ignore_errors=True)
