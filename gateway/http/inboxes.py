"""Which inboxes there are, how each is, and what it can carry."""

import msgspec
from litestar import Router, get

from core.ports import Capabilities, OpensThreads
from gateway.desk import Desk, InboxHealth
from gateway.http.given import GivenDesk
from gateway.http.problems import refusals
from gateway.scopes import Scope


class InboxAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """`account` is what threads call it, `channel` its kind. `state` is starting, running, waiting
    (it begins again soon), paused, stopped or away (no process runs it); `reason` says why, and
    `restarts` how often it failed. `capabilities` are known of one that runs. `opens_threads`:
    people can be written to first.
    """

    account: str
    channel: str
    state: str
    restarts: int
    reason: str
    capabilities: Capabilities | None
    opens_threads: bool


class InboxesAnswer(msgspec.Struct, frozen=True, kw_only=True):
    inboxes: tuple[InboxAnswer, ...]


@get("/inboxes", opt={"scope": Scope.CHANNELS_READ}, responses=refusals())
async def list_inboxes(desk: GivenDesk) -> InboxesAnswer:
    """Every inbox that is configured, how it is, and what it can carry."""
    found = sorted(desk.health().inboxes, key=lambda inbox: inbox.account)
    return InboxesAnswer(inboxes=tuple(_answer(desk, inbox) for inbox in found))


def _answer(desk: Desk, inbox: InboxHealth) -> InboxAnswer:
    adapter = desk.adapters.get(inbox.account)
    return InboxAnswer(
        account=inbox.account,
        channel=inbox.channel,
        state=inbox.state,
        restarts=inbox.restarts,
        reason=inbox.reason,
        capabilities=adapter.capabilities if adapter else None,
        opens_threads=isinstance(adapter, OpensThreads),
    )


router = Router(path="", route_handlers=[list_inboxes], tags=["channels"])
