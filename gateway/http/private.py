"""Going on in private with who asked where others read along."""

import msgspec
from litestar import Router, post
from litestar.params import FromPath, JSONBody

from core.model.conversation import Conversation
from core.model.ids import LegId
from gateway.http.given import GivenAgent, GivenDesk
from gateway.http.problems import refusals
from gateway.http.schema import PrivateRequest
from gateway.scopes import Scope
from gateway.shown import shown


class PrivateAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """`leg` of `conversation` is where the author alone reads."""

    conversation: Conversation
    leg: LegId


@post(
    "/conversations/{ref:str}/private",
    status_code=200,
    responses=refusals(404, 409, 422),
    opt={"scope": Scope.MESSAGES_WRITE},
)
async def go_on_in_private(
    desk: GivenDesk, agent: GivenAgent, ref: FromPath[str], data: JSONBody[PrivateRequest]
) -> PrivateAnswer:
    """Have a private thread with the author of a leg that others read: the one they have, or one
    that is opened. Asked again, the same.
    """
    conversation = await desk.views.conversation(ref)
    found = await desk.continuing.in_private(conversation, agent, data.leg)
    return PrivateAnswer(conversation=shown(found.conversation), leg=found.leg.id)


router = Router(path="", route_handlers=[go_on_in_private], tags=["conversations"])
