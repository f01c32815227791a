"""How the Bot API fails without effect when a fault says so."""

from http import HTTPStatus

from aiohttp import web

from sandbox.faults import Fault, Kind
from sandbox.spoiling import break_before, error_page
from sandbox.telegram.refusals import (
    Refusal,
    conflict,
    forbidden,
    too_many_requests,
    unauthorized,
)
from sandbox.telegram.updates import OTHER_POLLER


async def fail_before(fault: Fault, request: web.Request) -> web.StreamResponse | None:
    """Fail without effect, by an answer or a Refusal; None when the fault comes after it."""
    match fault.kind:
        case Kind.RATE_LIMIT if fault.html:
            return error_page(HTTPStatus.TOO_MANY_REQUESTS)
        case Kind.RATE_LIMIT:
            raise too_many_requests(int(fault.retry_after))
        case Kind.UNAUTHORISED:
            raise unauthorized()
        case Kind.BLOCKED:
            raise forbidden("bot was blocked by the user")
        case Kind.CONFLICT:
            raise conflict(OTHER_POLLER)
        case Kind.SERVER_ERROR if not fault.html:
            raise Refusal(fault.status, HTTPStatus(fault.status).phrase)
        case Kind.SERVER_ERROR:
            return error_page(fault.status)
        case _:
            return await break_before(fault, request)
