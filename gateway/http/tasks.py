"""Work that another process may carry out: waited for, but not for long."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from litestar.openapi.datastructures import ResponseSpec
from litestar.response import Response

from core.joins import Joins
from gateway.http.once import made_id
from gateway.http.schema import Outcome
from gateway.tokens import TokenInfo

PATIENCE_SECONDS: Final = 5.0
POLL_SECONDS: Final = 0.05

LATER: Final = {202: ResponseSpec(Outcome, description="On record; it will be carried out.")}
"""For the description of the API."""


async def once(
    joins: Joins, token: TokenInfo, what: str, key: str, ask: Callable[[str], Awaitable[int]]
) -> Response[Outcome]:
    """Have it carried out, once for its key: asked again, nobody looks whether it still can be."""
    task_id = made_id(token, what, key)
    place = await joins.asked(task_id) if key else None
    return await outcome(joins, await ask(task_id) if place is None else place)


async def outcome(
    joins: Joins, place: int, *, patience: float = PATIENCE_SECONDS
) -> Response[Outcome]:
    """200 once the task at this place is carried out; 202 when that takes longer than patience."""
    try:
        async with asyncio.timeout(patience):
            while not await joins.finished(place):  # noqa: ASYNC110 - it is written in Redis
                await asyncio.sleep(POLL_SECONDS)
    except TimeoutError:
        return Response(Outcome(finished=False), status_code=202)
    return Response(Outcome(finished=True), status_code=200)
