"""The DNS port (UDP): answers from the zones, or fails as told."""

import asyncio
from types import TracebackType
from typing import Self, cast

import dns.exception
import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset
from typing_extensions import override

from sandbox.dns.zones import Query
from sandbox.faults import Fault, Kind
from sandbox.world import World

PLATFORM = "dns"
TTL_SECONDS = 60
STRING_BYTES_MAX = 255
"""Of one string; a longer record consists of several."""
CODES = {
    Kind.SERVER_ERROR: dns.rcode.SERVFAIL,
    Kind.BLOCKED: dns.rcode.REFUSED,
}
Address = tuple[str, int]


class DnsServer:
    """Answers queries inside its `async with` block, where `port` is the real one."""

    def __init__(self, world: World, host: str, port: int) -> None:
        self.port = port
        self._world = world
        self._host = host
        self._transport: asyncio.DatagramTransport | None = None

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_datagram_endpoint(
            lambda: _Protocol(self._world), local_addr=(self._host, self.port)
        )
        self.port = self._transport.get_extra_info("sockname")[1]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._transport is not None:
            self._transport.close()


class _Protocol(asyncio.DatagramProtocol):
    """One datagram in, at most one out."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._transport: asyncio.DatagramTransport | None = None

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.DatagramTransport", transport)

    @override
    def datagram_received(self, data: bytes, addr: Address) -> None:
        try:
            asked = dns.message.from_wire(data)
        except dns.exception.DNSException:
            return
        if not asked.question:
            return
        name = asked.question[0].name.to_text(omit_final_dot=True).lower()
        query = Query(name, dns.rdatatype.to_text(asked.question[0].rdtype))
        self._world.dns.note(query)
        self._world.journal.count(PLATFORM, query.type)
        fault = self._world.faults.take(PLATFORM, query.type, name)
        self._answer(self._made(asked, query, fault), fault, addr)

    def _made(
        self, asked: dns.message.Message, query: Query, fault: Fault | None
    ) -> dns.message.Message:
        answer = dns.message.make_response(asked, recursion_available=True)
        if fault is not None and fault.kind in CODES:
            answer.set_rcode(CODES[fault.kind])
        elif fault is not None and fault.kind is Kind.CUT:
            answer.flags |= dns.flags.TC
        else:
            self._fill(answer, query)
        return answer

    def _fill(self, answer: dns.message.Message, query: Query) -> None:
        texts = self._world.dns.texts(query.name)
        if texts is None:
            answer.set_rcode(dns.rcode.NXDOMAIN)
        elif texts and query.type == "TXT":
            records = [_quoted(text.encode()) for text in texts]
            name = answer.question[0].name
            answer.answer.append(dns.rrset.from_text(name, TTL_SECONDS, "IN", "TXT", *records))

    def _answer(self, answer: dns.message.Message, fault: Fault | None, addr: Address) -> None:
        if self._transport is None or (fault is not None and fault.kind is Kind.DROP_BEFORE):
            return
        wire = answer.to_wire()
        if fault is not None and fault.kind is Kind.GARBLED:
            wire = wire[: len(wire) // 2]
        late = fault.seconds if fault is not None and fault.kind is Kind.SLOW_AFTER else 0.0
        asyncio.get_running_loop().call_later(late, self._transport.sendto, wire, addr)


def _quoted(text: bytes) -> str:
    """A record as zone files write it: strings in quotes, other bytes by their numbers."""
    parts = [text[at : at + STRING_BYTES_MAX] for at in range(0, len(text), STRING_BYTES_MAX)]
    return " ".join(f'"{"".join(map(_escaped, part))}"' for part in parts) or '""'


def _escaped(byte: int) -> str:
    return chr(byte) if 32 <= byte < 127 and byte not in b'"\\' else f"\\{byte:03d}"
