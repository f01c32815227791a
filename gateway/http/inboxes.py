"""Which inboxes there are, and what each can carry."""

import msgspec
from litestar import Router, get

from core.ports import Capabilities, OpensThreads
from gateway.http.given import GivenDesk
from gateway.http.problems import refusals
from gateway.scopes import Scope


class InboxAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """`account` is what threads call it. `opens_threads`: people can be written to first."""

    account: str
    capabilities: Capabilities
    opens_threads: bool


class InboxesAnswer(msgspec.Struct, frozen=True, kw_only=True):
    inboxes: tuple[InboxAnswer, ...]


@get("/inboxes", opt={"scope": Scope.CHANNELS_READ}, responses=refusals())
async def list_inboxes(desk: GivenDesk) -> InboxesAnswer:
    """Those that run in this process now; one that is paused is not among them."""
    running = sorted(desk.adapters.items())
    return InboxesAnswer(
        inboxes=tuple(
            InboxAnswer(
                account=account,
                capabilities=adapter.capabilities,
                opens_threads=isinstance(adapter, OpensThreads),
            )
            for account, adapter in running
        )
    )


router = Router(path="", route_handlers=[list_inboxes], tags=["channels"])
