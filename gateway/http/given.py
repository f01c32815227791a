"""What request handlers are given, each under the name of its parameter."""

from litestar.connection import Request
from litestar.datastructures import State
from litestar.di import NamedDependency, Provide
from litestar.params import SkipValidation

from core.model.message import Sender, SenderKind
from gateway.desk import Desk
from gateway.live_feed import LiveFeed
from gateway.presence import Presence
from gateway.tokens import TokenInfo

GivenDesk = NamedDependency[SkipValidation[Desk]]
GivenFeed = NamedDependency[SkipValidation[LiveFeed]]
GivenPresence = NamedDependency[SkipValidation[Presence]]
GivenToken = NamedDependency[SkipValidation[TokenInfo]]
GivenAgent = NamedDependency[SkipValidation[Sender]]

Asked = Request[None, TokenInfo, State]
"""A request with a good token."""


def dependencies(desk: Desk, feed: LiveFeed) -> dict[str, Provide]:
    """By name of parameter. `token` and `agent` only behind `require_token`."""
    presence = Presence(desk)
    return {
        "desk": Provide(lambda: desk, sync_to_thread=False),
        "feed": Provide(lambda: feed, sync_to_thread=False),
        "presence": Provide(lambda: presence, sync_to_thread=False),
        "token": Provide(_token, sync_to_thread=False),
        "agent": Provide(_agent, sync_to_thread=False),
    }


def _token(request: Asked) -> TokenInfo:
    return request.auth


def _agent(request: Asked) -> Sender:
    name = request.auth.name
    return Sender(kind=SenderKind.AGENT, id=name, name=name)
