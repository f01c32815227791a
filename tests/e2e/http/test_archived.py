"""Over HTTP an archived conversation is one like any other, and says that it is archived."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from redis import Redis

from core.model.conversation import Conversation
from gateway.blobs import DirectoryBlobs
from gateway.exporting import Exporting
from gateway.storage import now
from tests.e2e.http.rig import Served, served
from tests.e2e.http.test_attachments import Platform, address, sends_a_file
from tests.rigs.freezing import Winter
from tests.rigs.redis_server import RedisServer

PATH = "/api/v1/conversations"


@pytest.fixture
async def cold(redis_server: RedisServer, tmp_path: Path) -> AsyncIterator[Served]:
    """What began just now may be archived."""
    with Redis.from_url(redis_server.url) as redis:
        redis.flushall()
    async with served(redis_server.url, tmp_path, thawed_seconds=0.0) as running:
        await running.archive.take_over()
        yield running


async def archived(desk: Served, status: str = "closed") -> Conversation:
    conversation = await desk.rig.hears(sends_a_file())
    desk.rig.adapters["bot"] = Platform()
    await desk.rig.fetch(conversation.legs[0].thread)
    answer = await desk.http.patch(f"{PATH}/{conversation.id}", json={"status": status})
    answer.raise_for_status()
    winter = Winter(desk.rig.store, desk.archive)
    await winter.comes()
    assert winter.archived == 1
    return conversation


async def test_it_is_read_by_number_with_its_messages_files_and_person(cold: Served) -> None:
    """Agents would have to know where a conversation is kept before they ask for it."""
    before = await archived(cold)

    head = (await cold.http.get(f"{PATH}/{before.number}")).json()
    page = (await cold.http.get(f"{PATH}/{before.number}/messages")).json()
    file = await cold.http.get(address(before))
    contact = await cold.http.get(f"/api/v1/contacts/{before.legs[0].author}")
    listed = (await cold.http.get(PATH, params={"view": "pending"})).json()

    assert (head["id"], head["status"]) == (before.id, "closed")
    assert head["legs"][0]["archived"] is True
    assert [one["position"] for one in page["entries"]] == [1, 2]
    assert file.content == b"of the customer"
    assert contact.json()["identities"][0]["id"] == before.legs[0].author
    assert listed["rows"] == []


async def test_what_an_agent_does_to_it_brings_it_back(cold: Served) -> None:
    """Notes on old conversations would be refused, or stand beside them."""
    before = await archived(cold, "resolved")

    noted = await cold.http.post(f"{PATH}/{before.number}/notes", json={"text": "called them"})
    head = (await cold.http.get(f"{PATH}/{before.number}")).json()
    listed = (await cold.http.get(PATH, params={"view": "pending"})).json()

    assert noted.status_code == 201
    assert "archived" not in head["legs"][0]
    assert [row["conversation"]["id"] for row in listed["rows"]] == [before.id]


async def test_a_reply_to_what_is_closed_is_refused_as_ever(cold: Served) -> None:
    before = await archived(cold)

    refused = await cold.http.post(f"{PATH}/{before.number}/replies", json={"text": "too late"})

    assert (refused.status_code, refused.json()["code"]) == (409, "conflict")


async def test_it_is_exported_like_any_other(cold: Served, tmp_path: Path) -> None:
    """Who asks for what is known of them gets what is old, too."""
    before = await archived(cold)
    contact = await cold.rig.views.contact(before.legs[0].author)
    exporting = Exporting(cold.rig.store, DirectoryBlobs(tmp_path / "blobs"), now)

    done = await exporting.person(contact, tmp_path / "out")

    assert (done.conversations, done.messages, done.files) == (1, 2, 1)
    (file,) = (tmp_path / "out" / "files").glob("*/*")
    assert file.read_bytes() == b"of the customer"
