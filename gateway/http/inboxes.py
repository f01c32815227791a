"""Which inboxes there are, how each is, what it can carry, and how much it may still send."""

import asyncio
from itertools import groupby

import msgspec
from litestar import Router, get

from core.model.capabilities import Capabilities
from core.ports import OpensThreads
from core.store.turns import BudgetUse
from gateway.desk import Desk, InboxHealth
from gateway.http.given import GivenDesk
from gateway.http.problems import refusals
from gateway.scopes import Scope


class InboxAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """`account` is what threads call it, `channel` its kind. `state` is starting, running, waiting
    (it begins again soon), paused, stopped or away (no process runs it); `reason` says why, and
    `restarts` how often it failed. `capabilities` are known of one that runs. `opens_threads`:
    people can be written to first. `budgets`: what is used of what its platform lets it send, into
    the whole account and the chats that are fullest; one of which nothing is used is left out.
    """

    account: str
    channel: str
    state: str
    restarts: int
    reason: str
    capabilities: Capabilities | None
    opens_threads: bool
    budgets: tuple[BudgetUse, ...]


class InboxesAnswer(msgspec.Struct, frozen=True, kw_only=True):
    inboxes: tuple[InboxAnswer, ...]


class ChannelAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A kind of channel with its inboxes: what one can carry depends on its account, too."""

    channel: str
    inboxes: tuple[InboxAnswer, ...]


class ChannelsAnswer(msgspec.Struct, frozen=True, kw_only=True):
    channels: tuple[ChannelAnswer, ...]


@get("/inboxes", opt={"scope": Scope.CHANNELS_READ}, responses=refusals())
async def list_inboxes(desk: GivenDesk) -> InboxesAnswer:
    """Every inbox that is configured, how it is, and what it can carry."""
    return InboxesAnswer(inboxes=await _inboxes(desk))


@get("/channels", opt={"scope": Scope.CHANNELS_READ}, responses=refusals())
async def list_channels(desk: GivenDesk) -> ChannelsAnswer:
    """The same by kind of channel: of every kind of which an inbox is configured."""
    found = sorted(await _inboxes(desk), key=lambda inbox: inbox.channel)
    kinds = groupby(found, key=lambda inbox: inbox.channel)
    return ChannelsAnswer(
        channels=tuple(ChannelAnswer(channel=kind, inboxes=tuple(of)) for kind, of in kinds)
    )


async def _inboxes(desk: Desk) -> tuple[InboxAnswer, ...]:
    found = sorted(desk.health().inboxes, key=lambda inbox: inbox.account)
    used = await asyncio.gather(*(desk.store.turns.used(inbox.account) for inbox in found))
    return tuple(_answer(desk, *one) for one in zip(found, used, strict=True))


def _answer(desk: Desk, inbox: InboxHealth, used: tuple[BudgetUse, ...]) -> InboxAnswer:
    adapter = desk.adapters.get(inbox.account)
    return InboxAnswer(
        account=inbox.account,
        channel=inbox.channel,
        state=inbox.state,
        restarts=inbox.restarts,
        reason=inbox.reason,
        capabilities=adapter.capabilities if adapter else None,
        opens_threads=isinstance(adapter, OpensThreads),
        budgets=used,
    )


router = Router(path="", route_handlers=[list_inboxes, list_channels], tags=["channels"])
