"""`trunkline` as a process of its own, born by fork of one that has imported everything.

Starting Python and importing the gateway takes a second of the processor's time, and there are
hundreds of starts: that second is what a start costs an operator, and shows nothing about what is
done afterwards. Everything else is as it would be: the command line's own `main` with real words,
environment and outputs, signals, an exit code, an interpreter that ends.

What Python and its libraries read of the environment as they are imported, such as `SSL_CERT_FILE`,
is the nursery's: who wants another one there executes the command.

Histories have nurseries of their own, whose children live by other clocks and in other namespaces.

The nursery is told of a birth by one byte, which brings the far end of the child's own line and its
three standard streams. What is wanted follows on that line as JSON; two numbers come back: the
child's process id, and once it has ended, its exit code.
"""

import atexit
import gc
import os
import pkgutil
import select
import signal
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cache
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Final, NoReturn

import msgspec

from gateway.registry import CHANNELS
from tests.rigs.environ import without_settings

ROOT: Final = Path(__file__).parents[2]
ADAPTERS: Final = tuple(f"adapters.{kind}.adapter" for kind in CHANNELS)
IMPORTED: Final = ("gateway.app", "gateway.work.common", *ADAPTERS, "sandbox.server")
"""Beside every command: what those import once they are called."""

NUMBER: Final = struct.Struct("i")
STREAMS: Final = 3
AT_FIRST: Final = without_settings() | {"PYTHONPATH": str(ROOT)}
"""The nursery's environment: no test has changed anything yet."""

BIRTH_SECONDS: Final = 120.0
"""The first one comes once everything is imported, which a busy machine takes its time for."""


class Order(msgspec.Struct, frozen=True, kw_only=True):
    words: tuple[str, ...]
    environ: dict[str, str]


class Born:
    """What `subprocess.Popen` would be, as far as tests need it."""

    def __init__(self, line: socket.socket) -> None:
        self._line, self._turn = line, threading.Lock()
        self._code: int | None = None
        try:
            (self.pid,) = NUMBER.unpack(self._heard(BIRTH_SECONDS))
        except BaseException:
            line.close()
            raise

    def poll(self) -> int | None:
        """-> the exit code, or None while it lives."""
        with self._turn:
            if self._code is None and self._has_ended(0):
                self._code = self._last()
            return self._code

    def wait(self, timeout: float | None = None) -> int:
        """-> the exit code. Raises `subprocess.TimeoutExpired` if it lives longer than `timeout`
        seconds.
        """
        if self._code is None and not self._has_ended(timeout):
            raise subprocess.TimeoutExpired(f"process {self.pid}", timeout or 0)
        code = self.poll()
        assert code is not None
        return code

    def send_signal(self, number: int) -> None:
        """Nothing happens to one that has ended."""
        if self.poll() is None:
            with suppress(ProcessLookupError):  # it ends just now
                os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def _has_ended(self, seconds: float | None) -> bool:
        return self._code is not None or _is_readable(self._line, seconds)

    def _last(self) -> int:
        (code,) = NUMBER.unpack(self._heard(0))
        self._line.close()
        return int(code)

    def _heard(self, seconds: float) -> bytes:
        if not _is_readable(self._line, seconds):
            raise TimeoutError("the nursery does not answer")
        answer = self._line.recv(NUMBER.size)
        assert answer, "the nursery is gone: its last words are on the tests' standard error"
        return answer


def born(
    words: Sequence[str],
    *,
    stdout: IO[bytes],
    stderr: IO[bytes] | None = None,
    environ: Mapping[str, str],
) -> Born:
    """Start `trunkline` with these words in the project's directory. There is no input; without a
    `stderr` it goes where `stdout` does.
    """
    ours, theirs = socket.socketpair()
    with theirs, Path(os.devnull).open("rb") as nothing:
        streams = [one.fileno() for one in (nothing, stdout, stderr or stdout)]
        socket.send_fds(_nursery(), [b"!"], [theirs.fileno(), *streams])
    order = Order(words=tuple(map(str, words)), environ=dict(environ))
    ours.sendall(msgspec.json.encode(order) + b"\n")
    return Born(ours)


def completed(
    words: Sequence[str], *, timeout_seconds: float, environ: Mapping[str, str]
) -> "subprocess.CompletedProcess[str]":
    """Run `trunkline` with these words to its end."""
    with TemporaryFile() as stdout, TemporaryFile() as stderr:
        one = born(words, stdout=stdout, stderr=stderr, environ=environ)
        try:
            code = one.wait(timeout_seconds)
        finally:
            one.kill()
        return subprocess.CompletedProcess(words, code, _all_of(stdout), _all_of(stderr))


def _all_of(stream: IO[bytes]) -> str:
    stream.seek(0)
    return stream.read().decode()


def _is_readable(line: socket.socket, seconds: float | None) -> bool:
    poll = select.poll()
    poll.register(line, select.POLLIN)
    return bool(poll.poll(None if seconds is None else seconds * 1000))


@cache
def _nursery() -> socket.socket:
    """One for all tests of this process, with which it ends."""
    ours, theirs = socket.socketpair()
    with theirs:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.rigs.nursery"],
            stdin=theirs.fileno(),
            stdout=subprocess.DEVNULL,
            cwd=ROOT,
            env=AT_FIRST,
        )
    atexit.register(process.wait)
    atexit.register(ours.close)  # comes first, and is what the nursery ends of
    return ours


def main() -> None:
    _import_everything()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.collect()
    gc.freeze()  # what is not looked at for garbage is not copied for a child
    orders = socket.socket(fileno=sys.stdin.fileno())
    while (streams := _next(orders)) and os.fork():
        for one in streams:
            os.close(one)
        _forget_the_dead()
    if streams:
        orders.detach()
        _attend(*streams)


def _import_everything() -> None:
    from gateway import cli, commands

    for command in pkgutil.iter_modules(commands.__path__):
        import_module(f"{commands.__name__}.{command.name}")
    for name in (cli.__name__, *IMPORTED):
        import_module(name)


def _next(orders: socket.socket) -> list[int]:
    """-> a child's line and its streams, as numbers of files; none when there will be no more."""
    _, files, _, _ = socket.recv_fds(orders, 1, 1 + STREAMS)
    return files


def _forget_the_dead() -> None:
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def _attend(line: int, *streams: int) -> None:
    """In a process for each child, so that waiting for one keeps no other. The child itself comes
    back, and does what it was born for.
    """
    with os.fdopen(os.dup(line), "rb") as words:
        order = msgspec.json.decode(words.readline(), type=Order)
    if not (pid := os.fork()):
        os.close(line)
        _be(order, streams)
    for one in (0, *streams):
        os.close(one)
    os.write(line, NUMBER.pack(pid))
    # It is told before its number is given to another process: who has not heard of it may signal.
    ended = os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
    assert ended
    code = ended.si_status if ended.si_code == os.CLD_EXITED else -ended.si_status
    with suppress(BrokenPipeError):  # nobody asks any more
        os.write(line, NUMBER.pack(code))
    os.waitpid(pid, 0)
    os._exit(0)


def _be(order: Order, streams: Sequence[int]) -> NoReturn:
    """The command itself, which ends the process."""
    from gateway.cli import main as trunkline

    signal.signal(signal.SIGINT, signal.default_int_handler)
    for standard, one in enumerate(streams):
        os.dup2(one, standard)
        os.close(one)
    os.environ.clear()
    os.environ.update(order.environ)
    sys.argv = ["trunkline", *order.words]
    trunkline(prog_name="trunkline")
    sys.exit()


if __name__ == "__main__":
    main()
