"""Every POST there is, asked twice under one Idempotency-Key: the second time nothing happens."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final, NamedTuple

import httpx
import pytest

from core.model.content import Text
from core.model.ids import MessageId
from core.model.message import Audience, DeliveryState
from core.reply import Draft
from gateway.http.app import description
from tests.e2e.http.rig import Served
from tests.e2e.http.test_dead_letters import dead_letter
from tests.rigs.assembly import AGENT
from tests.rigs.events import says, thread
from tests.rigs.platform import CommunityAdapter

V1: Final = "/api/v1"
HOOK: Final = {"url": "https://crm.example/hook", "events": ["message.received"]}
SINCE: Final = {"since": "2026-01-01T00:00:00Z"}


class Asked(NamedTuple):
    """A request that is made twice."""

    path: str
    body: dict[str, Any] | None = None
    content: bytes | None = None


Prepared = Callable[[Served], Awaitable[Asked]]


class Case(NamedTuple):
    """`second`: what is answered the second time; 0: the same as the first time, word for word."""

    prepare: Prepared
    second: int = 0
    task: bool = False


async def _ref(desk: Served) -> str:
    found = await desk.rig.hears(says(thread("ada"), "ada", "Hello"))
    return found.number


def _on_conversation(path: str, **body: Any) -> Prepared:
    async def prepare(desk: Served) -> Asked:
        return Asked(f"{V1}/conversations/{await _ref(desk)}/{path}", body)

    return prepare


async def _start(desk: Served) -> Asked:
    return Asked(f"{V1}/conversations", {"inbox": "bot", "to": "ben", "text": "It is here"})


async def _read(desk: Served) -> Asked:
    found = await desk.rig.hears(says(thread("ada"), "ada", "Hello"))
    heard = (await desk.rig.views.messages(found, "", 10)).entries[-1]
    return Asked(f"{V1}/conversations/{found.number}/read", {"message": heard.message.id})


async def _seal(desk: Served) -> Asked:
    found = await desk.rig.hears(says(thread("ada"), "ada", "Hello"))
    return Asked(f"{V1}/conversations/{found.number}/seal", {"leg": found.legs[0].id})


async def _private(desk: Served) -> Asked:
    event = says(thread("square"), "mei", "How?", audience=Audience.PUBLIC)
    found = await desk.rig.hears(event)
    return Asked(f"{V1}/conversations/{found.number}/private", {})


async def _two(desk: Served) -> tuple[str, str]:
    first = await _ref(desk)
    second = await desk.rig.hears(says(thread("ben"), "ben", "Hello"))
    return first, second.number


async def _link(desk: Served) -> Asked:
    a, b = await _two(desk)
    return Asked(f"{V1}/links", {"a": a, "b": b, "why": "same order"})


async def _merge(desk: Served) -> Asked:
    a, b = await _two(desk)
    return Asked(f"{V1}/conversations/{a}/merge", {"with": b})


async def _split(desk: Served) -> Asked:
    merging = await _merge(desk)
    await _carried_out(desk, merging)
    number = merging.path.split("/")[-2]
    whole = await desk.rig.views.conversation(number)
    return Asked(f"{V1}/conversations/{number}/split", {"legs": [whole.legs[1].id]})


async def _retry(desk: Served) -> Asked:
    """What had failed has been sent again, and failed again, when the request comes once more."""
    found = await desk.rig.hears(says(thread("ada"), "ada", "Hello"))
    draft = Draft(id=MessageId("reply"), parts=(Text(text="Here"),))
    entry = await desk.rig.desk.agents.reply(found, AGENT, draft)
    await _fails(desk, entry.leg, entry.position)
    return Asked(f"{V1}/conversations/{found.number}/messages/{entry.message.id}/retry")


async def _fails(desk: Served, leg: Any, position: int) -> None:
    await desk.rig.store.outbox.report(leg, position, DeliveryState.FAILED, "blocked")
    await desk.rig.relay()


async def _block(desk: Served) -> Asked:
    await _ref(desk)
    return Asked(f"{V1}/blocks/telegram:bot:ada", {"why": "insults"})


async def _revive(desk: Served) -> Asked:
    await dead_letter(desk.rig.store)
    (letter,) = (await desk.http.get(f"{V1}/dead-letters")).json()["letters"]
    return Asked(f"{V1}/dead-letters/{letter['id']}/revive")


async def _upload(desk: Served) -> Asked:
    return Asked(f"{V1}/attachments", content=b"%PDF-1.4 the same")


async def _create(desk: Served) -> Asked:
    return Asked(f"{V1}/webhooks", HOOK)


def _on_webhook(path: str, body: dict[str, Any] | None = None) -> Prepared:
    async def prepare(desk: Served) -> Asked:
        found = (await desk.http.post(f"{V1}/webhooks", json=HOOK)).json()["webhook"]["id"]
        return Asked(f"{V1}/webhooks/{found}/{path}", body)

    return prepare


async def _replay(desk: Served) -> Asked:
    """Of what waits already nothing is to be sent again; what is, keeps its id for the receiver."""
    pinged = await _on_webhook("test")(desk)
    delivery = (await desk.http.post(pinged.path)).json()["id"]
    return Asked(f"{pinged.path.removesuffix('test')}deliveries/{delivery}/replay")


CASES: Final = {
    "start": Case(_start),
    "reply": Case(_on_conversation("replies", text="It is on its way")),
    "note": Case(_on_conversation("notes", text="Called the depot")),
    "retry": Case(_retry),
    "go_on_in_private": Case(_private),
    "show_typing": Case(_on_conversation("typing")),
    "mark_read": Case(_read),
    "seal": Case(_seal),
    "link": Case(_link, task=True),
    "merge": Case(_merge, task=True),
    "split": Case(_split, task=True),
    "block": Case(_block),
    "upload": Case(_upload),
    "revive": Case(_revive, second=404),
    "create_webhook": Case(_create),
    "rotate_secret": Case(_on_webhook("rotate", {"overlap_seconds": 60})),
    "test_webhook": Case(_on_webhook("test")),
    "pause_webhook": Case(_on_webhook("pause")),
    "resume_webhook": Case(_on_webhook("resume")),
    "replay_delivery": Case(_replay),
    "replay_since": Case(_on_webhook("replay", SINCE)),
}
"""By name of operation. Each route has to be here: it says what happens when it is asked again."""


def test_every_post_is_in_the_table() -> None:
    """A route that nobody thought of does twice what a program asked for once."""
    paths = description()["paths"].values()

    assert {path["post"]["operationId"] for path in paths if "post" in path} == set(CASES)


@pytest.mark.parametrize("name", CASES)
async def test_asked_again_under_its_key_nothing_more_happens(desk: Served, name: str) -> None:
    """Whoever lost an answer may ask again: no customer hears twice, nothing is made twice."""
    case = CASES[name]
    desk.rig.adapters["bot"] = CommunityAdapter()
    asked = await case.prepare(desk)
    first = await _carried_out(desk, asked) if case.task else await _asked(desk, asked, "1")
    if name == "retry":
        await _fails(desk, first.json()["leg"], first.json()["position"])
    before = await _everything(desk)

    second = await _asked(desk, asked, "1")

    assert first.is_success or name == "replay_delivery", first.text
    assert second.status_code == (case.second or first.status_code), second.text
    assert await _everything(desk) == before
    if not case.second and name not in {"retry", "replay_delivery"}:
        assert second.content == first.content


async def test_a_key_that_was_used_for_another_webhook_is_refused(desk: Served) -> None:
    """A program would believe that it is told of what it is not."""
    key = {"Idempotency-Key": "1"}
    await desk.http.post(f"{V1}/webhooks", json=HOOK, headers=key)

    other = await desk.http.post(f"{V1}/webhooks", json=HOOK | {"events": ["*"]}, headers=key)

    assert (other.status_code, other.json()["code"]) == (409, "idempotency_conflict")
    assert len((await desk.http.get(f"{V1}/webhooks")).json()["webhooks"]) == 1


async def test_without_a_key_and_under_another_it_is_another_request(desk: Served) -> None:
    """Else these would prove only that nothing ever happens twice."""
    (path, body, _) = await _on_webhook("rotate", {"overlap_seconds": 60})(desk)

    secrets = [
        (await desk.http.post(path, json=body, headers=headers)).json()["secret"]
        for headers in ({}, {}, {"Idempotency-Key": "1"}, {"Idempotency-Key": "2"})
    ]

    assert len(set(secrets)) == 4


async def _asked(desk: Served, asked: Asked, key: str) -> httpx.Response:
    headers = {"Idempotency-Key": key}
    if asked.content is not None:
        return await desk.http.post(
            asked.path, content=asked.content, headers=headers | {"Content-Type": "text/plain"}
        )
    return await desk.http.post(asked.path, json=asked.body, headers=headers)


async def _carried_out(desk: Served, asked: Asked) -> httpx.Response:
    """The answer to what a worker has to carry out."""
    async with asyncio.TaskGroup() as tasks:
        answer = tasks.create_task(_asked(desk, asked, "1"))
        tasks.create_task(desk.rig.carry_out())
    return answer.result()


async def _everything(desk: Served) -> dict[str, Any]:
    """All that is kept: in Redis, of webhooks, and on disk; and what the platform was asked for."""
    await desk.rig.relay()
    found: dict[str, Any] = {}
    redis = desk.rig.store.redis
    async for key in redis.scan_iter():
        found[key.decode()] = await redis.dump(key)
    hooks = (await desk.http.get(f"{V1}/webhooks")).json()["webhooks"]
    found["webhooks"] = hooks
    for hook in hooks:
        answer = await desk.http.get(f"{V1}/webhooks/{hook['id']}/deliveries")
        found[hook["id"]] = answer.json()
    blobs = desk.rig.data_dir / "blobs"
    found["files"] = sorted(str(one) for one in blobs.rglob("*") if one.is_file())
    return found
