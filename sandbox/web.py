"""The one HTTP port: the Bot API, the control API and the page."""

from collections.abc import Awaitable, Callable
from pathlib import Path

from aiohttp import web

from sandbox.control.reading import answer
from sandbox.errors import ActError, UnknownThing
from sandbox.loopback import is_loopback

STATIC = Path(__file__).parent / "static"
REQUEST_BYTES_MAX = 64 * 1024 * 1024
NOBODYS = ".test"
"""No web site has such a name (RFC 6761); whoever tests may give it to this machine."""
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def build_application(
    routes: list[web.RouteDef], agent_url: Callable[[], str | None]
) -> web.Application:
    """Everything that answers on the HTTP port. `agent_url` is asked anew for each page."""
    page = _Page(agent_url)
    app = web.Application(
        client_max_size=REQUEST_BYTES_MAX, middlewares=[_refuse_strangers, _explain_refusals]
    )
    app.router.add_get("/", page.index)
    app.router.add_static("/static", STATIC)
    app.router.add_routes(routes)
    app.on_response_prepare.append(page.protect)
    return app


class _Page:
    """The phone: one HTML file, and the headers that keep it to itself."""

    def __init__(self, agent_url: Callable[[], str | None]) -> None:
        self._agent_url = agent_url

    async def index(self, _request: web.Request) -> web.Response:
        html = (STATIC / "index.html").read_text("utf-8")
        return web.Response(text=html, content_type="text/html")

    async def protect(self, _request: web.Request, response: web.StreamResponse) -> None:
        response.headers["Content-Security-Policy"] = self._policy()
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "no-referrer"

    def _policy(self) -> str:
        origin = "/".join((self._agent_url() or "").split("/")[:3])
        return (
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:;"
            " media-src blob:;"
            f" connect-src 'self'; frame-src {origin or chr(39) + 'none' + chr(39)};"
            " frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
        )


@web.middleware
async def _refuse_strangers(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer to this machine's own names only: no web site gets in by DNS rebinding."""
    host = request.url.host or ""
    if not (is_loopback(host) or host.endswith(NOBODYS)):
        return answer({"error": "the sandbox answers to loopback names only"}, status=403)
    return await handler(request)


@web.middleware
async def _explain_refusals(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer an act that cannot be done with 400 or 404 and the reason."""
    try:
        return await handler(request)
    except UnknownThing as error:
        return answer({"error": str(error)}, status=404)
    except ActError as error:
        return answer({"error": str(error)}, status=400)
