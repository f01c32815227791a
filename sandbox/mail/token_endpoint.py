"""POST /oauth/token: the provider's token endpoint (RFC 6749), with all that it can answer."""

from aiohttp import web

from sandbox.control.reading import answer
from sandbox.faults import Fault, Kind
from sandbox.mail.oauth import Grant, Refused
from sandbox.payload import Json, encode
from sandbox.spoiling import break_before, deliver, error_page
from sandbox.world import World

PLATFORM = "oauth"
METHOD = "token"
REFUSALS = {
    Kind.UNAUTHORISED: (401, "invalid_client", "Client authentication failed."),
    Kind.BLOCKED: (400, "invalid_grant", "Token has been expired or revoked."),
    Kind.CONFLICT: (400, "temporarily_unavailable", "Another request is in progress."),
    Kind.RATE_LIMIT: (429, "slow_down", "Too many requests."),
}


class TokenEndpoint:
    """Gives out tokens for the support mailbox."""

    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self) -> list[web.RouteDef]:
        """The address of this part."""
        return [web.post("/oauth/token", self.token)]

    async def token(self, request: web.Request) -> web.StreamResponse:
        """Answer a form with a grant in it."""
        form = {name: str(value) for name, value in (await request.post()).items()}
        self._world.journal.count(PLATFORM, METHOD)
        fault = self._world.faults.take(PLATFORM, METHOD, form.get("grant_type"))
        if fault is not None and (failed := await _fail_before(fault, request)):
            return failed
        try:
            grant = self._world.mail.oauth.grant(form)
        except Refused as refused:
            status = 401 if refused.code == "invalid_client" else 400
            return _refusal(status, refused.code, str(refused))
        return await deliver(fault, request, encode(_view(grant)).encode(), "application/json")


async def _fail_before(fault: Fault, request: web.Request) -> web.StreamResponse | None:
    """Fail without effect; None when the fault comes after it."""
    if fault.kind in REFUSALS:
        return _refusal(*REFUSALS[fault.kind], retry_after=int(fault.retry_after))
    match fault.kind:
        case Kind.SERVER_ERROR if fault.html:
            return error_page(fault.status)
        case Kind.SERVER_ERROR:
            return _refusal(fault.status, "server_error", "Backend error.")
        case _:
            return await break_before(fault, request)


def _refusal(status: int, code: str, words: str, *, retry_after: int | None = None) -> web.Response:
    response = answer({"error": code, "error_description": words}, status=status)
    if status == 429:
        response.headers["Retry-After"] = str(retry_after)
    return response


def _view(grant: Grant) -> Json:
    view: Json = {
        "access_token": grant.access_token,
        "token_type": "Bearer",
        "expires_in": int(grant.expires_seconds),
    }
    return view if grant.refresh_token is None else view | {"refresh_token": grant.refresh_token}
