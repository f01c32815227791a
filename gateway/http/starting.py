"""Conversations that begin with us."""

import msgspec
from litestar import Router, post
from litestar.params import JSONBody

from core.model.conversation import Conversation, Entry
from core.reply import Draft
from gateway.http.contents import reply_parts
from gateway.http.given import GivenAgent, GivenDesk, GivenToken
from gateway.http.once import Key, made_id
from gateway.http.problems import refusals
from gateway.http.schema import StartRequest
from gateway.scopes import Scope
from gateway.shown import shown


class StartAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """`entry` is the first message; its `delivery` says how far it has come."""

    conversation: Conversation
    entry: Entry


@post(
    "/conversations",
    responses=refusals(404, 409, 422, 502),
    opt={"scope": Scope.MESSAGES_WRITE},
)
async def start(
    desk: GivenDesk,
    token: GivenToken,
    agent: GivenAgent,
    data: JSONBody[StartRequest],
    key: Key = "",
) -> StartAnswer:
    """Write to somebody first, where the channel lets us: the conversation begins, or goes on where
    a person has one thread with us. Only they read it.
    """
    draft = Draft(
        id=made_id(token, f"{data.inbox}\0{data.to}", key),
        parts=reply_parts(desk, data),
        subject=" ".join(data.subject.split()),
        silent=data.silent,
    )
    started = await desk.starting.start(data.inbox, data.to, agent, draft)
    return StartAnswer(conversation=shown(started.conversation), entry=started.entry)


router = Router(path="", route_handlers=[start], tags=["conversations"])
