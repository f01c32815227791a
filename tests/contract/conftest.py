"""Every test here runs once for each channel."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sandbox.server import Sandbox
from tests.contract.discord_harness import DiscordHarness
from tests.contract.email_harness import EmailHarness
from tests.contract.harness import Harness
from tests.contract.surroundings import Lent
from tests.contract.telegram_harness import TelegramHarness

HARNESSES: dict[str, type[DiscordHarness | EmailHarness | TelegramHarness]] = {
    "discord": DiscordHarness,
    "email": EmailHarness,
    "telegram": TelegramHarness,
}


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox() as running:
        yield running


@pytest.fixture
def lent(tmp_path: Path) -> Lent:
    return Lent(tmp_path)


@pytest.fixture(params=HARNESSES)
async def harness(request: pytest.FixtureRequest, sandbox: Sandbox, lent: Lent) -> Harness:
    made = HARNESSES[request.param](sandbox)
    await made.begin(lent)
    return made
