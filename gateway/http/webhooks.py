"""Webhooks: where programs want to be told of what happens, and what became of telling them."""

from datetime import datetime
from typing import Annotated, Any, Final

import msgspec
from litestar import Router, delete, get, patch, post
from litestar.params import FromPath, JSONBody, QueryParameter

from core.errors import InvalidRequest
from gateway.http.given import GivenDesk, GivenToken
from gateway.http.once import Key, made_id
from gateway.http.problems import refusals
from gateway.scopes import Scope
from gateway.webhooks.managing import OVERLAP_SECONDS_MAX, NewWebhook, unknown_delivery
from gateway.webhooks.model import Endpoint, State, WebhookDelivery
from gateway.webhooks.targets import URL_LENGTH_MAX

PAGE_MAX: Final = 100
ID_MAX: Final = 2**53 - 1
"""Of a delivery: what every program that reads JSON takes for a whole number."""

MANAGE: Final = {"scope": Scope.WEBHOOKS_MANAGE}

Url = Annotated[str, msgspec.Meta(max_length=URL_LENGTH_MAX, description="https://host/path")]
Events = Annotated[
    tuple[Annotated[str, msgspec.Meta(max_length=60)], ...],
    msgspec.Meta(min_length=1, max_length=50, description="Types, or `*` for all of them."),
]
Inboxes = Annotated[
    tuple[Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9][a-z0-9_-]{0,31}$")], ...],
    msgspec.Meta(max_length=100, description="Only what happens there; none: everywhere."),
]
Description = Annotated[str, msgspec.Meta(max_length=200)]
Overlap = Annotated[float, msgspec.Meta(ge=0, le=OVERLAP_SECONDS_MAX)]
Limit = Annotated[int, QueryParameter(ge=1, le=PAGE_MAX)]
Place = Annotated[
    int, QueryParameter(ge=0, le=ID_MAX, description="`next` of the page before; 0: the newest.")
]
Which = Annotated[State | None, QueryParameter(name="state", description="Only those.")]


class _Request(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The body of a request."""


class WebhookRequest(_Request, frozen=True):
    """`events` are types such as `message.received`, or `*`. `description` is for people."""

    url: Url
    events: Events
    inboxes: Inboxes = ()
    description: Description = ""


class WebhookChangesRequest(_Request, frozen=True):
    """What is left out stays as it is."""

    url: Url | msgspec.UnsetType = msgspec.UNSET
    events: Events | msgspec.UnsetType = msgspec.UNSET
    inboxes: Inboxes | msgspec.UnsetType = msgspec.UNSET
    description: Description | msgspec.UnsetType = msgspec.UNSET


class RotateRequest(_Request, frozen=True):
    """For so long the secret before signs, too: time enough to tell the receiver the new one."""

    overlap_seconds: Overlap = 86_400.0


class ReplayRequest(_Request, frozen=True):
    """`since`: a moment with its offset, such as 2026-03-04T12:00:00Z."""

    since: datetime


class WebhooksAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """In the order in which they were made."""

    webhooks: tuple[Endpoint, ...]


class DeliveriesAnswer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The newest first; `next` is the cursor of the next page, left out behind the last."""

    deliveries: tuple[WebhookDelivery, ...]
    next: int = 0


class ReplayAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """How many deliveries will be sent again."""

    count: int


@post("/webhooks", responses=refusals(409, 422), opt=MANAGE)
async def create_webhook(
    desk: GivenDesk, token: GivenToken, data: JSONBody[WebhookRequest], key: Key = ""
) -> NewWebhook:
    """It is told of what happens from now on. The secret is shown this once."""
    wanted = data.url, data.events, data.inboxes, data.description
    return await desk.webhooks.create(*wanted, made_id(token, "webhook", key))


@get("/webhooks", responses=refusals(), opt=MANAGE)
async def list_webhooks(desk: GivenDesk) -> WebhooksAnswer:
    return WebhooksAnswer(webhooks=await desk.webhooks.list())


@get("/webhooks/{webhook:str}", responses=refusals(404), opt=MANAGE)
async def read_webhook(desk: GivenDesk, webhook: FromPath[str]) -> Endpoint:
    return await desk.webhooks.get(webhook)


@patch("/webhooks/{webhook:str}", responses=refusals(404, 422), opt=MANAGE)
async def change_webhook(
    desk: GivenDesk, webhook: FromPath[str], data: JSONBody[WebhookChangesRequest]
) -> Endpoint:
    """What waits goes to the new address; what was not asked for then stays untold."""
    given: dict[str, Any] = {
        name: value
        for name in data.__struct_fields__
        if (value := getattr(data, name)) is not msgspec.UNSET
    }
    return await desk.webhooks.change(webhook, given)


@delete("/webhooks/{webhook:str}", responses=refusals(404), opt=MANAGE | {"raw_body": True})
async def remove_webhook(desk: GivenDesk, webhook: FromPath[str]) -> None:
    """With all that waits for it, and with its log."""
    await desk.webhooks.remove(webhook)


@post(
    "/webhooks/{webhook:str}/pause",
    status_code=200,
    responses=refusals(404),
    opt=MANAGE | {"raw_body": True},
)
async def pause_webhook(desk: GivenDesk, webhook: FromPath[str]) -> Endpoint:
    """What happens meanwhile waits."""
    return await desk.webhooks.pause(webhook)


@post(
    "/webhooks/{webhook:str}/resume",
    status_code=200,
    responses=refusals(404),
    opt=MANAGE | {"raw_body": True},
)
async def resume_webhook(desk: GivenDesk, webhook: FromPath[str]) -> Endpoint:
    """Send what waits, whether it was paused, disabled, or fails."""
    return await desk.webhooks.resume(webhook)


@post("/webhooks/{webhook:str}/rotate", status_code=200, responses=refusals(404), opt=MANAGE)
async def rotate_secret(
    desk: GivenDesk,
    token: GivenToken,
    webhook: FromPath[str],
    data: JSONBody[RotateRequest],
    key: Key = "",
) -> NewWebhook:
    """A new secret, shown this once."""
    asked = made_id(token, f"rotate\0{webhook}", key)
    return await desk.webhooks.rotate(webhook, data.overlap_seconds, asked)


@post(
    "/webhooks/{webhook:str}/test",
    status_code=202,
    responses=refusals(404, 409),
    opt=MANAGE | {"raw_body": True},
)
async def test_webhook(
    desk: GivenDesk,
    token: GivenToken,
    webhook: FromPath[str],
    key: Key = "",  # noqa: PT028 - it is no test of ours
) -> WebhookDelivery:
    """Send a `ping`; what came of it is in the log of deliveries."""
    return await desk.webhooks.test(webhook, made_id(token, f"ping\0{webhook}", key))


@get("/webhooks/{webhook:str}/deliveries", responses=refusals(404), opt=MANAGE)
async def list_deliveries(
    desk: GivenDesk,
    webhook: FromPath[str],
    which: Which = None,
    after: Place = 0,
    limit: Limit = 50,
) -> DeliveriesAnswer:
    """What was sent, what waits, and what came of the last attempt."""
    found = await desk.webhooks.deliveries(webhook, which, after, limit)
    return DeliveriesAnswer(deliveries=found, next=found[-1].id if len(found) == limit else 0)


@get("/webhooks/{webhook:str}/deliveries/{delivery:int}", responses=refusals(404), opt=MANAGE)
async def read_delivery(
    desk: GivenDesk, webhook: FromPath[str], delivery: FromPath[int]
) -> WebhookDelivery:
    return await desk.webhooks.delivery(webhook, _id(delivery))


@post(
    "/webhooks/{webhook:str}/deliveries/{delivery:int}/replay",
    status_code=202,
    responses=refusals(404, 409),
    opt=MANAGE | {"raw_body": True},
)
async def replay_delivery(
    desk: GivenDesk, webhook: FromPath[str], delivery: FromPath[int]
) -> WebhookDelivery:
    """Send it again under the same id."""
    return await desk.webhooks.replay(webhook, _id(delivery))


@post("/webhooks/{webhook:str}/replay", status_code=202, responses=refusals(404, 422), opt=MANAGE)
async def replay_since(
    desk: GivenDesk, webhook: FromPath[str], data: JSONBody[ReplayRequest]
) -> ReplayAnswer:
    """Send all again that happened since a moment, each under its own id."""
    if data.since.tzinfo is None:
        raise InvalidRequest("say `since` with its offset, such as 2026-03-04T12:00:00Z")
    return ReplayAnswer(count=await desk.webhooks.replay_since(webhook, data.since))


def _id(given: int) -> int:
    """Raises NotFound."""
    if not 0 < given <= ID_MAX:
        raise unknown_delivery()
    return given


router = Router(
    path="",
    route_handlers=[
        create_webhook,
        list_webhooks,
        read_webhook,
        change_webhook,
        remove_webhook,
        pause_webhook,
        resume_webhook,
        rotate_secret,
        test_webhook,
        list_deliveries,
        read_delivery,
        replay_delivery,
        replay_since,
    ],
    tags=["webhooks"],
)
