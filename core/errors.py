"""The error tree. Each class is named after what the caller does next.

Messages say what was attempted, with which id, and what would fix it. They hold no customer text
and no secrets.
"""

from typing import ClassVar


class TrunklineError(Exception):
    """Base of everything that Trunkline raises on purpose."""


class ConfigurationError(TrunklineError):
    """Stop the process: the operator has to change something first; the message says what."""


class MalformedPayload(TrunklineError):
    """Set the payload aside (quarantine) and go on with the next one."""


# --- the request is refused; the caller tells whoever asked


class Refused(TrunklineError):
    """The request cannot be carried out as it is; repeating it changes nothing.

    `code` is a short stable word for programs: that of the class, or a narrower one.
    """

    usual_code: ClassVar = "refused"

    def __init__(self, message: str, *, code: str = "") -> None:
        super().__init__(message)
        self.code = code or self.usual_code


class NotFound(Refused):
    """What the request names does not exist, or the caller may not know that it does."""

    usual_code: ClassVar = "not_found"


class Conflict(Refused):
    """The state of things has moved on; look again, then decide."""

    usual_code: ClassVar = "conflict"


class NotAllowed(Refused):
    """The caller is known but may not do this."""

    usual_code: ClassVar = "not_allowed"


class InvalidRequest(Refused):
    """A value of the request cannot be taken; the message says which and what would be."""

    usual_code: ClassVar = "invalid_request"


class AudienceMismatch(Refused):
    """Text meant for a narrower audience was about to go to a wider one."""

    usual_code: ClassVar = "audience_mismatch"


# --- the store


class StoreError(TrunklineError):
    """The store could not take or give something. Nothing was acknowledged."""


class StoreUnavailable(StoreError):
    """Wait and try again: the store cannot be reached or is still loading."""


class StoreFull(StoreError):
    """Wait and try again: the store has no memory left. Nothing new is accepted until it drains."""


class Stale(StoreError):
    """Somebody else holds this lane now: stop at once, do nothing more with it."""


# --- delivery through an adapter


class DeliveryError(TrunklineError):
    """A send did not succeed. `code` is a short stable word; str() is for the agent."""

    def __init__(self, message: str, *, code: str = "failed") -> None:
        super().__init__(message)
        self.code = code


class TemporaryDeliveryError(DeliveryError):
    """Nothing has left: wait `retry_after_seconds` (or the usual back-off) and send again."""

    def __init__(
        self, message: str, *, code: str = "temporary", retry_after_seconds: float | None = None
    ) -> None:
        super().__init__(message, code=code)
        self.retry_after_seconds = retry_after_seconds


class PermanentDeliveryError(DeliveryError):
    """Tell the agent: this will never arrive as it is."""


class UnsupportedFeature(PermanentDeliveryError):
    """Tell the agent: the channel cannot carry this and no visible fallback exists."""

    def __init__(self, message: str) -> None:
        super().__init__(message, code="unsupported")


class UnknownOutcome(DeliveryError):
    """Bytes may have left and the platform gives no way to ask. Never send again blindly."""

    def __init__(self, message: str) -> None:
        super().__init__(message, code="unknown")


class AuthenticationError(DeliveryError):
    """Pause the inbox: its credentials are refused. The operator has to renew them."""

    def __init__(self, message: str) -> None:
        super().__init__(message, code="authentication")


def mistake(error: BaseException) -> str:
    """An error that nobody foresaw, in words for an operator: its kind, and the line of code that
    raised it. Neither its text nor its traceback: they may hold a customer's words.
    """
    last = error.__traceback__
    while last and last.tb_next:
        last = last.tb_next
    place = f"{last.tb_frame.f_code.co_filename}:{last.tb_lineno}" if last else "nowhere"
    return f"a mistake of Trunkline's own: {type(error).__name__} at {place}"
