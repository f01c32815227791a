"""Receivers that do us no good: each costs one attempt, bounded in time and size, and no event."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from gateway.webhooks.line import RESPONSE_BYTES_MAX, Line
from gateway.webhooks.targets import Allowed
from tests.e2e.http.rig import Served
from tests.e2e.webhooks.made import logged
from tests.rigs.events import says, thread
from tests.rigs.waiting import eventually

Answers = Callable[[asyncio.StreamWriter], Awaitable[None]]

SECONDS = 0.5
OK = b"HTTP/1.1 200 OK\r\n"


async def drips(to: asyncio.StreamWriter) -> None:
    to.write(OK + b"Content-Length: 100000\r\n\r\n")
    while True:
        to.write(b"x")
        await to.drain()
        await asyncio.sleep(0.01)


async def drips_its_headers(to: asyncio.StreamWriter) -> None:
    for byte in OK + b"X: " + b"y" * 5000:
        to.write(bytes([byte]))
        await to.drain()
        await asyncio.sleep(0.01)


async def talks_without_end(to: asyncio.StreamWriter) -> None:
    await _without_end(
        to, OK + b"Transfer-Encoding: chunked\r\n\r\n", b"10000\r\n" + b"x" * 65536 + b"\r\n"
    )


async def has_headers_without_end(to: asyncio.StreamWriter) -> None:
    await _without_end(to, OK, b"X-More: " + b"y" * 4000 + b"\r\n")


async def has_one_header_without_end(to: asyncio.StreamWriter) -> None:
    await _without_end(to, OK + b"X: ", b"y" * 65536)


async def says_what_is_no_http(to: asyncio.StreamWriter) -> None:
    to.write(b"\x00\xff hello\r\n\r\n")


async def hangs_up(to: asyncio.StreamWriter) -> None:
    to.transport.abort()


async def _without_end(to: asyncio.StreamWriter, first: bytes, then: bytes) -> None:
    to.write(first)
    while True:
        to.write(then)
        await to.drain()


@asynccontextmanager
async def listening(answers: Answers, told: list[bytes]) -> AsyncIterator[str]:
    """-> the URL. `told` are the heads of the requests, each read with its body."""

    async def answer(heard: asyncio.StreamReader, to: asyncio.StreamWriter) -> None:
        head = await heard.readuntil(b"\r\n\r\n")
        length = head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
        await heard.readexactly(int(length))
        told.append(head)
        try:
            await answers(to)
        except ConnectionError:  # the other side has had enough
            pass
        finally:
            to.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/hook"


@pytest.mark.parametrize(
    ("answers", "ok"),
    [
        (drips, True),
        (talks_without_end, True),
        (drips_its_headers, False),
        (has_headers_without_end, False),
        (has_one_header_without_end, False),
        (says_what_is_no_http, False),
        (hangs_up, False),
    ],
)
async def test_no_answer_takes_more_than_its_time_and_room(answers: Answers, ok: bool) -> None:
    """One receiver could hold what all others need."""
    told: list[bytes] = []

    async with (
        listening(answers, told) as url,
        Line(url, Allowed(("127.0.0.1",)), SECONDS, 1) as line,
    ):
        outcome = await line.post(b"{}", {}, 0)

    assert (outcome.ok, len(told)) == (ok, 1)
    assert bool(outcome.error) is not ok
    assert outcome.duration_ms < 10 * SECONDS * 1000
    assert len(outcome.response) <= RESPONSE_BYTES_MAX


async def test_whoever_hangs_up_instead_of_answering_is_told_the_same_again(desk: Served) -> None:
    """Whether it was taken nobody knows: by the id a receiver sees that it has it already."""
    told: list[bytes] = []
    async with listening(hangs_up, told) as url:
        body = {"url": url, "events": ["message.received"]}
        webhook = (await desk.http.post("/api/v1/webhooks", json=body)).json()["webhook"]["id"]
        await desk.rig.hears(says(thread("5"), "mei", "hello"))
        await eventually(lambda: logged(desk, webhook, "waiting", attempts=1))

        await desk.http.post(f"/api/v1/webhooks/{webhook}/resume")
        await eventually(lambda: len(told) == 2)

    ids = {
        line
        for head in told
        for line in head.split(b"\r\n")
        if line.lower().startswith(b"webhook-id: ")
    }
    assert len(ids) == 1
