"""A sandbox, a gateway process beside it, and an agent's program that is signed in."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sandbox.server import Sandbox
from tests.rigs.api import Api, api
from tests.rigs.gateway import Gateway, channels


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox() as started:
        yield started


@pytest.fixture
async def gateway(sandbox: Sandbox, tmp_path: Path) -> AsyncIterator[Gateway]:
    async with Gateway(tmp_path, channels(sandbox, tmp_path)) as running:
        yield running


@pytest.fixture
async def agent(gateway: Gateway) -> AsyncIterator[Api]:
    async with api(gateway.url, gateway.token) as signed_in:
        yield signed_in
