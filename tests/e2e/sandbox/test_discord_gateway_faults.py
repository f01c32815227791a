"""What can go wrong on the gateway goes wrong when it is told to, and as it is told to."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, suppress
from typing import Any

import aiohttp
import pytest
import zstandard

from sandbox.discord.kinds import PRIVILEGED
from sandbox.discord.weather import discord_storm
from sandbox.errors import ActError
from sandbox.faults import Fault, Kind
from sandbox.server import Sandbox
from tests.e2e.sandbox.rig import Wire
from tests.rigs.discord_client import Socket, gateway_socket
from tests.rigs.waiting import eventually

CREATED = "gateway.MESSAGE_CREATE"
CONNECTIONS_MAX = 300


@pytest.fixture
async def line(sandbox: Sandbox) -> AsyncIterator[Socket]:
    sandbox.discord.grant(PRIVILEGED)
    async with gateway_socket(sandbox, "zlib-stream") as opened:
        await opened.frame()
        await opened.identify(sandbox.discord_token)
        await opened.event("GUILD_CREATE")
        yield opened


def strike(sandbox: Sandbox, kind: Kind, method: str = CREATED, **more: Any) -> None:
    sandbox.world.faults.add(Fault("discord", method, kind, **more))


def say(sandbox: Sandbox, *texts: str) -> None:
    for text in texts:
        sandbox.discord.say("mei", text)


async def contents(line: Socket, count: int) -> list[str]:
    return [(await line.event("MESSAGE_CREATE"))["d"]["content"] for _ in range(count)]


async def test_an_event_comes_twice_late_or_after_its_successor(
    sandbox: Sandbox, line: Socket
) -> None:
    """An adapter that trusts the order, or counts on once, would pass its tests."""
    strike(sandbox, Kind.DUPLICATE)
    strike(sandbox, Kind.REORDER, nth=2, seconds=5)
    strike(sandbox, Kind.SLOW_AFTER, nth=3, seconds=0.01)

    say(sandbox, "a", "b", "c", "d")

    assert await contents(line, 5) == ["a", "a", "c", "b", "d"]


async def test_an_event_that_nothing_overtakes_comes_all_the_same(
    sandbox: Sandbox, line: Socket
) -> None:
    """The last message of a test would be lost by the emulator itself."""
    strike(sandbox, Kind.REORDER, seconds=0.01)

    say(sandbox, "alone")

    assert await contents(line, 1) == ["alone"]


@pytest.mark.parametrize(
    ("kind", "key", "is_broken"),
    [
        (Kind.MISSING, "d.author", lambda frame: "author" not in frame["d"]),
        (Kind.MISSING, "", lambda frame: "d" not in frame),
        (Kind.MISSING, "s", lambda frame: "s" not in frame),
        (Kind.WRONG_TYPE, "d.id", lambda frame: isinstance(frame["d"]["id"], dict)),
        (Kind.WRONG_TYPE, "op", lambda frame: isinstance(frame["op"], dict)),
    ],
)
async def test_a_frame_can_lack_something_or_hold_something_else(
    sandbox: Sandbox, line: Socket, kind: Kind, key: str, is_broken: Any
) -> None:
    """One frame of an unexpected shape would end an adapter in production."""
    strike(sandbox, kind, key=key)

    say(sandbox, "broken", "whole")

    assert is_broken(await line.frame())
    assert await contents(line, 1) == ["whole"]


async def test_a_frame_can_be_half_json_or_damaged(sandbox: Sandbox, line: Socket) -> None:
    """A decoder that fails would take the client with it."""
    strike(sandbox, Kind.GARBLED)
    strike(sandbox, Kind.DAMAGED, nth=2)

    say(sandbox, "half", "damaged")

    with pytest.raises(ValueError, match=r"Unterminated|Expecting|delimiter"):
        await line.frame()
    with pytest.raises(Exception, match=r"Error -3|codec|Expecting|Extra data|Invalid"):
        await line.frame()


async def test_frames_come_that_nobody_knows(sandbox: Sandbox, line: Socket) -> None:
    """Discord adds events and opcodes without asking."""
    strike(sandbox, Kind.UNKNOWN_OP)
    strike(sandbox, Kind.UNKNOWN_EVENT, nth=2)

    say(sandbox, "a", "b")
    frames = [await line.frame() for _ in range(4)]

    assert [frame["t"] for frame in frames] == [
        None,
        "MESSAGE_CREATE",
        "MESSAGE_CREATE",
        "PARROT_LANDED",
    ]
    assert frames[3]["s"] == frames[2]["s"] + 1


@pytest.mark.parametrize(
    ("kind", "more", "code"),
    [
        (Kind.DROP_BEFORE, {}, 1006),
        (Kind.RESET, {}, 1006),
        (Kind.CLOSE, {"code": 4000}, 4000),
        (Kind.CLOSE, {"code": 4009}, 4009),
    ],
)
async def test_a_connection_ends_as_it_is_told_to(
    sandbox: Sandbox, line: Socket, kind: Kind, more: dict[str, Any], code: int
) -> None:
    """Each way of ending asks for another way of coming back."""
    strike(sandbox, kind, **more)

    say(sandbox, "never on this connection")

    assert await line.closed() in (code, None)
    assert bool(sandbox.discord_gateway.sessions) == (code != 4009)


async def test_op_7_and_op_9_come_instead_of_an_event(sandbox: Sandbox, line: Socket) -> None:
    """The event in whose place they came has to be fetched by a resume."""
    strike(sandbox, Kind.INVALID_SESSION)

    say(sandbox, "a")
    invalid = await line.frame()
    ready = await line.identify(sandbox.discord_token)
    strike(sandbox, Kind.RECONNECT)
    say(sandbox, "b")
    await line.event("GUILD_CREATE")
    again = await line.frame()

    assert (invalid["op"], invalid["d"]) == (9, False)
    assert again["op"] == 7
    assert set(sandbox.discord_gateway.sessions) == {ready["session_id"]}


async def test_hello_and_acks_can_stay_out(sandbox: Sandbox) -> None:
    """A client would wait for either as long as its test."""
    strike(sandbox, Kind.OMIT, "gateway.HELLO")
    strike(sandbox, Kind.OMIT, "gateway.HEARTBEAT_ACK")
    async with gateway_socket(sandbox) as line:
        await line.say(1, None)
        await line.say(1, None)

        assert (await line.frame())["op"] == 11
        await line.identify(sandbox.discord_token, intents=1)


async def test_a_resume_can_find_nothing_or_bring_too_much(sandbox: Sandbox, line: Socket) -> None:
    """A watermark that trusts the replay would double what was said, or miss it."""
    say(sandbox, "a", "b")
    strike(sandbox, Kind.DUPLICATE, "gateway.RESUME")
    strike(sandbox, Kind.LOST, "gateway.RESUME", nth=2)
    (session,) = sandbox.discord_gateway.sessions.values()
    heard: list[str | None] = []
    frame: dict[str, Any] = {}
    for _ in range(2):
        async with gateway_socket(sandbox) as again:
            await again.frame()
            await again.resume(sandbox.discord_token, session.id, session.seq)
            while (frame := await again.frame())["op"] == 0 and frame["t"] != "RESUMED":
                heard.append(frame["d"].get("content"))

    assert heard[-2:] == ["a", "b"]
    assert (frame["op"], frame["d"]) == (9, False)


async def test_faults_that_a_gateway_cannot_have_are_refused(sandbox: Sandbox) -> None:
    """A test would wait for a fault that never strikes."""
    for method, kind in [
        ("gateway.connect", Kind.GARBLED),
        ("gateway.RESUME", Kind.HANG),
        ("gateway.MESSAGE_CREATE", Kind.UNAUTHORISED),
        ("create_message", Kind.RECONNECT),
    ]:
        with pytest.raises(ActError):
            strike(sandbox, kind, method)


async def test_a_connection_that_hangs_ends_with_the_sandbox() -> None:
    """Each test with one would leave a socket behind, and the last of them be blamed."""
    async with AsyncExitStack() as running:
        sandbox = await running.enter_async_context(Sandbox())
        sandbox.discord.grant(PRIVILEGED)
        async with gateway_socket(sandbox) as line:
            await line.identify(sandbox.discord_token)
            strike(sandbox, Kind.HANG)
            say(sandbox, "anybody?")
            (ours,) = sandbox.discord_gateway.lines
            await eventually(lambda: ours.hangs)

            await running.aclose()
            assert sandbox.discord_gateway.lines == []


async def events(line: Socket, seq: int) -> AsyncIterator[tuple[int, str | None]]:
    """(seq, content) of the events after `seq` in order, until something is wrong."""
    while True:
        frame = await line.frame()
        op, number, data = (frame.get(name) for name in ("op", "s", "d"))
        if type(op) is not int or op in (7, 9):
            return
        if op != 0 or (type(number) is int and number <= seq):
            continue
        if number != seq + 1 or not isinstance(data, dict):
            return
        if "content" in data and not isinstance(data.get("id"), str):
            return
        seq = number
        yield seq, data.get("content")


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_through_a_storm_a_client_that_resumes_hears_everything(
    sandbox: Sandbox, seed: int
) -> None:
    """A storm that itself loses events would blame every adapter."""
    sandbox.discord.grant(PRIVILEGED)
    async with gateway_socket(sandbox) as line:
        session_id = (await line.identify(sandbox.discord_token))["session_id"]
    storm = discord_storm(seed, strength=1.5, slow_seconds=0.001)
    sandbox.world.faults.storms.append(storm)
    say(sandbox, *(str(number) for number in range(60)))
    heard: list[str] = []
    seq = 1
    for _ in range(CONNECTIONS_MAX):
        with suppress(aiohttp.ClientError, ConnectionError, zstandard.ZstdError, ValueError):
            async with gateway_socket(sandbox, "zstd-stream") as line:
                await line.resume(sandbox.discord_token, session_id, seq)
                async for number, text in events(line, seq):
                    seq = number
                    heard += [] if text is None else [text]
        if len(heard) == 60:
            break

    assert heard == [str(number) for number in range(60)]
    assert len(storm.count()) >= 5


async def test_the_control_api_strikes_the_gateway(sandbox: Sandbox, wire: Wire) -> None:
    """Somebody who tests by curl could not break a connection."""
    sandbox.discord.grant(PRIVILEGED)
    async with gateway_socket(sandbox) as line:
        await line.frame()
        ready = await line.identify(sandbox.discord_token)
        shown = await wire.get("/discord/gateway")
        await wire.post("/discord/gateway", act="inject", event="TYPING_START", data={"x": 1})
        injected = await line.event("TYPING_START")
        struck = await wire.post("/discord/gateway", act="close", code=4000)

        assert await line.closed() == 4000
    assert shown["sessions"][0]["id"] == ready["session_id"]
    assert injected["d"] == {"x": 1}
    assert struck == {"connections": 1}
