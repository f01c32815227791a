"""The environment of the peers: its interpreter, what is installed there, and scripts run by it."""

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from bench.measuring import Missing

_HOME: Final = Path(__file__).parents[2]
_ELSEWHERE: Final = "TRUNKLINE_PEERS_PYTHON"
"""Names another interpreter that has the peers."""
_VERSION: Final = "import sys; from importlib.metadata import version; print(version(sys.argv[1]))"
SECONDS_MAX: Final = 30


def python() -> Path:
    """Raises Missing where the peers are not installed."""
    found = Path(os.environ.get(_ELSEWHERE, _HOME / ".build" / "peers" / "bin" / "python"))
    if not found.exists():
        raise Missing(
            "the other projects are not installed; `make bench` does that where there is a network"
        )
    return found


def version(package: str) -> str:
    """`name version`, of what is measured."""
    done = subprocess.run(
        [python(), "-c", _VERSION, package], capture_output=True, text=True, check=True
    )
    return f"{package} {done.stdout.strip()}"


class Peer:
    """A script that answers one line of JSON by another, until it is closed."""

    def __init__(self, process: "subprocess.Popen[str]", script: str) -> None:
        self._process, self._script = process, script

    def tell(self, value: Any) -> None:
        if self._process.stdin is None:
            raise RuntimeError(f"{self._script} takes no input")
        self._process.stdin.write(json.dumps(value) + "\n")
        self._process.stdin.flush()

    def ask(self, value: Any) -> Any:
        self.tell(value)
        if self._process.stdout is None or not (answer := self._process.stdout.readline()):
            raise RuntimeError(f"{self._script} ended without an answer: run it by hand")
        return json.loads(answer)


@contextmanager
def peer(script: str) -> Iterator[Peer]:
    """Started; it ends with the block, at once if the block fails."""
    pipe = subprocess.PIPE
    with subprocess.Popen(_words(script), stdin=pipe, stdout=pipe, text=True, cwd=_HOME) as process:
        try:
            yield Peer(process, script)
            process.communicate(timeout=SECONDS_MAX)
        except BaseException:
            process.kill()
            raise


def answer(script: str, *words: str, seconds_max: int = SECONDS_MAX) -> Any:
    """What a script says that is run once. Raises CalledProcessError, TimeoutExpired."""
    done = subprocess.run(
        [*_words(script), *words],
        cwd=_HOME,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        timeout=seconds_max,
    )
    return json.loads(done.stdout.splitlines()[-1])


def _words(script: str) -> list[str]:
    return [str(python()), "-W", "ignore", "-m", f"bench.peers.{script}"]
