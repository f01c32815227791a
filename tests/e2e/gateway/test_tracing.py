"""Traces, with the real SDK and a collector that is there, hangs, or cannot be installed."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import pytest
from aiohttp import web
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from core.errors import ConfigurationError
from gateway.settings import TracingSettings
from gateway.tracing import tracing
from sandbox.server import Sandbox
from tests.rigs.api import Api, api
from tests.rigs.customer import Customer
from tests.rigs.gateway import Gateway, channels
from tests.rigs.stopwatch import stopwatch
from tests.rigs.waiting import eventually

WORDS: Final = "needle words"


class Collector:
    """What it was told."""

    def __init__(self) -> None:
        self.spans: list[Span] = []
        self.raw = b""
        self.url = ""

    async def take(self, request: web.Request) -> web.Response:
        body = await request.read()
        self.raw += body
        told = ExportTraceServiceRequest.FromString(body)
        for resource in told.resource_spans:
            self.spans += [span for scope in resource.scope_spans for span in scope.spans]
        return web.Response(content_type="application/x-protobuf")

    @property
    def names(self) -> set[str]:
        return {span.name for span in self.spans}


@pytest.fixture
async def collector() -> AsyncIterator[Collector]:
    found = Collector()
    app = web.Application()
    app.router.add_post("/v1/traces", found.take)
    async with _serving(app) as found.url:
        yield found


async def test_a_messages_way_in_and_out_is_told_without_its_words(
    sandbox: Sandbox, collector: Collector, tmp_path: Path
) -> None:
    """An operator who looks for what is slow; customers whose words must not go there."""
    settings = channels(sandbox, tmp_path) + f'[tracing]\nendpoint = "{collector.url}"\n'
    mei = Customer(sandbox, "mei")
    async with Gateway(tmp_path, settings) as gateway:
        async with api(gateway.url, gateway.token) as agent:
            mei.says(WORDS)
            await eventually(lambda: _is_open(agent))
            (one,) = await agent.conversations()
            await agent.settled(await agent.reply(one.number, WORDS))
            async with agent.http.get(
                "/api/v1/conversations/T-0000-0", raise_for_status=False
            ) as missing:
                assert missing.status == 404
        await gateway.stop()

    reply = "POST /api/v1/conversations/{ref}/replies"
    assert {"accept", "dispatch", "send", reply} <= collector.names
    sent = next(span for span in collector.spans if span.name == "send")
    assert [(one.key, one.value.string_value) for one in sent.attributes] == [("inbox", "tg")]
    needles = [WORDS, gateway.token, sandbox.bot_token, mei.person.address, "T-0000"]
    assert [one for one in needles if one.encode() in collector.raw] == []


async def test_a_collector_that_hangs_holds_up_nothing(sandbox: Sandbox, tmp_path: Path) -> None:
    """Whoever runs the machine would kill it at the end of its time."""
    async with _hanging() as url:
        settings = channels(sandbox, tmp_path) + f'[tracing]\nendpoint = "{url}"\n'
        async with Gateway(tmp_path, settings) as gateway:
            Customer(sandbox, "mei").says(WORDS)
            async with api(gateway.url, gateway.token) as agent:
                await eventually(lambda: _is_open(agent))
            async with stopwatch() as watch:
                code = await gateway.stop()

    assert code == 0
    assert watch.seconds < 8


async def test_what_traces_need_is_said_when_it_is_missing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.trace", None)

    with pytest.raises(ConfigurationError, match="with the extra `otel`"):
        async with tracing(TracingSettings(endpoint="http://127.0.0.1:4318")):
            pass


def test_without_an_endpoint_nothing_of_it_is_needed() -> None:
    """An installation without the extra would not start."""
    code = (
        "import asyncio, sys; sys.modules['opentelemetry'] = None;"
        "import gateway.app, gateway.webhooks.sending, gateway.tracing as t;"
        "from gateway.settings import TracingSettings as S;"
        "asyncio.run(t.tracing(S()).__aenter__());"
        "sys.exit(any(one.startswith('opentelemetry.') for one in sys.modules))"
    )

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("url", ["collector:4318", "ftp://a.example", "http://me:pw@a.example"])
def test_an_endpoint_is_a_url_without_a_password(url: str) -> None:
    with pytest.raises(ValueError, match="endpoint"):
        TracingSettings(endpoint=url)


async def _is_open(agent: Api) -> bool:
    return len(await agent.conversations()) == 1


@asynccontextmanager
async def _serving(app: web.Application) -> AsyncIterator[str]:
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@asynccontextmanager
async def _hanging() -> AsyncIterator[str]:
    """Takes everything and answers nothing."""

    async def read(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(read, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
