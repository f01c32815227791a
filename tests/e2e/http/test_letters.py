"""The HTML form of a mail over HTTP, the frame that shows it, and what inboxes can carry."""

import base64
import hashlib
import re
from collections.abc import AsyncIterator
from typing import Final

from msgspec.structs import replace

from core.model.content import Text
from core.model.conversation import Conversation
from core.model.event import MessageCreated
from tests.e2e.http.rig import Served
from tests.rigs.events import event, says, thread
from tests.rigs.platform import MemoryAdapter

MEI: Final = thread("mei", "email", "mail")
FORM: Final = "<p>Grüße</p>".encode()
DIGEST: Final = hashlib.sha256(FORM).hexdigest()
SECRET: Final = b"the raw mail of somebody else"


async def pieces(*contents: bytes) -> AsyncIterator[bytes]:
    for content in contents:
        yield content


async def hears_a_letter(desk: Served) -> Conversation:
    for content in (FORM, SECRET):
        await desk.rig.desk.blobs.put(pieces(content), size_bytes_max=1000)
    parts = (Text(text="Grüße", html=DIGEST),)
    return await desk.rig.hears(
        event(MEI, "mei@example.org", MessageCreated(remote="m", parts=parts))
    )


def address(conversation: Conversation, digest: str, position: int = 1) -> str:
    leg = conversation.legs[0].id
    return f"/api/v1/conversations/{conversation.id}/messages/{leg}/{position}/html/{digest}"


async def test_a_letter_can_be_had_and_is_alone_wherever_it_is_opened(desk: Served) -> None:
    conversation = await hears_a_letter(desk)

    answer = await desk.http.get(address(conversation, DIGEST))

    assert answer.text == "<p>Grüße</p>"
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"].startswith("sandbox; default-src 'none';")


async def test_only_what_the_message_names_can_be_had(desk: Served) -> None:
    """The store has everybody's files by their hashes: knowing one must not be enough."""
    conversation = await hears_a_letter(desk)
    other = await desk.rig.hears(says(thread("lee", "email", "mail"), "lee@example.org", "Hello"))
    refused = (
        address(conversation, hashlib.sha256(SECRET).hexdigest()),
        address(conversation, DIGEST, 2),
        address(conversation, DIGEST, 0),
        address(other, DIGEST),
        address(conversation, DIGEST).replace(conversation.id, other.id, 1),
    )

    for wanted in refused:
        assert (await desk.http.get(wanted)).status_code == 404, wanted
    assert (await desk.stranger.get(address(conversation, DIGEST))).status_code == 401


async def test_the_frame_runs_its_own_script_and_no_other(desk: Served) -> None:
    """Without this, an error in the cleaning would be an error in the page."""
    answer = await desk.stranger.get("/static/letter.html")

    [script] = re.findall(r"<script>(.*?)</script>", answer.text, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = answer.headers["content-security-policy"].split("; ")
    assert policy[:2] == [
        "sandbox allow-scripts allow-popups allow-popups-to-escape-sandbox",
        "default-src 'none'",
    ]
    assert f"script-src 'sha256-{digest}'" in policy
    assert "frame-ancestors 'self' http://127.0.0.1:9" in policy


async def test_what_an_inbox_can_carry_is_told(desk: Served) -> None:
    """The page offers what will be taken, and nothing else."""
    desk.rig.adapters["bot"] = MemoryAdapter(text_limit=12)

    answer = await desk.http.get("/api/v1/inboxes")

    [inbox] = answer.json()["inboxes"]
    assert inbox["account"] == "bot"
    assert inbox["capabilities"]["text_limit"] == 12
    assert inbox["capabilities"]["copies"] is False


async def test_it_is_told_where_answers_go_and_nothing_else_of_the_context(desk: Served) -> None:
    """An agent must see to whom they write; the rest is between a channel and its adapter."""
    written = says(MEI, "mei@example.org", "Hello")
    context = {"reply_to": "orders@example.org", "message_id": "<m@example.org>"}
    conversation = await desk.rig.hears(replace(written, context=context))

    answer = await desk.http.get(f"/api/v1/conversations/{conversation.id}")

    assert answer.json()["legs"][0]["context"] == {"reply_to": "orders@example.org"}
