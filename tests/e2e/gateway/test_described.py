"""The description of the API is true: of every route, whoever asks, whatever they ask."""

import asyncio
import os
from collections import Counter

import pytest
from hypothesis import settings

from gateway.scopes import ALL
from gateway.tokens import PER_MINUTE_MAX, Tokens
from sandbox.server import Sandbox
from tests.rigs.api import Api
from tests.rigs.customer import Customer
from tests.rigs.described import Tour
from tests.rigs.gateway import Gateway
from tests.rigs.waiting import eventually

LONG = settings().max_examples > 1000 or os.environ.get("CHAOS") == "1"
SEED = 20_261_122
EXAMPLES = {"stranger": 2, "reader": 3, "operator": 8}
MANY = {"stranger": 10, "reader": 20, "operator": 150}


@pytest.mark.timeout(3600 if LONG else 120)
async def test_every_answer_of_every_route_is_as_it_is_described(
    gateway: Gateway, agent: Api, sandbox: Sandbox
) -> None:
    """A client that was generated from the description must be able to take every answer."""
    real = await something_real(agent, Customer(sandbox, "mei"))
    tokens = Tokens(gateway.data_dir)
    tour = Tour(
        gateway.url,
        tokens.create("All", ALL, per_minute=PER_MINUTE_MAX),
        {one: tokens.create("Few", ALL - {one}, per_minute=PER_MINUTE_MAX) for one in ALL},
        real,
        SEED,
    )

    await asyncio.to_thread(tour.run, MANY if LONG else EXAMPLES)

    told: Counter[tuple[str, int]] = Counter()
    for (_, who, code), count in tour.answers.items():
        told[who, code] += count
    print(f"seed {SEED}:", *(f"{who} {code}: {n}," for (who, code), n in sorted(told.items())))
    assert sorted(set(tour.complaints)) == []
    for who, code in (("stranger", 401), ("reader", 403)):
        assert tour.codes(who) <= {code, 404}  # what is no number is no path
        assert tour.asked(who, code) == tour.asked("operator")
    assert tour.codes("operator") >= {200, 201, 202, 204, 404, 422}


async def something_real(agent: Api, customer: Customer) -> dict[str, list[str]]:
    """Two conversations, one answered with a file, by the names of path parameters."""
    customer.sends_file("proof.bin", b"proof", "Where is it?")
    customer.writes("And by mail", subject="Order")

    async def are_there() -> bool:
        return len(await agent.all_conversations()) == 2

    await eventually(are_there)
    found = await agent.all_conversations()
    await agent.settled(await agent.reply(found[0].number, "Soon"))
    entries = [entry for one in found for entry in await agent.entries(one.id)]
    numbers: list[str] = [one.number for one in found]
    authors: list[str] = [one.legs[0].author for one in found]
    messages: list[str] = [entry.message.id for entry in entries]
    return {
        "ref": numbers,
        "with": numbers,
        "leg": [one.legs[0].id for one in found],
        "message": messages,
        "answers": messages,
        "position": ["1", "2"],
        "identity": authors,
        "a": authors,
        "b": authors,
    }
