"""Control of what the platforms share: persons, faults, counters, journal, feed.

GET    /control             the addresses and logins that a gateway needs
GET    /control/persons     -> [{key, name, telegram_id, address, ...}]
POST   /control/persons     {key, first_name, last_name?, telegram_id, username, address,
                             language_code?}
GET    /control/faults      -> the rules, with `seen` and `fired`
POST   /control/faults      {platform, method, kind, nth?, count?, target?, retry_after?, seconds?,
                             status?, html?, reply?}; see sandbox/faults.py   -> the rule with id
DELETE /control/faults[/<id>]  clears all of them, or one
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

from sandbox.control.reading import Fields, answer, read_fields
from sandbox.errors import ActError
from sandbox.faults import Fault, Kind
from sandbox.feed import Change
from sandbox.payload import Json, encode
from sandbox.persons import Person
from sandbox.world import World

PLATFORMS = ("telegram", "smtp", "imap")


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
            web.get("/control/faults", self.faults),
            web.post("/control/faults", self.add_fault),
            web.delete("/control/faults", self.clear_faults),
            web.delete("/control/faults/{id:[0-9]+}", self.clear_faults),
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

    async def faults(self, _request: web.Request) -> web.Response:
        """The rules in force."""
        return answer([asdict(fault) for fault in self._world.faults.all()])

    async def add_fault(self, request: web.Request) -> web.Response:
        """Put a rule in force."""
        fault = self._world.faults.add(_fault(await read_fields(request)))
        return answer(asdict(fault), status=201)

    async def clear_faults(self, request: web.Request) -> web.Response:
        """Take one rule or all of them out of force."""
        fault_id = request.match_info.get("id")
        self._world.faults.clear(int(fault_id) if fault_id else None)
        return answer({})

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


def _fault(fields: Fields) -> Fault:
    platform = fields.text("platform")
    if platform not in PLATFORMS:
        raise ActError(f"'platform' must be one of {', '.join(PLATFORMS)}")
    try:
        kind = Kind(fields.text("kind"))
    except ValueError as error:
        raise ActError(f"'kind' must be one of {', '.join(Kind)}") from error
    status = fields.integer("status", 502)
    if status not in range(400, 600):
        raise ActError("'status' must be an HTTP error status")
    return Fault(
        platform=platform,
        method=fields.text("method", "*"),
        kind=kind,
        nth=fields.integer("nth", 1),
        count=fields.integer("count", 1),
        target=fields.text_or_none("target"),
        retry_after=fields.integer("retry_after", 1),
        seconds=fields.number("seconds", 1.0),
        status=status,
        html=fields.flag("html"),
        reply=fields.text("reply", ""),
    )
