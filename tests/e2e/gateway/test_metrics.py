"""The figures of a gateway that works."""

import re
from pathlib import Path
from typing import Final

import aiohttp

from sandbox.server import Sandbox
from tests.rigs.api import api
from tests.rigs.customer import Customer
from tests.rigs.gateway import Gateway, bot_channel
from tests.rigs.ports import free_port, listens
from tests.rigs.waiting import eventually

LINE: Final = re.compile(r"^(\w+)(\{.*\})? (\S+)$", re.MULTILINE)


async def test_they_tell_what_came_of_what_came_and_who_is_behind(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    """An operator who is asked where messages are, and whether anything lags."""
    port, said = free_port(), 12
    limits = "[limits]\ninbound_per_minute_max = 5\ninbound_burst_max = 5\n"
    settings = f'[metrics]\nbind = "127.0.0.1:{port}"\n{limits}'
    told: dict[str, float] = {}
    async with (
        Gateway(tmp_path, bot_channel(sandbox, tmp_path) + settings) as gateway,
        aiohttp.ClientSession() as http,
        api(gateway.url, gateway.token) as agent,
        agent.live(),
    ):

        async def all_is_told() -> bool:
            async with http.get(f"http://127.0.0.1:{port}/metrics") as answer:
                text = await answer.text()
            told.update({name + labels: float(value) for name, labels, value in LINE.findall(text)})
            come = [told.get(_inbound(one), 0.0) for one in ("accepted", "limited")]
            behind = [told.get(_behind(one)) for one in FOLLOWERS]
            there = told.get("trunkline_journal_bytes" + INBOX, 0) > 0
            return sum(come) == said and there and not any(behind)

        mei = Customer(sandbox, "mei")
        for n in range(said):
            mei.says(f"{n}")
        await eventually(lambda: listens(port))
        await eventually(all_is_told)
        await gateway.stop()

    assert '"level": "error"' not in gateway.log.read_text()

    assert told[_inbound("limited")] > 0
    assert told[_inbound("accepted")] > 0
    assert [told[_behind(one)] for one in FOLLOWERS] == [0] * len(FOLLOWERS)
    assert told["trunkline_live_listeners"] == 1
    assert told['trunkline_webhook_endpoints{state="disabled"}'] == 0
    operations = told["trunkline_store_round_trip_operations_sum"]
    assert operations >= told["trunkline_store_round_trip_seconds_count"] > 0


FOLLOWERS: Final = ("search", "archive", "live feed", "blocks")
INBOX: Final = '{inbox="tg"}'


def _behind(follower: str) -> str:
    return f'trunkline_follower_behind_events{{follower="{follower}"}}'


def _inbound(outcome: str) -> str:
    return f'trunkline_inbound_total{{inbox="tg",outcome="{outcome}"}}'
