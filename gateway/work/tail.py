"""What happens, told line by line: from the store, or from a gateway's live feed."""

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

import msgspec
from typing_extensions import override

from core.errors import NotAllowed, StoreUnavailable
from core.following import Missed, follow
from core.model.conversation import Leg
from core.store.live import Happened
from core.store.store import Store
from gateway.commands.output import Asked, as_json_line, data, say
from gateway.settings import is_base_url
from gateway.work.common import run_loop, settings_of, store_of

SILENCE_SECONDS: Final = 60.0
"""A gateway that has given no sign of life for so long is away."""

MISSED: Final = "events were missed: they are too old to be told"


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """One event. `position` 0: the leg as a whole."""

    id: str
    at: datetime
    kind: str
    conversation: str
    inbox: str
    leg: str
    position: int


class Filter(NamedTuple):
    """Empty: all."""

    inboxes: frozenset[str]
    kinds: frozenset[str]
    conversation: str

    def takes(self, one: Seen) -> bool:
        return (
            (not self.inboxes or one.inbox in self.inboxes)
            and (not self.kinds or one.kind in self.kinds)
            and (not self.conversation or one.conversation == self.conversation)
        )


def tail(asked: Asked, wanted: Filter, *, as_json: bool) -> None:
    settings = settings_of(asked)

    async def watch() -> None:
        async with store_of(settings) as store:
            say("Listening.")
            async for batch in follow(store, await store.live.last_id(), "tail"):
                if isinstance(batch, Missed):
                    say(MISSED)
                    continue
                for one in await _seen(store, batch):
                    _tell(one, wanted, as_json=as_json)

    run_loop(watch())


async def _seen(store: Store, batch: tuple[Happened, ...]) -> list[Seen]:
    legs = tuple({one.leg for one in batch})
    heads = {head.id: head for head in await store.legs.heads(legs) if head}
    return [_placed(one, heads.get(one.leg)) for one in batch]


def _placed(one: Happened, head: Leg | None) -> Seen:
    return Seen(
        id=one.id,
        at=_moment(one.id),
        kind=one.kind,
        conversation=head.number if head else "",
        inbox=head.thread.account if head else "",
        leg=one.leg,
        position=one.position,
    )


def tail_of(url: str, token: str, wanted: Filter, *, as_json: bool) -> None:
    """Of a gateway elsewhere. Raises StoreUnavailable when it is away, NotAllowed."""
    if not is_base_url(url):
        raise NotAllowed(f"{url} is no address like https://desk.example.org")
    base = f"{url.rstrip('/')}/api/v1"
    known: dict[str, tuple[str, str]] = {}
    try:
        with _get(f"{base}/live", token) as answer:
            say("Listening.")
            for event in _events(answer):
                leg, conversation = event["leg"], event["conversation"]
                if leg not in known and conversation:
                    known[leg] = _where(f"{base}/conversations/{conversation}", token, leg)
                number, inbox = known.get(leg, ("", ""))
                seen = Seen(
                    id=event["id"],
                    at=_moment(event["id"]),
                    kind=event["kind"],
                    conversation=number,
                    inbox=inbox,
                    leg=leg,
                    position=event["position"],
                )
                _tell(seen, wanted, as_json=as_json)
    except urllib.error.HTTPError as error:
        raise NotAllowed(f"{url} answers {error.code}: is the token good for it?") from error
    except OSError as error:
        raise StoreUnavailable(f"{url} is away: {getattr(error, 'reason', error)}") from error
    raise StoreUnavailable(f"{url} has ended")


def _get(url: str, token: str) -> Any:
    request = urllib.request.Request(  # noqa: S310 - is_base_url takes http and https alone
        url, headers={"Authorization": f"Bearer {token}"}
    )
    return _STRAIGHT.open(request, timeout=SILENCE_SECONDS)


class _NowhereElse(urllib.request.HTTPRedirectHandler):
    """The token is for the gateway that was named, wherever an answer leads."""

    @override
    def redirect_request(self, *_: Any) -> None:
        return None


_STRAIGHT: Final = urllib.request.build_opener(_NowhereElse)


def _events(lines: Iterator[bytes]) -> Iterator[dict[str, Any]]:
    """The events of a stream; of a reset whoever sits there is told."""
    for line in lines:
        if line.startswith(b"event: reset"):
            say(MISSED)
        elif line.startswith(b"data: ") and line.strip() != b"data: {}":
            yield json.loads(line.removeprefix(b"data: "))


def _where(url: str, token: str, leg: str) -> tuple[str, str]:
    """The number of the leg's conversation, and its inbox."""
    with _get(url, token) as answer:
        found = json.loads(answer.read())
    one = next(one for one in found["legs"] if one["id"] == leg)
    return found["number"], one["thread"]["account"]


def _moment(event_id: str) -> datetime:
    return datetime.fromtimestamp(int(event_id.partition("-")[0]) / 1000, UTC)


def _tell(one: Seen, wanted: Filter, *, as_json: bool) -> None:
    if not wanted.takes(one):
        return
    if as_json:
        data(as_json_line(one))
    else:
        place = f"#{one.position}" if one.position else ""
        row = (f"{one.at:%H:%M:%S.%f}"[:12], one.kind, one.conversation, one.inbox, place)
        data("{:<13}{:<12}{:<10}{:<16}{}".format(*row).rstrip())
