"""Work that failed again and again and was laid aside."""

from typing import Annotated, Final

import msgspec
import structlog
from litestar import Router, delete, get, post
from litestar.params import FromPath, QueryParameter

from core.store.lanes import TASKS
from core.store.letters import DeadLetter
from gateway.http.given import GivenDesk, GivenToken
from gateway.http.problems import refusals
from gateway.scopes import Scope

SHOWN_MAX: Final = 500

log = structlog.get_logger()

Limit = Annotated[int, QueryParameter(ge=1, le=SHOWN_MAX)]


class DeadLettersAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Laid aside last first."""

    letters: tuple[DeadLetter, ...]


@get("/dead-letters", responses=refusals(), opt={"scope": Scope.OPERATE})
async def list_dead_letters(desk: GivenDesk, limit: Limit = 50) -> DeadLettersAnswer:
    """Of every inbox that is configured, and of the work on who is who."""
    accounts = (*(inbox.account for inbox in desk.health().inboxes), TASKS)
    found = [one for who in accounts for one in await desk.store.letters.latest(who, limit)]
    newest = sorted(found, key=lambda one: one.at, reverse=True)[:limit]
    return DeadLettersAnswer(letters=tuple(newest))


@post(
    "/dead-letters/{letter:str}/revive",
    status_code=200,
    responses=refusals(404),
    opt={"raw_body": True, "scope": Scope.OPERATE},
)
async def revive(desk: GivenDesk, letter: FromPath[str]) -> DeadLetter:
    """Try it again, behind what waits in its thread."""
    return await desk.store.letters.revive(letter)


@delete(
    "/dead-letters/{letter:str}",
    status_code=200,
    responses=refusals(404),
    opt={"raw_body": True, "scope": Scope.OPERATE},
)
async def discard(desk: GivenDesk, token: GivenToken, letter: FromPath[str]) -> DeadLetter:
    """Remove it for good: what it held is lost."""
    found = await desk.store.letters.discard(letter)
    log.warning("a dead letter was removed", letter=letter, kind=found.kind, by=token.name)
    return found


router = Router(path="", route_handlers=[list_dead_letters, revive, discard], tags=["operation"])
