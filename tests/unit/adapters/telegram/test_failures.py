"""Each failure says what its catcher may do next."""

from collections.abc import Callable

import msgspec
import pytest
from telegram.error import TelegramError

from adapters.telegram.line.failures import (
    change_error,
    download_error,
    resolve_error,
    send_error,
)
from adapters.telegram.line.transport import (
    NotSent,
    Refusal,
    Uncertain,
    Unreadable,
    read_refusal,
)
from core.errors import (
    AuthenticationError,
    DeliveryError,
    InvalidRequest,
    NotFound,
    PermanentDeliveryError,
    TemporaryDeliveryError,
    TrunklineError,
    UnknownOutcome,
)

Tell = Callable[[TelegramError, str, str], DeliveryError]


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


# --- sends and changes


REFUSALS = {
    (400, "Bad Request: chat not found"): "chat_not_found",
    (400, "Bad Request: PEER_ID_INVALID"): "chat_not_found",
    (400, "Bad Request: message thread not found"): "topic_not_found",
    (400, "Bad Request: TOPIC_CLOSED"): "topic_closed",
    (400, "Bad Request: not enough rights to send photos to the chat"): "not_allowed",
    (400, "Bad Request: CHAT_SEND_VOICES_FORBIDDEN"): "not_allowed",
    (403, "Forbidden: bot was blocked by the user"): "blocked",
    (403, "Forbidden: user is deactivated"): "deactivated",
    (403, "Forbidden: bot was kicked from the supergroup chat"): "removed",
    (403, "Forbidden: bot can't initiate conversation with a user"): "not_started",
    (403, "Forbidden: something new"): "forbidden",
    (400, "Bad Request: BUSINESS_CONNECTION_INVALID"): "business_disconnected",
    (400, "Bad Request: VOICE_MESSAGES_FORBIDDEN"): "voice_forbidden",
    (400, "Bad Request: message is too long"): "too_long",
    (400, "Bad Request: message text is empty"): "empty",
    (400, "Bad Request: text must be non-empty"): "empty",
    (400, "Bad Request: have no write access to the chat"): "not_allowed",
    (400, "Bad Request: file is too big"): "too_large",
    (413, "Request Entity Too Large"): "too_large",
    (413, ""): "too_large",
    (400, "Bad Request: BUTTON_DATA_INVALID"): "bad_button",
    (400, "Bad Request: message to edit not found"): "gone",
    (400, "Bad Request: message can't be edited"): "not_changeable",
    (400, "Bad Request: message can't be deleted for everyone"): "not_deletable",
    (400, "Bad Request: MESSAGE_DELETE_FORBIDDEN"): "not_deletable",
    (400, "Bad Request: something new"): "bad_request",
    (409, "Conflict"): "refused",
}


@pytest.mark.parametrize("tell", [send_error, change_error])
@pytest.mark.parametrize(("refused", "code"), REFUSALS.items())
def test_a_refusal_for_good_is_told_by_a_word_and_a_remedy(
    refused: tuple[int, str], code: str, tell: Tell
) -> None:
    error = tell(refusal(*refused), "main", "01M.0")

    assert (type(error), error.code) == (PermanentDeliveryError, code)
    assert str(error).startswith("01M.0: ")
    assert len(str(error)) > len("01M.0: ")


@pytest.mark.parametrize("status", [302, 400, 401, 403, 404, 407])
@pytest.mark.parametrize("tell", [send_error, change_error, resolve_error])
def test_a_page_of_whatever_stands_between_us_and_telegram_is_waited_for(
    tell: Tell, status: int
) -> None:
    """A proxy that hiccups would fail customers' answers for good, or pause the whole inbox."""
    error = tell(read_refusal(status, b"<html>Sign in to this network</html>"), "main", "01M.0")

    assert type(error) is TemporaryDeliveryError
    assert "not Telegram" in str(error) or tell is resolve_error


@pytest.mark.parametrize(
    ("failure", "sent", "changed"),
    [
        (NotSent("cannot connect"), TemporaryDeliveryError, TemporaryDeliveryError),
        (Uncertain("broke"), UnknownOutcome, TemporaryDeliveryError),
        (Unreadable(b"<html>"), UnknownOutcome, TemporaryDeliveryError),
        (refusal(502), UnknownOutcome, TemporaryDeliveryError),
        (refusal(500, "Internal Server Error"), UnknownOutcome, TemporaryDeliveryError),
        (refusal(429, retry_after=7), TemporaryDeliveryError, TemporaryDeliveryError),
        (refusal(401, "Unauthorized"), AuthenticationError, AuthenticationError),
        (refusal(404, "Not Found"), AuthenticationError, AuthenticationError),
    ],
)
def test_what_may_have_left_is_done_again_only_if_that_has_no_second_effect(
    failure: TelegramError, sent: type[DeliveryError], changed: type[DeliveryError]
) -> None:
    """A message that is sent twice is read twice; one that is changed twice is not."""
    assert type(send_error(failure, "main", "01M.0")) is sent
    assert type(change_error(failure, "main", "01M.0")) is changed


@pytest.mark.parametrize("tell", [send_error, change_error])
def test_telegrams_word_for_how_long_to_wait_is_passed_on(tell: Tell) -> None:
    error = tell(refusal(429, retry_after=7), "main", "01M.0")

    assert isinstance(error, TemporaryDeliveryError)
    assert (error.code, error.retry_after_seconds) == ("rate_limited", 7)


def test_a_group_that_has_moved_is_named_by_its_new_chat() -> None:
    error = send_error(refusal(400, migrate_to_chat_id=-1005001), "main", "01M.0")

    assert error.code == "migrated"
    assert "-1005001" in str(error)
