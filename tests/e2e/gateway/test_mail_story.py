"""What only mail has: senders who can be proven, copied people, machines, and a past."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Final

import msgspec
import pytest

from core.model.content import System
from core.model.conversation import Entry, Status
from core.model.message import Automatic, Direction, SenderLevel
from sandbox.mail.habits import Habit, HabitKind
from sandbox.mail.programs import Letter
from sandbox.server import Sandbox
from tests.e2e.email.mailbox import letter
from tests.rigs.api import Api, api, words
from tests.rigs.customer import Customer
from tests.rigs.gateway import Gateway, channels
from tests.rigs.waiting import eventually

SENT_FOLDER: Final = 'sent_folder = "Sent"\n'
BACKFILL: Final = SENT_FOLDER + "backfill_days = 30\n"
TRUST: Final = '[channel.trust]\nauthserv_ids = ["{id}"]\nnameservers = ["{names}"]\n'
LONG_AGO: Final = datetime.now(UTC).replace(microsecond=0) - timedelta(days=9)


@pytest.fixture
async def gateway(sandbox: Sandbox, tmp_path: Path) -> AsyncIterator[Gateway]:
    """Whose mailbox has a past, and whose operator has said whom to believe."""
    past = letter("I wrote last week", sender="old.friend@post.example")
    sandbox.world.mail.support.inbox.add(past, set(), LONG_AGO)
    table = channels(sandbox, tmp_path).replace(SENT_FOLDER, BACKFILL)
    trust = TRUST.format(id=sandbox.authserv_id, names=sandbox.name_server)
    async with Gateway(tmp_path, table + trust) as running:
        yield running


@pytest.fixture
async def agent(gateway: Gateway) -> AsyncIterator[Api]:
    async with api(gateway.url, gateway.token) as signed_in:
        yield signed_in


async def test_an_agent_is_told_how_sure_it_is_who_wrote(agent: Api, sandbox: Sandbox) -> None:
    """Found out on the wire: the signature's key is asked for, the host's findings are read."""
    sandbox.mail_programs.send("mei", Letter(text="I sign", signed=True, verified=False))
    sandbox.mail_programs.send("jonas", Letter(text="I do not", verified=False))
    sandbox.mail_programs.send("mei", Letter(text="I pretend", forged=True))

    signed, unsigned, forged = [
        (await _said(agent, text)).message.sender for text in ("I sign", "I do not", "I pretend")
    ]

    assert signed.level is SenderLevel.VERIFIED
    assert "DKIM" in signed.evidence
    assert unsigned.level is SenderLevel.UNVERIFIED
    assert (forged.level, forged.id) == (SenderLevel.FAILED, signed.id)
    assert "dmarc=fail" in forged.evidence


async def test_whoever_was_copied_answers_as_themselves_and_a_stranger_does_not_get_in(
    agent: Api, sandbox: Sandbox
) -> None:
    """Amara was shown the mail and knows its id; of her an agent gets a hint, she gets nothing."""
    mei, jonas, amara = (Customer(sandbox, key) for key in ("mei", "jonas", "amara"))
    mailed = Letter(text="Our order", subject="Order 7", cc=[jonas.person.address])
    asked = sandbox.mail_programs.send("mei", mailed)
    ours = await _said(agent, "Our order")
    number = (await agent.conversation(ours.leg)).number

    jonas.writes("I wait as well", subject="Re: Order 7", in_reply_to=asked)
    amara.writes("What is it about?", subject="Re: Order 7", in_reply_to=asked)

    async def is_joined() -> bool:
        return len((await agent.conversation(number)).legs) == 2

    await eventually(is_joined)
    both = [one.message for one in await agent.entries(number)]
    assert [one.sender.name for one in both if one.direction is Direction.IN] == [
        mei.person.name,
        jonas.person.name,
    ]
    hers = await agent.conversation((await _said(agent, "What is it about?")).leg)
    assert len(hers.legs) == 1
    await eventually(partial(_is_hinted, agent, hers.number, number))


async def test_a_notice_of_absence_leaves_resolved_what_is_resolved(
    agent: Api, sandbox: Sandbox
) -> None:
    """Every closing word would bring the conversation of whoever is on holiday back."""
    mei = Customer(sandbox, "mei")
    mei.writes("Where is it?", subject="Order 7")
    number = (await agent.conversation((await _said(agent, "Where is it?")).leg)).number
    async with agent.http.patch(
        f"/api/v1/conversations/{number}", json={"status": Status.RESOLVED}
    ):
        pass
    sandbox.world.post.habits[mei.person.address] = Habit(kind=HabitKind.OUT_OF_OFFICE, limit=0)

    await agent.settled(await agent.reply(number, "It was delivered. All the best!"))

    async def is_heard() -> bool:
        return len(await agent.heard(number)) == 2

    await eventually(is_heard)
    assert (await agent.entries(number))[-1].message.automatic is Automatic.ABSENCE
    assert (await agent.conversation(number)).status is Status.RESOLVED


async def test_an_agent_writes_first_and_the_answer_comes_back_there(
    agent: Api, sandbox: Sandbox
) -> None:
    """Who is called back by mail would answer into a conversation of its own."""
    mei = Customer(sandbox, "mei")
    inboxes = (await agent.health()).inboxes
    account = next(one.account for one in inboxes if one.channel == "email")
    body = {
        "inbox": account,
        "to": mei.person.address.upper(),
        "text": "It is here",
        "subject": "Your parcel",
    }

    entries = []
    for _ in range(2):
        url, key = "/api/v1/conversations", {"Idempotency-Key": "1"}
        async with agent.http.post(url, json=body, headers=key) as answer:
            entries.append(msgspec.json.decode(await answer.read())["entry"])
    leg = entries[0]["leg"]
    await eventually(lambda: bool(mei.mails))
    mei.writes("Thanks!", subject="Re: Your parcel", in_reply_to=mei.mails[0]["message_id"])

    async def is_heard() -> bool:
        return await agent.heard(leg) == ["Thanks!"]

    await eventually(is_heard)
    whole = await agent.conversation(leg)
    assert [one["position"] for one in entries] == [2, 2]
    assert mei.read_by_mail == ["It is here"]
    assert mei.mails[0]["subject"] == f"Your parcel [{whole.number}]"
    assert [one.title for one in whole.legs] == ["Your parcel"]
    assert whole.legs[0].author.endswith(mei.person.address)


async def test_what_is_snoozed_is_open_again_by_itself(agent: Api) -> None:
    """It would wait for an agent who waits for it."""
    past = (await _said(agent, "I wrote last week")).leg
    url, status = f"/api/v1/conversations/{past}", ""
    for change in ({"status": "open"}, {"snooze_seconds": 1}):
        async with agent.http.patch(url, json=change) as answer:
            status = msgspec.json.decode(await answer.read())["status"]

    async def is_open() -> bool:
        return (await agent.conversation(past)).status is Status.OPEN

    await eventually(is_open)
    assert status == "snoozed"


async def test_the_past_is_listed_as_done_under_its_own_date(agent: Api) -> None:
    """Months of old mail must not look like months of work."""
    past = await _said(agent, "I wrote last week")

    conversation = await agent.conversation(past.leg)
    assert conversation.status is Status.RESOLVED
    assert past.message.at == LONG_AGO
    assert conversation.id in [one.id for one in await agent.conversations("pending")]
    assert await agent.conversations("open") == []


async def _said(agent: Api, text: str) -> Entry:
    """The message with this text, once it is there."""
    found: list[Entry] = []

    async def is_there() -> bool:
        for one in await agent.all_conversations():
            found[:] = [entry for entry in await agent.entries(one.id) if words(entry) == text]
            if found:
                return True
        return False

    await eventually(is_there)
    return found[0]


async def _is_hinted(agent: Api, number: str, other: str) -> bool:
    """Whether agents are told that this conversation cites another one."""
    parts = [part for entry in await agent.entries(number) for part in entry.message.parts]
    return any(
        isinstance(part, System) and part.code == "cites" and other in part.text for part in parts
    )
