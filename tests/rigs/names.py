"""A name server that says what a test wants said, over UDP on a port of its own."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import dns.flags
import dns.message
import dns.rcode
import dns.rrset
from typing_extensions import override

TTL_SECONDS = 300


class NameServer(asyncio.DatagramProtocol):
    """`texts` are the TXT records by name; `silent` lets every question go unanswered."""

    def __init__(self) -> None:
        self.texts: dict[str, str] = {}
        self.silent = False
        self.asked: list[str] = []
        self.address = ""
        self._transport: Any = None

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        host, port = transport.get_extra_info("sockname")
        self.address = f"{host}:{port}"

    @override
    def datagram_received(self, data: bytes, addr: tuple[str | Any, int]) -> None:
        query = dns.message.from_wire(data)
        name = str(query.question[0].name).rstrip(".").lower()
        self.asked.append(name)
        if not self.silent:
            self._transport.sendto(self._answer(query, name).to_wire(), addr)

    def _answer(self, query: dns.message.Message, name: str) -> dns.message.Message:
        answer = dns.message.make_response(query)
        answer.flags |= dns.flags.RA
        text = self.texts.get(name)
        if text is None:
            answer.set_rcode(dns.rcode.NXDOMAIN)
            return answer
        pieces = " ".join(f'"{text[at : at + 200]}"' for at in range(0, len(text), 200))
        record = dns.rrset.from_text(f"{name}.", TTL_SECONDS, "IN", "TXT", pieces)
        answer.answer.append(record)
        return answer


@contextlib.asynccontextmanager
async def name_server() -> AsyncIterator[NameServer]:
    loop = asyncio.get_running_loop()
    transport, server = await loop.create_datagram_endpoint(NameServer, local_addr=("127.0.0.1", 0))
    try:
        yield server
    finally:
        transport.close()
