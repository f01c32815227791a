"""In which channel of Discord a message of a thread is.

The message that a thread was opened on has the thread's own id, and is in the channel above; the
first message of a forum's post has the same id, and is in the post.
"""

from typing import Any

from adapters.discord.known import Known
from adapters.discord.line.rest import Rest
from adapters.discord.objects.channel import FORUMS
from adapters.discord.outgoing.calls import CHANNEL, Call
from adapters.discord.places import place_of
from core.model.ids import ThreadRef


class Whereabouts:
    """Of one bot."""

    def __init__(self, rest: Rest, known: Known) -> None:
        self._rest, self._known = rest, known

    async def channel_of(self, thread: ThreadRef, remote: str) -> str:
        """Raises a Failure."""
        channel = place_of(thread.thread).channel
        if channel != remote:
            return channel
        return await self._parent(channel) or channel

    async def _parent(self, thread: str) -> str:
        """The channel in which the thread's first message is; empty for a post in a forum."""
        facts = self._known.channel(thread)
        parent = facts.parent if facts else (await self._channel(thread)).get("parent_id")
        if not parent:
            return ""
        above = self._known.channel(str(parent))
        kind = above.kind if above else (await self._channel(str(parent))).get("type")
        return "" if kind in FORUMS else str(parent)

    async def _channel(self, channel: str) -> dict[str, Any]:
        call = Call(method="GET", path=CHANNEL, ids={"channel_id": channel})
        found = await self._rest.ask(call)
        return found if isinstance(found, dict) else {}
