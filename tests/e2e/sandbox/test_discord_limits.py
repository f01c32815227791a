"""How the sandbox's Discord makes its clients wait: buckets, the limit over all, and Cloudflare."""

from collections.abc import AsyncIterator, Callable
from dataclasses import replace

import aiohttp
import pytest

from sandbox.errors import ActError
from sandbox.faults import Fault, Kind
from sandbox.server import Sandbox
from tests.rigs.discord_rest import Rest
from tests.rigs.waiting import eventually

NOON = 1_800_000_000.0
GET_ME = "/users/@me"


class Clock:
    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def rest(clock: Clock) -> AsyncIterator[Rest]:
    async with Sandbox(now=clock) as sandbox, Rest.of(sandbox) as rest:
        yield rest


def _strict(rest: Rest, **more: int) -> None:
    state = rest.sandbox.world.discord
    state.settings = replace(state.settings, strict_buckets=True, **more)


def _messages(rest: Rest, channel: str) -> str:
    return f"/channels/{rest.sandbox.world.discord.channel(channel).id}/messages"


async def test_a_channels_bucket_runs_empty_and_is_filled_again(rest: Rest, clock: Clock) -> None:
    """Who does not read the headers is told to wait, and in the end banned."""
    _strict(rest)
    answers = [
        await rest.ask("POST", _messages(rest, "support"), {"content": "a"}) for _ in range(6)
    ]
    elsewhere = await rest.ask("POST", _messages(rest, "general"), {"content": "a"})
    clock.now += 5.0
    later = await rest.ask("POST", _messages(rest, "support"), {"content": "a"})

    assert [one.headers["X-RateLimit-Remaining"] for one in answers] == list("432100")
    assert [one.status for one in answers] == [200] * 5 + [429]
    limited = answers[-1]
    assert limited.body["retry_after"] == 5.0
    assert limited.body["global"] is False
    assert limited.headers["X-RateLimit-Scope"] == "user"
    assert limited.headers["X-RateLimit-Limit"] == "5"
    assert float(limited.headers["X-RateLimit-Reset"]) == clock.now
    assert elsewhere.headers["X-RateLimit-Bucket"] == limited.headers["X-RateLimit-Bucket"]
    assert (elsewhere.status, later.status) == (200, 200)


async def test_all_routes_together_have_a_limit_of_their_own(rest: Rest, clock: Clock) -> None:
    """A rush on many channels at once is stopped although each bucket has room."""
    _strict(rest, requests_per_second=3)
    answers = [await rest.ask("GET", GET_ME) for _ in range(4)]
    clock.now += 1.0
    later = await rest.ask("GET", GET_ME)

    assert [one.status for one in answers] == [200, 200, 200, 429]
    assert answers[-1].body["global"] is True
    assert answers[-1].headers["X-RateLimit-Global"] == "true"
    assert answers[-1].headers["X-RateLimit-Scope"] == "global"
    assert "X-RateLimit-Bucket" not in answers[-1].headers
    assert later.status == 200


async def test_who_asks_in_vain_too_often_is_shut_out_for_a_while(rest: Rest, clock: Clock) -> None:
    """A client that repeats what is forbidden takes the whole address off Discord."""
    state = rest.sandbox.world.discord
    state.settings = replace(state.settings, invalid_requests_max=3)
    for _ in range(3):
        await rest.ask("GET", GET_ME, token="wrong")
    shut_out = await rest.ask("GET", GET_ME)
    clock.now += 600.0
    later = await rest.ask("GET", GET_ME)

    assert shut_out.status == 429
    assert shut_out.headers["Content-Type"].startswith("text/html")
    assert "Via" not in shut_out.headers
    assert later.status == 200


async def test_an_enforced_nonce_is_forgotten_after_a_while(rest: Rest, clock: Clock) -> None:
    """A send that is repeated an hour later is doubled by Discord, so it must not be repeated."""
    body = {"content": "a", "nonce": "n", "enforce_nonce": True}
    path = _messages(rest, "support")
    first = await rest.done("POST", path, body)
    clock.now += 299.0
    second = await rest.done("POST", path, body)
    clock.now += 2.0
    third = await rest.done("POST", path, body)
    unenforced = await rest.done("POST", path, body | {"enforce_nonce": False})

    assert first["id"] == second["id"]
    assert len({first["id"], third["id"], unenforced["id"]}) == 3


async def test_a_nonce_is_told_with_the_send_and_never_again(rest: Rest) -> None:
    """Who looks for it in the history, to learn whether a reply has arrived, never finds it."""
    path = _messages(rest, "support")
    sent = await rest.done("POST", path, {"content": "a", "nonce": "n"})
    edited = await rest.done("PATCH", f"{path}/{sent['id']}", {"content": "b"})
    (listed,) = await rest.done("GET", path)

    assert sent["nonce"] == "n"
    assert not {"nonce"} & (edited.keys() | listed.keys())


@pytest.mark.parametrize("scope", ["user", "shared", "global"])
@pytest.mark.parametrize("via", [True, False])
async def test_a_fault_can_limit_as_discord_or_as_who_stands_before_it(
    rest: Rest, scope: str, *, via: bool
) -> None:
    """discord.py waits and repeats only what Discord itself has limited."""
    fault = Fault("discord", "get_my_user", Kind.RATE_LIMIT, retry_after=0.25, scope=scope, via=via)
    rest.sandbox.world.faults.add(fault)

    limited = await rest.ask("GET", GET_ME)
    again = await rest.ask("GET", GET_ME)

    assert (limited.status, limited.body["retry_after"]) == (429, 0.25)
    assert limited.body["global"] is (scope == "global")
    assert limited.headers["X-RateLimit-Scope"] == scope
    assert limited.body.get("code") == (20028 if scope == "shared" else None)
    assert ("Via" in limited.headers) is via
    assert again.status == 200


@pytest.mark.parametrize(
    ("fault", "fits"),
    [
        (
            {"kind": Kind.RATE_LIMIT, "html": True},
            lambda one: one.status == 429 and "1015" in one.body and "Via" not in one.headers,
        ),
        (
            {"kind": Kind.SERVER_ERROR, "status": 503},
            lambda one: one.status == 503 and one.code == 0,
        ),
        (
            {"kind": Kind.SERVER_ERROR, "html": True},
            lambda one: one.status == 502 and "<html>" in one.body,
        ),
        ({"kind": Kind.UNAUTHORISED}, lambda one: one.status == 401),
        ({"kind": Kind.BLOCKED}, lambda one: (one.status, one.code) == (403, 50007)),
    ],
)
async def test_a_fault_refuses_without_effect(
    rest: Rest, fault: dict[str, object], fits: Callable[[object], bool]
) -> None:
    """Each of these is met sooner or later, and most are no reason to give up."""
    rest.sandbox.world.faults.add(Fault("discord", "create_message", **fault))  # type: ignore[arg-type]

    refused = await rest.ask("POST", _messages(rest, "support"), {"content": "a"})

    assert fits(refused)
    assert not rest.sandbox.discord.texts("mei", "support")


@pytest.mark.parametrize(
    ("method", "kind", "more", "words"),
    [
        ("create_message", Kind.CONFLICT, {}, "discord's calls take"),
        ("create_message", Kind.RATE_LIMIT, {"scope": "world"}, "'scope' must be one of"),
        ("create_message", Kind.OMIT, {}, "imap only"),
    ],
)
def test_a_fault_that_could_do_nothing_is_refused(
    method: str, kind: Kind, more: dict[str, str], words: str
) -> None:
    """A test of it would pass without having tried anything."""
    with pytest.raises(ActError, match=words):
        Fault("discord", method, kind, **more)  # type: ignore[arg-type]


async def test_discords_port_can_refuse_connections_for_a_while(rest: Rest) -> None:
    """An outage is not always announced by an answer."""
    rest.sandbox.close_for(1.0, discord=True)

    async def refused() -> bool:
        try:
            await rest.ask("GET", GET_ME)
        except aiohttp.ClientError:
            return True
        return False

    async def answered() -> bool:
        return not await refused()

    await eventually(refused)
    await eventually(answered)


async def test_faults_strike_the_channel_they_are_meant_for(rest: Rest) -> None:
    """A test of one conversation would fail another."""
    support = str(rest.sandbox.world.discord.channel("support").id)
    fault = Fault("discord", "create_message", Kind.SERVER_ERROR, count=0, target=support)
    rest.sandbox.world.faults.add(fault)

    struck = await rest.ask("POST", _messages(rest, "support"), {"content": "a"})
    spared = await rest.ask("POST", _messages(rest, "general"), {"content": "a"})

    assert (struck.status, spared.status, fault.fired) == (502, 200, 1)
