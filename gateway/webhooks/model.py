"""What is kept of webhooks: endpoints, and deliveries to them."""

from datetime import UTC, datetime
from enum import StrEnum

import msgspec


class EndpointState(StrEnum):
    """`disabled` is set by us, with a reason; `paused` by a person. Events wait meanwhile."""

    ACTIVE = "active"
    PAUSED = "paused"
    DISABLED = "disabled"


class Endpoint(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where events go. `events` are types or `*`, `inboxes` accounts, none for all of them.

    `reason` says why it is not active. `failing_since`: nothing has arrived since then; the next
    attempt is not made before `retry_at`. Until `rotating_until` the secret before signs, too.
    `waiting` counts the deliveries that have not arrived yet.
    """

    id: str
    url: str
    events: tuple[str, ...]
    state: EndpointState
    created_at: datetime
    inboxes: tuple[str, ...] = ()
    description: str = ""
    reason: str = ""
    failing_since: datetime | None = None
    retry_at: datetime | None = None
    rotating_until: datetime | None = None
    waiting: int = 0


class State(StrEnum):
    """`waiting`: it has not arrived, and will be tried. `failed`: it will not be tried again."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    FAILED = "failed"


class WebhookDelivery(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One event to one endpoint, and what came of the last attempt.

    `event` is the `webhook-id`: the same for every endpoint and every attempt. `attempts` count
    since it was asked for. `status` is the receiver's, 0 for none; `response` how its answer began,
    `error` why it did not count. `retry_at`: when it is tried again by itself; none, while an
    earlier event of the conversation has to go first.
    """

    id: int
    event: str
    type: str
    state: State
    at: datetime
    leg: str = ""
    attempts: int = 0
    status: int = 0
    duration_ms: int = 0
    error: str = ""
    response: str = ""
    attempted_at: datetime | None = None
    retry_at: datetime | None = None


class MissedData(msgspec.Struct, frozen=True, kw_only=True, rename={"since": "from"}):
    """What happened between these moments was not told."""

    since: datetime
    until: datetime


class Occurrence(msgspec.Struct, frozen=True, kw_only=True):
    """An event as it is kept until it is delivered: where it was, no content.

    `lane`: what has to arrive in order, which is the conversation, as far as it was known then.
    `detail` is what cannot be looked up later, as JSON.
    """

    event: str
    type: str
    kind: str
    at_ms: int
    leg: str = ""
    position: int = 0
    account: str = ""
    lane: str = ""
    detail: str = ""


class Due(msgspec.Struct, frozen=True, kw_only=True):
    """A delivery whose turn it is. `first_ms`: of its first attempt, 0 before."""

    id: int
    attempts: int
    first_ms: int
    occurrence: Occurrence


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What came of one attempt. `retry_after_seconds`: what the receiver asked for.

    `gone`: it wants no more, ever.
    """

    ok: bool
    status: int = 0
    duration_ms: int = 0
    error: str = ""
    response: str = ""
    retry_after_seconds: float | None = None
    gone: bool = False


def moment(ms: int) -> datetime:
    return datetime.fromtimestamp(ms / 1000, UTC)
