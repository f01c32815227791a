"""Control of what the platforms share: persons, counters, journal, feed.

GET    /control             the addresses and logins that a gateway needs
GET    /control/persons     -> [{key, name, telegram_id, address, ...}]
POST   /control/persons     {key, first_name, last_name?, telegram_id, username, address,
                             language_code?}
GET    /control/calls       -> {"telegram.sendMessage": 3, ...}: every call that arrived
GET    /control/refused     -> [{platform, method, target, code, count}]: calls answered by an
                            error, by chat
GET    /control/journal     -> [{seq, at, platform, method, target, ref, text}]: every send that
                            took effect
GET    /control/feed        server-sent events, one per change; resume: `Last-Event-ID` or ?after=
"""

from collections.abc import Callable
from dataclasses import asdict

from aiohttp import web

from sandbox.control.reading import answer, read_fields
from sandbox.errors import ActError
from sandbox.feed import Change
from sandbox.payload import Json, encode
from sandbox.persons import Person
from sandbox.world import World


class WorldControl:
    """Translates control requests into changes of the shared world."""

    def __init__(self, world: World, describe: Callable[[], Json]) -> None:
        self._world = world
        self._describe = describe

    def routes(self) -> list[web.RouteDef]:
        """The addresses of this part."""
        return [
            web.get("/control", self.about),
            web.get("/control/persons", self.persons),
            web.post("/control/persons", self.add_person),
            web.get("/control/calls", self.calls),
            web.get("/control/refused", self.refused),
            web.get("/control/journal", self.journal),
            web.get("/control/feed", self.feed),
        ]

    async def about(self, _request: web.Request) -> web.Response:
        """Addresses and logins."""
        return answer(self._describe())

    async def persons(self, _request: web.Request) -> web.Response:
        """Everyone who lives here."""
        return answer([_person_view(person) for person in self._world.persons.values()])

    async def add_person(self, request: web.Request) -> web.Response:
        """Invent a person."""
        fields = await read_fields(request)
        person = Person(
            key=fields.text("key"),
            first_name=fields.text("first_name"),
            last_name=fields.text("last_name", ""),
            telegram_id=fields.integer("telegram_id"),
            username=fields.text("username"),
            address=fields.text("address"),
            language_code=fields.text("language_code", "en"),
        )
        if person.key in self._world.persons:
            raise ActError(f"there is a person {person.key!r} already")
        self._world.add_person(person)
        return answer(_person_view(person), status=201)

    async def calls(self, _request: web.Request) -> web.Response:
        """How often each method was called."""
        return answer(dict(self._world.journal.calls))

    async def refused(self, _request: web.Request) -> web.Response:
        """How often each method was refused, by chat."""
        counts = self._world.journal.refused.items()
        return answer([asdict(refused) | {"count": count} for refused, count in counts])

    async def journal(self, _request: web.Request) -> web.Response:
        """Every send that took effect."""
        entries = self._world.journal.accepted
        return answer([asdict(entry) | {"at": entry.at.isoformat()} for entry in entries])

    async def feed(self, request: web.Request) -> web.StreamResponse:
        """Stream the changes until the reader leaves."""
        after = request.headers.get("Last-Event-ID") or request.query.get("after") or ""
        seq = int(after) if after.isdecimal() else self._world.feed.seq
        response = web.StreamResponse(
            headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"}
        )
        await response.prepare(request)
        await response.write(b": connected\n\n")
        async for change in self._world.feed.follow(seq):
            await response.write(_event(change))
        return response


def _person_view(person: Person) -> Json:
    return asdict(person) | {"name": person.name}


def _event(change: Change) -> bytes:
    data = encode({"seq": change.seq, "kind": change.kind, "person": change.person, **change.about})
    return f"id: {change.seq}\ndata: {data}\n\n".encode()
