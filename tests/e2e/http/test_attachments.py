"""Files over HTTP: uploaded and sent, fetched from the platform, never shown as pages."""

from collections.abc import AsyncIterator

import pytest
from typing_extensions import override

from core.errors import NotFound
from core.model.capabilities import Capabilities
from core.model.content import Attachment, Media, MediaKind, Part
from core.model.conversation import Conversation
from core.model.event import Inbound, MessageCreated
from core.model.ids import AttachmentId
from core.model.outbound import Outbound, Receipt
from core.ports import Adapter, Deliver
from tests.e2e.http.rig import UPLOAD_BYTES_MAX, Served
from tests.rigs.events import event, says, thread

MEI = thread("mei")
PNG = b"\x89PNG\r\n\x1a\n and so on"


class Platform(Adapter):
    """A platform that has one file, and counts how often it is fetched."""

    def __init__(self, content: bytes = b"of the customer") -> None:
        self.content, self.fetches = content, 0

    @property
    @override
    def capabilities(self) -> Capabilities:
        return Capabilities(text_limit=0)

    @override
    async def run(self, deliver: Deliver) -> None:
        raise NotImplementedError

    @override
    async def send(self, outbound: Outbound) -> Receipt:
        raise NotImplementedError

    async def fetch(self, attachment: Attachment) -> AsyncIterator[bytes]:
        self.fetches += 1
        if attachment.remote != "file-1":
            raise NotFound("the platform no longer has it")
        yield self.content


def sends_a_file(remote: str = "file-1", name: str = "a.pdf") -> Inbound:
    file = Attachment(id=AttachmentId("att-1"), name=name, remote=remote)
    parts: tuple[Part, ...] = (Media(media=MediaKind.FILE, attachment=file),)
    return event(MEI, "mei", MessageCreated(remote="m1", parts=parts))


def address(conversation: Conversation, position: int = 1, attachment: str = "att-1") -> str:
    leg = conversation.legs[0].id
    message = f"/api/v1/conversations/{conversation.id}/messages/{leg}/{position}"
    return f"{message}/attachments/{attachment}"


async def test_an_uploaded_file_is_sent_and_can_be_had_again(desk: Served) -> None:
    conversation = await desk.rig.hears(says(MEI, "mei", "Send me a picture"))
    name = {"X-Filename": "%E7%85%A7%E7%89%87.png", "Content-Type": "text/html"}

    file = (await desk.http.post("/api/v1/attachments", content=PNG, headers=name)).json()
    reply = await desk.http.post(
        f"/api/v1/conversations/{conversation.id}/replies",
        json={"text": "Here", "attachments": [file["id"]]},
    )

    text, media = reply.json()["message"]["parts"]
    assert text["text"] == "Here"
    assert media["media"] == "image"
    assert media["attachment"]["name"] == "照片.png"
    assert media["attachment"]["size_bytes"] == len(PNG)
    answer = await desk.http.get(address(conversation, 2, media["attachment"]["id"]))
    assert answer.content == PNG


async def test_the_same_upload_is_the_same_reply(desk: Served) -> None:
    conversation = await desk.rig.hears(says(MEI, "mei", "Send me a picture"))
    file = (await desk.http.post("/api/v1/attachments", content=PNG)).json()
    url, key = f"/api/v1/conversations/{conversation.id}/replies", {"Idempotency-Key": "one"}

    answers = [
        await desk.http.post(url, json={"attachments": [file["id"]]}, headers=key) for _ in range(2)
    ]

    assert answers[0].json() == answers[1].json()


@pytest.mark.parametrize("size", [UPLOAD_BYTES_MAX + 1, 0])
async def test_a_file_too_large_or_empty_is_refused_and_not_kept(desk: Served, size: int) -> None:
    answer = await desk.http.post("/api/v1/attachments", content=b"x" * size)

    assert answer.status_code == (413 if size else 400)


async def test_a_stream_without_length_is_bounded_too(desk: Served) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(100):
            yield b"x" * 1024

    answer = await desk.http.post("/api/v1/attachments", content=endless())

    assert answer.status_code == 413


async def test_a_file_is_fetched_from_its_platform_once(desk: Served) -> None:
    platform = desk.rig.adapters["bot"] = Platform()
    conversation = await desk.rig.hears(sends_a_file(name='../"a"\r\n.html'))

    answers = [await desk.http.get(address(conversation)) for _ in range(2)]

    assert [answer.content for answer in answers] == [b"of the customer"] * 2
    assert platform.fetches == 1
    headers = answers[0].headers
    assert headers["content-disposition"] == "attachment; filename*=UTF-8''%22a%22.html"
    assert headers["content-type"] == "application/octet-stream"
    assert headers["content-security-policy"] == "sandbox; default-src 'none'"
    assert headers["x-content-type-options"] == "nosniff"


async def test_a_file_larger_than_allowed_is_not_fetched(desk: Served) -> None:
    desk.rig.adapters["bot"] = Platform(b"x" * (UPLOAD_BYTES_MAX + 1))
    conversation = await desk.rig.hears(sends_a_file())

    answer = await desk.http.get(address(conversation))

    assert answer.status_code == 422


async def test_a_file_of_an_inbox_that_does_not_run_is_for_later(desk: Served) -> None:
    conversation = await desk.rig.hears(sends_a_file())

    answer = await desk.http.get(address(conversation))

    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 0


async def test_a_file_that_the_platform_has_no_longer_is_not_found(desk: Served) -> None:
    desk.rig.adapters["bot"] = Platform()
    conversation = await desk.rig.hears(sends_a_file(remote="gone"))

    assert (await desk.http.get(address(conversation))).status_code == 404


async def test_a_file_belongs_to_its_message_and_conversation(desk: Served) -> None:
    """Who may read one conversation must not reach into another by changing an address."""
    desk.rig.adapters["bot"] = Platform()
    mine = await desk.rig.hears(sends_a_file())
    other = await desk.rig.hears(says(thread("ben"), "ben", "Hello"))
    borrowed = address(mine).replace(mine.id, other.id, 1)

    for url in (borrowed, address(mine, 2), address(mine, 0), address(mine, 1, "att-2")):
        assert (await desk.http.get(url)).status_code == 404
