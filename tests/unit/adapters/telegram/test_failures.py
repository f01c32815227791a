"""Each failure says what its catcher may do next."""

import msgspec
import pytest
from telegram.error import TelegramError

from adapters.telegram.failures import fetch_error
from adapters.telegram.transport import NotSent, Refusal, Uncertain, read_refusal
from core.errors import (
    AuthenticationError,
    InvalidRequest,
    NotFound,
    TemporaryDeliveryError,
    TrunklineError,
)


def refusal(status: int, description: str = "", **parameters: object) -> Refusal:
    body = {"ok": False, "description": description, "parameters": parameters}
    return read_refusal(status, msgspec.json.encode(body))


@pytest.mark.parametrize(
    ("failure", "expected"),
    [
        (refusal(400, "Bad Request: invalid file_id"), NotFound),
        (refusal(404), NotFound),
        (refusal(400, "Bad Request: file is too big"), InvalidRequest),
        (refusal(401, "Unauthorized"), AuthenticationError),
        (refusal(502), TemporaryDeliveryError),
        (NotSent("cannot connect"), TemporaryDeliveryError),
        (Uncertain("broke"), TemporaryDeliveryError),
    ],
)
def test_a_failed_fetch_is_gone_refused_or_tried_again(
    failure: TelegramError, expected: type[TrunklineError]
) -> None:
    assert type(fetch_error(failure, "main", "a1")) is expected


def test_a_pause_that_telegram_asks_for_is_passed_on() -> None:
    error = fetch_error(refusal(429, retry_after=5), "main", "a1")

    assert isinstance(error, TemporaryDeliveryError)
    assert error.retry_after_seconds == 5
