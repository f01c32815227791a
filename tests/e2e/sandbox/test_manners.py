"""A platform that is out of reach without refusing anybody."""

import asyncio
import errno
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

import aiohttp
import pytest
from aiohttp import web

from sandbox.certificates import Authority
from sandbox.faults import Fault, Kind
from sandbox.port import Manner, serving
from sandbox.server import Sandbox
from tests.e2e.sandbox.rig import Wire
from tests.rigs.waiting import eventually

PATIENCE_SECONDS = 0.2


async def _answers(wire: Wire) -> bool:
    with suppress(TimeoutError, aiohttp.ClientError):
        async with asyncio.timeout(PATIENCE_SECONDS):
            await wire.result("getMe")
        return True
    return False


def _count(sandbox: Sandbox) -> int:
    return sandbox.world.journal.calls["telegram.getMe"]


async def test_on_half_open_connections_all_that_is_said_is_lost(
    sandbox: Sandbox, wire: Wire
) -> None:
    """Who waits for an answer without an end waits for ever; who asks anew later is served."""
    polling = asyncio.create_task(wire.call("getUpdates", timeout=30))
    await eventually(lambda: sandbox.world.telegram.bots[0].poll is not None)
    served, silent = _count(sandbox), 0

    sandbox.close_for(0.5, manner=Manner.SILENT)

    async def lost_then_answered() -> bool:
        nonlocal served, silent
        answers = await _answers(wire)
        silent += not answers
        served += answers
        return answers and silent > 0

    await eventually(lost_then_answered)
    assert _count(sandbox) == served
    assert not polling.done()
    polling.cancel()


async def test_a_port_can_reset_whom_it_accepts(sandbox: Sandbox, wire: Wire) -> None:
    """A machine that is overrun lets in, and throws out before a word was heard."""
    assert await _answers(wire)
    served = _count(sandbox)

    sandbox.close_for(0.3, manner=Manner.RESET)

    async def reset() -> bool:
        nonlocal served
        try:
            await wire.result("getMe")
        except aiohttp.ClientOSError as error:
            return error.errno == errno.ECONNRESET
        served += 1
        return False

    await eventually(reset)
    assert _count(sandbox) == served
    await eventually(lambda: _answers(wire))


async def test_a_port_goes_away_while_it_takes_leave_of_somebody() -> None:
    """Who was hung up on, and does not say goodbye, would take the whole platform along."""
    left: list[web.Request] = []

    async def hang_up(request: web.Request) -> web.Response:
        assert request.transport
        request.transport.close()
        request.transport.close()
        left.append(request)
        return web.Response()

    app = web.Application()
    app.router.add_get("/", hang_up)
    tls = Authority("Test Authority").context(("localhost",))
    async with serving(app, "127.0.0.1", 0, tls) as port, _silent_client(port.number) as say:
        say(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        await eventually(lambda: bool(left))

        port.close_for(0.0, manner=Manner.SILENT)

        async with aiohttp.ClientSession() as http:

            async def is_back() -> bool:
                with suppress(aiohttp.ClientError, TimeoutError):
                    async with asyncio.timeout(PATIENCE_SECONDS):
                        await http.get(f"https://127.0.0.1:{port.number}/", ssl=False)
                return len(left) > 1

            await eventually(is_back)


@asynccontextmanager
async def _silent_client(port: int) -> AsyncIterator[Callable[[bytes], None]]:
    """-> what it speaks with; it hears nothing, not even goodbye."""
    tls = ssl.create_default_context()
    tls.check_hostname, tls.verify_mode = False, ssl.CERT_NONE
    _, writer = await asyncio.open_connection("127.0.0.1", port, ssl=tls)
    writer.transport.pause_reading()  # type: ignore[attr-defined]
    try:
        yield writer.write
    finally:
        writer.transport.abort()


@pytest.mark.parametrize(
    ("fault", "status", "kind", "hint"),
    [
        ({"retry_after": 2}, 429, "application/json", "2"),
        ({"retry_after": 0}, 429, "application/json", None),
        ({"retry_after": 0, "html": True}, 429, "text/html", None),
    ],
)
@pytest.mark.parametrize("platform", ["telegram", "discord"])
async def test_a_limit_may_say_how_long_it_lasts(
    sandbox: Sandbox,
    wire: Wire,
    platform: str,
    fault: dict[str, float],
    status: int,
    kind: str,
    hint: str | None,
) -> None:
    """A client that needs the hint would crash, or come again at once."""
    sandbox.world.faults.add(Fault(platform, "*", Kind.RATE_LIMIT, **fault))  # type: ignore[arg-type]

    async with _asked(sandbox, wire, platform) as answer:
        found = answer.headers.get("Retry-After")

    assert (answer.status, answer.content_type) == (status, kind)
    assert (found is None) == (hint is None)


@pytest.mark.parametrize("platform", ["telegram", "discord"])
async def test_a_page_may_say_that_all_is_well(sandbox: Sandbox, wire: Wire, platform: str) -> None:
    """A proxy's page is no success, whatever its status."""
    fault = Fault(platform, "*", Kind.SERVER_ERROR, html=True, status=200)
    sandbox.world.faults.add(fault)

    async with _asked(sandbox, wire, platform) as answer:
        page = await answer.text()

    assert (answer.status, answer.content_type) == (200, "text/html")
    assert "<html>" in page


@pytest.mark.parametrize("platform", ["telegram", "discord"])
async def test_a_call_can_be_left_without_any_answer(
    sandbox: Sandbox, wire: Wire, platform: str
) -> None:
    """It ends when the client has enough, and not before."""
    fault = sandbox.world.faults.add(Fault(platform, "*", Kind.HANG))

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(PATIENCE_SECONDS), _asked(sandbox, wire, platform):
            pass

    assert fault.fired == 1


def _asked(sandbox: Sandbox, wire: Wire, platform: str) -> "aiohttp.client._RequestContextManager":
    if platform == "telegram":
        return wire.http.get(f"{sandbox.telegram_base_url}{sandbox.bot_token}/getMe")
    head = {"Authorization": f"Bot {sandbox.discord_token}"}
    url = f"https://{sandbox.discord_route}/api/v10/users/@me"
    return wire.http.get(url, headers=head, ssl=False)
