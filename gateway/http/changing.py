"""What agents do to messages that are on the platform already: edit, delete, react.

Each is an entry of its own in the conversation, whose `delivery` says what has become of it.
"""

from litestar import Router, delete, patch, post, put
from litestar.params import FromPath, JSONBody

from core.model.conversation import Entry
from core.model.ids import MessageId
from gateway.http.contents import checked_text
from gateway.http.given import GivenAgent, GivenDesk, GivenToken
from gateway.http.once import Key, made_id, message_id
from gateway.http.problems import refusals
from gateway.http.references import find
from gateway.http.schema import EditRequest, ReactionRequest
from gateway.scopes import Scope

MESSAGE = "/conversations/{ref:str}/messages/{message:str}"
ACCEPTED = 202


@patch(
    MESSAGE,
    status_code=ACCEPTED,
    responses=refusals(404, 409, 422),
    opt={"scope": Scope.MESSAGES_WRITE},
)
async def edit(
    desk: GivenDesk,
    token: GivenToken,
    agent: GivenAgent,
    ref: FromPath[str],
    message: FromPath[str],
    data: JSONBody[EditRequest],
    key: Key = "",
) -> Entry:
    """Have one of our messages say this instead; its files and buttons stay."""
    found = await find(desk.views, ref)
    change, text = message_id(token, found, key), checked_text(data.text, data.spans)
    return await desk.agents.edit(found.conversation, agent, change, MessageId(message), text)


@delete(
    MESSAGE,
    status_code=ACCEPTED,
    responses=refusals(404, 409, 422),
    opt={"raw_body": True, "scope": Scope.MESSAGES_WRITE},
)
async def withdraw(
    desk: GivenDesk,
    token: GivenToken,
    agent: GivenAgent,
    ref: FromPath[str],
    message: FromPath[str],
    key: Key = "",
) -> Entry:
    """Take a message back from the platform. Agents still read it here."""
    found = await find(desk.views, ref)
    change = message_id(token, found, key)
    return await desk.agents.delete(found.conversation, agent, change, MessageId(message))


@put(
    MESSAGE + "/reaction",
    status_code=ACCEPTED,
    responses=refusals(404, 409, 422),
    opt={"scope": Scope.MESSAGES_WRITE},
)
async def react(
    desk: GivenDesk,
    token: GivenToken,
    agent: GivenAgent,
    ref: FromPath[str],
    message: FromPath[str],
    data: JSONBody[ReactionRequest],
    key: Key = "",
) -> Entry:
    """Make this our only reaction to a message."""
    found = await find(desk.views, ref)
    change = message_id(token, found, key)
    conversation, target = found.conversation, MessageId(message)
    return await desk.agents.react(conversation, agent, change, target, data.emoji)


@post(
    MESSAGE + "/retry",
    status_code=ACCEPTED,
    responses=refusals(404, 409),
    opt={"raw_body": True, "scope": Scope.MESSAGES_WRITE},
)
async def retry(
    desk: GivenDesk,
    token: GivenToken,
    ref: FromPath[str],
    message: FromPath[str],
    key: Key = "",
) -> Entry:
    """Send a message again that has `failed`, behind what waits there. One that is `unknown` may
    arrive twice.
    """
    found = await find(desk.views, ref)
    asked = made_id(token, f"{found.leg.id}\0retry\0{message}", key)
    return await desk.agents.retry(found.conversation, MessageId(message), asked)


router = Router(path="", route_handlers=[edit, withdraw, react, retry], tags=["conversations"])
