"""Every refusal as problem details (RFC 9457), made in one place."""

from typing import Any, Final

import msgspec
import structlog
from litestar import get
from litestar.connection import Request
from litestar.exceptions import HTTPException
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath
from litestar.response import Response
from litestar.types import ExceptionHandlersMap

from core.errors import (
    DeliveryError,
    NotFound,
    Refused,
    StoreFull,
    StoreUnavailable,
    TemporaryDeliveryError,
    TrunklineError,
)
from core.ids import new_ulid
from gateway.http.codes import CODES, OF_STATUS

MEDIA_TYPE: Final = "application/problem+json"
RETRY_SECONDS: Final = 2

ELSEWHERE: Final[tuple[tuple[type[TrunklineError], str], ...]] = (
    (StoreFull, "store_full"),
    (StoreUnavailable, "store_unavailable"),
    (TemporaryDeliveryError, "platform_unavailable"),
    (DeliveryError, "platform_refused"),
)
"""What each error that is no refusal means to whoever asked. The rest are our own mistakes."""

ALWAYS: Final = (400, 401, 403, 429, 500, 503)
"""What any route may answer."""

log = structlog.get_logger()


class Problem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`code` is a stable word for programs; `type` leads to what it means. `detail` is about this
    request, `remedy` says what to do. `id` is to be quoted.
    """

    type: str
    title: str
    status: int
    code: str
    detail: str
    remedy: str
    id: str = ""


class RequestRefused(HTTPException):
    """A request that HTTP's own rules refuse, by one of `CODES`."""

    def __init__(self, code: str, detail: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(detail=detail, status_code=CODES[code].status, headers=headers)
        self.code = code


_Any = Request[Any, Any, Any]


def handlers() -> ExceptionHandlersMap:
    return {TrunklineError: _refused, HTTPException: _not_taken, Exception: _broken}


def refusals(*statuses: int) -> dict[int, ResponseSpec]:
    """For the description of the API: what this route refuses, besides what any may."""
    return {
        status: ResponseSpec(
            Problem, generate_examples=False, description=_codes_of(status), media_type=MEDIA_TYPE
        )
        for status in sorted({*ALWAYS, *statuses})
    }


def described(status: int) -> dict[str, Any]:
    """The same of one status, as the description has it."""
    schema = {"$ref": "#/components/schemas/Problem"}
    return {"description": _codes_of(status), "content": {MEDIA_TYPE: {"schema": schema}}}


@get("/problems/{code:str}", media_type="text/plain", include_in_schema=False)
async def problem_pages(code: FromPath[str]) -> str:
    """What a problem's `type` leads to."""
    found = CODES.get(code)
    if found is None:
        raise NotFound(f"there is no problem {code[:80]!r}")
    return f"{code} ({found.status})\n\n{found.meaning}\n{found.remedy}\n"


def _codes_of(status: int) -> str:
    return ", ".join(f"`{name}`" for name, code in CODES.items() if code.status == status)


def _refused(request: _Any, error: Exception) -> Response[Problem]:
    """An error that was raised on purpose."""
    if isinstance(error, Refused):
        code = error.code if error.code in CODES else error.usual_code
        return _problem(code, str(error))
    for kind, code in ELSEWHERE:
        if isinstance(error, kind):
            return _problem(code, str(error), _waiting(error) if CODES[code].status == 503 else {})
    return _broken(request, error)


def _not_taken(request: _Any, error: Exception) -> Response[Problem]:
    """A request that did not get as far as its handler."""
    if isinstance(error, RequestRefused):
        return _problem(error.code, error.detail, dict(error.headers or {}))
    if not isinstance(error, HTTPException) or error.status_code >= 500:
        return _broken(request, error)
    code = OF_STATUS.get(error.status_code, "malformed_request")
    # of what a parameter lacks Litestar says the whole address, and so what was searched for
    detail = "; ".join(_faults(error.extra) or [error.detail])
    return _problem(code, detail, dict(error.headers or {}))


def _broken(request: _Any, error: Exception) -> Response[Problem]:
    """Our own mistake: the asker gets an id, the log gets the rest."""
    found = new_ulid()
    route = request.scope.get("path_template", "")  # the path itself may hold a link's secret
    log.error("a request failed", id=found, route=route, exc_info=error)
    detail = f"something went wrong here; the log of the gateway says more about {found}"
    return _problem("internal_error", detail, problem_id=found)


def _problem(
    code: str, detail: str, headers: dict[str, str] | None = None, problem_id: str = ""
) -> Response[Problem]:
    status = CODES[code].status
    problem = Problem(
        type=f"/problems/{code}",
        title=CODES[code].meaning,
        status=status,
        code=code,
        detail=detail,
        remedy=CODES[code].remedy,
        id=problem_id,
    )
    return Response(problem, status_code=status, media_type=MEDIA_TYPE, headers=headers)


def _waiting(error: TrunklineError) -> dict[str, str]:
    seconds = getattr(error, "retry_after_seconds", None) or RETRY_SECONDS
    return {"Retry-After": str(max(1, round(seconds)))}


def _faults(extra: object) -> list[str]:
    """Litestar's list of what is wrong with which parameter, in words."""
    if not isinstance(extra, list):
        return []
    return [f"{fault.get('key', 'body')}: {fault.get('message', '')}" for fault in extra]
