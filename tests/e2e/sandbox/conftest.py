"""A running sandbox, and the ways to talk to it."""

import shutil
from collections.abc import AsyncIterator

import aioimaplib  # type: ignore[import-untyped]
import pytest
from playwright.async_api import ConsoleMessage, Page, async_playwright, expect
from telegram import Bot

from sandbox.server import Sandbox
from tests.e2e.sandbox.rig import Wire

BROWSER = shutil.which("chromium")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox() as running:
        yield running


@pytest.fixture
async def wire(sandbox: Sandbox) -> AsyncIterator[Wire]:
    async with Wire.of(sandbox) as wire:
        yield wire


@pytest.fixture
async def bot(sandbox: Sandbox) -> AsyncIterator[Bot]:
    """python-telegram-bot, as the gateway uses it."""
    async with Bot(
        sandbox.bot_token,
        base_url=sandbox.telegram_base_url,
        base_file_url=sandbox.telegram_file_url,
    ) as running:
        yield running


@pytest.fixture
async def imap(sandbox: Sandbox) -> AsyncIterator[aioimaplib.IMAP4]:
    """aioimaplib, logged in to the support mailbox with INBOX selected."""
    client = aioimaplib.IMAP4("127.0.0.1", sandbox.imap_port, timeout=5)
    await client.wait_hello_from_server()
    await client.login(sandbox.mail_user, sandbox.mail_password)
    await client.select("INBOX")
    yield client
    transport = client.protocol.transport
    if transport is not None:
        transport.abort()


@pytest.fixture
async def page(sandbox: Sandbox) -> AsyncIterator[Page]:
    """The page, which must end without an error or a breach of its policy."""
    if BROWSER is None:
        pytest.skip("not run: no chromium on PATH (apt-get install chromium)")
    complaints: list[str] = []

    def note(message: ConsoleMessage) -> None:
        unreachable = message.text.startswith("Failed to load resource: net::ERR_")
        if message.type in ("error", "warning") and not unreachable:
            complaints.append(message.text)

    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=BROWSER, args=ARGUMENTS)
        page = await browser.new_page()
        page.on("console", note)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        await page.goto(sandbox.page_url, wait_until="domcontentloaded")
        await expect(page.get_by_role("status").filter(has_text="Live")).to_be_visible()
        yield page
        await browser.close()
    assert complaints == []
