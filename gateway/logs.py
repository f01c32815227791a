"""What is logged and how: for people on a terminal, as JSON elsewhere. Never customers' words."""

import logging
import sys
from typing import Final

import structlog

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


def set_up_logs(*, verbose: bool) -> None:
    """Once, at the start of a process. Talk goes to stderr, stdout is for data."""
    level = logging.DEBUG if verbose else logging.INFO
    for_people = sys.stderr.isatty()
    renderer = (
        structlog.dev.ConsoleRenderer(colors=for_people)
        if for_people
        else structlog.processors.JSONRenderer()
    )
    shared: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.processors.format_exc_info, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(name)s: %(message)s")
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.ERROR)
