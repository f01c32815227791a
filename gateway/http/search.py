"""Search over everything that was said, over people and over conversations."""

from typing import Annotated, Final, Literal

from litestar import Router, get
from litestar.params import FromQuery, QueryParameter

from gateway.http.admission import require
from gateway.http.given import GivenDesk, GivenToken
from gateway.http.problems import refusals
from gateway.scopes import Scope
from gateway.search.hits import Results
from gateway.search.query import QUERY_LENGTH_MAX

ROWS_MAX: Final = 50

Line = Annotated[
    str,
    QueryParameter(
        name="q",
        max_length=QUERY_LENGTH_MAX,
        description='Words, all of which have to be there; "in quotes" word for word; and'
        " from:NAME, inbox:ID, in:open, in:waiting, in:spam, in:closed.",
    ),
]
Limit = Annotated[int, QueryParameter(ge=1, le=ROWS_MAX)]
After = Annotated[
    str, QueryParameter(pattern=r"^(f?-?\d{1,19})?$", description="`next` of the page before.")
]


@get("/search", responses=refusals(422), opt={"scope": Scope.CONVERSATIONS_READ})
async def search(
    desk: GivenDesk,
    token: GivenToken,
    line: Line,
    kind: FromQuery[Literal["messages", "people", "conversations"]] = "messages",
    limit: Limit = 20,
    after: After = "",
) -> Results:
    """What was said, people, or conversations, newest first; with a `snippet`, in which `hits` are
    what was looked for. People need the scope contacts:read, too.
    """
    if kind == "people":
        require(token, Scope.CONTACTS_READ)
    return await desk.search.find(line, kind, after, limit)


router = Router(path="", route_handlers=[search], tags=["search"])
