"""The HTTP side of the gateway, put together."""

from importlib.metadata import version
from typing import Any, Final

from litestar import Litestar, Router
from litestar.datastructures import State
from litestar.di import Provide
from litestar.openapi import OpenAPIConfig
from litestar.openapi.spec import Components, SecurityScheme
from litestar.types import ASGIApp

from gateway.desk import Desk
from gateway.http import (
    attachments,
    blocks,
    changing,
    conversations,
    dead_letters,
    deliveries,
    files,
    gaps,
    health,
    inboxes,
    letters,
    live,
    me,
    people,
    private,
    quarantine,
    search,
    starting,
    triage,
    webhooks,
    writing,
)
from gateway.http.auth import (
    API,
    DESCRIPTION,
    JsonRequest,
    check_scopes,
    require_json,
    require_room,
    require_scope,
    require_token,
    tell_what_is_left,
)
from gateway.http.described import Description, finished, operation_id
from gateway.http.given import dependencies, state_of
from gateway.http.headers import with_headers
from gateway.http.hooks import with_hooks
from gateway.http.pages import pages
from gateway.http.problems import handlers, problem_pages
from gateway.http.requests import with_ids
from gateway.http.webhook_types import described
from gateway.live_feed import LiveFeed

BODY_BYTES_MAX: Final = 1024 * 1024
"""Of a JSON request; an upload is bounded by `Desk.attachment_bytes_max`."""


def http_app(desk: Desk, feed: LiveFeed, *, frame_ancestors: str = "'none'") -> ASGIApp:
    """Everything it needs is open already. `frame_ancestors` may show the page in a frame, as
    Content-Security-Policy spells it.

    For a graceful end `feed.close()` first, then stop the server: live streams end only then.
    """
    state = state_of(desk, feed)
    app = _routed(state, desk.attachment_bytes_max, frame_ancestors)
    counted = state.room.counting(app, API)
    return with_ids(with_headers(with_hooks(counted, desk), frame_ancestors))


def description() -> dict[str, Any]:
    """The API as OpenAPI 3.1 describes it, without a gateway."""
    app = _routed(State(), BODY_BYTES_MAX, "'none'")
    return finished(app.openapi_schema.to_schema(), app)


def _routed(state: State, upload_bytes_max: int, frame_ancestors: str) -> Litestar:
    v1 = Router(
        path=API,
        guards=[require_room, require_token, require_scope, require_json],
        route_handlers=[
            conversations.router,
            triage.router,
            starting.router,
            writing.router,
            private.router,
            changing.router,
            people.router,
            blocks.router,
            live.router,
            health.v1_router,
            inboxes.router,
            gaps.router,
            quarantine.router,
            webhooks.router,
            dead_letters.router,
            deliveries.router,
            search.router,
            me.router,
            letters.router,
            *attachments.routers(upload_bytes_max),
        ],
        security=[{"token": []}],
    )
    app = Litestar(
        route_handlers=[
            v1,
            health.router,
            files.download_linked,
            problem_pages,
            pages(frame_ancestors),
        ],
        dependencies=dependencies(),
        exception_handlers=handlers(),
        openapi_config=_openapi(),
        request_max_body_size=BODY_BYTES_MAX,
        before_send=[tell_what_is_left],
        request_class=JsonRequest,
        state=state,
        logging_config=None,
    )
    check_scopes(app)
    return app


def hooks_app(desk: Desk) -> ASGIApp:
    """Of a process that runs inboxes and serves nothing else: where platforms call, and health."""
    app = Litestar(
        route_handlers=[health.router],
        dependencies={"desk": Provide(lambda: desk, sync_to_thread=False)},
        exception_handlers=handlers(),
        openapi_config=None,
        logging_config=None,
    )
    return with_ids(with_headers(with_hooks(app, desk), "'none'"))


def _openapi() -> OpenAPIConfig:
    token = SecurityScheme(
        type="http", scheme="bearer", description="Made by `trunkline token new NAME`."
    )
    return OpenAPIConfig(
        title="Trunkline",
        version=version("trunkline"),
        description="One conversation for every person, whichever line they call on.",
        # A path of its own: Litestar answers unknown paths beside it with a page, not a problem.
        path=DESCRIPTION,
        render_plugins=[Description(path=["/", "/openapi.json"])],
        operation_id_creator=operation_id,
        components=Components(security_schemes={"token": token}),
        use_handler_docstrings=True,
        webhooks=described(),
    )
