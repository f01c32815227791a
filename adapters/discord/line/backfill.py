"""What is read again after a session was lost, and how a channel's history is read.

What to read follows from what Discord told of a guild, and from how far its channels are stored.
"""

from collections.abc import Iterable
from operator import itemgetter
from typing import Any, Final

import msgspec

from adapters.discord.incoming.addressing import is_heard, is_wanted
from adapters.discord.incoming.envelope import Reader
from adapters.discord.known import ChannelFacts
from adapters.discord.line.answers import Failure, Refusal
from adapters.discord.line.lanes import Turns
from adapters.discord.line.marks import Marks
from adapters.discord.line.patience import Patience
from adapters.discord.line.rest import Rest
from adapters.discord.line.storing import Storing
from adapters.discord.objects.permissions import Permission
from adapters.discord.outgoing.calls import MESSAGES, Call
from adapters.discord.places import Place, is_snowflake
from adapters.discord.settings import Listen
from core.errors import MalformedPayload

PAGE: Final = 100
ATTEMPTS_MAX: Final = 8
_WITHOUT_MESSAGES: Final = frozenset({4, 14, 15, 16})
"""Categories, directories, forums: only what is in them has messages."""
_READABLE: Final = Permission.VIEW_CHANNEL | Permission.READ_MESSAGE_HISTORY


class Missing(msgspec.Struct, frozen=True):
    """A channel where something was said behind the message `after` that nobody told us, and before
    the message `until`; 0: up to now.
    """

    place: Place
    after: int
    ours: bool
    """All that is said there is for us."""
    until: int = 0


def missing(
    channels: Iterable[ChannelFacts], since: int, marks: Marks, reader: Reader
) -> list[Missing]:
    """Of the channels of a guild: ours first, and those first where something was said last."""
    found = [
        (ours, last, Missing(one.place, after, ours))
        for one in channels
        if one.kind not in _WITHOUT_MESSAGES and is_wanted(one.place, reader)
        for ours in (is_heard(one.place, reader) or marks.of(one.id) > 0,)
        for after in (marks.of(one.id) or since,)
        for last in (_number(one.last_message),)
        if last > after and (ours or _is_open(one, reader))
    ]
    return [entry for _, _, entry in sorted(found, key=lambda one: one[:2], reverse=True)]


def _is_open(channel: ChannelFacts, reader: Reader) -> bool:
    """Whether somebody may have spoken to us there, and we could know."""
    return reader.listen is not Listen.NONE and reader.known.may(channel.id, _READABLE)


def _number(snowflake: str) -> int:
    return int(snowflake) if is_snowflake(snowflake) else 0


class Unreadable(Exception):
    """What was said in a channel cannot be read. `after`: all up to this message could be."""

    def __init__(self, reason: str, after: int) -> None:
        super().__init__(reason)
        self.after = after


class Backfill:
    """Reads channels, so many at a time."""

    def __init__(
        self, rest: Rest, storing: Storing, patience: Patience, turns: Turns, messages_max: int
    ) -> None:
        self._rest, self._storing, self._patience = rest, storing, patience
        self._turns, self._messages_max = turns, messages_max

    async def read(self, one: Missing) -> None:
        """What is missing is stored when it returns, but for what its mark tells to be. Raises
        Unreadable, AuthenticationError.
        """
        place = one.place
        async with self._turns.of(place.channel):
            after = max(one.after, self._storing.marks.of(place.channel))
            count = 0
            while page := await self._page(place, after):
                for after, message in page:
                    if one.until and after >= one.until:
                        return
                    await self._store(place, str(after), message)
                count += len(page)
                if len(page) < PAGE:
                    return
                if count >= self._messages_max:
                    raise Unreadable(
                        f"there was more than {count} messages that were missed", after
                    )

    async def _page(self, place: Place, after: int) -> list[tuple[int, Any]]:
        """What comes next behind this message, the oldest first."""
        call = Call(
            method="GET",
            path=MESSAGES,
            ids={"channel_id": place.channel},
            query={"after": str(after), "limit": str(PAGE)},
        )
        try:
            answer = await self._patience.until_done(
                lambda: self._rest.ask(call), attempts_max=ATTEMPTS_MAX
            )
        except Refusal as refusal:
            raise Unreadable(_why(refusal), after) from None
        except Failure as failure:
            raise Unreadable(str(failure), after) from None
        if not isinstance(answer, list):
            raise Unreadable("Discord told it in a way that cannot be read", after)
        told = [(_id_of(message), message) for message in answer]
        return sorted((one for one in told if one[0] > after), key=itemgetter(0))

    async def _store(self, place: Place, number: str, message: Any) -> None:
        data = msgspec.json.encode(message)
        try:
            events = self._storing.read_history(data, place.guild)
        except MalformedPayload as error:
            await self._storing.set_aside(data, str(error))
            return
        joins = self._storing.heed(place, number, events)
        await self._storing.store(events)
        if joins:
            await self._storing.join(place.channel)
        if events or self._storing.marks.of(place.channel):
            self._storing.marks.note(place.channel, number, direct=place.direct)


def _id_of(message: Any) -> int:
    return _number(str(message.get("id", ""))) if isinstance(message, dict) else 0


def _why(refusal: Refusal) -> str:
    if refusal.status == 403:
        return "the bot may not read the history there: give it Read Message History"
    if refusal.status == 404:
        return "the channel is gone"
    return str(refusal)
