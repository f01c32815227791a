"""What is logged and how: for people on a terminal, as JSON elsewhere. Never customers' words.

Whatever is logged carries where it belongs, as far as it is known where the work began: `request`
(the id in X-Request-Id), `channel` (the inbox) and `conversation` (the leg).
"""

import io
import logging
import os
import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager, suppress
from typing import Final, Literal, TextIO, cast

import structlog
from structlog.contextvars import bound_contextvars
from typing_extensions import override

from gateway.redaction import redacted

QUIET: Final = (
    "aioimaplib",
    "aiosmtplib",
    "discord",
    "httpx",
    "telegram",
    "uvicorn.access",
    "mail.log",
)
"""Libraries whose chatter holds addresses, tokens or message text."""

Form = Literal["auto", "console", "json"]
"""`auto`: for people on a terminal, else JSON."""


def set_up_logs(*, verbose: bool, form: Form = "auto", terse: bool = False) -> None:
    """Once, at the start of a process. Talk goes to stderr, stdout is for data.

    `terse`: a command says itself what goes well, so what is logged is what does not.
    """
    usual = logging.WARNING if terse else logging.INFO
    level = logging.DEBUG if verbose else usual
    processors = _processors(form)
    structlog.configure(
        processors=[structlog.contextvars.merge_contextvars, *processors],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(cast(TextIO, _Talk())),
        cache_logger_on_first_use=False,  # it may be set up again once the settings are known
    )
    logging.basicConfig(handlers=[_Library(processors)], level=logging.WARNING, force=True)
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.ERROR)


def belonging(
    *, request: str = "", channel: str = "", conversation: str = ""
) -> AbstractContextManager[None]:
    """What is logged in this context, and in tasks that begin in it, carries these ids."""
    ids = {"request": request, "channel": channel, "conversation": conversation}
    return bound_contextvars(**{name: value for name, value in ids.items() if value})


def _processors(form: Form) -> list[structlog.types.Processor]:
    for_people = form == "console" or (form == "auto" and sys.stderr.isatty())
    return [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,  # without locals, which hold anything
        redacted,
        _console() if for_people else structlog.processors.JSONRenderer(),
    ]


def _console() -> structlog.types.Processor:
    plain = structlog.dev.plain_traceback
    colours = sys.stderr.isatty() and not os.environ.get("NO_COLOR")
    return structlog.dev.ConsoleRenderer(colors=colours, exception_formatter=plain)


class _Talk(io.TextIOBase):
    """What goes to stderr. On a full disk, or to a reader that is gone, it is lost: whoever tells
    what went wrong must not fail by that.
    """

    @override
    def write(self, text: str, /) -> int:
        with suppress(OSError):
            sys.stderr.write(text)
        return len(text)

    @override
    def flush(self) -> None:
        with suppress(OSError):
            sys.stderr.flush()


class _Library(logging.Handler):
    """What libraries log takes the same way as what we do."""

    def __init__(self, processors: Sequence[structlog.types.Processor]) -> None:
        super().__init__()
        self._processors, self._talk = processors, _Talk()

    @override
    def emit(self, record: logging.LogRecord) -> None:
        try:
            event: structlog.types.EventDict = {
                **structlog.contextvars.get_contextvars(),
                "event": record.getMessage(),
                "logger": record.name,
            }
            if record.exc_info:
                event["exc_info"] = record.exc_info
            for processor in self._processors:
                event = processor(None, record.levelname.lower(), event)  # type: ignore[assignment]
            self._talk.write(f"{event}\n")
        except Exception:  # noqa: BLE001 - as logging itself does; nothing of the record is shown
            self._talk.write("a library's message could not be logged\n")
