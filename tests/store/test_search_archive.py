"""What has left Redis is found like everything else, also by an index that is made anew."""

from pathlib import Path

from core.ids import new_ulid
from core.model.conversation import Status
from core.model.ids import MessageId
from tests.rigs.assembly import AGENT, Assembly
from tests.rigs.events import says, thread
from tests.rigs.freezing import winter_in
from tests.rigs.platform import MemoryAdapter
from tests.rigs.redis_server import RedisServer
from tests.store.test_search_projector import index_of, kept, relayed, texts

CHAT = thread("5")


async def test_what_was_archived_goes_on_being_found(server: RedisServer, tmp_path: Path) -> None:
    """What is older than a month would be lost to whoever looks for it."""
    async with winter_in(server.url) as winter:
        store = winter.store
        line = Assembly(store, {"bot": MemoryAdapter()})
        await line.dispatcher.accept(says(CHAT, "mei", "the parcel was blue"))
        await line.settle()
        conversation = await line.conversation_of(CHAT)
        closing = MessageId(new_ulid())
        await line.triage.set_status(conversation, AGENT, Status.CLOSED, closing)
        await relayed(store, line)
        followed, anew = tmp_path / "followed", tmp_path / "anew"
        for one in (followed, anew):
            one.mkdir()

        async with kept(followed, store) as search:
            await winter.comes()
            await line.dispatcher.accept(says(thread("6"), "jonas", "a parcel, too"))
            await relayed(store, line)

        async with kept(followed, store) as search:
            before = await texts(search, "parcel")
            closed = (await search.listed("closed", "", 10)).ids
        async with kept(anew, store) as search:
            after = await texts(search, "parcel")

    assert winter.archived == 1
    assert before == after == ["a parcel, too", "the parcel was blue"]
    assert closed == [conversation.id]
    words = [sorted(index_of(one)[0]) for one in (followed, anew)]  # type: ignore[call-overload]
    assert words[0] == words[1]
