"""Discord's front door: one TLS port that answers to all of Discord's names."""

import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from sandbox.certificates import Authority
from sandbox.port import HttpPort, serving

NAMES = (
    "discord.com",
    "gateway.discord.gg",
    "gateway-us-east1-b.discord.gg",
    "cdn.discordapp.com",
    "media.discordapp.net",
    "localhost",
    "127.0.0.1",
)
REQUEST_BYTES_MAX = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Edge:
    """`authority` is the file with the certificate to trust; it is there as long as the edge."""

    port: HttpPort
    authority: Path


@asynccontextmanager
async def opened(routes: Sequence[web.RouteDef], host: str, number: int) -> AsyncIterator[Edge]:
    """Serve while the block runs; number 0 picks a free port."""
    app = web.Application(client_max_size=REQUEST_BYTES_MAX)
    app.router.add_routes(routes)
    authority = Authority("Sandbox Test Authority")
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "authority.pem"
        path.write_text(authority.pem, "ascii")
        async with serving(app, host, number, authority.context(NAMES)) as port:
            yield Edge(port, path)
