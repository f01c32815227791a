"""Traces for OpenTelemetry: what a request, an event, a message or a call to a webhook took.

Nothing of it is imported while `tracing.endpoint` is empty. Attributes are ids of ours, names of
inboxes, routes and numbers; of an error they say its kind, never its words.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager, nullcontext
from importlib.metadata import version
from threading import Thread
from typing import TYPE_CHECKING, Final

from core.errors import ConfigurationError
from core.model.event import Inbound
from core.ports import Deliver
from gateway.settings import TracingSettings

if TYPE_CHECKING:
    from opentelemetry.trace import Span, Tracer

PATH: Final = "/v1/traces"
EXPORT_SECONDS: Final = 5.0
"""What one call to the collector may take; meanwhile spans wait, and at last are dropped."""

END_SECONDS: Final = 1.0
"""For what is left at the end: a collector that hangs holds nothing up."""

_OFF: Final = nullcontext()
_tracer: "Tracer | None" = None


@asynccontextmanager
async def tracing(settings: TracingSettings) -> AsyncIterator[None]:
    """What is `traced` in this process is told, as long as the context is open; nothing if no
    endpoint is set. Raises ConfigurationError.
    """
    global _tracer  # noqa: PLW0603 - one a process: what it observes is everywhere
    if not settings.endpoint:
        yield
        return
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import SERVICE_NAME, SERVICE_VERSION, Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
        from opentelemetry.sdk.trace.sampling import ParentBasedTraceIdRatio
    except ImportError as error:
        raise ConfigurationError(
            "tracing.endpoint is set, but what traces need is not installed:"
            " install Trunkline with the extra `otel`, or leave it empty"
        ) from error
    named = {SERVICE_NAME: "trunkline", SERVICE_VERSION: version("trunkline")}
    provider = TracerProvider(
        sampler=ParentBasedTraceIdRatio(settings.sample),
        resource=Resource.create(named),
        shutdown_on_exit=False,
    )
    exporter = OTLPSpanExporter(endpoint=_address(settings.endpoint), timeout=EXPORT_SECONDS)
    provider.add_span_processor(BatchSpanProcessor(exporter))
    _tracer = provider.get_tracer("trunkline")
    try:
        yield
    finally:
        _tracer = None
        ending = Thread(target=provider.shutdown, daemon=True)
        ending.start()
        await asyncio.to_thread(ending.join, END_SECONDS)


def traced(name: str, **attributes: str) -> "AbstractContextManager[Span | None]":
    """A span for what is done in this context; None if nothing is traced."""
    return _span(_tracer, name, attributes) if _tracer else _OFF


def traced_deliver(deliver: Deliver) -> Deliver:
    """The same, with a span for each event; when nothing is traced, itself."""
    if _tracer is None:
        return deliver

    async def delivered(event: Inbound) -> None:
        with traced("accept", inbox=event.thread.account, event=type(event.body).__name__):
            await deliver(event)

    return delivered


@contextmanager
def _span(tracer: "Tracer", name: str, attributes: dict[str, str]) -> "Iterator[Span]":
    from opentelemetry.trace import StatusCode

    with tracer.start_as_current_span(
        name, attributes=attributes, record_exception=False, set_status_on_exception=False
    ) as span:
        try:
            yield span
        except Exception as error:
            span.set_attribute("error.type", type(error).__name__)
            span.set_status(StatusCode.ERROR)
            raise


def _address(endpoint: str) -> str:
    return endpoint if endpoint.endswith(PATH) else endpoint.rstrip("/") + PATH
