"""Each failure says what its catcher may do next."""

import msgspec
import pytest
from telegram.error import TelegramError

from adapters.telegram.failures import download_error, resolve_error
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


BUSY = "Bad Request: wrong file_id or the file is temporarily unavailable"


@pytest.mark.parametrize(
    ("failure", "expected"),
    [
        (refusal(400, "Bad Request: invalid file_id"), NotFound),
        (refusal(400, "Bad Request: file is too big"), InvalidRequest),
        (refusal(400, BUSY), TemporaryDeliveryError),
        (refusal(401, "Unauthorized"), AuthenticationError),
        (refusal(404, "Not Found"), AuthenticationError),
        (refusal(502), TemporaryDeliveryError),
        (NotSent("cannot connect"), TemporaryDeliveryError),
    ],
)
def test_a_file_that_is_not_found_is_gone_refused_or_asked_for_again(
    failure: TelegramError, expected: type[TrunklineError]
) -> None:
    """getFile answers 404 to a token that never was one, whatever the file is."""
    assert type(resolve_error(failure, "main", "a1")) is expected


@pytest.mark.parametrize(
    ("failure", "expected"),
    [
        (refusal(404), NotFound),
        (refusal(401, "Unauthorized"), AuthenticationError),
        (refusal(502), TemporaryDeliveryError),
        (Uncertain("broke"), TemporaryDeliveryError),
    ],
)
def test_a_failed_download_is_gone_or_tried_again(
    failure: TelegramError, expected: type[TrunklineError]
) -> None:
    assert type(download_error(failure, "main", "a1")) is expected


def test_a_pause_that_telegram_asks_for_is_passed_on() -> None:
    error = resolve_error(refusal(429, retry_after=5), "main", "a1")

    assert isinstance(error, TemporaryDeliveryError)
    assert error.retry_after_seconds == 5
