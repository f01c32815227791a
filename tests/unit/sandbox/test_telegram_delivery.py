"""Which updates may be posted now, how long to wait, and what the queue gives and keeps."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from sandbox.faults import Faults
from sandbox.feed import Signal
from sandbox.telegram.queue import QUEUED_MAX, UpdateQueue, chat_of
from sandbox.telegram.settings import TelegramSettings
from sandbox.telegram.state import Bot, Webhook
from sandbox.telegram.webhooks import due, lane, wait_seconds

CHATS = st.lists(st.sampled_from([1, 2, 3, 4]), max_size=30)


@given(chats=CHATS, room=st.integers(1, 5), busy=st.sets(st.sampled_from([1, 2, 3, 4])))
def test_the_first_of_each_idle_chat_is_due_and_nothing_else(
    chats: Sequence[int], room: int, busy: set[int]
) -> None:
    """An update never overtakes one of its own chat, and no more go out than are allowed."""
    bot = _bot(chats)
    webhook = Webhook("http://127.0.0.1/", "", room, busy=set(busy))

    chosen = list(due(bot, webhook, now=0.0))

    heads = [
        next(one for one in bot.updates if one.chat_id == chat) for chat in dict.fromkeys(chats)
    ]
    idle = [update for update in heads if update.chat_id not in busy]
    assert chosen == idle[: max(room - len(busy), 0)]


def test_an_update_that_waits_holds_back_its_chat_only() -> None:
    bot = _bot([1, 1, 2])
    first, second, other = bot.updates
    first.not_before = 10.0
    webhook = Webhook("http://127.0.0.1/", "", 5)

    assert list(due(bot, webhook, now=9.0)) == [other]
    assert list(due(bot, webhook, now=10.0)) == [first, other]
    assert lane(first) == lane(second) != lane(other)


def test_updates_about_no_chat_wait_for_nobody() -> None:
    bot = _bot([])
    for number in range(3):
        bot.push("poll", {"id": str(number)})

    assert len(list(due(bot, Webhook("http://127.0.0.1/", "", 5), now=0.0))) == 3


@given(failures=st.integers(0, 10_000))
def test_waits_grow_up_to_their_longest(failures: int) -> None:
    settings = TelegramSettings(webhook_retry_seconds=0.1, webhook_retry_seconds_max=7)
    waits = [wait_seconds(count, settings) for count in (failures, failures + 1)]

    assert waits == sorted(waits)
    assert 0.1 <= waits[0] <= 7
    assert wait_seconds(1, settings) == 2 * wait_seconds(0, settings)


def test_a_queue_nobody_empties_has_an_end() -> None:
    queue = UpdateQueue(Faults(), lambda: 0.0)
    for number in range(QUEUED_MAX + 10):
        queue.put(number, {})

    assert len(queue) == QUEUED_MAX
    assert next(iter(queue)).update_id == 10


def test_the_chat_of_an_update_is_found_where_its_kind_has_it() -> None:
    chat = {"chat": {"id": 7}}

    assert chat_of({"update_id": 1, "message": chat}) == 7
    assert chat_of({"update_id": 1, "callback_query": {"id": "1", "message": chat}}) == 7
    assert chat_of({"update_id": 1, "poll": {"id": "1"}}) is None
    assert chat_of({"update_id": 1, "message": "poison"}) is None
    assert chat_of({"update_id": 1, "message": {"chat": {"id": "poison"}}}) is None


def _bot(chats: Sequence[int]) -> Bot:
    bot = Bot(1, "1:t", "Bot", "bot", 1, UpdateQueue(Faults(), lambda: 0.0), Signal())
    for chat in chats:
        bot.push("message", {"chat": {"id": chat}})
    return bot
