"""How the API answers: JSON of exactly that type, as through Discord's proxies, or spoilt."""

from typing import Any

from aiohttp import web

from sandbox.discord.rest.buckets import Spent
from sandbox.discord.rest.refusals import Refusal, missing_access, refused_by_person, unauthorized
from sandbox.faults import Fault, Kind
from sandbox.payload import Json, encode
from sandbox.spoiling import break_before, error_page

JSON = "application/json"
"""Clients look for exactly this, without a character set."""
VIA = {"Via": "1.1 google", "Server": "cloudflare"}
LIMITED = "You are being rate limited."
CHANNEL_LIMITED = "The channel you are writing has hit the write rate limit."
CLOUDFLARE_PAGE = (
    "<!doctype html><html><head><title>Access denied | discord.com used Cloudflare to restrict"
    " access</title></head><body><h1>Error 1015</h1><p>You are being rate limited</p></body></html>"
)


def answered(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    """JSON, or nothing for None."""
    if body is None:
        return web.Response(status=status, headers=VIA | (headers or {}))
    content = encode(body).encode()
    head = VIA | {"Content-Type": JSON} | (headers or {})
    return web.Response(body=content, status=status, headers=head)


def refused(refusal: Refusal, spent: Spent | None = None) -> web.Response:
    """A refusal; those that tell to wait have the header for it too."""
    headers = {} if spent is None else spent.headers()
    if "retry_after" in refusal.extra:
        headers["Retry-After"] = str(int(refusal.extra["retry_after"]) + 1)
        headers["X-RateLimit-Scope"] = "shared"
    return answered(refusal.body(), refusal.status, headers)


def limited(spent: Spent) -> web.Response:
    """Too many requests, by the limits in force."""
    scope = "global" if spent.everywhere else "user"
    return _limited(spent.wait_seconds, scope, {} if spent.everywhere else spent.headers())


def banned(seconds: float) -> web.Response:
    """Too many requests in vain: Cloudflare answers, and nothing reaches Discord."""
    headers = {"Server": "cloudflare"} | _hint(seconds)
    page = web.Response(status=429, text=CLOUDFLARE_PAGE, content_type="text/html")
    page.headers.update(headers)
    return page


async def fail_before(
    fault: Fault, request: web.Request, spent: Spent | None
) -> web.StreamResponse | None:
    """Fail without effect, by an answer or a Refusal; None when the fault comes after it."""
    match fault.kind:
        case Kind.RATE_LIMIT if fault.html:
            return banned(fault.retry_after)
        case Kind.RATE_LIMIT:
            return _struck_by_limit(fault, spent)
        case Kind.UNAUTHORISED:
            raise unauthorized()
        case Kind.BLOCKED if fault.method == "create_message":
            raise refused_by_person()
        case Kind.BLOCKED:
            raise missing_access()
        case Kind.SERVER_ERROR if not fault.html:
            return answered({"message": f"{fault.status}: Server Error", "code": 0}, fault.status)
        case Kind.SERVER_ERROR:
            return error_page(fault.status)
        case _:
            return await break_before(fault, request)


def _struck_by_limit(fault: Fault, spent: Spent | None) -> web.Response:
    told = spent is not None and fault.retry_after and fault.scope != "global"
    headers = spent.headers() if spent is not None and told else {}
    if headers:
        headers["X-RateLimit-Remaining"] = "0"
        headers["X-RateLimit-Reset-After"] = f"{fault.retry_after:.3f}"
    answer = _limited(fault.retry_after, fault.scope, headers)
    if not fault.via:
        del answer.headers["Via"]
    return answer


def _limited(seconds: float, scope: str, headers: dict[str, str]) -> web.Response:
    everywhere = scope == "global"
    body: Json = {"message": LIMITED, "global": everywhere}
    if seconds:
        body["retry_after"] = round(seconds, 3)
    if scope == "shared":
        body |= {"message": CHANNEL_LIMITED, "code": 20028}
    head = {"X-RateLimit-Scope": scope, **_hint(seconds), **headers}
    if everywhere:
        head["X-RateLimit-Global"] = "true"
    return answered(body, 429, head)


def _hint(seconds: float) -> dict[str, str]:
    """How long to wait, if it is said."""
    return {"Retry-After": str(int(seconds) + 1)} if seconds else {}
