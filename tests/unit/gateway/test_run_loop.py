"""What no task has caught is told once, and as what it is."""

import asyncio
import logging

import pytest
from structlog.testing import capture_logs

from gateway.work.common import BROKEN_TLS, run_loop


async def _untold(message: str, error: Exception) -> None:
    context = {"message": f"{message}\nprotocol: ...", "exception": error}
    asyncio.get_running_loop().call_exception_handler(context)


def test_a_broken_connection_is_no_mistake(caplog: pytest.LogCaptureFixture) -> None:
    """An operator would look for a defect whenever a platform closes a connection."""
    with capture_logs() as logs:
        run_loop(_untold(BROKEN_TLS, RuntimeError("the handler is closed")))

    assert [one["log_level"] for one in logs] == ["info"]
    assert not caplog.records


@pytest.mark.parametrize(
    ("message", "error"),
    [(BROKEN_TLS, KeyError("state")), ("Task was lost", RuntimeError("it is"))],
)
def test_a_mistake_is_told_as_one(
    message: str, error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    """It would hide behind what is no mistake."""
    with capture_logs() as logs:
        run_loop(_untold(message, error))

    assert not logs
    assert [one.levelno for one in caplog.records] == [logging.ERROR]
