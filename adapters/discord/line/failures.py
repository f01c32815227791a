"""What a failed call means to core. Each failure is translated here, and only here."""

from typing import Final

from adapters.discord.line.answers import Failure, NotSent, Refusal
from adapters.discord.outgoing.reasons import reason_of
from core.errors import (
    AuthenticationError,
    DeliveryError,
    NotFound,
    PermanentDeliveryError,
    Refused,
    TemporaryDeliveryError,
    UnknownOutcome,
)

RETRY_SECONDS: Final = 5.0
"""After a refusal for a rate limit that does not say how long to wait."""
_CODES = {400: "bad_request", 403: "forbidden", 404: "not_found", 413: "too_large"}


def rejects_token(failure: Failure) -> bool:
    """It was reset in the developer portal, or never was one."""
    return isinstance(failure, Refusal) and failure.status == 401


def token_rejected(account: str) -> AuthenticationError:
    return AuthenticationError(
        f"Discord refuses the token of account {account}: reset it on the Bot page of the"
        " developer portal, and put the new one into the settings"
    )


def send_error(failure: Failure, account: str, message: str) -> DeliveryError:
    """What to do after `message` (our id of it) could not be sent."""
    if may_have_left(failure):
        return UnknownOutcome(f"{message} may or may not have arrived: {failure}")
    return _certain(failure, account, message)


def change_error(failure: Failure, account: str, what: str) -> DeliveryError:
    """What to do after `what` could not be done. Done twice it has one effect, so what may have
    left is done again.
    """
    if may_have_left(failure):
        return TemporaryDeliveryError(f"{what} may not be done yet: {failure}")
    return _certain(failure, account, what)


def lookup_error(failure: Failure, account: str, attachment: str) -> DeliveryError | Refused:
    """What to do after Discord would not tell of the message that an attachment is in."""
    if isinstance(failure, Refusal) and failure.told and failure.status in (403, 404):
        return NotFound(f"Discord no longer has attachment {attachment}, or shows it no more")
    return change_error(failure, account, f"the fetching of attachment {attachment}")


def may_have_left(failure: Failure) -> bool:
    """A 5xx comes from what stands before the API as well, after the call was passed on."""
    if isinstance(failure, Refusal):
        return failure.status >= 500
    return not isinstance(failure, NotSent)


def _certain(failure: Failure, account: str, what: str) -> DeliveryError:
    if not isinstance(failure, Refusal):
        return TemporaryDeliveryError(f"{what} did not leave: {failure}", code="unreachable")
    if rejects_token(failure):
        return token_rejected(account)
    if failure.status == 429:
        return TemporaryDeliveryError(
            f"{what}: Discord asks for a pause",
            code="rate_limited",
            retry_after_seconds=failure.retry_after_seconds or RETRY_SECONDS,
        )
    if not failure.told and failure.status != 413:
        return TemporaryDeliveryError(
            f"{what} did not leave: {failure.status} is said by what is not Discord",
            code="unreachable",
        )
    if (reason := reason_of(failure.code, failure.fields)) is not None:
        return PermanentDeliveryError(f"{what}: {reason.words}", code=reason.code)
    return PermanentDeliveryError(f"{what}: {failure}", code=_CODES.get(failure.status, "refused"))
