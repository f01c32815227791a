"""Somebody of the community has answered: nothing is left to do unless the customer asks on."""

from msgspec.structs import replace

from core.model.content import System
from core.model.conversation import Status
from core.model.event import Actor, ActorKind, Inbound, Settled
from core.model.ids import MessageId
from core.model.message import Audience
from tests.rigs.assembly import AGENT, Assembly
from tests.rigs.events import actor, event, says, thread

FORUM = thread("forum post")
ADA = "telegram:bot:ada"
ANSWERED = Settled(question="m1", answer="m7", text="answered by Ben in the forum")


def accepted(dedup: str = "accepted") -> Inbound:
    """By who looks after the community."""
    told = event(FORUM, "mona", ANSWERED, dedup, Audience.PUBLIC)
    manager = Actor(kind=ActorKind.STAFF, remote="mona", name="Mona")
    return replace(told, actor=manager, customer=actor("ada"))


async def asks(line: Assembly) -> None:
    await line.dispatcher.accept(says(FORUM, "ada", "how?", remote="m1", audience=Audience.PUBLIC))
    await line.settle()


async def lines(line: Assembly) -> list[str]:
    log = await line.log(await line.leg_of(FORUM, ADA))
    parts = [part for entry in log for part in entry.message.parts]
    return [part.text for part in parts if isinstance(part, System) and part.code == "settled"]


async def test_an_accepted_answer_resolves_the_question_once(line: Assembly) -> None:
    """Agents would answer what has been answered."""
    await asks(line)

    for dedup in ("accepted", "accepted"):
        await line.dispatcher.accept(accepted(dedup))
        await line.settle()

    assert (await line.conversation_of(FORUM, ADA)).status is Status.RESOLVED
    assert await lines(line) == [ANSWERED.text]


async def test_who_asks_on_is_heard(line: Assembly) -> None:
    """The answer was accepted too soon, and nobody would look again."""
    await asks(line)
    await line.dispatcher.accept(accepted())
    await line.settle()

    await line.dispatcher.accept(says(FORUM, "ada", "it fails", audience=Audience.PUBLIC))
    await line.settle()

    assert (await line.conversation_of(FORUM, ADA)).status is Status.OPEN


async def test_what_is_closed_stays_closed_and_says_so(line: Assembly) -> None:
    await asks(line)
    conversation = await line.conversation_of(FORUM, ADA)
    await line.triage.set_status(conversation, AGENT, Status.CLOSED, MessageId("close"))

    await line.dispatcher.accept(accepted())
    await line.settle()

    assert (await line.conversation_of(FORUM, ADA)).status is Status.CLOSED
    assert await lines(line) == [ANSWERED.text]


async def test_an_accepted_answer_to_nothing_we_know_of_harms_nobody(line: Assembly) -> None:
    """A lane that stumbles over it would hold up everything else of the thread."""
    await line.dispatcher.accept(accepted())
    await line.settle()

    await asks(line)

    assert (await line.conversation_of(FORUM, ADA)).status is Status.NEW


async def test_an_answer_to_what_is_closed_leaves_the_next_question_open(line: Assembly) -> None:
    """The button under an old question would end the new one, which nobody has answered."""
    await asks(line)
    first = await line.conversation_of(FORUM, ADA)
    await line.triage.set_status(first, AGENT, Status.CLOSED, MessageId("close"))
    await line.dispatcher.accept(says(FORUM, "ada", "another", audience=Audience.PUBLIC))
    await line.settle()

    await line.dispatcher.accept(accepted())
    await line.settle()

    assert (await line.conversation_of(FORUM, ADA)).status is Status.NEW
    assert await lines(line) == []
