"""Work that another process may carry out: waited for, but not for long."""

import asyncio
from typing import Final

from litestar.openapi.datastructures import ResponseSpec
from litestar.response import Response

from core.joins import Joins
from gateway.http.schema import Outcome

PATIENCE_SECONDS: Final = 5.0
POLL_SECONDS: Final = 0.05

LATER: Final = {202: ResponseSpec(Outcome, description="On record; it will be carried out.")}
"""For the description of the API."""


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
