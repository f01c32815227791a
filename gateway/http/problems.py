"""Every refusal as problem details (RFC 9457), made in one place."""

from http import HTTPStatus
from typing import Any, Final

import msgspec
import structlog
from litestar.connection import Request
from litestar.exceptions import HTTPException
from litestar.openapi.datastructures import ResponseSpec
from litestar.response import Response
from litestar.types import ExceptionHandlersMap

from core.errors import (
    AudienceMismatch,
    Conflict,
    DeliveryError,
    InvalidRequest,
    NotAllowed,
    NotFound,
    StoreFull,
    StoreUnavailable,
    TemporaryDeliveryError,
    TrunklineError,
)
from core.ids import new_ulid

MEDIA_TYPE: Final = "application/problem+json"
RETRY_SECONDS: Final = 2

STATUS: Final[tuple[tuple[type[TrunklineError], int, str], ...]] = (
    (NotFound, 404, "not_found"),
    (AudienceMismatch, 409, "audience_mismatch"),
    (Conflict, 409, "conflict"),
    (NotAllowed, 403, "not_allowed"),
    (InvalidRequest, 422, "invalid_request"),
    (StoreFull, 503, "store_full"),
    (StoreUnavailable, 503, "store_unavailable"),
    (TemporaryDeliveryError, 503, "platform_unavailable"),
    (DeliveryError, 502, "platform_refused"),
)
"""What each error means to whoever asked. The rest are our own mistakes: 500."""

REMEDIES: Final[dict[str, str]] = {
    "audience_mismatch": "; POST /api/v1/conversations/REF/private goes on in private"
}
"""What there is here for it, after what the error says."""

log = structlog.get_logger()


class Problem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`code` is a stable word for programs, `detail` is for people. `id` is to be quoted."""

    title: str
    status: int
    code: str
    detail: str
    id: str = ""


_Any = Request[Any, Any, Any]


def handlers() -> ExceptionHandlersMap:
    return {TrunklineError: _refused, HTTPException: _not_taken, Exception: _broken}


def refusals(*statuses: int) -> dict[int, ResponseSpec]:
    """For the description of the API."""
    return {
        status: ResponseSpec(
            Problem, generate_examples=False, description=_title(status), media_type=MEDIA_TYPE
        )
        for status in (400, 401, *statuses)
    }


def _refused(request: _Any, error: Exception) -> Response[Problem]:
    """An error that was raised on purpose."""
    for kind, status, code in STATUS:
        if isinstance(error, kind):
            detail = str(error) + REMEDIES.get(code, "")
            return _problem(status, code, detail, _waiting(error) if status == 503 else {})
    return _broken(request, error)


def _not_taken(request: _Any, error: Exception) -> Response[Problem]:
    """A request that did not get as far as its handler."""
    if not isinstance(error, HTTPException) or error.status_code >= 500:
        return _broken(request, error)
    detail = "; ".join([error.detail, *_faults(error.extra)])
    code = _title(error.status_code).lower().replace(" ", "_")
    return _problem(error.status_code, code, detail, dict(error.headers or {}))


def _broken(request: _Any, error: Exception) -> Response[Problem]:
    """Our own mistake: the asker gets an id, the log gets the rest."""
    found = new_ulid()
    route = request.scope.get("path_template", "")  # the path itself may hold a link's secret
    log.error("a request failed", id=found, route=route, exc_info=error)
    detail = f"something went wrong here; the log of the gateway says more about {found}"
    return _problem(500, "internal_error", detail, {}, found)


def _problem(
    status: int, code: str, detail: str, headers: dict[str, str], problem_id: str = ""
) -> Response[Problem]:
    problem = Problem(title=_title(status), status=status, code=code, detail=detail, id=problem_id)
    return Response(problem, status_code=status, media_type=MEDIA_TYPE, headers=headers)


def _title(status: int) -> str:
    return HTTPStatus(status).phrase


def _waiting(error: TrunklineError) -> dict[str, str]:
    seconds = getattr(error, "retry_after_seconds", None) or RETRY_SECONDS
    return {"Retry-After": str(max(1, round(seconds)))}


def _faults(extra: object) -> list[str]:
    """Litestar's list of what is wrong with which parameter, in words."""
    if not isinstance(extra, list):
        return []
    return [f"{fault.get('key', 'body')}: {fault.get('message', '')}" for fault in extra]
