"""Every code that a problem of the API may have: a word that stays the same, for programs."""

from typing import Final

import msgspec


class Code(msgspec.Struct, frozen=True, kw_only=True):
    """`meaning` is said of every such problem, `remedy` tells the asker what to do."""

    status: int
    meaning: str
    remedy: str


def _code(status: int, meaning: str, remedy: str) -> Code:
    return Code(status=status, meaning=meaning, remedy=remedy)


CODES: Final[dict[str, Code]] = {
    "malformed_request": _code(
        400,
        "The request is not as the API describes it.",
        "Compare it with /api/v1/openapi.json; `detail` names what is wrong.",
    ),
    "unauthorized": _code(
        401,
        "There is no valid token in the request.",
        "Send one as `Authorization: Bearer tl_…`; `trunkline token new NAME` makes one.",
    ),
    "missing_scope": _code(
        403,
        "The token is good, but not for this.",
        "Use a token that has the scope: `trunkline token new NAME --scope SCOPE`.",
    ),
    "not_allowed": _code(
        403,
        "Whoever asks is known, but may not do this.",
        "Ask the operator.",
    ),
    "not_found": _code(
        404,
        "What the request names does not exist.",
        "Look at the reference; it may have been deleted or expired.",
    ),
    "method_not_allowed": _code(
        405,
        "The route exists, but not with this method.",
        "Use one of the methods in the header Allow.",
    ),
    "conflict": _code(
        409,
        "It cannot be done with things as they are.",
        "Read it again, then decide.",
    ),
    "stale": _code(
        409,
        "It has changed since you read it.",
        "Read it again, then repeat the request with its new ETag in If-Match.",
    ),
    "idempotency_conflict": _code(
        409,
        "The Idempotency-Key was used for another request.",
        "Take a new key for each new request.",
    ),
    "audience_mismatch": _code(
        409,
        "It was meant for fewer people than would read it there.",
        "Say `audience`, or go on in private: POST /api/v1/conversations/REF/private.",
    ),
    "too_large": _code(
        413,
        "The body is too large.",
        "JSON may have 1 MiB, a file `limits.attachment_size_bytes_max`.",
    ),
    "unsupported_media_type": _code(
        415,
        "The body is of a type that is not taken here.",
        "Send JSON as `Content-Type: application/json`.",
    ),
    "invalid_request": _code(
        422,
        "The request is well formed, but a value of it cannot be taken.",
        "`detail` says which, and what would be.",
    ),
    "too_many_requests": _code(
        429,
        "More requests came than are answered.",
        "Wait as long as Retry-After says; the RateLimit headers tell how many are left.",
    ),
    "too_many_listeners": _code(
        429,
        "No more live streams are taken.",
        "Try again later, or share one stream; `limits.live_listeners_max` is the bound.",
    ),
    "internal_error": _code(
        500,
        "Something went wrong here.",
        "Tell the operator the `id`: the log says more about it.",
    ),
    "platform_refused": _code(
        502,
        "The channel's platform refused.",
        "`detail` says why; repeating it changes nothing.",
    ),
    "overloaded": _code(
        503,
        "More is asked for than can be answered now; what agents write is taken.",
        "Try again after Retry-After.",
    ),
    "platform_unavailable": _code(
        503,
        "The channel's platform cannot be reached.",
        "Try again after Retry-After.",
    ),
    "store_full": _code(
        503,
        "The store has no room left; nothing was accepted.",
        "Try again after Retry-After; the operator has to give Redis more memory.",
    ),
    "store_unavailable": _code(
        503,
        "The store cannot be reached; nothing was accepted.",
        "Try again after Retry-After.",
    ),
}

OF_STATUS: Final[dict[int, str]] = {
    400: "malformed_request",
    401: "unauthorized",
    403: "not_allowed",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
    415: "unsupported_media_type",
    429: "too_many_requests",
}
"""What the web framework refuses by itself; whatever else it does is `malformed_request`."""
