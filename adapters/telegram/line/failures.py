"""What the transport's failures mean to core. Each is translated here, and only here."""

from telegram.error import TelegramError

from adapters.telegram.line.transport import NotSent, Refusal
from adapters.telegram.outgoing.reasons import reason_of
from core.errors import (
    AuthenticationError,
    DeliveryError,
    InvalidRequest,
    NotFound,
    PermanentDeliveryError,
    Refused,
    TemporaryDeliveryError,
    UnknownOutcome,
)

_TOO_LARGE = 413
"""The one refusal that Telegram does not put in words."""
_CODES = {400: "bad_request", 403: "forbidden", _TOO_LARGE: "too_large"}


def rejects_token(failure: TelegramError) -> bool:
    """401 is a token that was revoked, 404 one that never was any; Telegram says so in words."""
    return (
        isinstance(failure, Refusal) and failure.status in (401, 404) and bool(failure.description)
    )


def token_rejected(account: str) -> AuthenticationError:
    return AuthenticationError(
        f"Telegram refuses the token of account {account}: get the current one from @BotFather"
    )


def send_error(failure: TelegramError, account: str, message: str) -> DeliveryError:
    """What to do after `message` (our id of it) could not be sent."""
    if _may_have_left(failure):
        return UnknownOutcome(f"{message} may or may not have arrived: {failure}")
    return _certain(failure, account, message)


def change_error(failure: TelegramError, account: str, message: str) -> DeliveryError:
    """What to do after `message` could not be changed. Done twice it has one effect, so what may
    have left is done again.
    """
    if _may_have_left(failure):
        return TemporaryDeliveryError(f"{message} may not be changed yet: {failure}")
    return _certain(failure, account, message)


def resolve_error(failure: TelegramError, account: str, attachment: str) -> DeliveryError | Refused:
    """What to do after getFile did not say where an attachment is."""
    if rejects_token(failure):
        return token_rejected(account)
    if not isinstance(failure, Refusal) or failure.status != 400 or not failure.description:
        return _not_now(failure, attachment)
    description = failure.description.lower()
    if "temporarily unavailable" in description:
        return _not_now(failure, attachment)
    if "invalid file_id" in description:
        return NotFound(f"Telegram no longer has attachment {attachment}: {failure}")
    return InvalidRequest(f"Telegram does not hand out attachment {attachment}: {failure}")


def download_error(
    failure: TelegramError, account: str, attachment: str
) -> DeliveryError | Refused:
    """What to do after the file server did not hand out an attachment."""
    if is_gone(failure):
        return NotFound(f"Telegram no longer has attachment {attachment}: {failure}")
    if rejects_token(failure):
        return token_rejected(account)
    return _not_now(failure, attachment)


def is_gone(failure: TelegramError) -> bool:
    """The file server no longer has a file where getFile said that it is."""
    return isinstance(failure, Refusal) and failure.status == 404


def _not_now(failure: TelegramError, attachment: str) -> TemporaryDeliveryError:
    seconds = failure.retry_after_seconds if isinstance(failure, Refusal) else None
    return TemporaryDeliveryError(
        f"attachment {attachment} cannot be fetched now: {failure}", retry_after_seconds=seconds
    )


def _may_have_left(failure: TelegramError) -> bool:
    if isinstance(failure, Refusal):
        return failure.status >= 500
    return not isinstance(failure, NotSent)


def _certain(failure: TelegramError, account: str, message: str) -> DeliveryError:
    if not isinstance(failure, Refusal):
        return TemporaryDeliveryError(f"{message} did not leave: {failure}", code="unreachable")
    if rejects_token(failure):
        return token_rejected(account)
    if failure.status == 429:
        return TemporaryDeliveryError(
            f"{message}: Telegram asks for a pause",
            code="rate_limited",
            retry_after_seconds=failure.retry_after_seconds,
        )
    if failure.migrated_to is not None:
        return PermanentDeliveryError(
            f"{message}: the group has become a supergroup, its chat is now {failure.migrated_to}",
            code="migrated",
        )
    if not failure.description and failure.status != _TOO_LARGE:
        return TemporaryDeliveryError(
            f"{message} did not leave: {failure.status} is said by what is not Telegram",
            code="unreachable",
        )
    if (reason := reason_of(failure.description)) is not None:
        return PermanentDeliveryError(f"{message}: {reason.words}", code=reason.code)
    return PermanentDeliveryError(
        f"{message}: {failure}", code=_CODES.get(failure.status, "refused")
    )
