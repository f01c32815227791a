"""The machine's own Chromium, driven by Playwright: none is downloaded."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, ConsoleMessage, Page, async_playwright

from tests.e2e.http.rig import Served, served
from tests.rigs.needs import chromium
from tests.rigs.redis_server import RedisServer

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        started = await playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        yield started
        await started.close()


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Served]:
    with RedisServer() as redis:
        async with served(redis.url, tmp_path) as running:
            yield running


@pytest.fixture
def tolerated() -> list[str]:
    """What a browser says of refusals that a test is about; a test adds its own."""
    return ["status of 503", "net::ERR_FAILED"]


@pytest.fixture
async def page(desk: Served, browser: Browser, tolerated: list[str]) -> AsyncIterator[Page]:
    """A browser's page, which must end without an error or a breach of the page's policy."""
    complaints: list[str] = []

    def note(message: ConsoleMessage) -> None:
        expected = any(words in message.text for words in tolerated)
        if message.type in ("error", "warning") and not expected:
            complaints.append(message.text)

    page = await browser.new_page(viewport={"width": 1200, "height": 800})
    page.on("console", note)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    await page.close()
    assert complaints == []
