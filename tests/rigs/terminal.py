"""Commands as an operator runs them: a process of its own, with a terminal or with none."""

import os
import pty
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from tests.rigs.environ import without_settings

ROOT: Final = Path(__file__).parents[2]
PROGRAM: Final = Path(sys.executable).with_name("trunkline")
SECONDS: Final = 30.0


def run(
    cwd: Path, *words: str, given: str = "", environ: Mapping[str, str] = {}
) -> "subprocess.CompletedProcess[str]":
    """`trunkline` with these words, its output piped."""
    return subprocess.run(
        [PROGRAM, *words],
        cwd=cwd,
        input=given,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        env={**_environment(), **environ},
    )


def on_a_terminal(
    cwd: Path, *words: str, typed: Sequence[str] = (), environ: Mapping[str, str] = {}
) -> tuple[int, str]:
    """-> its exit code and what the terminal showed. Each line is `typed` when it asks: when
    something is shown that ends with a colon and a space.
    """
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [PROGRAM, *words],
        cwd=cwd,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env=_environment() | {"TERM": "xterm", "COLUMNS": "100"} | dict(environ),
        start_new_session=True,
    )
    os.close(theirs)
    try:
        shown = _talk(ours, list(typed))
        return process.wait(SECONDS), shown
    finally:
        process.kill()
        process.wait()
        os.close(ours)


def _talk(terminal: int, lines: list[str]) -> str:
    shown = b""
    while True:
        try:
            more = os.read(terminal, 65536)
        except OSError:  # the other side is closed
            return shown.decode()
        if not more:
            return shown.decode()
        shown += more
        if lines and shown.rstrip(b"\x1b[0m").endswith(b": "):
            os.write(terminal, lines.pop(0).encode() + b"\n")


def _environment() -> dict[str, str]:
    return {**without_settings(), "PYTHONPATH": str(ROOT), "NO_COLOR": ""}
