"""Updates are acknowledged when they are stored, never before, and come in each thread's order."""

import asyncio
import logging

import pytest

from adapters.telegram.adapter import TelegramAdapter
from adapters.telegram.line.polling import STANDING_BY
from core.errors import AuthenticationError, StoreUnavailable
from core.model.content import Button, Buttons, Text
from core.model.event import AccountStatus, Inbound, MessageCreated, MessageEdited, Unknown
from core.model.message import Quote
from sandbox.faults import Fault, Kind
from sandbox.server import Sandbox
from sandbox.telegram.phone import Saying
from sandbox.telegram.state import Topic, Webhook
from tests.e2e.telegram.rig import Core, outbound, receiving, running, settings
from tests.rigs.waiting import eventually

MEI = "6104882371"


def asked(sandbox: Sandbox) -> int:
    return sandbox.world.journal.calls["telegram.getUpdates"]


async def test_a_message_arrives_and_only_then_telegram_may_forget_it(
    sandbox: Sandbox, core: Core, adapter: TelegramAdapter
) -> None:
    stored = asyncio.Event()

    async def wait(_event: Inbound) -> None:
        await stored.wait()

    core.before = wait
    async with receiving(adapter, core):
        sandbox.phone.say("mei", "hello")
        await eventually(lambda: asked(sandbox) >= 1)
        updates = sandbox.world.telegram.bots[0].updates

        assert len(updates) == 1

        stored.set()
        await eventually(lambda: not updates)
        assert core.texts == ["hello"]
        assert core.delivered[0].thread.thread == MEI


async def test_a_store_that_fails_is_waited_for_and_nothing_is_acknowledged(
    sandbox: Sandbox, core: Core, adapter: TelegramAdapter
) -> None:
    refusals = iter(range(3))

    async def refuse(event: Inbound) -> None:
        if next(refusals, None) is not None:
            assert len(sandbox.world.telegram.bots[0].updates) == 2
            raise StoreUnavailable("loading")

    core.before = refuse
    sandbox.phone.say("mei", "one")
    sandbox.phone.say("mei", "two")
    async with receiving(adapter, core):
        await eventually(lambda: len(core.delivered) == 2)

    assert core.texts == ["one", "two"]
    assert next(refusals, None) is None
    assert "loading" in core.remarks
    assert core.remarks[-1] == ""


async def test_a_slow_thread_keeps_its_order_and_delays_no_other(
    sandbox: Sandbox, core: Core, adapter: TelegramAdapter
) -> None:
    others_done = asyncio.Event()

    async def hold_mei(event: Inbound) -> None:
        if event.thread.thread == MEI:
            await others_done.wait()

    core.before = hold_mei
    for text in ("1", "2"):
        sandbox.phone.say("mei", text)
    for text in ("3", "4"):
        sandbox.phone.say("jonas", text)
    async with receiving(adapter, core):
        await eventually(lambda: core.texts == ["3", "4"])
        others_done.set()
        await eventually(lambda: core.texts == ["3", "4", "1", "2"])


async def test_what_cannot_be_read_is_set_aside_and_the_next_still_comes(
    sandbox: Sandbox, core: Core, adapter: TelegramAdapter
) -> None:
    async with receiving(adapter, core):
        sandbox.phone.inject({"message": {"message_id": "three"}})
        sandbox.phone.say("mei", "after it")
        await eventually(lambda: core.texts == ["after it"])
        await eventually(lambda: not sandbox.world.telegram.bots[0].updates)

    ((account, payload, reason),) = core.quarantined
    assert (account, b'"three"' in payload) == ("main", True)
    assert "$.message.message_id" in reason


async def test_the_kinds_of_event_arrive_as_what_they_are(
    sandbox: Sandbox, core: Core, adapter: TelegramAdapter
) -> None:
    phone = sandbox.phone
    async with receiving(adapter, core):
        first = phone.say("mei", "first")
        phone.say("mei", Saying(text="about that", reply_to=first.id))
        phone.edit("mei", None, first.id, "first, corrected")
        phone.block("mei")
        phone.block("mei", blocked=False)
        phone.inject({"purchased_paid_media": {"from": {"id": 5}}})
        await eventually(lambda: len(core.delivered) == 6)

    bodies = [e.body for e in core.delivered if e.thread.thread == MEI]
    created, reply, edited, blocked, unblocked = bodies
    assert isinstance(created, MessageCreated)
    assert isinstance(reply, MessageCreated)
    assert reply.answers == Quote(remote=created.remote, text="first")
    assert edited == MessageEdited(remote=created.remote, parts=(Text(text="first, corrected"),))
    assert blocked == AccountStatus(code="blocked", text="kicked")
    assert unblocked == AccountStatus(code="unblocked", text="member")
    unknown = Unknown(platform_kind="purchased_paid_media")
    assert unknown in [event.body for event in core.delivered]


async def test_a_topic_of_a_group_is_a_thread(
    sandbox: Sandbox, core: Core, adapter: TelegramAdapter
) -> None:
    group = sandbox.phone.create_group("Tenants", ["mei", "jonas"], forum=True)
    async with receiving(adapter, core):
        sandbox.phone.say("jonas", Saying(text="general", chat_id=group.id))
        sandbox.phone.say("mei", Saying(text="lift", chat_id=group.id, thread_id=40))
        await eventually(lambda: len(core.delivered) == 2)

    threads = {event.thread.thread for event in core.delivered}
    assert threads == {str(group.id), f"{group.id}/40"}


async def test_a_reaction_belongs_to_the_topic_of_its_message(
    sandbox: Sandbox, core: Core, adapter: TelegramAdapter
) -> None:
    """Telegram does not say in which topic it was made."""
    group = sandbox.phone.create_group("Tenants", ["mei", "jonas"], forum=True)
    group.topics[40] = Topic("Lift")
    async with receiving(adapter, core):
        said = sandbox.phone.say("mei", Saying(text="lift", chat_id=group.id, thread_id=40))
        await eventually(lambda: len(core.delivered) == 1)
        ours = await adapter.send(outbound(f"{group.id}/40", Text(text="on its way")))
        ours_id = int(ours.remotes[0].rpartition(":")[2])
        sandbox.phone.react("jonas", group.id, said.id, "👍")
        sandbox.phone.react("mei", group.id, ours_id, "👍")
        await eventually(lambda: len(core.delivered) == 3)

    assert {event.thread.thread for event in core.delivered} == {f"{group.id}/40"}


@pytest.mark.parametrize(
    "fault",
    [
        Fault("telegram", "getUpdates", Kind.SERVER_ERROR, html=True, count=2),
        Fault("telegram", "getUpdates", Kind.DROP_BEFORE, count=2),
        Fault("telegram", "getUpdates", Kind.DROP_AFTER, count=2),
        Fault("telegram", "getUpdates", Kind.CONFLICT, count=2),
        Fault("telegram", "getMe", Kind.SERVER_ERROR, count=2),
    ],
    ids=lambda fault: f"{fault.method}-{fault.kind}",
)
async def test_receiving_survives_every_fault(
    sandbox: Sandbox, core: Core, adapter: TelegramAdapter, fault: Fault
) -> None:
    sandbox.world.faults.add(fault)
    sandbox.phone.say("mei", "still here?")

    async with receiving(adapter, core):
        await eventually(lambda: core.texts == ["still here?"])

    assert fault.fired == 2


async def test_half_answers_in_a_row_cost_no_message(
    sandbox: Sandbox, core: Core, adapter: TelegramAdapter
) -> None:
    """A bad line is not the customer's fault: what it spoils is asked for again, not set aside."""
    fault = Fault("telegram", "getUpdates", Kind.GARBLED, count=4)
    sandbox.world.faults.add(fault)
    sandbox.phone.say("mei", "one")
    sandbox.phone.say("mei", "two")

    async with receiving(adapter, core):
        await eventually(lambda: core.texts == ["one", "two"])

    assert (fault.fired, core.quarantined) == (4, [])


async def test_a_pause_that_telegram_asks_for_is_kept(
    sandbox: Sandbox, core: Core, adapter: TelegramAdapter
) -> None:
    sandbox.world.faults.add(Fault("telegram", "getUpdates", Kind.RATE_LIMIT, retry_after=1))
    started = asyncio.get_running_loop().time()

    async with receiving(adapter, core):
        sandbox.phone.say("mei", "hello")
        await eventually(lambda: core.texts == ["hello"])

    assert asyncio.get_running_loop().time() - started >= 1


async def test_two_pollers_are_told_in_clear_words(
    sandbox: Sandbox, core: Core, adapter: TelegramAdapter, caplog: pytest.LogCaptureFixture
) -> None:
    sandbox.world.faults.add(Fault("telegram", "getUpdates", Kind.CONFLICT))

    async with receiving(adapter, core):
        await eventually(lambda: asked(sandbox) >= 2)

    assert "another program polls with this token: end it" in caplog.text


async def test_a_revoked_token_ends_receiving_with_the_remedy(
    sandbox: Sandbox, core: Core, adapter: TelegramAdapter
) -> None:
    async with receiving(adapter, core) as task:
        await eventually(lambda: asked(sandbox) == 1)
        sandbox.world.telegram.bots[0].revoke()
        with pytest.raises(AuthenticationError, match="account main: get the current one"):
            await task


async def test_an_idle_account_asks_once_and_waits(
    sandbox: Sandbox, core: Core, adapter: TelegramAdapter
) -> None:
    """The long poll is what makes idling cheap."""
    async with receiving(adapter, core):
        await eventually(lambda: asked(sandbox) == 1)
        sandbox.phone.say("mei", "hello")
        await eventually(lambda: not sandbox.world.telegram.bots[0].updates)

        assert asked(sandbox) == 2


async def test_after_silence_the_place_is_forgotten_because_ids_may_begin_anew(
    sandbox: Sandbox, core: Core
) -> None:
    options = settings(sandbox.http_url, sandbox.bot_token, poll_timeout_seconds=0)
    async with running(core, options):
        sandbox.phone.say("mei", "before")
        await eventually(lambda: core.texts == ["before"])
        silent_from = asked(sandbox) + 2
        await eventually(lambda: asked(sandbox) > silent_from)
        low = {"update_id": 5, "message": {"message_id": 9, "date": 1, "text": "after"}}
        low["message"] |= {"chat": {"id": 1, "type": "private"}}  # type: ignore[operator]
        sandbox.phone.inject(low)
        await eventually(lambda: core.texts == ["before", "after"])


async def test_no_log_line_holds_the_token(
    sandbox: Sandbox, core: Core, adapter: TelegramAdapter, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    for nth, kind in enumerate((Kind.SERVER_ERROR, Kind.DROP_AFTER, Kind.CONFLICT), 1):
        sandbox.world.faults.add(Fault("telegram", "getUpdates", kind, nth=nth))
    sandbox.phone.say("mei", "hello")

    async with receiving(adapter, core):
        await eventually(lambda: core.texts == ["hello"])

    secret = sandbox.bot_token.partition(":")[2]
    ours = [r.getMessage() for r in caplog.records if not r.name.startswith("aiohttp.access")]
    assert len(ours) >= 3
    assert not [line for line in ours if secret in line]


async def test_of_two_gateways_one_polls_and_the_other_takes_over(
    sandbox: Sandbox, core: Core
) -> None:
    """Two that poll end each other's polls all day."""
    options = settings(sandbox.http_url, sandbox.bot_token)
    sandbox.phone.say("mei", "one")
    async with running(core, options) as (_, first):
        await eventually(lambda: core.texts == ["one"])
        async with running(core, options):
            await eventually(lambda: core.remarks[-1] == STANDING_BY)
            sandbox.phone.say("mei", "two")
            await eventually(lambda: core.texts == ["one", "two"])
            calls = asked(sandbox)

            first.cancel()
            sandbox.phone.say("mei", "three")

            await eventually(lambda: core.texts == ["one", "two", "three"])
            assert asked(sandbox) <= calls + 2
            assert core.remarks[-1] == ""


async def test_a_strangers_webhook_is_left_alone_and_told_with_the_remedy(
    sandbox: Sandbox, core: Core, adapter: TelegramAdapter
) -> None:
    """Deleting it would take another program's messages away."""
    bot = sandbox.world.telegram.bots[0]
    bot.webhook = Webhook("http://127.0.0.1:9/their-secret", "theirs", 40)
    sandbox.phone.say("mei", "hello")

    async with receiving(adapter, core):
        await eventually(lambda: any("127.0.0.1 that is not ours" in one for one in core.remarks))
        assert bot.webhook is not None
        bot.webhook = None
        await eventually(lambda: core.texts == ["hello"])

    assert not [remark for remark in core.remarks if "their-secret" in remark]
    assert core.remarks[-1] == ""


async def test_a_pressed_button_is_answered_once_the_press_is_stored(
    sandbox: Sandbox, core: Core, adapter: TelegramAdapter
) -> None:
    """Until then the customer's button shows a wait, for half a minute if nobody answers."""
    stored = asyncio.Event()

    async def wait(event: Inbound) -> None:
        if not isinstance(event.body, MessageCreated):
            await stored.wait()

    core.before = wait
    async with receiving(adapter, core):
        sandbox.phone.say("mei", "hello")
        keyboard = Buttons(rows=((Button(label="This", value="this"),),))
        receipt = await adapter.send(outbound(MEI, Text(text="Which?"), keyboard))
        remote = int(receipt.remotes[0].partition(":")[2])
        shown = sandbox.world.telegram.chats[0].messages[remote].reply_markup
        assert shown
        data = shown["inline_keyboard"][0][0]["callback_data"]
        sandbox.phone.tap("mei", None, remote, data)
        await eventually(lambda: asked(sandbox) >= 1)
        assert answered(sandbox) == 0

        stored.set()

        await eventually(lambda: answered(sandbox) == 1)


async def test_answers_to_buttons_that_fail_stop_nothing(
    sandbox: Sandbox, core: Core, adapter: TelegramAdapter, caplog: pytest.LogCaptureFixture
) -> None:
    sandbox.world.faults.add(Fault("telegram", "answerCallbackQuery", Kind.SERVER_ERROR, count=0))
    sender = {"id": 5, "is_bot": False, "first_name": "Ada"}
    async with receiving(adapter, core):
        for number in range(3):
            press = {"id": f"q{number}", "from": sender, "chat_instance": "1", "data": "x"}
            sandbox.phone.inject({"callback_query": press})
        await eventually(lambda: answered(sandbox) == 3)
        sandbox.phone.say("mei", "hello")
        await eventually(lambda: "hello" in core.texts)

    assert "presses of buttons that could not be answered: 1" in caplog.text


async def test_a_group_that_moved_goes_on_in_its_thread(sandbox: Sandbox, core: Core) -> None:
    """A conversation must not begin anew because a group has become larger."""
    group = sandbox.telegram_host.create_basic_group("Tenants", ["mei"])
    options = settings(sandbox.http_url, sandbox.bot_token)
    async with running(core, options):
        sandbox.phone.say("mei", Saying(text="before", chat_id=group.id))
        await eventually(lambda: core.texts == ["before"])
        old = group.id
        moved = sandbox.telegram_host.migrate_group(group.id)
        sandbox.phone.say("mei", Saying(text="after", chat_id=moved.id))
        await eventually(lambda: "after" in core.texts)
    async with running(core, options):
        sandbox.phone.say("mei", Saying(text="after a restart", chat_id=moved.id))
        await eventually(lambda: "after a restart" in core.texts)

    assert moved.id != old
    assert {event.thread.thread for event in core.delivered} == {str(old)}


def answered(sandbox: Sandbox) -> int:
    return sandbox.world.journal.calls["telegram.answerCallbackQuery"]
