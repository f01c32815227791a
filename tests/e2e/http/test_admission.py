"""What a token opens, how often it may ask, and how slow it is to guess one."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from gateway.http.admission import WRONG_PER_MINUTE, Admission
from gateway.http.problems import RequestRefused
from gateway.scopes import Scope
from gateway.tokens import Tokens
from tests.e2e.http.rig import Served

CONVERSATIONS = "/api/v1/conversations"
EXTRA = 5


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


async def test_a_token_opens_what_its_scopes_say_and_names_what_it_lacks(desk: Served) -> None:
    """A program that counts conversations must not be able to write to customers."""
    reads = bearer(desk.rig.desk.tokens.create("Report", frozenset({Scope.CONVERSATIONS_READ})))

    read = await desk.stranger.get(CONVERSATIONS, headers=reads)
    wrote = await desk.stranger.post(
        f"{CONVERSATIONS}/T-0000-0/replies", headers=reads, json={"text": "Hello"}
    )

    assert read.status_code == 200
    assert (wrote.status_code, wrote.json()["code"]) == (403, "missing_scope")
    assert "messages:write" in wrote.json()["detail"]
    assert 'scope="messages:write"' in wrote.headers["www-authenticate"]


async def test_a_token_that_expired_opens_nothing(desk: Served) -> None:
    token = desk.rig.desk.tokens.create("Temp", lifetime=timedelta(microseconds=1))

    answer = await desk.stranger.get(CONVERSATIONS, headers=bearer(token))

    assert (answer.status_code, answer.json()["code"]) == (401, "unauthorized")


async def test_who_asks_too_often_is_told_how_long_to_wait_and_others_go_on(desk: Served) -> None:
    """A program in a loop must not take the gateway away from the agents."""
    greedy = bearer(desk.rig.desk.tokens.create("Loop", per_minute=EXTRA))

    answers = [await desk.stranger.get(CONVERSATIONS, headers=greedy) for _ in range(EXTRA + 1)]
    other = await desk.http.get(CONVERSATIONS)

    assert [one.status_code for one in answers] == [200] * EXTRA + [429]
    assert answers[0].headers["ratelimit"] == f'"minute";r={EXTRA - 1};t=0'
    assert answers[-1].json()["code"] == "too_many_requests"
    assert 1 <= int(answers[-1].headers["retry-after"]) <= 60 / EXTRA
    assert other.status_code == 200


async def test_guessing_is_slow_and_locks_nobody_out(desk: Served) -> None:
    """An office has one address: one program with an old token must not close the door for all."""
    assert (await desk.http.get(CONVERSATIONS)).status_code == 200
    fresh = bearer(desk.rig.desk.tokens.create("New"))

    guesses = await asyncio.gather(
        *(
            desk.stranger.get(CONVERSATIONS, headers=bearer(f"tl_guess_{number}"))
            for number in range(WRONG_PER_MINUTE + EXTRA)
        )
    )
    known = await desk.http.get(CONVERSATIONS)
    unknown = await desk.stranger.get(CONVERSATIONS, headers=fresh)

    codes = [one.status_code for one in guesses]
    assert (codes.count(401), codes.count(429)) == (WRONG_PER_MINUTE, EXTRA)
    assert (known.status_code, unknown.status_code) == (200, 429)


def test_guesses_are_counted_by_address_and_by_network_where_addresses_are_cheap(
    tmp_path: Path,
) -> None:
    """Whoever is given 2^64 addresses would else have as many guesses."""
    admission = Admission(Tokens(tmp_path))

    for number in range(WRONG_PER_MINUTE):
        assert _code(admission, f"2001:db8:1:2::{number:x}") == "unauthorized"

    assert _code(admission, "2001:db8:1:2:ffff::1") == "too_many_requests"
    assert _code(admission, "2001:db8:1:3::1") == "unauthorized"
    assert _code(admission, "192.0.2.1") == "unauthorized"


def _code(admission: Admission, address: str) -> str:
    with pytest.raises(RequestRefused) as refused:
        admission.admit("Bearer tl_no_token", address)
    return refused.value.code
