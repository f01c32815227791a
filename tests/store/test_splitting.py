"""What an agent splits stays apart, whatever brought it together; and is undone exactly."""

from typing import Final

import pytest

from core.errors import InvalidRequest, NotFound
from core.model.conversation import Leg
from core.model.ids import ThreadRef, identity_id
from tests.rigs.assembly import Assembly, make_due
from tests.rigs.events import says, thread
from tests.rigs.redis_server import RedisServer
from tests.store.test_lost_while_linking import workers

FIRST, SECOND, THIRD = (thread(f"{name}/ada", "email", "mail") for name in ("1", "2", "3"))
BEN = thread("ben/ben", "email", "mail")
STEPS_MAX: Final = 40


async def test_two_mails_of_one_person_are_split(line: Assembly) -> None:
    """An order and a complaint would stay one conversation for good: there is no link to undo."""
    await _write(line, FIRST, SECOND)
    before = await _together(line)

    await _split(line, SECOND)

    whole = await line.conversation_of(FIRST)
    assert (before, await _together(line)) == (["12"], ["1", "2"])
    assert (await line.conversation_of(SECOND)).number != whole.number


async def test_what_the_person_begins_later_brings_nothing_back(line: Assembly) -> None:
    """The next mail would join both, and the agent would split them again and again."""
    await _write(line, FIRST, SECOND)
    await _split(line, SECOND)

    await _write(line, THIRD)

    assert await _together(line) == ["13", "2"]


async def test_a_link_made_later_brings_nothing_back(line: Assembly) -> None:
    await _write(line, FIRST, SECOND, BEN)
    await _split(line, SECOND)

    people = [identity_id("email", "mail", who) for who in ("ada@x.example", "ben@x.example")]
    await line.joins.link("link", people[0], people[1], "agent:robin", "")
    await line.settle()

    assert await _together(line) == ["1b", "2"]


async def test_undone_it_is_one_with_all_that_came_meanwhile(line: Assembly) -> None:
    await _write(line, FIRST, SECOND)
    await _split(line, SECOND)
    await _write(line, THIRD)

    await _unsplit(line)

    assert await _together(line) == ["123"]
    heads = await _heads(line)
    assert [(one.apart, one.split_off) for one in heads] == [({}, ())] * 3


async def test_whoever_merges_later_has_the_last_word_and_takes_it_back(line: Assembly) -> None:
    """An agent who merges what was split would be told that it was done, and see nothing."""
    await _write(line, FIRST, SECOND)
    await _split(line, SECOND)
    one, two = await line.leg_of(FIRST), await line.leg_of(SECOND)
    seen = []

    for verb in (line.joins.merge, line.joins.unmerge):
        await verb(line.new_id(), one, two, "agent:robin")
        await line.settle()
        seen.append(await _together(line))

    assert seen == [["12"], ["1", "2"]]


async def test_a_merge_is_split_and_one_split_does_not_undo_another(line: Assembly) -> None:
    """Undone splits would leave others half undone."""
    await _write(line, FIRST, SECOND, BEN)
    await line.joins.merge("merge", await line.leg_of(FIRST), await line.leg_of(BEN), "agent:robin")
    await line.settle()
    await _split(line, BEN)
    await _split(line, SECOND)
    apart = await _together(line)

    first, ben = await line.conversation_of(FIRST), await line.conversation_of(BEN)
    await line.joins.unsplit("back", first, ben, "agent:robin")
    await line.settle()

    assert apart == ["1", "2", "b"]
    assert await _together(line) == ["1b", "2"]


async def test_a_conversation_is_not_split_into_itself_and_nothing(line: Assembly) -> None:
    await _write(line, FIRST, SECOND)
    await _write(line, BEN)
    whole = await line.conversation_of(FIRST)

    with pytest.raises(InvalidRequest, match="no leg left"):
        await line.joins.split("1", whole, [leg.id for leg in whole.legs], "agent:robin")
    with pytest.raises(NotFound):
        await line.joins.split("2", whole, [await line.leg_of(BEN)], "agent:robin")


async def test_lost_at_any_step_of_it_a_worker_costs_nothing(server: RedisServer) -> None:
    """A conversation would be half split: listed twice, or in neither part."""
    lived, lost = 0, True
    while lost and lived < STEPS_MAX:
        async with workers(server.url) as (place, commit):
            line = place.line
            await _write(line, FIRST, SECOND, THIRD)
            for act, outcome in ((_split_two, ["1", "23"]), (_unsplit, ["123"])):
                commit.left = lived
                try:
                    await act(line)
                    lost = False
                except Exception:  # noqa: BLE001 - whatever is left is another worker's
                    commit.left = 1_000_000
                    await make_due(line.store)
                    await line.settle()
                    if await _together(line) != outcome:  # it was not asked for yet
                        await act(line)
                commit.left = 1_000_000
                assert await _together(line) == outcome, lived
        lived += 1
    assert 8 < lived < STEPS_MAX


# --- what is done


async def _write(line: Assembly, *where: ThreadRef) -> None:
    for one in where:
        name = "ben" if one is BEN else "ada"
        await line.dispatcher.accept(says(one, f"{name}@x.example", "hello"))
        await line.settle()


async def _split(line: Assembly, *where: ThreadRef) -> None:
    legs = [await line.leg_of(one) for one in where]
    whole = await line.views.conversation(legs[0])
    await line.joins.split(line.new_id(), whole, legs, "agent:robin")
    await line.settle()


async def _split_two(line: Assembly) -> None:
    await _split(line, SECOND, THIRD)


async def _unsplit(line: Assembly) -> None:
    one, other = await line.conversation_of(FIRST), await line.conversation_of(SECOND)
    await line.joins.unsplit(line.new_id(), one, other, "agent:robin")
    await line.settle()


async def _heads(line: Assembly) -> list[Leg]:
    return list((await line.conversation_of(FIRST)).legs)


async def _together(line: Assembly) -> list[str]:
    """The threads that are one conversation each, by the first letter of their names."""
    found = set()
    for where in (FIRST, SECOND, THIRD, BEN):
        if await line.store.threads.bound(where, ""):
            legs = (await line.conversation_of(where)).legs
            found.add("".join(sorted(leg.thread.thread[0] for leg in legs)))
    return sorted(found)
