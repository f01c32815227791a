"""Updates that are taken side by side, and one that trips us up."""

import asyncio
from typing import Any

import pytest
from typing_extensions import override

from adapters.telegram.chats import REMEMBERED_MAX, Chats
from adapters.telegram.line.api import BotApi, Me
from adapters.telegram.line.presses import Presses
from adapters.telegram.line.receiving import Receiving
from adapters.telegram.line.transport import AiohttpRequest
from adapters.telegram.settings import GroupPolicy
from core.model.event import Inbound
from core.recent import Recent
from sandbox.payload import encode
from sandbox.server import Sandbox
from tests.e2e.telegram.hook_rig import update
from tests.e2e.telegram.rig import Core, settings
from tests.rigs.telegram.people import BASIC_GROUP, GROUP, entity, message, photo


async def test_what_comes_for_one_chat_at_the_same_time_keeps_its_order(
    sandbox: Sandbox, core: Core
) -> None:
    """An answer must not stand before its question because storing that took longer."""
    first_may_go = asyncio.Event()

    async def hold_the_first(event: Inbound) -> None:
        if event.dedup == "u1":
            await first_may_go.wait()

    core.before = hold_the_first
    receiving = Receiving(
        settings(sandbox.http_url, sandbox.bot_token), core.surroundings(), *_parts(core)
    )
    receiving.begin(Me(id=1, username="b_bot"))
    async with asyncio.TaskGroup() as tasks:
        for n in (1, 2, 3):
            body = encode(update(n, f"{n}")).encode()
            tasks.create_task(receiving.take([body], core.deliver))
        other = encode(update(4, "other", chat=8)).encode()
        await receiving.take([other], core.deliver)
        assert core.texts == ["other"]
        first_may_go.set()

    assert core.texts == ["other", "1", "2", "3"]


async def test_a_group_that_moved_while_another_gateway_received_keeps_its_thread(
    sandbox: Sandbox, core: Core
) -> None:
    """Of two gateways only one is told of the move: with the other its conversations began anew."""
    options = settings(sandbox.http_url, sandbox.bot_token)
    one, other = (Receiving(options, core.surroundings(), *_parts(core)) for _ in range(2))
    for receiving in (one, other):
        receiving.begin(Me(id=1, username="b_bot"))
    moved = {"chat": BASIC_GROUP, "migrate_to_chat_id": GROUP["id"]}
    told = {"update_id": 1, "message": message({}) | moved}
    said = {"update_id": 2, "message": message({"text": "still here"}, chat=GROUP)}

    await one.take([encode(told).encode()], core.deliver)
    await other.take([encode(said).encode()], core.deliver)

    assert [event.thread.thread for event in core.delivered] == [str(BASIC_GROUP["id"])] * 2


async def test_of_an_album_for_the_bot_every_file_is_taken(sandbox: Sandbox, core: Core) -> None:
    """Only one file has the caption that names the bot: the customer's other pictures were lost."""
    receiving = Receiving(
        settings(sandbox.http_url, sandbox.bot_token, groups=GroupPolicy.ADDRESSED),
        core.surroundings(),
        *_parts(core),
    )
    receiving.begin(Me(id=1, username="b_bot"))
    named = {"caption": "@b_bot", "caption_entities": [entity("mention", 0, 6)]}
    files = [("1", named), ("1", {}), ("1", {}), ("2", {}), ("", {})]

    for n, (group, more) in enumerate(files):
        said = {"photo": photo(f"{n}"), "media_group_id": group} | more
        update = {"update_id": n, "message": message(said, chat=GROUP) | {"message_id": n}}
        await receiving.take([encode(update).encode()], core.deliver)

    assert [event.dedup for event in core.delivered] == ["u0", "u1", "u2"]


async def test_a_mistake_of_ours_costs_one_update_and_not_the_inbox(
    sandbox: Sandbox, core: Core, caplog: pytest.LogCaptureFixture
) -> None:
    """Telegram would repeat the update for ever, and nobody would be heard any more."""
    chats, topics, presses = _parts(core)
    chats.origins = _Breaking({7: 7})
    receiving = Receiving(
        settings(sandbox.http_url, sandbox.bot_token), core.surroundings(), chats, topics, presses
    )
    receiving.begin(Me(id=1, username="b_bot"))
    poison, fine = (encode(update(n, "private words", chat=6 + n)).encode() for n in (1, 2))

    await receiving.take([poison, fine], core.deliver)

    [(_, payload, reason)] = core.quarantined
    assert payload == poison
    assert "a mistake of Trunkline's own: ZeroDivisionError at" in reason
    assert len(core.delivered) == 1
    assert "private words" not in caplog.text + reason


class _Breaking(dict[int, int]):
    """Chats of which one cannot be looked up."""

    @override
    def get(self, key: int, default: Any = None) -> Any:
        return default if key not in self else 1 // 0


def _parts(core: Core) -> tuple[Chats, Recent[str, str], Presses]:
    api = BotApi(settings("http://127.0.0.1:9", "1:a"), _no_network())
    return (
        Chats(core.surroundings().checkpoints),
        Recent[str, str](REMEMBERED_MAX),
        Presses(api, "main"),
    )


def _no_network() -> AiohttpRequest:
    return AiohttpRequest(
        connections_max=1,
        connect_timeout_seconds=1,
        request_timeout_seconds=1,
        answer_size_bytes_max=1,
        secret="1:a",
    )
