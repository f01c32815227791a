"""The API over HTTP: /api/v10/..., with limits, faults and the journal."""

import re
from functools import partial
from typing import Any

from aiohttp import web

from sandbox.discord.applications import Application
from sandbox.discord.rest.answers import answered, banned, fail_before, limited, refused
from sandbox.discord.rest.buckets import Buckets, Spent
from sandbox.discord.rest.refusals import Refusal, not_found, unauthorized
from sandbox.discord.rest.request import read_request
from sandbox.discord.rest.table import ROUTES, Route
from sandbox.faults import Fault, Kind
from sandbox.payload import encode
from sandbox.spoiling import deliver
from sandbox.world import World

PLATFORM = "discord"
BASE = "/api/v{version:9|10}"
MAJOR = ("channel_id", "guild_id", "webhook_token", "interaction_token", "application_id")
"""What an address begins with, and buckets are apart by."""
SENDS = re.compile(r"(create_message|update_message|.*webhook.*|create_interaction_response)$")
"""What leaves something to be read, which the journal keeps."""
SPOILT = frozenset({Kind.DROP_AFTER, Kind.CUT, Kind.GARBLED, Kind.TRICKLE})
AUTHORIZATION = re.compile(r"Bot (\S+)")


class RestApi:
    """Answers requests from the world."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._state = world.discord
        self._buckets = Buckets(world.discord.now, lambda: world.discord.settings)

    def routes(self) -> list[web.RouteDef]:
        """The addresses, below which everything is Discord's."""
        known = [
            web.route(one.method, BASE + _pattern(one.path), partial(self.handle, one))
            for one in ROUTES
        ]
        return [*known, web.route("*", BASE + "/{rest:.*}", self.nothing)]

    async def nothing(self, _request: web.Request) -> web.StreamResponse:
        """There is no such route."""
        return refused(not_found())

    async def handle(self, route: Route, request: web.Request) -> web.StreamResponse:
        """Answer one request, or fail as a limit or a fault says."""
        if seconds := self._buckets.banned_seconds():
            return banned(seconds)
        self._world.journal.count(PLATFORM, route.name)
        target, spent = _target(request), None
        try:
            asking = self._asking(route, request)
            spent = self._spent(asking, route, target)
            fault = self._world.faults.take(PLATFORM, route.name, target)
            broken = await fail_before(fault, request, spent) if fault else None
            if broken is None and spent.wait_seconds:
                broken = limited(spent)
            if broken is not None:
                return self._noted(broken, route, target)
            body = route.handle(self._state, await read_request(request, route.name, asking))
        except Refusal as refusal:
            return self._noted(refused(refusal, spent), route, target)
        self._accept(route, body)
        return await self._answer(fault, request, route, body, spent)

    async def _answer(
        self,
        fault: Fault | None,
        request: web.Request,
        route: Route,
        body: Any,
        spent: Spent,
    ) -> web.StreamResponse:
        if fault is not None and (fault.kind in SPOILT or fault.kind is Kind.SLOW_AFTER):
            return await deliver(fault, request, encode(body).encode(), "application/json", None)
        status = route.status or (204 if body is None else 200)
        return answered(body, status, spent.headers())

    def _noted(
        self, answer: web.StreamResponse, route: Route, target: str | None
    ) -> web.StreamResponse:
        self._buckets.note_answer(answer.status)
        self._world.journal.refuse(PLATFORM, route.name, target, answer.status)
        return answer

    def _asking(self, route: Route, request: web.Request) -> Application | None:
        header = AUTHORIZATION.fullmatch(request.headers.get("Authorization", ""))
        known = self._state.application(header[1]) if header else None
        if known is None and not route.secret:
            raise unauthorized()
        return known

    def _spent(self, asking: Application | None, route: Route, target: str | None) -> Spent:
        return self._buckets.spend(asking.id if asking else 0, route.name, target or "")

    def _accept(self, route: Route, body: Any) -> None:
        """Note what now is there to be read."""
        sent = body if isinstance(body, dict) else {}
        if SENDS.fullmatch(route.name) and "channel_id" in sent and "content" in sent:
            self._world.journal.accept(
                PLATFORM,
                route.name,
                target=sent["channel_id"],
                ref=sent["id"],
                text=sent["content"],
            )


def _target(request: web.Request) -> str | None:
    return next((request.match_info[one] for one in MAJOR if one in request.match_info), None)


def _pattern(path: str) -> str:
    """An id is no `@me` and no word, so that addresses with such in its place are others."""
    return re.sub(r"\{(\w*_id)\}", r"{\1:[^/@]+}", path)
