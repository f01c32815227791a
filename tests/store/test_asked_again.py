"""An answer of the store is lost with its connection: the client asks again what has been done."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Final

import pytest
from typing_extensions import override

from core.errors import Stale, TemporaryDeliveryError
from core.model.acknowledgement import Acknowledgement
from core.model.message import DeliveryState
from core.store.commit import GroupCommit, group_commit
from core.store.connection import connect
from core.store.store import Store, StoreSettings, assemble
from tests.rigs.assembly import Assembly, make_due, text_in
from tests.rigs.events import says, thread
from tests.rigs.platform import MemoryAdapter
from tests.rigs.redis_server import RedisServer

ADA: Final = thread("ada")
TRIES: Final = 6
"""Leases that run out, one after another, until all is done."""


class ForgetfulCommit(GroupCommit):
    """Each first answer to an operation of this name is lost."""

    lost = ""

    @override
    def call(
        self, partition: int, name: str, keys: Sequence[str], *arguments: Any
    ) -> "asyncio.Future[Any]":
        if name == self.lost:
            first = super().call(partition, name, keys, *arguments)
            first.add_done_callback(lambda done: done.exception())
        return super().call(partition, name, keys, *arguments)


@pytest.mark.parametrize("hand_over", [True, False], ids=["handed over", "by the lanes"])
@pytest.mark.parametrize(
    "lost", ["accept", "identify", "file", "permit", "reply", "begin", "sent", "postpone", "done"]
)
async def test_what_is_asked_for_again_is_sent_once_and_never_in_doubt(
    server: RedisServer, store: Store, lost: str, hand_over: bool
) -> None:
    """Redis begins anew under a busy desk, on a channel that cannot be asked what has arrived: no
    reply may be thought to have left that did not.
    """
    settings, redis = StoreSettings(url=server.url), connect(server.url)
    async with (
        group_commit(redis, settings.caps, ForgetfulCommit) as commit,
        assemble(redis, commit, settings) as forgetful,
    ):
        assert isinstance(commit, ForgetfulCommit)
        commit.lost = lost
        adapter = MemoryAdapter()
        answers = {"bot": Acknowledgement(text="We have it.")}
        line = Assembly(forgetful, {"bot": adapter}, hand_over=hand_over, acknowledge=answers)
        for text in ("one", "two"):
            await line.dispatcher.accept(says(ADA, "ada", text))
        await _settle(line)

        adapter.failures.append(TemporaryDeliveryError("slow down"))
        for text in ("first", "second"):
            await line.reply(await line.conversation_of(ADA), text)
        await _settle(line)

        log = await line.log(await line.leg_of(ADA))
    await redis.aclose()
    said = [text_in(one) for one in log if not one.delivery]
    assert said == ["one", "two"]
    assert adapter.texts() == ["We have it.", "first", "second"]
    assert [one.delivery.state for one in log if one.delivery] == [DeliveryState.SENT] * 3


async def _settle(line: Assembly) -> None:
    """What a worker has lost is found by the next one, when its lease has run out."""
    for _ in range(TRIES):
        while leases := [*line.handed, *await line.take_due()]:
            line.handed.clear()
            for lease in leases:
                with suppress(Stale):
                    await line.work(lease)
        await make_due(line.store)
