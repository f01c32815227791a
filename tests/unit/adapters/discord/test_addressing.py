"""Which messages of a guild are for us: by where they are, and by what they say."""

from typing import Any

import msgspec
import pytest

from adapters.discord.incoming.addressing import addresses, concerns_us, is_for_us, is_heard
from adapters.discord.incoming.envelope import Reader, keywords_of
from adapters.discord.objects.message import Message
from adapters.discord.places import Place
from adapters.discord.settings import Listen
from tests.rigs.discord.events import known, reader
from tests.rigs.discord.people import (
    BOT_ROLE,
    CATEGORY,
    DIRECT,
    EARLIER,
    FORUM,
    GENERAL,
    GUILD,
    MESSAGE,
    POST,
    SECRET,
    STAFF_ROLE,
    SUPPORT,
    THREAD,
    bo,
    bot,
    in_guild,
    message,
    user,
)
from tests.rigs.discord.places import channel, thread

ELSEWHERE = "4180011223344556999"
UNHEARD = "6180011223344556700"
"""A thread under the general channel that the bot is no member of."""


def a_reader(**more: Any) -> Reader:
    found = known()
    found.note("THREAD_CREATE", msgspec.json.encode(thread(UNHEARD, "x", parent_id=GENERAL)))
    return msgspec.structs.replace(reader(found), **more)


def said(**more: Any) -> Message:
    return msgspec.json.decode(msgspec.json.encode(in_guild(bo(), GENERAL, **more)), type=Message)


@pytest.mark.parametrize(
    ("where", "heard"),
    [
        (Place(DIRECT), True),
        (Place(SUPPORT, GUILD), True),
        (Place(THREAD, GUILD), True),
        (Place(POST, GUILD), True),
        (Place(SECRET, GUILD), True),
        (Place(GENERAL, GUILD), False),
        (Place(FORUM, GUILD), False),
        (Place(UNHEARD, GUILD), False),
        (Place("5180011223344556000", GUILD), False),
    ],
)
def test_all_is_heard_where_support_is_given(where: Place, heard: bool) -> None:
    """In a channel for support nobody has to call the bot; elsewhere it listens to no talk."""
    assert is_heard(where, a_reader()) is heard


def test_what_is_under_a_category_for_support_is_heard_down_to_its_threads() -> None:
    category = a_reader(support_channels=frozenset({CATEGORY}))

    assert is_heard(Place(SUPPORT, GUILD), category)
    assert is_heard(Place(THREAD, GUILD), category)
    assert not is_heard(Place(GENERAL, GUILD), category)


def test_posts_of_a_forum_for_support_are_heard() -> None:
    forum = a_reader(support_channels=frozenset({FORUM}))
    forum.known.note("THREAD_CREATE", msgspec.json.encode(thread(UNHEARD, "x", parent_id=FORUM)))

    assert is_heard(Place(UNHEARD, GUILD), forum)


def test_a_channel_that_is_within_itself_ends() -> None:
    """Discord never says so; a frame that does must not hold up all others."""
    found = a_reader()
    for one, above in ((GENERAL, FORUM), (FORUM, GENERAL)):
        data = msgspec.json.encode(channel(one, "x", parent_id=above))
        found.known.note("CHANNEL_UPDATE", data)

    assert not is_heard(Place(GENERAL, GUILD), found)


def test_a_thread_is_heard_from_when_the_bot_joins_until_it_leaves() -> None:
    """That is Discord's own mark, which outlives every restart."""
    found, where = a_reader(), Place(UNHEARD, GUILD)

    found.known.join(UNHEARD)
    joined = is_heard(where, found)
    gone = {"id": UNHEARD, "guild_id": GUILD, "removed_member_ids": [found.bot]}
    found.known.note("THREAD_MEMBERS_UPDATE", msgspec.json.encode(gone))

    assert joined
    assert not is_heard(where, found)


@pytest.mark.parametrize("listen", list(Listen))
def test_of_a_guild_that_is_not_named_nothing_is_heard(listen: Listen) -> None:
    """Anybody may invite a public bot; its operator named the guilds that it is for."""
    named = a_reader(guilds=frozenset({ELSEWHERE}), listen=listen)

    assert not is_heard(Place(SUPPORT, GUILD), named)
    assert not is_for_us(said(mentions=[bot()]), Place(GENERAL, GUILD), named)
    assert is_heard(Place(DIRECT), named)


@pytest.mark.parametrize(
    ("words", "addressed"),
    [
        ({"content": "hello"}, False),
        ({"content": "hello", "mentions": [bot()]}, True),
        ({"content": "hello", "mentions": [bo()]}, False),
        ({"content": "hello", "mention_roles": [BOT_ROLE]}, True),
        ({"content": "hello", "mention_roles": [STAFF_ROLE]}, False),
        ({"content": "@everyone", "mention_everyone": True}, False),
        ({"content": "yes", "type": 19, "referenced_message": message(bot())}, True),
        ({"content": "yes", "type": 19, "referenced_message": message(bo())}, False),
        ({"content": "yes", "type": 19, "referenced_message": None}, False),
        ({"content": "I want a REFUND!"}, True),
        ({"content": "refunds"}, False),
        ({"content": "prerefund"}, False),
        ({"content": "", "mentions": [user("1", "refund")]}, False),
    ],
)
def test_elsewhere_a_message_must_be_addressed_to_us(words: Any, addressed: bool) -> None:
    """Whoever asks must be heard; whoever chats must not become a customer."""
    found, where, it = a_reader(), Place(GENERAL, GUILD), said(**words)

    assert addresses(it, where, found) is addressed
    assert is_for_us(it, where, found) is addressed
    assert not is_for_us(it, where, a_reader(listen=Listen.NONE))
    assert is_for_us(it, where, a_reader(listen=Listen.ALL))


def test_what_was_for_us_stays_so_when_it_is_edited() -> None:
    """An edit that drops the mention would never reach the agent who answers."""
    told = a_reader(told={MESSAGE})

    assert is_for_us(said(content="never mind"), Place(GENERAL, GUILD), told)


def test_what_happens_to_a_message_is_for_us_where_the_message_was() -> None:
    """A note for each reaction in a whole guild would bury the conversation."""
    where, found = Place(GENERAL, GUILD), a_reader(told={MESSAGE})

    assert concerns_us(MESSAGE, where, found)
    assert not concerns_us(EARLIER, where, found)
    assert concerns_us(EARLIER, where, found, on_ours=True)
    assert concerns_us(EARLIER, Place(THREAD, GUILD), found)
    assert not concerns_us(MESSAGE, where, a_reader(told={MESSAGE}, listen=Listen.NONE))


@pytest.mark.parametrize(
    ("words", "text", "found"),
    [
        (("c++", "order no."), "about C++?", True),
        (("c++", "order no."), "my Order No. 7", True),
        (("straße",), "in der STRAßE", True),
        (("a.b",), "axb", False),
        (("(x)",), "a (x) b", True),
    ],
)
def test_keywords_are_words_and_nothing_else(
    words: tuple[str, ...], text: str, found: bool
) -> None:
    """An operator writes words, not patterns."""
    pattern = keywords_of(words)

    assert pattern is not None
    assert bool(pattern.search(text)) is found


def test_without_keywords_there_is_nothing_to_look_for() -> None:
    assert keywords_of(()) is None
