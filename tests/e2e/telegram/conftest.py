"""A fresh world and an empty core for each test."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from adapters.telegram.adapter import TelegramAdapter, open_adapter
from sandbox.server import Sandbox
from tests.e2e.telegram.rig import Core, Directory, settings


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox() as started:
        yield started


@pytest.fixture
def core(tmp_path: Path) -> Core:
    return Core(Directory(tmp_path))


@pytest.fixture
async def adapter(sandbox: Sandbox, core: Core) -> AsyncIterator[TelegramAdapter]:
    options = settings(sandbox.http_url, sandbox.bot_token)
    async with open_adapter(options, core.surroundings()) as opened:
        yield opened
