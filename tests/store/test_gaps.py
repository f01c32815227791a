"""What was said and could not be read is on record, and the agents concerned see it."""

from datetime import UTC, datetime, timedelta

import msgspec

from core.model.content import System
from core.model.conversation import Status
from core.model.ids import MessageId
from core.model.message import Audience, Direction
from core.ports import Gap
from core.store.gaps import GAPS_MAX
from tests.rigs.assembly import AGENT, Assembly
from tests.rigs.events import says, thread

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
SQUARE = thread("square")
GAP = Gap(thread=SQUARE, since=NOON, until=NOON + timedelta(minutes=5), reason="no right to read")


async def test_a_gap_is_on_record_once_and_the_last_one_is_listed_first(line: Assembly) -> None:
    """An operator who sees the same gap ten times does not see the other one."""
    record, nowhere = line.gaps.recorder("bot"), msgspec.structs.replace(GAP, thread=None)
    for gap in (GAP, nowhere, GAP):
        await record(gap)
    await line.gaps.recorder("mail")(nowhere)

    known = await line.gaps.latest(("bot", "mail"), 10)

    assert sorted(one.account for one in known) == ["bot", "bot", "mail"]
    assert sum(one.thread == SQUARE for one in known) == 1
    assert known[0].recorded_at >= known[-1].recorded_at
    assert len(await line.gaps.latest(("bot", "mail"), 1)) == 1


async def test_agents_see_it_on_the_legs_of_the_thread_that_go_on(line: Assembly) -> None:
    """They would answer as if the customer had said nothing in between."""
    for who in ("ada", "ben"):
        await line.dispatcher.accept(says(SQUARE, who, "hi", audience=Audience.PUBLIC))
    await line.dispatcher.accept(says(thread("else"), "cyd", "hi", audience=Audience.PUBLIC))
    await line.settle()
    ben = await line.conversation_of(SQUARE, "telegram:bot:ben")
    await line.triage.set_status(ben, AGENT, Status.CLOSED, MessageId("close"))

    for _ in range(2):
        await line.gaps.recorder("bot")(GAP)

    assert await _gaps_told(line, "ada") == 1
    assert await _gaps_told(line, "ben") == 0
    assert await _gaps_told(line, "cyd", "else") == 0


async def test_gaps_without_end_do_not_fill_the_memory(line: Assembly) -> None:
    record = line.gaps.recorder("bot")
    for n in range(GAPS_MAX + 5):
        await record(msgspec.structs.replace(GAP, thread=None, reason=f"reason {n}"))

    assert len(await line.gaps.latest(("bot",), 2 * GAPS_MAX)) == GAPS_MAX


async def _gaps_told(line: Assembly, who: str, where: str = "square") -> int:
    log = await line.log(await line.leg_of(thread(where), f"telegram:bot:{who}"))
    return sum(
        entry.message.direction is Direction.ACTIVITY
        and entry.message.parts[0] == System(code="gap", text=entry.message.parts[0].text)  # type: ignore[union-attr]
        for entry in log
    )
