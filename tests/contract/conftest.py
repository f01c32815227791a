"""Every test here runs once for each channel."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sandbox.server import Sandbox
from tests.contract.email_harness import EmailHarness
from tests.contract.harness import Harness
from tests.contract.surroundings import Lent
from tests.contract.telegram_harness import TelegramHarness

HARNESSES: dict[str, type[EmailHarness | TelegramHarness]] = {
    "email": EmailHarness,
    "telegram": TelegramHarness,
}


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox() as running:
        yield running


@pytest.fixture(params=HARNESSES)
def harness(request: pytest.FixtureRequest, sandbox: Sandbox) -> Harness:
    return HARNESSES[request.param](sandbox)


@pytest.fixture
def lent(tmp_path: Path) -> Lent:
    return Lent(tmp_path)
