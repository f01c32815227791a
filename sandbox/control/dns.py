"""Control of the name server, and of the keys that senders publish there.

GET    /control/dns          -> {host, port, records: {name: [text]},
                                 queries: [{name, type, count}]}
POST   /control/dns          {name, txt: [text]}    all TXT records of a name; [] takes it away
POST   /control/dns/key      {domain, selector?}    publishes a DKIM key there -> {name, text}

It goes wrong by faults: {"platform": "dns", "method": "TXT", "target": name} with `server_error`
(SERVFAIL), `blocked` (REFUSED), `drop_before` (no answer), `slow_after`, `garbled`, `cut` (only the
truncation flag). Names that are not there are NXDOMAIN.
"""

from collections.abc import Callable
from dataclasses import asdict

from aiohttp import web

from sandbox.control.reading import answer, read_fields
from sandbox.world import World


class DnsControl:
    """Translates control requests into records."""

    def __init__(self, world: World, place: Callable[[], tuple[str, int]]) -> None:
        self._world = world
        self._place = place

    def routes(self) -> list[web.RouteDef]:
        """The addresses of this part."""
        return [
            web.get("/control/dns", self.about),
            web.post("/control/dns", self.publish),
            web.post("/control/dns/key", self.key),
        ]

    async def about(self, _request: web.Request) -> web.Response:
        """Where it listens, what it knows and what it was asked."""
        host, port = self._place()
        counts = self._world.dns.queries.items()
        queries = [asdict(query) | {"count": count} for query, count in counts]
        records = self._world.dns.all()
        return answer({"host": host, "port": port, "records": records, "queries": queries})

    async def publish(self, request: web.Request) -> web.Response:
        """Set the records of a name."""
        fields = await read_fields(request)
        self._world.dns.publish(fields.text("name"), tuple(fields.texts("txt")))
        return answer({})

    async def key(self, request: web.Request) -> web.Response:
        """Publish a key."""
        fields = await read_fields(request)
        selector = fields.text("selector", self._world.signers.selector)
        name = self._world.signers.publish(fields.text("domain"), selector)
        return answer({"name": name, "text": (self._world.dns.texts(name) or ("",))[0]})
