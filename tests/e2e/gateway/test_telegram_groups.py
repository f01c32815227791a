"""Groups and business accounts through the whole gateway: who says what to whom, and where."""

from core.model.content import Text
from core.model.conversation import Conversation, Entry
from core.model.message import Audience, DeliveryState, Direction, SenderKind
from sandbox.server import Sandbox
from sandbox.telegram.phone import Saying
from sandbox.telegram.state import Bot, Chat, Message
from tests.rigs.api import Api, words
from tests.rigs.waiting import eventually

FLOODED_SECONDS = 2


async def test_members_of_a_topic_have_conversations_of_their_own(
    agent: Api, sandbox: Sandbox
) -> None:
    """What one writes is not the other's; what we answer is in the topic where it was asked."""
    phone = sandbox.phone
    group = phone.create_group("Harbour", ["mei", "jonas"], forum=True)
    topic = phone.open_topic("mei", group.id, "Parcels")
    for who in ("mei", "jonas"):
        phone.say(who, Saying(text=f"{who} asks", chat_id=group.id, thread_id=topic))
    mei, jonas = await _of(agent, sandbox, "mei"), await _of(agent, sandbox, "jonas")

    said = await agent.settled(await agent.reply(mei.number, "Both of you", audience="group"))
    (shown,) = _ours(group)
    phone.react("jonas", group.id, shown.id, "👍")

    async def is_seen() -> bool:
        return [one.emoji for one in (await agent.now(said)).message.reactions] == ["👍"]

    await eventually(is_seen)
    assert (shown.text, shown.thread_id) == ("Both of you", topic)
    assert mei.legs[0].thread == jonas.legs[0].thread
    assert mei.legs[0].audience is Audience.GROUP
    assert await agent.heard(mei.number) == ["mei asks"]
    assert await agent.heard(jonas.number) == ["jonas asks"]


async def test_a_group_that_moves_keeps_its_conversations(agent: Api, sandbox: Sandbox) -> None:
    """Also the answer that was waiting while it moved, and what is answered to that."""
    group = sandbox.telegram_host.create_basic_group("Harbour", ["mei", "jonas"])
    sandbox.phone.say("mei", Saying(text="before", chat_id=group.id))
    mei = await _of(agent, sandbox, "mei")
    sandbox.telegram_host.flood(group.id, FLOODED_SECONDS)
    waiting = await agent.reply(mei.number, "Both of you", audience="group")
    await eventually(lambda: bool(sandbox.world.journal.refused))

    moved = sandbox.telegram_host.migrate_group(group.id)
    sandbox.phone.say("mei", Saying(text="after", chat_id=moved.id))
    said = await agent.settled(waiting)

    async def is_heard() -> bool:
        return await agent.heard(mei.number) == ["before", "after"]

    await eventually(is_heard)
    assert said.delivery
    assert said.delivery.state is DeliveryState.SENT, said.delivery
    assert [one.text for one in _ours(moved)] == ["Both of you"]
    assert _ours(group) == []
    sandbox.phone.say("mei", Saying(text="ok", chat_id=moved.id, reply_to=_ours(moved)[0].id))

    async def is_answered() -> bool:
        return await agent.heard(mei.number) == ["before", "after", "ok"]

    await eventually(is_answered)


async def test_an_owner_and_we_answer_the_same_customer(agent: Api, sandbox: Sandbox) -> None:
    """Of a business account: agents see what its owner wrote, and what the customer took back."""
    phone, amara = sandbox.phone, sandbox.world.person("amara")
    phone.connect_business("amara")
    asked = phone.say("mei", Saying(text="Are you open?", chat_id=amara.telegram_id))
    regretted = phone.say("mei", Saying(text="My card is 4711", chat_id=amara.telegram_id))
    mei = await _of(agent, sandbox, "mei")
    phone.say("amara", Saying(text="Until six", chat_id=sandbox.world.person("mei").telegram_id))

    async def is_echoed() -> bool:
        return len(await agent.entries(mei.number)) == 3

    await eventually(is_echoed)
    await agent.settled(await agent.reply(mei.number, "On Sunday until four"))

    phone.delete("mei", amara.telegram_id, regretted.id)
    phone.edit("mei", amara.telegram_id, asked.id, "Are you open today?")

    async def is_told() -> bool:
        first, second, *_ = [one.message for one in await agent.entries(mei.number)]
        return first.parts == (Text(text="Are you open today?"),) and bool(second.deleted_at)

    await eventually(is_told)
    entries = [one for one in await agent.entries(mei.number) if words(one)]
    assert [_who(one) for one in entries] == [
        (Direction.IN, SenderKind.CONTACT, mei.legs[0].author_name),
        (Direction.IN, SenderKind.CONTACT, mei.legs[0].author_name),
        (Direction.OUT, SenderKind.AGENT, amara.name),
        (Direction.OUT, SenderKind.AGENT, "Kim"),
    ]
    assert words(entries[1]) == "My card is 4711"
    assert [one.text for one in asked.chat.messages.values()] == [
        "Are you open today?",
        "Until six",
        "On Sunday until four",
    ]


async def _of(agent: Api, sandbox: Sandbox, key: str) -> Conversation:
    """The conversation with this person, once there is one."""
    name, found = sandbox.world.person(key).name, list[Conversation]()

    async def is_there() -> bool:
        found[:] = await agent.all_conversations()
        found[:] = [one for one in found if one.legs[0].author_name == name]
        return len(found) == 1

    await eventually(is_there)
    return found[0]


def _ours(chat: Chat) -> list[Message]:
    return [one for one in chat.messages.values() if isinstance(one.sender, Bot)]


def _who(entry: Entry) -> tuple[Direction, SenderKind, str]:
    sender = entry.message.sender
    return entry.message.direction, sender.kind, sender.name
