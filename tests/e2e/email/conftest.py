"""The sandbox's mail host, and a mailbox of it as a channel."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sandbox.server import Sandbox
from tests.contract.email_harness import EmailHarness
from tests.contract.harness import Person
from tests.contract.surroundings import Lent


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox() as running:
        yield running


@pytest.fixture
def host(sandbox: Sandbox) -> EmailHarness:
    return EmailHarness(sandbox)


@pytest.fixture
def lent(tmp_path: Path) -> Lent:
    return Lent(tmp_path)


@pytest.fixture
def mei(host: EmailHarness) -> Person:
    return host.person("mei")
