"""Whether what may have left has arrived, once Discord no longer knows it by its nonce."""

from collections.abc import AsyncIterator, Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec

from adapters.discord.line.answers import Failure, Refusal, Uncertain
from adapters.discord.line.failures import change_error
from adapters.discord.line.rest import Rest
from adapters.discord.outgoing.calls import MESSAGES, Call
from adapters.discord.outgoing.echoes import Said, is_it
from adapters.discord.places import place_of, snowflake_at
from core.errors import UnknownOutcome
from core.model.ids import MessageId
from core.model.outbound import Outbound
from core.ports import FrontDesk
from core.recent import Recent

NONCE_SECONDS: Final = 120.0
"""For so long Discord certainly knows a nonce: it says "a few minutes"."""
CLOCKS_APART: Final = timedelta(minutes=5)
"""Our clock and Discord's differ by less."""
PAGE: Final = 100
PAGES_MAX: Final = 20

Echoes = Recent[tuple[MessageId, int], str]
"""What the gateway has told of what we sent: the id of each piece of a message."""
Wanted = tuple[Call, Sequence[int]]
"""A wording of the piece, with the sizes of its files in bytes."""


class Looking:
    """Of one account."""

    def __init__(self, rest: Rest, echoes: Echoes, front_desk: FrontDesk, account: str) -> None:
        self._rest, self._echoes, self._front_desk = rest, echoes, front_desk
        self._account = account

    def echo(self, outbound: Outbound) -> str:
        """The id of this piece, if the gateway has told of it."""
        return self._echoes.get((outbound.message, outbound.piece), "")

    async def found(self, outbound: Outbound, wanted: Callable[[], Sequence[Wanted]]) -> str:
        """The id of this piece if an earlier attempt has arrived, empty if it may be sent with the
        same nonce. Raises UnknownOutcome when nobody can tell, a DeliveryError, StoreError.
        """
        if known := self.echo(outbound):
            return known
        if outbound.at and datetime.now(UTC) - outbound.at < timedelta(seconds=NONCE_SECONDS):
            return ""
        try:
            return await self._in_channel(outbound, wanted())
        except Refusal as refusal:
            if refusal.status in (403, 404):
                raise UnknownOutcome(
                    f"{outbound.key} may have arrived, and the bot may not look: {refusal}"
                ) from refusal
            raise change_error(refusal, self._account, outbound.key) from refusal
        except Failure as failure:
            raise change_error(failure, self._account, outbound.key) from failure

    async def _in_channel(self, outbound: Outbound, wanted: Sequence[Wanted]) -> str:
        others = frozenset(self._echoes.values())
        async for said in self._said_since(outbound):
            if said.author.id != self._rest.me.id or said.id in others:
                continue
            if not any(is_it(said, call.body, sizes) for call, sizes in wanted):
                continue
            # What core knows of is another message, which says the same.
            if await self._front_desk.about(outbound.thread, said.id) is None:
                return said.id
        return ""

    async def _said_since(self, outbound: Outbound) -> AsyncIterator[Said]:
        """What was said in the channel since the piece was written, the newest first."""
        oldest = snowflake_at(outbound.at - CLOCKS_APART) if outbound.at else 0
        channel, before = place_of(outbound.thread.thread).channel, ""
        for _ in range(PAGES_MAX):
            page = await self._page(channel, before)
            for said in page:
                if int(said.id) < oldest:
                    return
                yield said
            if len(page) < PAGE:
                return
            before = page[-1].id
        raise UnknownOutcome(f"{outbound.key} may have arrived: too much was said there since")

    async def _page(self, channel: str, before: str) -> tuple[Said, ...]:
        query = {"limit": str(PAGE)} | ({"before": before} if before else {})
        call = Call(
            method="GET",
            path=MESSAGES,
            ids={"channel_id": channel},
            query=query,
        )
        answer = await self._rest.raw(call)
        try:
            return msgspec.json.decode(answer, type=tuple[Said, ...])
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise Uncertain(f"a history of {len(answer)} bytes cannot be read") from None
