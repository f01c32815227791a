"""A bot that answers for the owner of a personal account: all is done in the owner's name."""

import pytest

from adapters.telegram.adapter import TelegramAdapter
from core.errors import PermanentDeliveryError, UnsupportedFeature
from core.model.content import MediaKind, Text
from core.model.ids import ThreadRef
from sandbox.server import Sandbox
from sandbox.telegram.business import ACTIVE_SECONDS
from sandbox.telegram.phone import Saying
from sandbox.telegram.state import Chat, Message
from tests.e2e.telegram.phone import MEI, stored
from tests.e2e.telegram.rig import Core, outbound


@pytest.fixture
def chat(sandbox: Sandbox) -> Chat:
    """Mei has written to Amara, who has let the bot into her account."""
    amara = sandbox.world.person("amara")
    sandbox.phone.connect_business("amara")
    sandbox.phone.say("mei", Saying(text="are you open?", chat_id=amara.telegram_id))
    return sandbox.world.telegram.personal_chat(amara, sandbox.world.person("mei"))


@pytest.fixture
def thread(sandbox: Sandbox, chat: Chat) -> ThreadRef:
    (connection,) = sandbox.world.telegram.connections
    return outbound(f"{MEI}/b{connection}").thread


def ours(chat: Chat) -> list[Message]:
    return [message for message in chat.messages.values() if message.business_bot]


async def test_an_answer_comes_from_the_owner_and_can_be_changed_and_taken_back(
    chat: Chat, thread: ThreadRef, adapter: TelegramAdapter
) -> None:
    (question,) = chat.messages.values()
    answers = f"{MEI}:{question.id}"

    receipt = await adapter.send(outbound(thread.thread, Text(text="til six"), answers=answers))
    await adapter.edit(outbound(thread.thread, Text(text="until six")), receipt.remotes)

    (message,) = ours(chat)
    assert (message.text, message.reply_to) == ("until six", question)
    assert message.sender is not message.business_bot

    for _ in range(2):
        await adapter.delete(thread, receipt.remotes)
    assert ours(chat) == []


async def test_an_album_is_taken_back_whole_though_a_part_of_it_is_gone(
    chat: Chat, thread: ThreadRef, core: Core, adapter: TelegramAdapter
) -> None:
    """Telegram refuses the whole call for the one that is missing."""
    files = (stored(core, MediaKind.FILE) for _ in range(3))
    receipt = await adapter.send(outbound(thread.thread, *files))
    await adapter.delete(thread, receipt.remotes[1:2])

    await adapter.delete(thread, receipt.remotes)

    assert ours(chat) == []


async def test_the_customer_sees_that_they_are_read_and_answered(
    sandbox: Sandbox, chat: Chat, thread: ThreadRef, adapter: TelegramAdapter
) -> None:
    (question,) = chat.messages.values()
    before = sandbox.world.feed.seq

    await adapter.mark_read(thread, f"{MEI}:{question.id}")
    await adapter.show_typing(thread)

    assert question.read
    typing = [one.person for one in sandbox.world.feed.since(before) if "action" in one.about]
    assert "mei" in typing


async def test_what_telegram_lets_no_bot_do_there_is_told(
    chat: Chat, thread: ThreadRef, adapter: TelegramAdapter
) -> None:
    (question,) = chat.messages.values()

    with pytest.raises(UnsupportedFeature, match="business account"):
        await adapter.react(thread, f"{MEI}:{question.id}", "👍")

    question.date -= ACTIVE_SECONDS
    with pytest.raises(PermanentDeliveryError, match="24 hours") as caught:
        await adapter.send(outbound(thread.thread, Text(text="still there?")))
    assert caught.value.code == "business_quiet"


@pytest.mark.parametrize("end", ["disconnected", "without rights"])
async def test_an_owner_who_ends_it_is_named_as_who_can_begin_it_again(
    sandbox: Sandbox, thread: ThreadRef, adapter: TelegramAdapter, end: str
) -> None:
    if end == "disconnected":
        sandbox.phone.disconnect_business("amara")
    else:
        sandbox.phone.connect_business("amara", rights={})

    with pytest.raises(PermanentDeliveryError, match="owner has to") as caught:
        await adapter.send(outbound(thread.thread, Text(text="hello?")))

    assert caught.value.code == "business_disconnected"
