"""What did not reach a customer, over all conversations: for whoever sees to it that it does."""

import asyncio
from typing import Annotated, Final, Literal

import msgspec
from litestar import Router, get
from litestar.params import QueryParameter

from core.errors import NotFound
from core.model.conversation import Conversation, Entry
from gateway.desk import Desk
from gateway.http.given import GivenDesk
from gateway.http.problems import refusals
from gateway.scopes import Scope
from gateway.search.undelivered import STATES, Place
from gateway.shown import shown

ROWS_MAX: Final = 50

Which = Annotated[
    Literal["failed", "unknown"] | None, QueryParameter(name="state", description="Only those.")
]
Limit = Annotated[int, QueryParameter(ge=1, le=ROWS_MAX)]
After = Annotated[
    str,
    QueryParameter(
        pattern=r"^(\d{1,18}:[0-9A-Z]{26}-[0-9a-f]{2}:\d{1,9})?$",
        description="`next` of the page before.",
    ),
]


class UndeliveredRow(msgspec.Struct, frozen=True, kw_only=True):
    """`entry.delivery` says what became of it, and why."""

    conversation: Conversation
    entry: Entry


class UndeliveredAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """`next` leads on; "" at the end."""

    rows: tuple[UndeliveredRow, ...]
    next: str


@get("/deliveries", responses=refusals(), opt={"scope": Scope.CONVERSATIONS_READ})
async def list_undelivered(
    desk: GivenDesk,
    which: Which = None,
    after: After = "",
    limit: Limit = 20,
) -> UndeliveredAnswer:
    """Our messages that failed, and those of which nobody knows whether they arrived, the latest
    first, also of archived conversations. What failed a moment ago is listed a moment later. A page
    may have fewer rows than `limit` while `next` leads on.
    """
    states = (which,) if which else STATES
    found = await desk.search.undelivered(states, after, limit)
    rows = await asyncio.gather(*(_row(desk, place, states) for place in found.places))
    return UndeliveredAnswer(rows=tuple(row for row in rows if row), next=found.next)


async def _row(desk: Desk, place: Place, states: tuple[str, ...]) -> UndeliveredRow | None:
    """As it is by now: None where it has been sent again since, or is gone."""
    try:
        entry = await desk.views.entry(*place)
        if entry.delivery is None or entry.delivery.state not in states:
            return None
        return UndeliveredRow(
            conversation=shown(await desk.views.conversation(place[0])), entry=entry
        )
    except NotFound:
        return None


router = Router(path="", route_handlers=[list_undelivered], tags=["conversations"])
