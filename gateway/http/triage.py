"""Conversations as pieces of work: one request changes any of it, at once."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Final

import msgspec
from litestar import Router, patch
from litestar.params import FromPath, JSONBody
from litestar.response import Response
from msgspec import UNSET, UnsetType

from core.errors import InvalidRequest
from core.ids import new_ulid
from core.model.conversation import Conversation, Priority, Status
from core.model.ids import MessageId
from core.model.triage import Triage
from core.rules.triage import TAG_LENGTH_MAX, TAGS_MAX, tidy
from gateway.http.conversations import answered
from gateway.http.etags import IfMatch, demand
from gateway.http.given import GivenAgent, GivenDesk
from gateway.http.problems import refusals
from gateway.scopes import Scope
from gateway.tokens import NAME_LENGTH_MAX, Tokens

SNOOZE_SECONDS_MAX: Final = 366 * 24 * 3600

Tag = Annotated[str, msgspec.Meta(min_length=1, max_length=TAG_LENGTH_MAX, pattern=r"^[^\s,]+$")]
Tags = Annotated[tuple[Tag, ...], msgspec.Meta(max_length=TAGS_MAX)]


class TriageRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is left out stays as it is. `tags` replaces them all, `add_tags` and `remove_tags` do
    not. `assignee` is the name of somebody who has a token, "" nobody. `snoozed_until`, or
    `snooze_seconds` from now on: when it is open again by itself; null is now.
    """

    status: Status | UnsetType = UNSET
    priority: Priority | UnsetType = UNSET
    tags: Tags | UnsetType = UNSET
    add_tags: Tags = ()
    remove_tags: Tags = ()
    assignee: Annotated[str, msgspec.Meta(max_length=NAME_LENGTH_MAX)] | UnsetType = UNSET
    snoozed_until: Annotated[datetime, msgspec.Meta(tz=True)] | UnsetType | None = UNSET
    snooze_seconds: Annotated[int, msgspec.Meta(ge=1, le=SNOOZE_SECONDS_MAX)] | UnsetType = UNSET
    spam: bool | UnsetType = UNSET


@patch(
    "/conversations/{ref:str}",
    responses=refusals(404, 409, 422),
    opt={"scope": Scope.CONVERSATIONS_WRITE},
)
async def change_conversation(
    desk: GivenDesk,
    agent: GivenAgent,
    ref: FromPath[str],
    data: JSONBody[TriageRequest],
    if_match: IfMatch = "",
) -> Response[Conversation]:
    """Set any of status, priority, tags, assignee, snoozing and spam, of every leg that can take
    it: all of it or nothing a leg. Asked again, nothing more.
    """
    change = _change(data, datetime.now(UTC))
    _check_assignee(change.assignee, desk.tokens)
    conversation = await desk.views.conversation(ref)
    demand(conversation, if_match)
    activity = MessageId(new_ulid())
    unchanged = if_match.strip() not in ("", "*")
    await desk.triage.change(conversation, agent, change, activity, unchanged=unchanged)
    return answered(await desk.views.conversation(ref))


def _change(data: TriageRequest, now: datetime) -> Triage:
    """Raises InvalidRequest where one thing contradicts another."""
    status, until = data.status or None, data.snoozed_until or None
    if until:
        until = max(until, now)  # long ago it would be no moment of our calendar any more
    wake = data.snoozed_until is None
    if data.snooze_seconds:
        if data.snoozed_until is not UNSET:
            raise InvalidRequest("either `snoozed_until` or `snooze_seconds`: not both")
        until = now + timedelta(seconds=data.snooze_seconds)
    if until and status not in (None, Status.SNOOZED):
        raise InvalidRequest(f"what is snoozed is not {status}: leave `status` out")
    if wake and status:
        raise InvalidRequest("null for `snoozed_until` opens it: leave `status` out")
    if until and (until - now).total_seconds() > SNOOZE_SECONDS_MAX:
        raise InvalidRequest(f"snooze for {SNOOZE_SECONDS_MAX // 86400} days at most")
    return Triage(
        status=Status.SNOOZED if until else status,
        priority=data.priority or None,
        tags=None if data.tags is UNSET else tidy(data.tags),
        add_tags=tidy(data.add_tags),
        remove_tags=tidy(data.remove_tags),
        assignee=None if data.assignee is UNSET else data.assignee.strip(),
        snoozed_until=until,
        wake=wake,
        spam=None if data.spam is UNSET else data.spam,
    )


def _check_assignee(assignee: str | None, tokens: Tokens) -> None:
    if assignee and all(assignee != one.name for one in tokens.list()):
        raise InvalidRequest(
            "`assignee` has no token here: take a name of `trunkline token list`, or make one"
        )


router = Router(path="", route_handlers=[change_conversation], tags=["conversations"])
