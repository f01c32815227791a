"""One person's flood is limited and told of; nobody else notices, and nothing below it is lost."""

from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from core.errors import StoreFull
from core.floods import QUIET_SECONDS, TOLD_A_MINUTE_MAX, TOLD_AGAIN_SECONDS
from core.model.content import System
from core.model.event import Actor, Inbound, MessageCreated, MessageEdited, Reacted
from core.model.flooding import Allowance, Flooding
from core.model.ids import LegId, identity_id
from core.model.message import Audience, Automatic, SenderLevel
from core.model.wording import Wording
from core.store.store import Store
from tests.rigs.assembly import Assembly
from tests.rigs.events import event, says, thread
from tests.rigs.platform import MemoryAdapter, text_of

ADA, GROUP = thread("ada"), thread("group")
BURST = 20
WORDS = Wording(text="Please wait a minute.", languages={"de": "Bitte warten."})
MOMENT = datetime(2026, 11, 22, 9, tzinfo=UTC)
LIMIT = Flooding(allowance=Allowance(per_minute_max=60, burst_max=BURST), wording=WORDS)


@pytest.fixture
def desk(store: Store) -> Assembly:
    return Assembly(store, {"bot": MemoryAdapter()}, floods={"bot": LIMIT})


def at(said: Inbound, seconds: float = 0.0) -> Inbound:
    moment = MOMENT + timedelta(seconds=seconds)
    return replace(said, occurred_at=moment, received_at=moment)


async def floods(desk: Assembly, count: int, seconds: float = 0.0, language: str = "") -> None:
    """Ada writes so many at the same moment."""
    for n in range(count):
        said = at(says(ADA, "ada", f"{seconds:g}/{n}"), seconds)
        actor: Actor = replace(said.actor, language=language)
        await desk.dispatcher.accept(replace(said, actor=actor))
    await desk.settle()
    await desk.floods.tell()
    await desk.settle()


async def rest(desk: Assembly, seconds: float = QUIET_SECONDS) -> None:
    desk.monotonic += seconds
    await desk.floods.tell()
    await desk.settle()


def adapter(desk: Assembly) -> MemoryAdapter:
    found = desk.adapters["bot"]
    assert isinstance(found, MemoryAdapter)
    return found


async def lines(desk: Assembly, leg: LegId) -> list[System]:
    parts = [part for entry in await desk.log(leg) for part in entry.message.parts]
    return [part for part in parts if isinstance(part, System)]


async def test_a_limit_that_is_changed_counts_at_once(store: Store) -> None:
    """An operator reloads the settings in the middle of a flood, and is told they are taken."""
    settings = {"bot": LIMIT}
    desk = Assembly(store, {"bot": MemoryAdapter()}, floods=settings)
    await floods(desk, BURST)

    settings["bot"] = replace(LIMIT, allowance=Allowance(per_minute_max=60, burst_max=BURST + 5))
    await floods(desk, 10)
    assert desk.floods.not_kept == {"bot": 5}

    settings["bot"] = replace(LIMIT, allowance=Allowance(per_minute_max=0, burst_max=1))
    await floods(desk, 10)
    assert desk.floods.not_kept == {"bot": 5}


async def test_what_is_below_the_limit_is_kept_and_the_rest_is_told_of(desk: Assembly) -> None:
    """Agents know that something is missing, and how much; the customer knows it, too."""
    await floods(desk, 100)
    await rest(desk)

    leg = await desk.leg_of(ADA)
    said = [text for text in await desk.texts(leg) if text.startswith("0/")]
    began, over = await lines(desk, leg)
    assert said == [f"0/{n}" for n in range(BURST)]
    assert [text_of(one) for one in adapter(desk).sent] == ["Please wait a minute."]
    assert (began.code, over.code) == ("flood", "flood_over")
    assert over.text.startswith("80 of what they did")
    assert desk.floods.not_kept == {"bot": 80}


async def test_a_button_without_a_date_makes_no_flood_of_what_was_kept_for_us(
    desk: Assembly,
) -> None:
    """Telegram does not say when a button was pressed; most of an outage's messages were lost."""
    heard = MOMENT + timedelta(hours=5)
    for n in range(60):
        said = replace(at(says(ADA, "ada", f"{n}"), 60.0 * n), received_at=heard)
        if n == 10:
            said = replace(said, occurred_at=heard)
        await desk.dispatcher.accept(said)
    await desk.settle()

    assert await desk.texts(await desk.leg_of(ADA)) == [f"{n}" for n in range(60)]


async def test_a_flood_that_goes_on_is_told_once(desk: Assembly) -> None:
    """Ten minutes of it are not ten messages, nor ten lines."""
    for seconds in range(0, 600, 20):
        await floods(desk, 25 if seconds == 0 else 5, seconds)
        await floods(desk, 30, seconds)
        desk.monotonic += 20
    await rest(desk)

    assert len(adapter(desk).sent) == 1
    assert len(await lines(desk, await desk.leg_of(ADA))) == 2


async def test_a_second_flood_is_told_again_but_not_more_often_than_every_ten_minutes(
    desk: Assembly,
) -> None:
    """Who floods, rests and floods again would otherwise have us write to them all day."""
    await floods(desk, 30)
    await rest(desk)
    await floods(desk, 100, 300)
    await rest(desk)
    assert len(adapter(desk).sent) == 1

    await rest(desk, TOLD_AGAIN_SECONDS)
    await floods(desk, 100, 3600)

    assert len(adapter(desk).sent) == 2
    assert len(await lines(desk, await desk.leg_of(ADA))) == 5


async def test_others_are_let_in_meanwhile(desk: Assembly) -> None:
    await floods(desk, 100)

    await desk.dispatcher.accept(at(says(thread("ben"), "ben", "and me?")))
    await desk.settle()

    assert await desk.texts(await desk.leg_of(thread("ben"))) == ["and me?"]


async def test_one_member_floods_a_group_and_the_others_go_on(desk: Assembly) -> None:
    """Nobody is told in a group: the others would read it."""
    for n in range(60):
        for who in ("ada", "ben") if n < BURST else ("ada",):
            said = says(GROUP, who, f"{who} {n}", audience=Audience.GROUP)
            await desk.dispatcher.accept(at(said))
    await desk.settle()
    await desk.floods.tell()
    await rest(desk)

    ada, ben = [await desk.leg_of(GROUP, f"telegram:bot:{who}") for who in ("ada", "ben")]
    assert await desk.texts(ben) == [f"ben {n}" for n in range(BURST)]
    assert (await desk.texts(ada))[:BURST] == [f"ada {n}" for n in range(BURST)]
    assert [line.code for line in await lines(desk, ada)] == ["flood", "flood_over"]
    assert not adapter(desk).sent


async def test_edits_and_reactions_count_as_messages_do(desk: Assembly) -> None:
    """Each of them is stored, an edit with all that the message said before."""
    await desk.dispatcher.accept(at(says(ADA, "ada", "hello", remote="1")))
    for n in range(BURST - 1):
        body = Reacted(remote="1", emojis=("👍",)) if n % 2 else MessageEdited(remote="1", parts=())
        await desk.dispatcher.accept(at(event(ADA, "ada", body)))
    await desk.dispatcher.accept(at(says(ADA, "ada", "too much")))
    await desk.settle()

    assert "too much" not in await desk.texts(await desk.leg_of(ADA))
    assert desk.floods.not_kept == {"bot": 1}


async def test_it_speaks_the_persons_language(desk: Assembly) -> None:
    await floods(desk, 30, language="de-AT")

    assert [text_of(one) for one in adapter(desk).sent] == ["Bitte warten."]


async def test_a_machine_is_not_answered_nor_is_a_forged_sender(desk: Assembly) -> None:
    """Two machines would otherwise tell each other to wait; a victim would get our mail."""
    for who, automatic, level in (
        ("machine", Automatic.BULK, SenderLevel.VERIFIED),
        ("forged", Automatic.NO, SenderLevel.FAILED),
    ):
        for n in range(30):
            said = at(says(thread(who), who, f"{n}"))
            assert isinstance(said.body, MessageCreated)
            body = replace(said.body, automatic=automatic)
            actor: Actor = replace(said.actor, level=level)
            await desk.dispatcher.accept(replace(said, body=body, actor=actor))
        await desk.settle()
        await desk.floods.tell()
        await desk.settle()
        assert [one.code for one in await lines(desk, await desk.leg_of(thread(who)))] == ["flood"]

    assert not adapter(desk).sent


async def test_many_names_do_not_make_us_write_to_all_of_them(desk: Assembly) -> None:
    """Whoever sends in a hundred names has thirty answers made of it, and the rest read lines."""
    count = TOLD_A_MINUTE_MAX + 5
    for who in (f"p{n}" for n in range(count)):
        for n in range(BURST + 1):
            await desk.dispatcher.accept(at(says(thread(who), who, f"{n}")))
        await desk.settle()
    await desk.floods.tell()
    await desk.settle()

    assert len(adapter(desk).sent) == TOLD_A_MINUTE_MAX
    assert await lines(desk, await desk.leg_of(thread(f"p{count - 1}")))


async def test_mails_of_many_subjects_are_one_flood(desk: Assembly) -> None:
    """Each subject is a thread of its own; beyond the limit they never come to have a leg."""
    for n in range(50):
        await desk.dispatcher.accept(at(says(thread(f"subject {n}"), "ada", f"{n}")))
    await desk.settle()
    await desk.floods.tell()
    await rest(desk)

    legs = await desk.store.people.legs_of(identity_id("telegram", "bot", "ada"))
    told = [code for leg in legs for code in [line.code for line in await lines(desk, leg)]]
    assert len(legs) == BURST
    assert told == ["flood", "flood_over"]


async def test_what_could_not_be_kept_or_is_known_does_not_count(
    desk: Assembly,
) -> None:
    """The store was away for a minute: an adapter hands the same event in again and again."""
    known = at(says(ADA, "ada", "hello", dedup="1"))
    for _ in range(BURST * 3):
        await desk.dispatcher.accept(known)
    await desk.settle()
    await desk.store.redis.config_set("maxmemory", "1")
    for _ in range(BURST * 3):
        with pytest.raises(StoreFull):
            await desk.dispatcher.accept(at(says(ADA, "ada", "not now")))
    await desk.store.redis.config_set("maxmemory", "0")

    await floods(desk, BURST - 1)

    assert desk.floods.not_kept == {}
    assert len(await desk.texts(await desk.leg_of(ADA))) == BURST


async def test_what_cannot_be_told_now_is_told_when_the_store_is_back(desk: Assembly) -> None:
    for n in range(30):
        await desk.dispatcher.accept(at(says(ADA, "ada", f"{n}")))

    await desk.floods.tell()  # nothing of it is filed yet
    assert not adapter(desk).sent
    await desk.settle()
    await desk.floods.tell()
    await desk.settle()

    assert len(adapter(desk).sent) == 1
