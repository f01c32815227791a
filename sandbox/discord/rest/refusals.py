"""Discord's refusals, worded as its API words them.

https://docs.discord.com/developers/topics/opcodes-and-status-codes#json
"""

from sandbox.payload import Json


class Refusal(Exception):
    """Answered as {"message": ..., "code": ..., "errors"?: ...} and what is in `extra`."""

    def __init__(
        self,
        status: int,
        code: int,
        message: str,
        *,
        errors: Json | None = None,
        extra: Json | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.errors = errors
        self.extra = extra or {}

    def body(self) -> Json:
        """The JSON object of the answer."""
        body: Json = {"message": self.message, "code": self.code, **self.extra}
        return body if self.errors is None else body | {"errors": self.errors}


UNKNOWN = {
    "Channel": 10003,
    "Guild": 10004,
    "Member": 10007,
    "Message": 10008,
    "Role": 10011,
    "User": 10013,
    "Webhook": 10015,
    "interaction": 10062,
    "application command": 10063,
}


def unknown(what: str) -> Refusal:
    """404: there is none, or it is not for this bot's eyes."""
    return Refusal(404, UNKNOWN[what], f"Unknown {what}")


def not_found() -> Refusal:
    """404: no such route."""
    return Refusal(404, 0, "404: Not Found")


def unauthorized() -> Refusal:
    """401: no bot has this token, or it was revoked."""
    return Refusal(401, 0, "401: Unauthorized")


def missing_access() -> Refusal:
    """403: the bot cannot even see the channel."""
    return Refusal(403, 50001, "Missing Access")


def missing_permissions() -> Refusal:
    """403: the bot lacks a permission."""
    return Refusal(403, 50013, "Missing Permissions")


def refused_by_person() -> Refusal:
    """403: the person takes no direct messages from the bot."""
    return Refusal(403, 50007, "Cannot send messages to this user")


def thread_archived() -> Refusal:
    """400: nothing is changed in an archived thread."""
    return Refusal(400, 50083, "Thread is archived")


def wrong_channel_kind() -> Refusal:
    """400: not in channels of this kind."""
    return Refusal(400, 50024, "Cannot execute action on this channel type")


def slowmode(seconds: float) -> Refusal:
    """429: the channel's slow mode."""
    words = "This action cannot be performed due to slowmode rate limit"
    return Refusal(429, 20016, words, extra={"retry_after": seconds, "global": False})


def invalid_form(errors: Json) -> Refusal:
    """400: the request is not as it has to be; `errors` is nested as the request is."""
    return Refusal(400, 50035, "Invalid Form Body", errors=errors)


def too_large() -> Refusal:
    """413: a file or the whole request is too big."""
    return Refusal(413, 40005, "Request entity too large")
