"""Two people in one group, one also in private: nobody reads what was not meant for them."""

import asyncio
from typing import Final, NamedTuple

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import AudienceMismatch
from core.model.ids import LegId, ThreadRef, identity_id
from core.model.message import Audience, Direction
from tests.rigs.assembly import Assembly, fresh_store, text_in
from tests.rigs.events import says, thread
from tests.rigs.platform import MemoryAdapter
from tests.rigs.redis_server import RedisServer

GROUP: Final = thread("group")
PRIVATE: Final = thread("ada")


class Corner(NamedTuple):
    """Where somebody writes, and the leg that serves them there."""

    who: str
    where: ThreadRef
    audience: Audience

    @property
    def author(self) -> str:
        private = self.audience is Audience.PRIVATE
        return "" if private else identity_id("telegram", "bot", self.who)


CORNERS: Final = (
    Corner("ada", GROUP, Audience.GROUP),
    Corner("ben", GROUP, Audience.GROUP),
    Corner("ada", PRIVATE, Audience.PRIVATE),
)


class Act(NamedTuple):
    """Somebody writes in their corner, or an agent answers there what is `meant` for an audience.

    `settles`: all work is done before the next act.
    """

    corner: Corner
    meant: Audience | None
    settles: bool


acts = st.lists(
    st.builds(
        Act,
        st.sampled_from(CORNERS),
        st.sampled_from([None, None, Audience.PRIVATE, Audience.GROUP]),
        st.booleans(),
    ),
    max_size=30,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(acts=acts)
def test_each_corner_keeps_its_own_words(server: RedisServer, acts: list[Act]) -> None:
    """Law 7: the answer to a private question must never be read out in a group."""
    asyncio.run(_play(server.url, acts))


async def _play(url: str, acts: list[Act]) -> None:
    async with fresh_store(url, partitions=2) as store:
        adapter = MemoryAdapter()
        line = Assembly(store, {"bot": adapter})
        expected: dict[Corner, list[str]] = {corner: [] for corner in CORNERS}
        for corner in CORNERS:
            await _write(line, expected, corner, "hello")
        await line.settle()

        for n, act in enumerate(acts):
            if act.meant is None:
                await _write(line, expected, act.corner, f"in {n}")
            else:
                await _answer(line, expected, act, f"out {n}")
            if act.settles:
                await line.settle()
        await line.settle()

        await _check(line, adapter, expected)


async def _write(
    line: Assembly, expected: dict[Corner, list[str]], corner: Corner, words: str
) -> None:
    said = f"{words} {corner.who}"
    event = says(corner.where, corner.who, said, audience=corner.audience)
    await line.dispatcher.accept(event)
    await line.dispatcher.accept(event)  # a platform tells twice
    expected[corner].append(said)


async def _answer(line: Assembly, expected: dict[Corner, list[str]], act: Act, words: str) -> None:
    assert act.meant is not None
    said, leg = f"{words} {act.meant}", await _leg(line, act.corner)
    conversation = await line.views.conversation(leg)
    refused = act.meant is Audience.PRIVATE and act.corner.audience is Audience.GROUP
    try:
        await line.reply(conversation, said, leg=leg, audience=act.meant)
    except AudienceMismatch:
        assert refused
    else:
        assert not refused
        expected[act.corner].append(said)


async def _check(line: Assembly, adapter: MemoryAdapter, expected: dict[Corner, list[str]]) -> None:
    legs = {corner: await _leg(line, corner) for corner in CORNERS}
    assert len(set(legs.values())) == len(CORNERS)
    for corner, leg in legs.items():
        entries = await line.log(leg)
        assert sorted(map(text_in, entries)) == sorted(expected[corner])
        assert [one.id for one in (await line.views.conversation(leg)).legs] == [leg]
        said = [text_in(one) for one in entries if one.message.direction is Direction.IN]
        assert said == [text for text in expected[corner] if not text.startswith("out")]
    for where in (GROUP, PRIVATE):
        answers = [
            text for corner in CORNERS if corner.where == where
            for text in expected[corner] if text.startswith("out")
        ]  # fmt: skip
        assert sorted(adapter.texts(where.thread)) == sorted(answers)
    assert not [text for text in adapter.texts(GROUP.thread) if text.endswith(Audience.PRIVATE)]


async def _leg(line: Assembly, corner: Corner) -> LegId:
    return await line.leg_of(corner.where, corner.author)
