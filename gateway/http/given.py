"""What request handlers are given, each under the name of its parameter."""

from collections.abc import Callable
from typing import Any, Final

from litestar.connection import Request
from litestar.datastructures import State
from litestar.di import NamedDependency, Provide
from litestar.params import SkipValidation

from core.model.message import Sender, SenderKind
from gateway.desk import Desk
from gateway.http.admission import Admission
from gateway.http.room import Room
from gateway.live_feed import LiveFeed
from gateway.presence import Presence
from gateway.tokens import TokenInfo

GivenDesk = NamedDependency[SkipValidation[Desk]]
GivenFeed = NamedDependency[SkipValidation[LiveFeed]]
GivenPresence = NamedDependency[SkipValidation[Presence]]
GivenToken = NamedDependency[SkipValidation[TokenInfo]]
GivenAgent = NamedDependency[SkipValidation[Sender]]

SHARED: Final = ("desk", "feed", "presence")

Asked = Request[None, TokenInfo, State]
"""A request with a good token."""


def dependencies() -> dict[str, Provide]:
    """By name of parameter, from the application's `state`. `token` and `agent` only behind
    `require_token`.
    """
    shared = {name: Provide(_from_state(name), sync_to_thread=False) for name in SHARED}
    return shared | {
        "token": Provide(_token, sync_to_thread=False),
        "agent": Provide(_agent, sync_to_thread=False),
    }


def state_of(desk: Desk, feed: LiveFeed) -> State:
    """What handlers are given is kept here, and who is let in when."""
    found = {"desk": desk, "feed": feed, "presence": Presence(desk)}
    return State({**found, "admission": Admission(desk.tokens), "room": Room(desk.pressure)})


def _from_state(name: str) -> Callable[[State], Any]:
    def find(state: State) -> Any:
        return state[name]

    return find


def _token(request: Asked) -> TokenInfo:
    return request.auth


def _agent(request: Asked) -> Sender:
    name = request.auth.name
    return Sender(kind=SenderKind.AGENT, id=name, name=name)
