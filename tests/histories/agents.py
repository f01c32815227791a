"""Agents who do what the plan says over the API, and write down what they asked for and were told.

A request of which no answer came is made again with the same Idempotency-Key, until their patience
is at its end: then nobody knows what became of it.
"""

import asyncio
from collections.abc import Mapping
from typing import Any, Final

import aiohttp
import msgspec

from core.model.content import Media
from core.model.conversation import Entry, Leg
from core.model.message import DeliveryState, Direction
from core.view import Inbox, Page
from tests.histories.logs import Asked, Outcome, Seen
from tests.histories.people import CHANGED, Clock, token_in
from tests.histories.plan import Act
from tests.rigs.api import words

RETRY_SECONDS: Final = 0.15
ASK_SECONDS: Final = 3.0
"""For one answer."""
WHOLE_SECONDS: Final = 90.0
"""For one act, however patient they are."""
VIEWS: Final = ("open", "pending", "closed")
LETTERS: Final = {"reply": "r", "note": "n", "edit": "e"}
SERVER_ERROR: Final = 500


class Agent:
    def __init__(self, http: aiohttp.ClientSession, name: str, clock: Clock) -> None:
        self._http, self._name, self._clock = http, name, clock
        self.asked: list[Asked] = []
        self.seen: list[Seen] = []
        self.surprises: list[str] = []
        self._count, self._until = 0, 0.0

    async def do(self, act: Act) -> None:
        self._until = self._clock() + WHOLE_SECONDS
        leg = await self._leg(act)
        if leg is None:
            return
        match act.verb:
            case "reply" | "note":
                await self._write(act, leg)
            case "edit":
                await self._edit(act)
            case "look":
                await self._look(leg, act.tries)
            case _:  # "close"
                url = f"/api/v1/conversations/{leg.id}"
                await self._ask("PATCH", url, act.tries, body={"status": "closed"})

    async def _leg(self, act: Act) -> Leg | None:
        """The newest of this customer."""
        found: list[Leg] = []
        for view in VIEWS:
            url = f"/api/v1/conversations?view={view}&limit=100"
            status, answer = await self._ask("GET", url, act.tries)
            if status == 200:
                rows = msgspec.json.decode(answer, type=Inbox).rows
                found += [leg for row in rows for leg in row.conversation.legs]
        legs = [one for one in found if one.author_name == act.to]
        return max(legs, key=lambda one: one.id, default=None)

    async def _write(self, act: Act, leg: Leg) -> None:
        token = self._token(act.verb)
        body: dict[str, Any] = {"text": f"{token} to {act.to}"}
        if act.verb == "reply":
            body |= {"leg": leg.id, "audience": leg.audience}
        what = "replies" if act.verb == "reply" else "notes"
        await self._log(act, token, "POST", f"/api/v1/conversations/{leg.id}/{what}", body)

    async def _edit(self, act: Act) -> None:
        """The last of their replies to this customer, if it was sent."""
        ours = [one for one in self.asked if (one.what, one.who) == ("reply", act.to)]
        last = next((one for one in reversed(ours) if one.leg), None)
        if last is None:
            return
        for seen in await self._entries(last.leg, act.tries):
            if seen.position == last.position and seen.state == DeliveryState.SENT:
                url = f"/api/v1/conversations/{last.leg}/messages"
                token = self._token("edit")
                body = {"text": f"{last.token} to {act.to}, {CHANGED} by {token}"}
                ids = {one.message.id for one in self._read if one.position == last.position}
                await self._log(act, token, "PATCH", f"{url}/{ids.pop()}", body, of=last.token)

    async def _look(self, leg: Leg, tries: int) -> None:
        await self._entries(leg.id, tries)

    async def _entries(self, leg: str, tries: int) -> list[Seen]:
        url = f"/api/v1/conversations/{leg}/messages?limit=100"
        status, answer = await self._ask("GET", url, tries)
        if status != 200:
            return []
        self._read = msgspec.json.decode(answer, type=Page).entries
        found = [seen_of(self._name, self._clock(), one) for one in self._read]
        self.seen += found
        return found

    _read: tuple[Entry, ...] = ()

    # --- how they ask

    async def _log(
        self, act: Act, token: str, method: str, url: str, body: Mapping[str, Any], of: str = ""
    ) -> None:
        at = self._clock()
        status, answer = await self._ask(method, url, act.tries, body, {"Idempotency-Key": token})
        outcome, leg, position = Outcome.UNKNOWN, "", 0
        if status in (200, 201, 202):
            entry = msgspec.json.decode(answer, type=Entry)
            outcome, leg, position = Outcome.ACKNOWLEDGED, entry.leg, entry.position
        elif status:
            outcome = Outcome.REFUSED
        self.asked.append(
            Asked(
                token=token,
                by=self._name,
                what=act.verb,
                who=act.to,
                outcome=outcome,
                at=at,
                until=self._clock(),
                leg=leg,
                position=position,
                of=of,
            )
        )

    async def _ask(
        self,
        method: str,
        url: str,
        tries: int,
        body: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> tuple[int, bytes]:
        """-> status and body of the first answer of somebody who can give one, else 0."""
        for _ in range(tries):
            try:
                async with (
                    asyncio.timeout(ASK_SECONDS),
                    self._http.request(
                        method, url, json=body, headers=headers, raise_for_status=False
                    ) as answer,
                ):
                    found = await answer.read()
                    if answer.status < SERVER_ERROR and answer.status != 429:
                        return answer.status, found
                    if answer.status == SERVER_ERROR:
                        self.surprises.append(f"{method} {url} was answered 500: {found!r}")
            except (aiohttp.ClientError, TimeoutError):
                pass
            if self._clock() > self._until:
                break
            await asyncio.sleep(RETRY_SECONDS)
        return 0, b""

    def _token(self, verb: str) -> str:
        self._count += 1
        return f"{self._name}{LETTERS[verb]}{self._count}"


def seen_of(by: str, at: float, entry: Entry) -> Seen:
    ours = entry.message.direction is Direction.OUT and entry.delivery
    return Seen(
        by=by,
        at=at,
        leg=entry.leg,
        position=entry.position,
        token=token_of(entry),
        state=entry.delivery.state if ours and entry.delivery else "",
    )


def token_of(entry: Entry) -> str:
    """An edit's own, else that of its words."""
    text = text_of(entry)
    _, _, by = text.partition(f"{CHANGED} by ")
    return token_in(by if entry.message.change and by else text)


def text_of(entry: Entry) -> str:
    """The words of a message, or below its files."""
    captions = [one.caption for one in entry.message.parts if isinstance(one, Media)]
    return " ".join((words(entry), *captions))
