"""Somebody proves on one line who they are on another: nobody else can, nothing links itself."""

import pytest
from msgspec.structs import replace

from core.errors import Refused
from core.linking import CODES_MAX, TRIES_MAX
from core.model.content import Choice, System
from core.model.conversation import Status
from core.model.event import ActionInvoked
from core.model.ids import IdentityId, LegId, ThreadRef
from core.model.message import Audience, Direction, SenderLevel
from core.model.people import Identity
from core.rules import linking as words
from core.rules.codes import parse
from core.store.store import Store
from tests.rigs.assembly import Assembly, fresh_store
from tests.rigs.events import actor, event, says, thread
from tests.rigs.platform import CommunityAdapter, MemoryAdapter
from tests.rigs.redis_server import RedisServer

DM, POST, SQUARE = thread("dm ada"), thread("ada's mail", "email", "mail"), thread("square")
ADA, MAIL = IdentityId("telegram:bot:ada"), IdentityId("email:mail:ada@x.example")


@pytest.fixture
def line(store: Store, town: CommunityAdapter, post: MemoryAdapter) -> Assembly:
    return Assembly(store, {"bot": town, "mail": post})


async def writes(line: Assembly, where: ThreadRef, who: str, text: str) -> None:
    await line.dispatcher.accept(says(where, who, text))
    await line.settle()


async def by_mail(line: Assembly, text: str, level: SenderLevel = SenderLevel.VERIFIED) -> None:
    said = says(POST, "ada@x.example", text)
    await line.dispatcher.accept(replace(said, actor=replace(said.actor, level=level)))
    await line.settle()


async def gives(line: Assembly, code: str) -> None:
    """Ada writes the code by mail, and that it is hers."""
    await by_mail(line, code)
    await by_mail(line, "It's me")


async def is_linked(line: Assembly) -> bool:
    found = await line.store.people.linked_with(ADA)
    return MAIL in found


async def lines(line: Assembly, leg: LegId) -> list[str]:
    log = await line.log(leg)
    parts = [part for entry in log for part in entry.message.parts]
    return [part.text for part in parts if isinstance(part, System) and part.code == "link"]


async def test_a_code_given_by_mail_and_confirmed_where_it_was_given_out_links_the_two(
    line: Assembly, town: CommunityAdapter, post: MemoryAdapter
) -> None:
    await writes(line, DM, "ada", "hello")
    code = await line.desk_of("telegram", "bot").link_code(actor("ada"))

    await by_mail(line, code.lower().replace("-", " "))
    assert town.texts(DM.thread) == [], "asked before it was said whose it is"
    await by_mail(line, "It's me")
    assert not await is_linked(line)
    await writes(line, DM, "ada", "it's me")

    assert await is_linked(line)
    question = town.texts(DM.thread)[0]
    assert "ada@x.example" in question
    assert "ada" in question
    assert "on Telegram" in post.texts()[0]
    assert post.texts()[1:] == [
        words.asked(*await _identities(line)),
        words.linked((await _identities(line))[1]),
    ]
    (link,) = await line.store.people.links_of(ADA)
    assert ADA in link.by
    assert "both confirmed" in link.evidence
    for where in (DM, POST):
        assert len(await lines(line, await line.leg_of(where))) == 2


async def test_a_link_of_a_code_is_undone_like_any_other(line: Assembly) -> None:
    await writes(line, DM, "ada", "hello")
    await gives(line, await line.desk_of("telegram", "bot").link_code(actor("ada")))
    await writes(line, DM, "ada", "1")

    await line.joins.unlink("undo", ADA, MAIL, "agent:robin", "was a mistake")
    await line.settle()

    assert not await is_linked(line)
    assert (await line.conversation_of(DM)).id != (await line.conversation_of(POST)).id


async def test_who_says_that_it_was_not_them_is_not_linked_and_both_are_told(
    line: Assembly, town: CommunityAdapter, post: MemoryAdapter
) -> None:
    """Who looked over a shoulder would read what Ada wrote."""
    await writes(line, DM, "ada", "hello")
    await gives(line, await line.desk_of("telegram", "bot").link_code(actor("ada")))

    await writes(line, DM, "ada", "Not me")
    await writes(line, DM, "ada", "It's me")

    assert not await is_linked(line)
    assert town.texts()[-1] == words.REFUSED_HERE
    assert "Nothing was linked" in post.texts()[-1]
    assert any("says that they are not" in one for one in await lines(line, await line.leg_of(DM)))


async def test_who_was_told_to_give_a_strangers_code_is_asked_whose_it_is(
    line: Assembly, town: CommunityAdapter, post: MemoryAdapter
) -> None:
    """Mallory says "write this to their support", confirms that Ada is himself, and reads what is
    answered to her.
    """
    mallory = thread("dm mallory")
    await writes(line, mallory, "mallory", "hello")
    await by_mail(line, await line.desk_of("telegram", "bot").link_code(actor("mallory")))

    await writes(line, mallory, "mallory", "It's me")
    await by_mail(line, "Not me")

    assert "This is a code of Mallory (mallory) on Telegram" in post.texts()[0]
    assert post.texts()[1:] == [words.REFUSED_HERE]
    assert town.texts() == [words.REFUSED_THERE]
    people = line.store.people
    assert set(await people.linked_with(MAIL)) == {MAIL}


async def test_a_code_is_good_for_one_person_once(line: Assembly, post: MemoryAdapter) -> None:
    """Whoever looks over a shoulder is too late."""
    await writes(line, DM, "ada", "hello")
    code = await line.desk_of("telegram", "bot").link_code(actor("ada"))
    await by_mail(line, code)

    await writes(line, thread("eve's", "email", "mail"), "eve@x.example", code)

    assert post.texts("eve's") == [words.NOT_VALID]


async def test_a_code_ends_after_ten_minutes(line: Assembly, store: Store) -> None:
    await line.desk_of("telegram", "bot").link_code(actor("ada"))

    (key,) = [key async for key in store.redis.scan_iter("*code:*")]

    assert 0 < await store.redis.pttl(key) <= 600_000


async def test_nothing_in_the_store_is_a_code(line: Assembly, store: Store) -> None:
    """A backup that somebody reads would open every line."""
    code = await line.desk_of("telegram", "bot").link_code(actor("ada"))

    dumps = [await store.redis.dump(key) or b"" async for key in store.redis.scan_iter()]

    bare = code.removeprefix("L-").replace("-", "").encode()
    assert all(code.encode() not in one and bare not in one for one in dumps)


async def test_in_public_a_code_is_burnt_and_nobody_is_told(
    line: Assembly, town: CommunityAdapter, post: MemoryAdapter
) -> None:
    """Everybody has read it: whoever is quick would be Ada."""
    await writes(line, DM, "ada", "hello")
    code = await line.desk_of("telegram", "bot").link_code(actor("ada"))
    for text in ("hello all", code):
        said = says(SQUARE, "eve", text, audience=Audience.PUBLIC)
        await line.dispatcher.accept(said)
        await line.settle()

    await by_mail(line, code)

    assert post.texts() == [words.NOT_VALID]
    assert town.texts() == []


async def test_a_mail_that_anybody_may_have_written_proves_nothing(
    line: Assembly, town: CommunityAdapter, post: MemoryAdapter
) -> None:
    """Mallory would ask for a code, send it in Ada's name, and confirm it himself."""
    mallory = thread("dm mallory")
    await writes(line, mallory, "mallory", "hello")
    code = await line.desk_of("telegram", "bot").link_code(actor("mallory"))

    await by_mail(line, code, SenderLevel.UNVERIFIED)
    await by_mail(line, code)

    assert "nothing proves that" in town.texts(mallory.thread)[0]
    assert post.texts() == [words.NOT_VALID]


async def test_ones_own_code_on_ones_own_line_stays_good(
    line: Assembly, town: CommunityAdapter
) -> None:
    await writes(line, DM, "ada", "hello")
    code = await line.desk_of("telegram", "bot").link_code(actor("ada"))

    await writes(line, DM, "ada", code)
    await gives(line, code)

    assert town.texts()[0] == words.OWN_LINE
    assert "Is that you" in town.texts()[1]


async def test_who_tries_code_after_code_has_to_wait(line: Assembly, post: MemoryAdapter) -> None:
    wrong = ["L-0000-0000-000" + one for one in "0123456789ABCDEFGHJKMNPQRSTVWXYZ"]
    valid = [one for one in wrong if parse(one)]
    for _ in range(TRIES_MAX + 1):
        await by_mail(line, valid[0])

    assert post.texts() == [words.NOT_VALID] * TRIES_MAX + [words.TOO_MANY_TRIES]


async def test_nobody_gets_codes_without_end(line: Assembly) -> None:
    desk = line.desk_of("telegram", "bot")
    codes = {await desk.link_code(actor("ada")) for _ in range(CODES_MAX)}

    with pytest.raises(Refused):
        await desk.link_code(actor("ada"))

    assert len(codes) == CODES_MAX
    assert parse(await desk.link_code(actor("ben")))


async def test_a_code_given_by_command_is_answered_at_once(
    line: Assembly, town: CommunityAdapter, post: MemoryAdapter
) -> None:
    """Who has never written in private is asked in a thread that we open."""
    code = await line.desk_of("telegram", "bot").link_code(actor("ada"))

    await by_mail(line, "hello")
    told = await line.desk_of("email", "mail").redeem(actor("ada@x.example"), code)
    await line.settle()
    await by_mail(line, "1")
    await writes(line, DM, "ada", "1")

    assert told == words.ASKED_HERE
    assert "This is a code of" in post.texts()[0]
    assert town.opened == ["ada"]
    assert await is_linked(line)


async def test_who_gives_a_code_and_cannot_be_asked_in_private_may_give_it_again(
    line: Assembly,
) -> None:
    """Their code would be used up by a setting of theirs."""
    code, mail = (
        await line.desk_of("telegram", "bot").link_code(actor("ada")),
        line.desk_of("email", "mail"),
    )

    with pytest.raises(Refused, match="in private first"):
        await mail.redeem(actor("ada@x.example"), code)
    await by_mail(line, "hello")

    assert await mail.redeem(actor("ada@x.example"), code) == words.ASKED_HERE


async def test_who_cannot_be_asked_in_private_is_told_where_to_write_first(
    line: Assembly, town: CommunityAdapter, post: MemoryAdapter
) -> None:
    town.closed.add("ada")
    code = await line.desk_of("telegram", "bot").link_code(actor("ada"))

    await gives(line, code)

    assert post.texts()[1:] == [words.NOT_REACHED]


async def test_a_platform_that_takes_long_to_open_a_thread_keeps_the_lane(
    server: RedisServer, town: CommunityAdapter, post: MemoryAdapter
) -> None:
    """The lane would go from worker to worker, each asking the platform anew."""
    town.opens_after_seconds = 1.0
    async with fresh_store(server.url, lease_seconds=0.4) as brief:
        line = Assembly(brief, {"bot": town, "mail": post})
        code = await line.desk_of("telegram", "bot").link_code(actor("ada"))

        await gives(line, code)

    assert town.opened == ["ada"]
    assert "We have asked" in post.texts()[1]


async def test_agents_need_not_look_at_a_code_or_its_confirmation(line: Assembly) -> None:
    """The open view would fill with what nobody has to answer."""
    for where, who in ((DM, "ada"), (POST, "ada@x.example")):
        await writes(line, where, who, "hello")
        await line.reply(await line.conversation_of(where), "hello back")
        await line.settle()
    code = await line.desk_of("telegram", "bot").link_code(actor("ada"))

    await gives(line, code)
    await writes(line, DM, "ada", "1")

    statuses = {leg.status for leg in (await line.conversation_of(DM)).legs}
    assert statuses == {Status.WAITING_CUSTOMER}
    assert len((await line.conversation_of(DM)).legs) == 2


async def test_a_question_that_has_ended_says_so(
    line: Assembly, store: Store, town: CommunityAdapter
) -> None:
    await writes(line, DM, "ada", "hello")
    await gives(line, await line.desk_of("telegram", "bot").link_code(actor("ada")))
    async for key in store.redis.scan_iter("*proof:*"):
        await store.redis.delete(key)

    await writes(line, DM, "ada", "1")

    assert town.texts()[-1] == words.ENDED
    assert not await is_linked(line)


@pytest.mark.parametrize("text", ["Large", "L", "Laparoscopies", "L-7KQ4", "0612345678"])
async def test_a_text_that_is_no_code_is_a_message_like_any_other(
    line: Assembly, post: MemoryAdapter, text: str
) -> None:
    await by_mail(line, text)

    assert post.texts() == []


async def test_a_code_is_known_behind_the_command_of_another_channel(
    line: Assembly, post: MemoryAdapter
) -> None:
    """Where the code is given out, people read that they are to write it so."""
    code = await line.desk_of("telegram", "bot").link_code(actor("ada"))

    await by_mail(line, f"/link {code}")

    assert "This is a code of" in post.texts()[0]


async def test_a_code_that_was_mistyped_is_told_so(line: Assembly, post: MemoryAdapter) -> None:
    await by_mail(line, "L-7KQ4-MXR2-9TW0")

    assert post.texts() == [words.MISTYPED]


async def test_a_worker_lost_after_each_step_costs_nothing_and_doubles_nothing(
    line: Assembly, town: CommunityAdapter, post: MemoryAdapter
) -> None:
    """The event comes again to whoever takes the lane next."""
    await writes(line, DM, "ada", "hello")
    code = await line.desk_of("telegram", "bot").link_code(actor("ada"))
    await by_mail(line, code)
    leg = await line.leg_of(POST)
    (given,) = [one.message for one in await line.log(leg) if code in str(one.message.parts)]

    await line.codes.take(leg, given)
    await by_mail(line, "1")
    await writes(line, DM, "ada", "1")
    (answer,) = [
        one.message
        for one in await line.log(await line.leg_of(DM))
        if words.answered(one.message.parts) and one.message.direction is Direction.IN
    ]
    await line.codes.take(await line.leg_of(DM), answer)
    await line.settle()

    assert len(town.sent) == 2
    assert len(post.sent) == 3
    assert len(await line.store.people.links_of(ADA)) == 1
    for where in (DM, POST):
        assert len(await lines(line, await line.leg_of(where))) == 2


async def _identities(line: Assembly) -> tuple[Identity, Identity]:
    people = line.store.people
    return await people.identity(MAIL), await people.identity(ADA)


@pytest.mark.parametrize("value", ["link account", "link yes", "link ", "link  yes"])
async def test_a_button_that_only_begins_like_an_answer_is_one_like_any_other(
    line: Assembly, value: str
) -> None:
    """A lane that stumbles over it would hold up everything else of the thread, for good."""
    pressed = event(DM, "ada", ActionInvoked(value=value, label="Link my account"), "pressed")

    await line.dispatcher.accept(pressed)
    await line.settle()

    log = await line.log(await line.leg_of(DM))
    parts = [part for one in log for part in one.message.parts]
    assert parts == [Choice(value=value, label="Link my account")]


async def test_somebody_is_shown_by_their_handle_whatever_they_call_themselves(
    line: Assembly, post: MemoryAdapter
) -> None:
    """A name could be the whole question: "your bank. Press It's me to go on"."""
    name = "your bank.\nPress it's me to go on. " + "x" * 200
    code = await line.desk_of("telegram", "bot").link_code(actor("mallory", name))

    await by_mail(line, code)

    assert "(mallory) on Telegram. Is that you" in post.texts()[0]
    assert len(post.texts()[0].partition("Is that you")[0]) < 100
