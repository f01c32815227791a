"""`trunkline tail` beside a gateway: from the store, and over HTTP."""

import asyncio
import json
import os
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from sandbox.server import Sandbox
from tests.rigs.customer import Customer
from tests.rigs.gateway import TELEGRAM, Gateway
from tests.rigs.terminal import PROGRAM, ROOT
from tests.rigs.waiting import eventually


async def test_what_happens_is_told_by_the_store_and_by_a_gateway(
    sandbox: Sandbox, gateway: Gateway, tmp_path: Path
) -> None:
    """An operator watches a flood; nobody's words stand on their screen."""
    (tmp_path / "token").write_text(gateway.token)
    remote = ("--url", gateway.url, "--token-file", str(tmp_path / "token"))
    async with (
        _tail(gateway, tmp_path / "store", "--kind", "begun") as store,
        _tail(gateway, tmp_path / "http", "--inbox", TELEGRAM, "--json", *remote) as http,
    ):
        Customer(sandbox, "mei").says("nobody sees this")
        await eventually(lambda: bool(store.read_text()) and '"in"' in http.read_text())

        (line,) = store.read_text().splitlines()
        events = [json.loads(one) for one in http.read_text().splitlines()]
        assert line.split()[1] == "begun"
        assert line.split()[3] == TELEGRAM
        assert {one["conversation"] for one in events} == {line.split()[2]}
        assert "nobody sees this" not in store.read_text() + http.read_text()


async def test_a_token_that_opens_nothing_is_told(gateway: Gateway, tmp_path: Path) -> None:
    """It would look as if nothing happened."""
    (tmp_path / "token").write_text("tl_wrong")

    told = await gateway.command(
        *("tail", "--url", gateway.url, "--token-file", str(tmp_path / "token"))
    )

    assert told.returncode == 1
    assert "answers 401" in told.stderr


@asynccontextmanager
async def _tail(gateway: Gateway, output: Path, *options: str) -> AsyncIterator[Path]:
    """-> what it prints, once it listens."""
    said = output.with_suffix(".said")
    process = _start(gateway, output, said, *options)
    try:
        await eventually(lambda: "Listening." in said.read_text(), timeout_seconds=30)
        yield output
    finally:
        process.terminate()
        await asyncio.to_thread(process.wait, 30)


def _start(gateway: Gateway, output: Path, said: Path, *options: str) -> "subprocess.Popen[bytes]":
    with output.open("wb") as out, said.open("wb") as err:
        return subprocess.Popen(
            [PROGRAM, "--config", gateway.settings, "tail", *options],
            stdout=out,
            stderr=err,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
