"""A worker that ends or stops itself at one step of the flow.

    python -m tests.crash.victim URL LOG OPERATION NTH before|after KILL|STOP

It says on stdout what it has acknowledged to the platform, a line each.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Sequence
from typing import Any

from typing_extensions import override

from core.errors import Refused, Stale
from core.model.content import Text
from core.model.conversation import Status
from core.model.ids import MessageId
from core.store.commit import GroupCommit, group_commit
from core.store.connection import connect
from core.store.store import assemble
from tests.crash.scenario import (
    ACKNOWLEDGE,
    JONAS_ID,
    MEI,
    MEI_ID,
    SCRIPT,
    LoggingAdapter,
    Step,
    edit_id,
    reply_id,
    said,
    settings,
)
from tests.rigs.assembly import AGENT, Assembly


class FatalCommit(GroupCommit):
    """Sends a signal to its own process before or after the nth run of an operation."""

    operation, nth, before, number = "", 0, True, signal.SIGKILL

    @override
    def call(
        self, partition: int, name: str, keys: Sequence[str], *arguments: Any
    ) -> "asyncio.Future[Any]":
        fatal = False
        if name == self.operation:
            self.nth -= 1
            fatal = self.nth == 0
        if fatal and self.before:
            os.kill(os.getpid(), self.number)
        future = super().call(partition, name, keys, *arguments)
        if fatal and not self.before:
            future.add_done_callback(lambda _: os.kill(os.getpid(), self.number))
        return future


async def main(url: str, log: str, operation: str, nth: str, when: str, sort: str) -> None:
    redis = connect(url)
    async with (
        group_commit(redis, settings(url).caps, FatalCommit) as commit,
        assemble(redis, commit, settings(url)) as store,
    ):
        assert isinstance(commit, FatalCommit)
        commit.operation, commit.nth = operation, int(nth)
        commit.before = when == "before"
        commit.number = signal.SIGKILL if sort == "KILL" else signal.SIGSTOP
        adapter = LoggingAdapter(log)
        adapters = {"bot": adapter, "mail": adapter}
        desk = Assembly(store, adapters, acknowledge=ACKNOWLEDGE)
        for step in SCRIPT:
            try:
                await carry_out(desk, step)
                await desk.settle()
            except (Stale, Refused) as error:  # as a worker does: the lane is somebody else's
                print(f"# {error}", flush=True)
    await redis.aclose()


async def carry_out(desk: Assembly, step: Step) -> None:
    match step.act:
        case "say":
            await desk.dispatcher.accept(said(step))
            print(step.text, flush=True)
        case "reply":
            conversation = await desk.conversation_of(step.thread)
            leg = await desk.leg_of(step.thread)
            await desk.reply(conversation, step.text, leg=leg, reply_id=reply_id(step))
        case "edit":
            conversation = await desk.conversation_of(step.thread)
            ids = MessageId(edit_id(step)), MessageId(reply_id(step))
            await desk.agents.edit(conversation, AGENT, *ids, Text(text="better"))
        case "link":
            await desk.joins.link("link", MEI_ID, JONAS_ID, "victim", "")
        case "close":
            conversation = await desk.conversation_of(MEI)
            await desk.triage.set_status(conversation, AGENT, Status.CLOSED, MessageId("close"))


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
