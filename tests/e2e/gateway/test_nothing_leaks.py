"""What customers and agents write, who they are, and what lets one in: in no log, figure or error.

A needle is planted in every field that there is, everything is made to fail in every way, and then
everything that the gateway said about it is looked through.
"""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final

import aiohttp
import pytest

from sandbox.discord.app import File
from sandbox.faults import Fault, Kind
from sandbox.persons import Person
from sandbox.server import Sandbox
from tests.rigs.api import Api
from tests.rigs.customer import Customer
from tests.rigs.gateway import Gateway, bot_channel, discord_channel, mail_channel
from tests.rigs.ports import free_port, listens
from tests.rigs.waiting import eventually

TEXT, NAME, FILE, SUBJECT, ANSWER, NOTE, KEY = (
    f"needle{word}" for word in ("text", "name", "file", "subject", "answer", "note", "key")
)
PERSON: Final = Person(
    key="needle",
    first_name=NAME,
    last_name=f"{NAME}last",
    telegram_id=7_331_990_042,
    username=f"{NAME}handle",
    address="needle.address@post.example",
)
METRICS_PORT: Final = free_port()
METRICS: Final = f"http://127.0.0.1:{METRICS_PORT}/metrics"
EVENTS_IN: Final = 'trunkline_events_total{kind="in"}'
WRONG_TOKEN: Final = "tl_0badc0de_" + "NeedleToken" * 4

FAULTS: Final = (
    *(("telegram", "sendMessage", kind) for kind in (Kind.SERVER_ERROR, Kind.GARBLED, Kind.CUT)),
    ("telegram", "sendMessage", Kind.BLOCKED),
    ("telegram", "getUpdates", Kind.GARBLED),
    ("telegram", "getFile", Kind.SERVER_ERROR),
    ("smtp", "RCPT", Kind.REPLY),
    ("imap", "FETCH", Kind.CUT),
    ("discord", "create_message", Kind.SERVER_ERROR),
    ("discord", "create_message", Kind.GARBLED),
)


@pytest.fixture
async def gateway(sandbox: Sandbox, tmp_path: Path) -> AsyncIterator[Gateway]:
    sandbox.world.add_person(PERSON)
    settings = (
        bot_channel(sandbox, tmp_path)
        + mail_channel(sandbox, tmp_path)
        + discord_channel(sandbox, tmp_path)
        + f'[metrics]\nbind = "127.0.0.1:{METRICS_PORT}"\n'
    )
    async with Gateway(tmp_path, settings, verbose=True, lease_seconds=15.0) as running:
        await eventually(lambda: any(line.session for line in sandbox.discord_gateway.lines))
        await eventually(lambda: listens(METRICS_PORT))
        yield running


async def test_what_people_wrote_and_who_they_are_is_said_nowhere(
    gateway: Gateway, agent: Api, sandbox: Sandbox
) -> None:
    """Whoever runs the machine, or is sent its logs for help, must not read along."""
    customer = Customer(sandbox, PERSON.key)
    await everybody_writes(sandbox, customer, agent)
    numbers = [str(one.number) for one in await agent.all_conversations()]
    errors = await bad_requests(gateway, numbers[0])
    for platform, method, kind in FAULTS:
        reply = f"550 5.1.1 <{PERSON.address}> {TEXT}" if kind is Kind.REPLY else ""
        sandbox.world.faults.add(Fault(platform, method, kind, reply=reply, count=2))
    for number in numbers:
        for n in range(2):
            await agent.reply(number, f"{ANSWER} {n}")
    await everybody_goes_on(sandbox, customer, agent, numbers)
    sandbox.world.faults.clear()
    await eventually(_counts_what_came)
    errors += await told_of(gateway)
    await gateway.kill()
    gateway.start()
    await gateway.ready()
    await gateway.stop()

    said = gateway.log.read_text() + "\n".join(errors)
    secrets = [gateway.token, WRONG_TOKEN, sandbox.bot_token, sandbox.discord_token]
    needles = [TEXT, NAME, FILE, SUBJECT, ANSWER, NOTE, KEY, PERSON.address, *secrets]
    needles += [sandbox.mail_password, sandbox.support_address, str(PERSON.telegram_id)]
    found = {needle: _lines(said, needle) for needle in needles if needle.lower() in said.lower()}
    assert found == {}
    assert '"route": "/api/v1/conversations/{ref}/replies"' in said, "the log says much"
    assert 'trunkline_inbox_state{inbox="tg",state="running"} 1.0' in said, "so do the figures"
    assert EVENTS_IN in said
    assert len(errors) > 8


async def everybody_writes(sandbox: Sandbox, customer: Customer, agent: Api) -> None:
    customer.says(f"{TEXT} by phone")
    customer.sends_file(f"{FILE}.pdf", b"%PDF-1.4", f"{TEXT} caption")
    customer.writes(f"{TEXT} by mail", subject=SUBJECT, needlefile=b"\x00")
    sandbox.discord.say(
        PERSON.key, f"{TEXT} on Discord", files=[File(name=f"{FILE}.log", content=b"1")]
    )
    await eventually(lambda: _has(agent, 3), timeout_seconds=40)


async def everybody_goes_on(
    sandbox: Sandbox, customer: Customer, agent: Api, numbers: list[str]
) -> None:
    """While everything fails, and until it goes on: with what cannot be understood among it."""
    customer.says(f"{TEXT} again")
    customer.writes(f"{TEXT} again", subject=f"{SUBJECT} again")
    sandbox.discord.say(PERSON.key, f"{TEXT} again")
    sandbox.phone.inject({"message": {"text": TEXT, "chat": {"id": PERSON.telegram_id}}})
    for number in numbers:
        url = f"/api/v1/conversations/{number}/notes"
        async with agent.http.post(url, json={"text": f"{NOTE} to {PERSON.address}"}):
            pass
    await eventually(lambda: _heard(agent, numbers, f"{TEXT} again"), timeout_seconds=40)


async def bad_requests(gateway: Gateway, number: str) -> list[str]:
    """-> what is answered to requests that are wrong in every way, with needles in them."""
    replies = f"/api/v1/conversations/{number}/replies"
    asked: list[tuple[str, str, dict[str, Any]]] = [
        ("POST", replies, {"data": f'{{"text": "{TEXT}", "audience": 7}}'}),
        ("POST", replies, {"data": f'{{"text": "{TEXT}'}),
        ("POST", replies, {"json": {"text": TEXT * 40_000}}),
        ("POST", replies, {"json": {"text": TEXT, "parts": [{"kind": NAME}]}}),
        ("POST", replies, {"json": {"text": TEXT, "leg": "nowhere"}}),
        ("POST", "/api/v1/links", {"json": {"a": f"email:mail:{PERSON.address}", "b": "x:y:z"}}),
        ("GET", f"/api/v1/contacts/email:mail:un{PERSON.address}", {}),
        ("PUT", f"/api/v1/{TEXT}", {"data": TEXT}),
        ("GET", f"/hooks/{TEXT}", {}),
    ]
    found = []
    headers = {"Authorization": f"Bearer {gateway.token}", "Content-Type": "application/json"}
    wrong = {"Authorization": f"Bearer {WRONG_TOKEN}"}
    async with aiohttp.ClientSession(gateway.url) as http:
        for method, url, body in asked:
            async with http.request(method, url, headers=headers, **body) as answer:
                assert answer.status >= 400
                found.append(_without_own(await answer.text(), url))
        async with http.get("/api/v1/conversations", headers=wrong) as answer:
            found.append(await answer.text())
    return found


def _without_own(body: str, url: str) -> str:
    """A problem may name what was asked for in its address, to who asked for it."""
    return "" if TEXT in url or PERSON.address in url else body


async def told_of(gateway: Gateway) -> list[str]:
    """-> what is told of how it is doing, in all the ways there are."""
    async with aiohttp.ClientSession() as http:
        return [await _text(http, url) for url in (f"{gateway.url}/readyz", METRICS)]


async def _counts_what_came() -> bool:
    async with aiohttp.ClientSession() as http:
        return EVENTS_IN in await _text(http, METRICS)


async def _text(http: aiohttp.ClientSession, url: str) -> str:
    async with http.get(url) as answer:
        return await answer.text()


def _lines(text: str, needle: str) -> list[str]:
    lines = [line for line in text.splitlines() if needle.lower() in line.lower()]
    return [line[:400] for line in lines[:3]]


async def _has(agent: Api, count: int) -> bool:
    legs = [leg for one in await agent.all_conversations() for leg in one.legs]
    return len(legs) >= count


async def _heard(agent: Api, numbers: list[str], text: str) -> bool:
    """On all three channels."""
    heard = [one for number in numbers for one in await agent.heard(number)]
    return sum(text in one for one in heard) >= 3
