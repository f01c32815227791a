"""Every route of the sandbox's Discord, and whether its answers are as Discord describes them."""

import os
import re
from collections.abc import AsyncIterator

import pytest

from sandbox.discord.rest.table import ROUTES, Route
from sandbox.server import Sandbox
from tests.rigs.discord_rest import Exchange, Rest
from tests.rigs.discord_tour import walk
from tests.rigs.openapi import Description

DESCRIPTION = "TRUNKLINE_DISCORD_OPENAPI"
UNDESCRIBED = {"refresh_urls"}
"""Documented, but not part of the description."""


@pytest.fixture
async def exchanges(sandbox: Sandbox) -> AsyncIterator[list[Exchange]]:
    """All that was asked and answered on a walk past all routes."""
    async with Rest.of(sandbox) as rest:
        await walk(sandbox, rest)
        yield rest.exchanges


async def test_every_route_is_answered_as_clients_need_it(exchanges: list[Exchange]) -> None:
    """discord.py takes what is not exactly application/json for text, and fails at login."""
    asked = {_route(one).name for one in exchanges}

    assert asked == {route.name for route in ROUTES}
    for one in exchanges:
        kind = one.answer.headers.get("Content-Type")
        assert kind == "application/json" or one.answer.status == 204, one
        assert one.answer.headers["Via"], one
        assert int(one.answer.headers["X-RateLimit-Remaining"]) >= 0, one


async def test_answers_are_as_discord_describes_them(exchanges: list[Exchange]) -> None:
    """What is tested against a Discord of our own making would fail against the real one."""
    path = os.environ.get(DESCRIPTION)
    if not path:
        pytest.skip(f"not run: {DESCRIPTION} names no copy of Discord's OpenAPI description")
    described = Description.load(path)
    complaints = []

    for one in exchanges:
        route, answer = _route(one), one.answer
        known = described.operation(route.method, route.path)
        if known is None:
            assert route.name in UNDESCRIBED
            continue
        assert known["operationId"] == route.name
        found = described.complaints(route.method, route.path, answer.status, answer.body)
        complaints += [f"{route.name}: {words}" for words in found]

    assert complaints == []


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"id": 5, "kind": 1}, "$.id is 5, not string"),
        ({"kind": 1}, "$.id is missing"),
        ({"id": "x", "kind": 1}, "$.id is 'x', not like ^[0-9]+$"),
        ({"id": "5", "kind": 3}, "$.kind is 3, not 1"),
        ({"id": "5", "kind": 2, "names": ["a", None]}, "$.names[1] is None, not string"),
        (None, "$ is None, not object"),
    ],
)
def test_the_check_finds_what_is_wrong(body: object, words: str) -> None:
    """A check that finds nothing would vouch for anything."""
    thing = {
        "type": "object",
        "required": ["id", "kind"],
        "properties": {
            "id": {"$ref": "#/schemas/Id"},
            "kind": {"oneOf": [{"const": 1}, {"const": 2}]},
            "names": {"type": "array", "items": {"type": "string"}},
        },
    }
    content = {"content": {"application/json": {"schema": thing}}}
    described = Description(
        {
            "schemas": {"Id": {"type": "string", "pattern": "^[0-9]+$"}},
            "paths": {"/things/{thing_id}": {"get": {"responses": {"200": content}}}},
        }
    )
    right = {"id": "5", "kind": 2, "names": [], "unknown": 1}

    assert described.complaints("GET", "/things/{id}", 200, right) == []
    assert described.complaints("GET", "/things/{id}", 200, body) == [words]
    assert described.complaints("GET", "/things/{id}", 418, right) == ["status 418 is none of 200"]


def _route(exchange: Exchange) -> Route:
    for route in ROUTES:
        path = re.sub(r"\\\{\w*_id\\\}", "[^/@]+", re.escape(route.path))
        pattern = re.sub(r"\\\{\w+\\\}", "[^/]+", path)
        if route.method == exchange.method and re.fullmatch(pattern, exchange.path):
            return route
    raise AssertionError(f"no route for {exchange.method} {exchange.path}")
