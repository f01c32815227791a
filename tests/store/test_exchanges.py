"""Several people in one exchange: each as themselves, in one conversation where invited."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from typing_extensions import override

from core.errors import StoreUnavailable
from core.meeting import GATHERED_MAX
from core.model.content import System, Text
from core.model.conversation import Status
from core.model.event import Inbound, MessageCreated
from core.model.ids import LegId, MessageId, Number, ThreadRef
from core.model.message import Automatic, Direction, Quote, Recipient, SenderLevel
from core.reply import Draft
from core.store.exchanges import LEGS_MAX, Exchanges
from core.store.legs import Legs
from core.store.store import Store
from tests.rigs.assembly import AGENT, Assembly, fresh_store, make_due, rising_ids
from tests.rigs.events import says, thread
from tests.rigs.platform import MemoryAdapter
from tests.rigs.redis_server import RedisServer

ADA, BO, EVE = "ada@x.example", "bo@y.example", "eve@evil.example"
FEWER = settings(
    max_examples=max(40, settings().max_examples // 8),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def where(who: str, exchange: str = "root") -> ThreadRef:
    return thread(f"{exchange}/{who}", "email", "mail")


def mail(
    who: str,
    text: str = "hello",
    *,
    to: Sequence[str] = (),
    level: SenderLevel = SenderLevel.VERIFIED,
    exchange: str = "root",
) -> Inbound:
    said = says(where(who, exchange), who, text)
    assert isinstance(said.body, MessageCreated)
    recipients = tuple(Recipient(address=one) for one in to)
    return replace(
        said,
        exchange=exchange,
        actor=replace(said.actor, level=level),
        body=replace(said.body, recipients=recipients),
    )


async def test_who_was_written_to_joins_in_as_themselves(line: Assembly) -> None:
    await _told(line, mail(ADA, to=[BO]))
    await _told(line, mail(BO, "me too"))

    conversation = await line.conversation_of(where(ADA))
    assert [leg.author for leg in conversation.legs] == [f"email:mail:{ADA}", f"email:mail:{BO}"]
    assert await _lines(line, BO) == [
        ("exchange", f"part of {conversation.number}: one of them wrote to the other")
    ]


async def test_what_is_answered_on_somebody_elses_leg_is_named(line: Assembly) -> None:
    """Whoever answers all answers the mail that the first of them wrote."""
    await _told(line, named(mail(ADA, to=[BO]), "ada 1"))
    await _told(line, answering(mail(BO, "me too"), "ada 1"))

    conversation = await line.conversation_of(where(ADA))
    page = await line.views.messages(conversation, "", 10)

    first, second = [one.message for one in page.entries if one.message.direction is Direction.IN]
    assert second.answers
    assert second.answers.message == first.id


async def test_what_another_inbox_calls_the_same_is_not_what_is_answered(line: Assembly) -> None:
    """Two bots count one person's messages each from 1: words of another would be shown."""
    bots = [thread("ada", account=account) for account in ("bot", "other")]
    await _told(line, says(bots[0], "ada", "not this", remote="ada:1"))
    await _told(line, answering(says(bots[1], "ada", "yes", remote="ada:2"), "ada:1"))
    legs = [await line.leg_of(one) for one in bots]
    await line.joins.merge("merge", legs[0], legs[1], "agent:robin")
    await line.settle()

    page = await line.views.messages(await line.conversation_of(bots[0]), "", 10)

    [answers] = [one.message.answers for one in page.entries if one.message.answers]
    assert answers.message is None


async def test_an_answer_without_an_address_goes_to_whom_it_began_with(line: Assembly) -> None:
    """Whoever was copied wrote last, and may not be meant: nothing goes to them by surprise."""
    await _told(line, mail(ADA, to=[BO]))
    await _told(line, mail(BO, "me too"))
    conversation = await line.conversation_of(where(ADA))

    await line.reply(conversation, "for whom it began with")
    await line.reply(conversation, "for Bo alone", leg=await line.leg_of(where(BO)))
    await line.settle()

    assert _sent(line, ADA) == ["for whom it began with"]
    assert _sent(line, BO) == ["for Bo alone"]


async def test_an_answer_goes_to_the_persons_latest_leg(line: Assembly) -> None:
    """Of several mails of theirs the last one, notices of their absence left aside."""
    await _told(line, mail(ADA, to=[BO]))
    await _told(line, mail(BO, "me too"))
    await _told(line, mail(ADA, "another mail", exchange="other"))
    notice = mail(ADA, "I am away")
    assert isinstance(notice.body, MessageCreated)
    await _told(line, replace(notice, body=replace(notice.body, automatic=Automatic.ABSENCE)))

    await line.reply(await line.conversation_of(where(ADA)), "to the other mail")
    await line.settle()

    assert [one.thread for one in _adapter(line).sent] == [where(ADA, "other")]


@pytest.mark.parametrize("copies", [True, False], ids=["sent", "refused"])
async def test_whom_an_agent_copies_is_invited(store: Store, copies: bool) -> None:
    """If the copy has left: else nobody was written to."""
    line = Assembly(store, {"mail": MemoryAdapter(copies=copies)})
    await _told(line, mail(ADA, level=SenderLevel.UNVERIFIED))
    await _copy(line, BO)

    await _told(line, mail(BO, "thank you"))

    assert len((await line.conversation_of(where(ADA))).legs) == 1 + copies


async def test_a_stranger_who_cites_is_only_told_of(line: Assembly) -> None:
    """They got the mail forwarded, or guessed: nothing of it is theirs."""
    await _told(line, mail(ADA, to=[BO]))
    await _told(line, mail(EVE, "what is this about"))

    conversation = await line.conversation_of(where(EVE))
    host = await line.store.legs.head(await line.leg_of(where(ADA)))
    assert len(conversation.legs) == 1
    ((code, text),) = await _lines(line, EVE)
    assert (code, host.number in text, "written to them" in text) == ("cites", True, True)


async def test_a_list_shows_what_was_said_and_not_what_we_say_about_it(line: Assembly) -> None:
    """An agent chooses by it what to read first."""
    await _told(line, mail(ADA, to=[BO]))
    await _told(line, mail(BO, "me too"))
    await _told(line, mail(EVE, "what is this about"))

    rows = (await line.views.inbox("open", "", 10)).rows

    assert [row.latest and row.latest.message.parts for row in rows] == [
        (Text(text="what is this about"),),
        (Text(text="me too"),),
    ]


async def test_nobody_can_invite_in_anothers_name(line: Assembly) -> None:
    """A forged mail "from Ada, copy to Eve" must not open Ada's conversation to Eve."""
    await _told(line, mail(ADA))
    for level in (SenderLevel.UNVERIFIED, SenderLevel.FAILED):
        await _told(line, mail(ADA, "forged", to=[EVE], level=level))

    await _told(line, mail(EVE, "hello Ada"))

    assert len((await line.conversation_of(where(EVE))).legs) == 1


async def test_whoever_pretends_to_be_invited_is_not_let_in(line: Assembly) -> None:
    await _told(line, mail(ADA, to=[BO]))
    await _told(line, mail(BO, "I am Bo", level=SenderLevel.FAILED))

    assert len((await line.conversation_of(where(BO))).legs) == 1
    assert "disowns" in (await _lines(line, BO))[0][1]


@pytest.mark.parametrize("how", ["closed", "sealed"])
async def test_what_has_ended_takes_in_nobody(line: Assembly, how: str) -> None:
    await _told(line, mail(ADA, to=[BO]))
    conversation = await line.conversation_of(where(ADA))
    if how == "closed":
        await line.triage.set_status(conversation, AGENT, Status.CLOSED, MessageId("close"))
    else:
        await line.agents.seal(conversation, await line.leg_of(where(ADA)))

    await _told(line, mail(BO, "late"))

    assert len((await line.conversation_of(where(BO))).legs) == 1
    assert "has ended" in (await _lines(line, BO))[0][1]


async def test_an_answer_that_comes_before_what_it_answers_is_joined(line: Assembly) -> None:
    await _told(line, answering(mail(BO, "me too"), "ada 1"))

    await _told(line, named(mail(ADA, to=[BO]), "ada 1"))

    assert len((await line.conversation_of(where(ADA))).legs) == 2


async def test_who_writes_to_somebody_there_is_not_let_in_by_it(line: Assembly) -> None:
    """Eve is proven to be Eve, cites Ada's mail and names Ada: that is no invitation of Ada's."""
    await _told(line, named(mail(ADA), "ada 1"))

    await _told(line, answering(mail(EVE, to=[ADA]), "ada 1"))

    assert len((await line.conversation_of(where(EVE))).legs) == 1


async def test_two_who_write_at_once_find_each_other(line: Assembly) -> None:
    """Neither leg could see the other when it began."""
    other = Assembly(line.store, line.adapters)
    await line.dispatcher.accept(mail(ADA, to=[BO]))
    await other.dispatcher.accept(mail(BO, "me too"))
    await asyncio.gather(line.work(line.handed.popleft()), other.work(other.handed.popleft()))
    await line.settle()

    assert len((await line.conversation_of(where(ADA))).legs) == 2


async def test_a_lost_worker_does_not_keep_two_apart_who_wrote_at_once(line: Assembly) -> None:
    """Ada's leg had begun when Bo's looked for it, and was not there; then her worker is lost."""
    store = line.store
    slow = _Slow(store.read, store.commit, store.keys, store.cold)
    slow.meanwhile = lambda: _told(line, answering(mail(BO, "me too"), "ada 1"))
    lost = _Lost(store.read, store.commit, store.keys)
    other = Assembly(replace(store, legs=slow, exchanges=lost), line.adapters)
    await other.dispatcher.accept(named(mail(ADA, to=[BO]), "ada 1"))
    with pytest.raises(StoreUnavailable):
        await other.work(other.handed.popleft())

    await make_due(store)
    await line.settle()

    assert len((await line.conversation_of(where(ADA))).legs) == 2


async def test_a_doubtful_mail_is_joined_to_nothing_of_the_person_it_names(line: Assembly) -> None:
    """An agent reads a conversation as one person's: a forged mail does not belong there."""
    await _told(line, mail(ADA))
    await _told(line, mail(ADA, "send it to this account", exchange="x", level=SenderLevel.FAILED))
    await _told(line, mail(ADA, "a true one", exchange="y"))

    conversation = await line.conversation_of(where(ADA))
    assert [leg.thread for leg in conversation.legs] == [where(ADA), where(ADA, "y")]
    assert "disowns" in (await _lines(line, ADA, "x"))[0][1]


async def test_a_conversation_does_not_grow_for_ever(line: Assembly) -> None:
    """Of whoever writes thousands of mails each would cost more than the one before."""
    for n in range(GATHERED_MAX + 3):
        await _told(line, mail(ADA, exchange=f"{n:03d}"))

    full = await line.conversation_of(where(ADA, "000"))
    alone = await line.conversation_of(where(ADA, f"{GATHERED_MAX + 2:03d}"))
    assert (len(full.legs), len(alone.legs)) == (GATHERED_MAX, 1)
    assert "so many" in (await _lines(line, ADA, f"{GATHERED_MAX + 2:03d}"))[0][1]


async def test_an_exchange_does_not_make_a_conversation_grow_for_ever(line: Assembly) -> None:
    """Whoever owns a domain can invite as many of it as they like, and let each of them answer."""
    people = [f"guest-{n}@x.example" for n in range(GATHERED_MAX + 2)]
    await _told(line, mail(ADA, to=people))
    for one in people:
        await _told(line, mail(one, "me too"))

    assert len((await line.conversation_of(where(ADA))).legs) == GATHERED_MAX
    assert len((await line.conversation_of(where(people[-1]))).legs) == 1
    assert "so many" in (await _lines(line, people[-1]))[0][1]


async def test_a_worker_lost_between_the_two_sides_is_followed_by_one_that_finishes(
    line: Assembly,
) -> None:
    """Meanwhile the host was closed: what was half done is done, and can be undone."""
    await _told(line, mail(ADA, to=[BO]))
    await line.dispatcher.accept(mail(BO, "me too"))
    await line.work(line.handed.popleft())
    bo, ada = await line.leg_of(where(BO)), await line.leg_of(where(ADA))
    await line.store.legs.set_fields(bo, 1, {f"m:{ada}": "1"}, (), "merged")
    closed = MessageId("close")
    await line.triage.set_status(
        await line.conversation_of(where(ADA)), AGENT, Status.CLOSED, closed
    )

    await make_due(line.store)
    await line.settle()

    assert {leg.id for leg in (await line.conversation_of(where(ADA))).legs} == {ada, bo}


async def test_a_number_in_a_subject_opens_nothing(line: Assembly) -> None:
    """Numbers are read out on the telephone: an agent is told, and decides."""
    await _told(line, mail(ADA))
    number = (await line.conversation_of(where(ADA))).number

    await _told(line, replace(mail(EVE, exchange="other"), claims=number))

    assert len((await line.conversation_of(where(EVE, "other"))).legs) == 1
    ((code, text),) = await _lines(line, EVE, "other")
    assert (code, number in text) == ("cites", True)


@pytest.mark.parametrize("claims", ["own", "T-0000-0", "nonsense"])
async def test_a_number_that_tells_nothing_new_is_not_told(line: Assembly, claims: str) -> None:
    await _told(line, mail(ADA))
    own = (await line.conversation_of(where(ADA))).number

    said = mail(ADA, exchange="other")
    await _told(line, replace(said, claims=own if claims == "own" else claims))

    assert not await _lines(line, ADA, "other")


async def test_an_exchange_is_bounded(line: Assembly) -> None:
    for n in range(LEGS_MAX + 10):
        leg = line.store.keys.leg_id(f"{n:026d}", where(ADA))
        await line.store.exchanges.enter("mail", "root", leg)

    known = await line.store.exchanges.legs("mail", "root")

    assert len(known) == LEGS_MAX
    assert known[-1].startswith(f"{LEGS_MAX + 9:026d}")


class _Slow(Legs):
    """Something happens while a leg begins."""

    meanwhile: Callable[[], Awaitable[None]]

    @override
    async def claim_number(self, number: Number, leg: LegId) -> None:
        await super().claim_number(number, leg)
        await self.meanwhile()


class _Lost(Exchanges):
    """The worker is lost when it looks who else is there."""

    @override
    async def legs(self, account: str, exchange: str) -> list[LegId]:
        raise StoreUnavailable("the process is gone")


Deed = tuple[str, str]

deeds = st.lists(
    st.tuples(st.sampled_from(["write", "reply", "seal"]), st.sampled_from([ADA, BO])), max_size=10
)


@FEWER
@given(history=deeds)
@example(history=[("seal", BO), ("write", BO), ("reply", BO)])
def test_an_unmerge_undoes_it_exactly(server: RedisServer, history: list[Deed]) -> None:
    """As if the two had never had to do with one another; what was written meanwhile stays."""
    together = asyncio.run(_played(server.url, history, invited=True))
    apart = asyncio.run(_played(server.url, history, invited=False))

    assert together == apart


async def _played(url: str, history: Sequence[Deed], *, invited: bool) -> list[object]:
    """What agents see in the end, less the lines about the exchange itself."""
    async with fresh_store(url, partitions=2) as store:
        line = Assembly(store, {"mail": MemoryAdapter()}, new_id=rising_ids())
        await _told(line, mail(ADA, to=[BO] if invited else []))
        await _told(line, mail(BO, "me too"))
        for n, (verb, who) in enumerate(history):
            leg = await line.leg_of(where(who))
            conversation = await line.views.conversation(leg)
            if verb == "write":
                await _told(line, mail(who, f"written {n}"))
            elif verb == "reply":
                await line.reply(conversation, f"answer {n}", leg=leg, reply_id=f"reply-{n}")
            else:
                await line.agents.seal(conversation, leg)
            await line.settle()
        await _part_all(line)
        return [await _seen(line, who) for who in (ADA, BO)]


async def _part_all(line: Assembly) -> None:
    """An agent takes back each merge there is."""
    keys = await line.store.read.one("KEYS", "*}leg:*")
    ids = [LegId(key.decode().partition("leg:")[2]) for key in keys]
    heads = [one for one in await line.store.legs.heads(ids) if one]
    for a, b in sorted(
        {(min(leg.id, far), max(leg.id, far)) for leg in heads for far in leg.merged}
    ):
        await line.joins.unmerge(f"part {a} {b}", a, b, "agent:robin")
        await line.settle()


async def _seen(line: Assembly, who: str) -> list[object]:
    """The legs of somebody's thread, the newest first."""
    seen: list[object] = []
    leg: LegId | None = await line.leg_of(where(who))
    while leg:
        head, conversation = await line.store.legs.head(leg), await line.views.conversation(leg)
        said = [one for one in await line.texts(leg) if one != "[system]"]
        together = [one.id for one in conversation.legs]
        edges = sorted(head.merged), sorted(head.joined)
        seen.append((leg, head.status, head.sealed, edges, together, said))
        leg = head.previous
    return seen


def named(said: Inbound, remote: str) -> Inbound:
    assert isinstance(said.body, MessageCreated)
    return replace(said, body=replace(said.body, remote=remote))


def answering(said: Inbound, remote: str) -> Inbound:
    assert isinstance(said.body, MessageCreated)
    return replace(said, body=replace(said.body, answers=Quote(remote=remote)))


async def _told(line: Assembly, said: Inbound) -> None:
    await line.dispatcher.accept(said)
    await line.settle()


async def _copy(line: Assembly, who: str) -> None:
    draft = Draft(
        id=MessageId("copied"),
        parts=(Text(text="see there"),),
        recipients=(Recipient(address=who),),
    )
    await line.agents.reply(await line.conversation_of(where(ADA)), AGENT, draft)
    await line.settle()


async def _lines(line: Assembly, who: str, exchange: str = "root") -> list[tuple[str, str]]:
    log = await line.log(await line.leg_of(where(who, exchange)))
    parts = [part for entry in log for part in entry.message.parts]
    return [(part.code, part.text) for part in parts if isinstance(part, System)]


def _adapter(line: Assembly) -> MemoryAdapter:
    adapter = line.adapters["mail"]
    assert isinstance(adapter, MemoryAdapter)
    return adapter


def _sent(line: Assembly, who: str) -> list[str]:
    return _adapter(line).texts(where(who).thread)
