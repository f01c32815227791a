"""A running sandbox, and the ways to talk to it."""

from collections.abc import AsyncIterator

import aiohttp
import aioimaplib  # type: ignore[import-untyped]
import pytest
from telegram import Bot

from sandbox.server import Sandbox
from tests.e2e.sandbox.rig import Wire


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox() as running:
        yield running


@pytest.fixture
async def wire(sandbox: Sandbox) -> AsyncIterator[Wire]:
    async with aiohttp.ClientSession() as session:
        yield Wire(sandbox, session)


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
