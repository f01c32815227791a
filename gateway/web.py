"""Serves an ASGI application as long as it is needed."""

import asyncio
import resource
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any, Final

import uvicorn
from typing_extensions import override

from core.errors import ConfigurationError
from gateway.settings import WebSettings

FILES_MAX: Final = 65_536
"""Every open stream is a file; a soft limit of 1024 is usual, and is ours to raise."""

GRACE_SECONDS: Final = 2
"""How long open requests may take to end when the server stops."""


class _Server(uvicorn.Server):
    """Signals are the gateway's business, not the web server's."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = asyncio.Event()

    @override
    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()

    @override
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@asynccontextmanager
async def serve(app: Any, web: WebSettings) -> AsyncIterator[str]:
    """-> the address that it answers at. Raises ConfigurationError when the port is taken."""
    listening = _listen(web)
    _allow_files()
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        lifespan="on",
        server_header=False,
        proxy_headers=bool(web.trusted_proxies),
        forwarded_allow_ips=list(web.trusted_proxies),
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    server = _Server(config)
    host, port = listening.getsockname()[:2]
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(server.serve([listening]), name="web")
        await server.ready.wait()
        try:
            yield f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
        finally:
            server.should_exit = True


def _allow_files() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = FILES_MAX if hard == resource.RLIM_INFINITY else min(hard, FILES_MAX)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _listen(web: WebSettings) -> socket.socket:
    family = socket.AF_INET6 if ":" in web.host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((web.host, web.port))
    except OSError as error:
        listening.close()
        raise ConfigurationError(
            f"cannot listen on {web.bind} ({error.strerror}): stop what does, or set web.bind"
        ) from error
    return listening
