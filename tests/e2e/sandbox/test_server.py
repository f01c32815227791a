"""The sandbox as a whole: where it listens, what it tells, how it ends."""

import asyncio
import signal
import sys
from pathlib import Path

import aiohttp
import pytest

from sandbox.server import Sandbox
from tests.e2e.sandbox.rig import Wire
from tests.rigs.waiting import PATIENCE_SECONDS

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.7", "desk.example"])  # noqa: S104
def test_a_host_that_others_could_reach_is_refused(host: str) -> None:
    """There is no login: whoever reaches the sandbox is everybody in it."""
    with pytest.raises(ValueError, match="loopback only"):
        Sandbox(host)


async def test_requests_under_a_foreign_name_are_refused(sandbox: Sandbox, wire: Wire) -> None:
    """A web site whose name points at 127.0.0.1 must not get in."""
    headers = {"Host": "evil.example"}
    async with wire.http.get(f"{sandbox.http_url}/control", headers=headers) as response:
        assert response.status == 403


async def test_a_form_post_from_a_foreign_page_is_refused(sandbox: Sandbox, wire: Wire) -> None:
    url = f"{sandbox.http_url}/control/telegram/say"
    async with wire.http.post(url, data={"person": "mei", "text": "x"}) as response:
        body = await response.json()

    assert (response.status, body) == (400, {"error": "send application/json"})


async def test_the_addresses_and_logins_are_told(sandbox: Sandbox, wire: Wire) -> None:
    about = await wire.get("")

    assert about == sandbox.describe()
    assert about["telegram_base_url"] == f"{sandbox.http_url}/bot"
    assert 0 not in (sandbox.http_port, sandbox.smtp_port, sandbox.imap_port)


async def test_the_same_seed_gives_the_same_world() -> None:
    async with Sandbox(seed=7) as one, Sandbox(seed=7) as two, Sandbox(seed=8) as other:
        assert (one.bot_token, one.mail_password) == (two.bot_token, two.mail_password)
        assert one.bot_token != other.bot_token


async def test_a_person_can_be_added_and_a_wrong_request_says_why(
    sandbox: Sandbox, wire: Wire
) -> None:
    await wire.post(
        "/persons",
        key="bo",
        first_name="Bo",
        telegram_id=5_550_001_112,
        username="bo_l",
        address="bo@post.example",
    )
    said = await wire.post("/telegram/say", person="bo", text="hi")

    url = f"{sandbox.http_url}/control/telegram/say"
    async with wire.http.post(url, json={"person": "nobody", "text": "hi"}) as unknown:
        told = await unknown.json()
    async with wire.http.post(url, json={"person": "mei", "text": 7}) as wrong:
        explained = await wrong.json()

    assert said["chat"]["id"] == 5_550_001_112
    assert (unknown.status, told["error"][:18]) == (404, "no person 'nobody'")
    assert (wrong.status, explained["error"]) == (400, "'text' must be a string")


async def test_the_feed_tells_changes_and_resumes(sandbox: Sandbox, wire: Wire) -> None:
    sandbox.phone.say("mei", "one")
    first = sandbox.world.feed.seq

    async with wire.http.get(f"{sandbox.http_url}/control/feed?after={first - 1}") as stream:
        seen = await _read_until(stream, f"id: {first}\n")
        sandbox.phone.say("jonas", "two")
        live = await _read_until(stream, f"id: {first + 1}\n")

    assert '"kind":"telegram.message","person":"mei"' in seen
    assert '"kind":"telegram.message","person":"jonas"' in live


async def test_the_page_is_strict_and_frames_only_the_agent(sandbox: Sandbox, wire: Wire) -> None:
    sandbox.agent_url = "http://127.0.0.1:9/agent#k=secret"
    async with wire.http.get(sandbox.page_url) as response:
        policy = response.headers["Content-Security-Policy"]
        html = await response.text()

    assert "default-src 'none'; script-src 'self'; style-src 'self'" in policy
    assert "frame-src http://127.0.0.1:9;" in policy
    assert "unsafe" not in policy
    assert "secret" not in html
    assert "style=" not in html
    assert "onclick" not in html


async def test_open_connections_do_not_hold_up_the_end() -> None:
    """A poll, an idling mail program and a page are always open when the demo is stopped."""
    async with aiohttp.ClientSession() as http:
        async with Sandbox() as sandbox:
            url = f"{sandbox.telegram_base_url}{sandbox.bot_token}/getUpdates?timeout=50"
            poll = asyncio.create_task(_status(http, url))
            page = asyncio.create_task(_status(http, f"{sandbox.http_url}/control/feed"))
            reader, writer = await asyncio.open_connection("127.0.0.1", sandbox.imap_port)
            login = f"a LOGIN {sandbox.mail_user} {sandbox.mail_password}\r\n"
            writer.write(login.encode() + b"b SELECT INBOX\r\nc IDLE\r\n")
            await reader.readuntil(b"+ idling\r\n")
            _, other = await asyncio.open_connection("127.0.0.1", sandbox.smtp_port)
            started = asyncio.get_running_loop().time()
        assert asyncio.get_running_loop().time() - started < 25
        await asyncio.gather(poll, page)
        for open_writer in (writer, other):
            open_writer.transport.abort()


async def test_the_command_prints_addresses_and_ends_on_a_signal() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "sandbox", cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(20):
            line = await process.stdout.readline()
            process.send_signal(signal.SIGTERM)
            rest = await process.stdout.read()
            code = await process.wait()
    finally:
        if process.returncode is None:
            process.kill()

    assert line.startswith(b"page_url           http://127.0.0.1:")
    assert b"bot_token" in rest
    assert code == 0


async def _status(http: aiohttp.ClientSession, url: str) -> int | None:
    try:
        async with http.get(url) as response:
            await response.read()
            return response.status
    except aiohttp.ClientError:
        return None


async def _read_until(stream: aiohttp.ClientResponse, mark: str) -> str:
    """The event that begins with the mark, which comes."""
    seen = ""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while mark not in seen or not seen.endswith("\n\n"):
            seen += (await stream.content.readany()).decode()
    return seen
