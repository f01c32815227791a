"""What could not be read, over HTTP and on the command line."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

from click.testing import CliRunner

from core.ports import Gap
from gateway.cli import main
from tests.e2e.http.rig import Served
from tests.rigs.events import thread
from tests.rigs.platform import MemoryAdapter
from tests.rigs.redis_server import RedisServer

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
GAP = Gap(thread=thread("square"), since=NOON, until=NOON, reason="no right to read the history")


async def test_a_program_lists_the_gaps_of_the_inboxes(desk: Served) -> None:
    """An operator's monitoring would not notice that customers are not heard."""
    desk.rig.adapters["bot"] = MemoryAdapter()
    await desk.rig.gaps.recorder("bot")(GAP)

    answer = await desk.http.get("/api/v1/gaps")

    (gap,) = answer.json()["gaps"]
    assert (gap["account"], gap["thread"]["thread"]) == ("bot", "square")
    assert (gap["since"], gap["reason"]) == ("2026-03-04T12:00:00Z", GAP.reason)
    assert (await desk.http.get("/api/v1/gaps?limit=0")).status_code == 400
    assert (await desk.stranger.get("/api/v1/gaps")).status_code == 401


async def test_an_operator_lists_them_in_a_terminal(
    desk: Served, redis_server: RedisServer, tmp_path: Path
) -> None:
    configuration = tmp_path / "trunkline.toml"
    configuration.write_text(
        f'[app]\ndata_dir = "{tmp_path}"\n[redis]\nurl = "{redis_server.url}"\n'
        '[[channel]]\nid = "bot"\nkind = "telegram"\ntoken = "1:x"\n'
    )
    await desk.rig.gaps.recorder("bot")(GAP)

    told = await asyncio.to_thread(
        CliRunner().invoke, main, ["--config", str(configuration), "gaps"]
    )

    assert told.exit_code == 0, told.output
    assert "telegram:bot:square\tno right to read the history" in told.stdout
