"""What an agent changes is changed for the customer, once however often it is asked for."""

import asyncio
import traceback
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from adapters.telegram.adapter import TelegramAdapter, open_adapter
from core.errors import (
    AuthenticationError,
    PermanentDeliveryError,
    TemporaryDeliveryError,
    UnsupportedFeature,
)
from core.model.content import Button, Buttons, Location, MediaKind, Span, Style, Text
from core.model.ids import ThreadRef
from core.model.outbound import Receipt
from sandbox.faults import Fault, Kind
from sandbox.server import Sandbox
from sandbox.telegram.changing import DELETE_WINDOW_SECONDS
from tests.e2e.telegram.phone import MEI, received, stored
from tests.e2e.telegram.rig import Core, outbound, settings
from tests.rigs.waiting import eventually

THREAD = outbound(MEI).thread
OFFER = Buttons(rows=((Button(label="Yes", value="k1"),),))
NEW = Text(text="👍 new", spans=(Span(2, 3, Style.BOLD),))
ENTITIES = [{"type": "bold", "offset": 3, "length": 3}]


@pytest.fixture(autouse=True)
def _mei_has_written(sandbox: Sandbox) -> None:
    """A bot may only answer."""
    sandbox.phone.say("mei", "hi")


@pytest.fixture
async def sent(adapter: TelegramAdapter, sandbox: Sandbox) -> Receipt:
    """A text of ours with a button, on Mei's phone."""
    return await adapter.send(outbound(MEI, Text(text="old"), OFFER))


# --- edits


async def test_a_text_is_changed_where_it_stands(
    sandbox: Sandbox, adapter: TelegramAdapter, sent: Receipt
) -> None:
    await adapter.edit(outbound(MEI, NEW, OFFER), sent.remotes)

    (message,) = received(sandbox)
    assert (message.text, message.entities) == ("👍 new", ENTITIES)
    assert message.edit_date is not None
    assert message.reply_markup is not None


async def test_a_change_that_is_made_already_is_no_failure(
    sandbox: Sandbox, adapter: TelegramAdapter, sent: Receipt
) -> None:
    """Its first attempt may have been lost after it took effect."""
    for _ in range(2):
        await adapter.edit(outbound(MEI, NEW, OFFER), sent.remotes)

    assert sandbox.world.journal.calls["telegram.editMessageText"] == 2


async def test_the_caption_of_a_file_is_changed_and_the_file_stays(
    sandbox: Sandbox, core: Core, adapter: TelegramAdapter
) -> None:
    old, new = (stored(core, MediaKind.VIDEO, caption=words) for words in ("old", "new"))
    receipt = await adapter.send(outbound(MEI, old))

    await adapter.edit(outbound(MEI, new), receipt.remotes)

    (message,) = received(sandbox)
    assert (message.kind, message.text) == ("video", "new")


async def test_the_caption_of_an_album_is_that_of_its_first_file(
    sandbox: Sandbox, core: Core, adapter: TelegramAdapter
) -> None:
    first, other = (stored(core, MediaKind.IMAGE, caption=words) for words in ("old", ""))
    receipt = await adapter.send(outbound(MEI, first, other))

    changed = stored(core, MediaKind.IMAGE, caption="new")
    await adapter.edit(outbound(MEI, changed, other), receipt.remotes)

    assert [message.text for message in received(sandbox)] == ["new", ""]


async def test_a_text_that_went_out_as_a_caption_is_changed_as_one(
    sandbox: Sandbox, core: Core, adapter: TelegramAdapter
) -> None:
    receipt = await adapter.send(outbound(MEI, stored(core, MediaKind.FILE, caption="old")))

    await adapter.edit(outbound(MEI, NEW), receipt.remotes)

    (message,) = received(sandbox)
    assert (message.kind, message.text, message.entities) == ("document", "👍 new", ENTITIES)


async def test_a_place_beside_the_changed_words_stays_where_it_is(
    sandbox: Sandbox, adapter: TelegramAdapter
) -> None:
    here = Location(latitude=53.5436, longitude=9.9669)
    receipt = await adapter.send(outbound(MEI, here))

    await adapter.edit(outbound(MEI, here), receipt.remotes)

    assert [message.kind for message in received(sandbox)] == ["location"]


async def test_a_message_that_is_gone_is_changed_no_more(
    sandbox: Sandbox, adapter: TelegramAdapter, sent: Receipt
) -> None:
    await adapter.delete(THREAD, sent.remotes)

    with pytest.raises(PermanentDeliveryError, match="no longer there") as caught:
        await adapter.edit(outbound(MEI, NEW), sent.remotes)

    assert caught.value.code == "gone"


async def test_the_customers_own_message_is_not_ours_to_change(adapter: TelegramAdapter) -> None:
    with pytest.raises(PermanentDeliveryError) as caught:
        await adapter.edit(outbound(MEI, NEW), (f"{MEI}:1",))

    assert caught.value.code == "not_changeable"


# --- deletions


async def test_a_message_is_taken_back_and_once_more_without_harm(
    sandbox: Sandbox, adapter: TelegramAdapter, sent: Receipt
) -> None:
    await adapter.delete(THREAD, sent.remotes)
    await adapter.delete(THREAD, sent.remotes)

    assert received(sandbox) == []


async def test_an_album_is_taken_back_in_one_call(
    sandbox: Sandbox, core: Core, adapter: TelegramAdapter
) -> None:
    receipt = await adapter.send(outbound(MEI, *(stored(core, MediaKind.FILE) for _ in range(3))))

    await adapter.delete(THREAD, receipt.remotes)

    assert received(sandbox) == []
    assert sandbox.world.journal.calls["telegram.deleteMessages"] == 1
    assert sandbox.world.journal.calls["telegram.deleteMessage"] == 0


async def test_after_two_days_a_message_stays_and_the_agent_hears_why(
    sandbox: Sandbox, adapter: TelegramAdapter, sent: Receipt
) -> None:
    (message,) = received(sandbox)
    message.date -= DELETE_WINDOW_SECONDS

    with pytest.raises(PermanentDeliveryError, match="48 hours") as caught:
        await adapter.delete(THREAD, sent.remotes)

    assert caught.value.code == "not_deletable"
    assert received(sandbox) == [message]


# --- reactions and typing


async def test_our_reaction_is_set_changed_and_taken_away(
    sandbox: Sandbox, adapter: TelegramAdapter
) -> None:
    bot = sandbox.world.telegram.bots[0]
    (question,) = sandbox.world.telegram.private_chat(
        sandbox.world.person("mei"), bot
    ).messages.values()
    shown = []
    for emoji in ("👍", "❤️", ""):
        await adapter.react(THREAD, f"{MEI}:{question.id}", emoji)
        shown.append([reaction["emoji"] for reaction in question.reactions.get(bot.id, [])])

    assert shown == [["👍"], ["❤"], []]


async def test_an_emoji_that_telegram_does_not_allow_is_named(adapter: TelegramAdapter) -> None:
    with pytest.raises(UnsupportedFeature, match="🦺"):
        await adapter.react(THREAD, f"{MEI}:1", "🦺")


async def test_typing_is_shown_to_the_customer(sandbox: Sandbox, adapter: TelegramAdapter) -> None:
    before = sandbox.world.feed.seq

    await adapter.show_typing(THREAD)

    (change,) = sandbox.world.feed.since(before)
    assert (change.kind, change.person, change.about["action"]) == (
        "telegram.action",
        "mei",
        "typing",
    )


async def test_where_nobody_can_see_that_it_was_read_nothing_is_asked(
    sandbox: Sandbox, adapter: TelegramAdapter
) -> None:
    calls = sandbox.world.journal.calls.total()

    await adapter.mark_read(THREAD, f"{MEI}:1")

    assert sandbox.world.journal.calls.total() == calls


async def test_among_a_channels_direct_messages_no_typing_is_asked_for(
    sandbox: Sandbox, adapter: TelegramAdapter
) -> None:
    """Telegram has no such sign there, and would refuse every one."""
    calls = sandbox.world.journal.calls.total()

    await adapter.show_typing(outbound("-100199/d4").thread)

    assert sandbox.world.journal.calls.total() == calls


# --- whatever goes wrong

Act = Callable[[TelegramAdapter, ThreadRef, tuple[str, ...]], Awaitable[None]]
ACTS: dict[str, Act] = {
    "editMessageText": lambda adapter, _thread, ids: adapter.edit(outbound(MEI, NEW), ids),
    "deleteMessage": lambda adapter, thread, ids: adapter.delete(thread, ids),
    "setMessageReaction": lambda adapter, thread, ids: adapter.react(thread, ids[0], "👍"),
    "sendChatAction": lambda adapter, thread, _ids: adapter.show_typing(thread),
}
TROUBLE = {
    "flood": (Fault("telegram", "*", Kind.RATE_LIMIT, retry_after=7), TemporaryDeliveryError),
    "502": (Fault("telegram", "*", Kind.SERVER_ERROR), TemporaryDeliveryError),
    "page": (Fault("telegram", "*", Kind.SERVER_ERROR, html=True), TemporaryDeliveryError),
    "lost before": (Fault("telegram", "*", Kind.DROP_BEFORE), TemporaryDeliveryError),
    "lost after": (Fault("telegram", "*", Kind.DROP_AFTER), TemporaryDeliveryError),
    "slow": (Fault("telegram", "*", Kind.SLOW_AFTER, seconds=3), TemporaryDeliveryError),
    "revoked": (Fault("telegram", "*", Kind.UNAUTHORISED), AuthenticationError),
    "blocked": (Fault("telegram", "*", Kind.BLOCKED), PermanentDeliveryError),
}


@pytest.mark.parametrize("method", ACTS)
@pytest.mark.parametrize("trouble", TROUBLE)
async def test_a_change_that_failed_may_be_made_again_and_no_secret_is_told(
    sandbox: Sandbox, core: Core, sent: Receipt, method: str, trouble: str
) -> None:
    """A change has no second effect, so none of them is ever unknown."""
    fault, error = TROUBLE[trouble]
    sandbox.world.faults.add(replace(fault, method=method))
    options = settings(
        sandbox.http_url,
        sandbox.bot_token,
        request_timeout_seconds=0.5,
        connect_timeout_seconds=0.4,
    )

    async with open_adapter(options, core.surroundings()) as adapter:
        with pytest.raises(error) as caught:
            await ACTS[method](adapter, THREAD, sent.remotes)
        told = "".join(traceback.format_exception(caught.value)) + repr(adapter)
        if error is TemporaryDeliveryError:
            await ACTS[method](adapter, THREAD, sent.remotes)

    assert sandbox.bot_token.partition(":")[2] not in told
    if trouble == "flood" and isinstance(caught.value, TemporaryDeliveryError):
        assert (caught.value.code, caught.value.retry_after_seconds) == ("rate_limited", 7)


async def test_waiting_for_a_free_connection_sends_nothing(sandbox: Sandbox, core: Core) -> None:
    """Under load a message that never left is sent again, not given up as unknown."""
    sandbox.world.faults.add(Fault("telegram", "sendMessage", Kind.SLOW_AFTER, seconds=2))
    options = settings(
        sandbox.http_url, sandbox.bot_token, connections_max=1, connect_timeout_seconds=0.2
    )

    async with open_adapter(options, core.surroundings()) as adapter:
        slow = asyncio.create_task(adapter.send(outbound(MEI, Text(text="slow"))))
        await eventually(lambda: len(received(sandbox)) == 1)
        with pytest.raises(TemporaryDeliveryError) as caught:
            await adapter.send(outbound(MEI, Text(text="waiting")))
        await slow

    assert caught.value.code == "unreachable"
    assert [message.text for message in received(sandbox)] == ["slow"]
