"""Law 7: a word that is meant for one person is never read by others, whatever happens around it.

Two hundred stories in which everything happens that leads from public to private and back: each is
made by chance from its number, so that one that fails can be told again.
"""

from collections import Counter
from random import Random
from typing import Final

import pytest
from hypothesis import settings

from core.model.content import Text
from core.model.ids import ConversationId, MessageId, Number, ThreadRef
from core.model.message import Sender, SenderKind
from core.model.outbound import Outbound
from tests.rigs.assembly import AGENT, fresh_store
from tests.rigs.events import thread
from tests.rigs.platform import CommunityAdapter
from tests.rigs.redis_server import RedisServer
from tests.rigs.town import ACKNOWLEDGED, Town, leaks

STORIES: Final = max(200, settings().max_examples)
DEEDS: Final = 15


async def test_no_private_word_is_read_by_others_in_two_hundred_stories(
    server: RedisServer,
) -> None:
    """A customer's address would be there for everybody, for ever."""
    told = Counter[str]()
    async with fresh_store(server.url) as store:
        for number in range(STORIES):
            town = Town(store, f"story {number}", Random(number))
            await town.somebody_asks_where_others_read()
            await town.live(DEEDS)
            assert leaks(town.platform) == [], f"story {number}"
            told += town.told

    assert told["sent to public"] > STORIES / 3
    assert told["sent to group"] > STORIES / 8
    assert told["sent to private"] > STORIES / 2
    assert told["refused: AudienceMismatch"] > STORIES / 2
    assert told["an_agent_goes_on_in_private"] > STORIES / 8


@pytest.mark.parametrize(
    ("place", "words", "sender"),
    [
        ("square", "private: secret", AGENT),
        ("back", "private: secret", AGENT),
        ("square", "group: for the group", AGENT),
        ("square", ACKNOWLEDGED, Sender(kind=SenderKind.SYSTEM, id="system:acknowledge")),
        ("square", "Your code was given by", AGENT),
    ],
)
def test_a_word_that_was_not_meant_for_its_readers_is_noticed(
    place: str, words: str, sender: Sender
) -> None:
    """Two hundred stories prove nothing to a judge who sees nothing."""
    platform = CommunityAdapter()
    platform.sent = [_sent(thread(f"{place} 1"), words, sender)]

    assert leaks(platform) != []
    platform.sent = [_sent(thread("dm ada"), words, sender)]
    assert leaks(platform) == []


def _sent(where: ThreadRef, words: str, sender: Sender) -> Outbound:
    return Outbound(
        thread=where,
        message=MessageId("m"),
        parts=(Text(text=words),),
        sender=sender,
        conversation=ConversationId("c"),
        number=Number("T-0000-0"),
    )
