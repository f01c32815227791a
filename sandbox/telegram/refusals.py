"""Telegram's refusals, worded as the Bot API words them."""

from sandbox.payload import Json


class Refusal(Exception):
    """Answered as {"ok": false, "error_code": ..., "description": ...}."""

    def __init__(self, code: int, description: str, parameters: Json | None = None) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.parameters = parameters or {}

    def body(self) -> Json:
        """The JSON object of the answer."""
        body: Json = {"ok": False, "error_code": self.code, "description": self.description}
        if self.parameters:
            body["parameters"] = self.parameters
        return body


def bad_request(reason: str) -> Refusal:
    """400: the request cannot be carried out as it is."""
    return Refusal(400, f"Bad Request: {reason}")


def unauthorized() -> Refusal:
    """401: no bot has this token, or it was revoked."""
    return Refusal(401, "Unauthorized")


def forbidden(reason: str) -> Refusal:
    """403: the bot may not write there."""
    return Refusal(403, f"Forbidden: {reason}")


def not_found() -> Refusal:
    """404: no such method or file."""
    return Refusal(404, "Not Found")


def conflict(reason: str) -> Refusal:
    """409: somebody else receives the updates."""
    return Refusal(409, f"Conflict: {reason}")


def too_many_requests(retry_after: int) -> Refusal:
    """429: wait `retry_after` seconds; 0: without saying how long."""
    if not retry_after:
        return Refusal(429, "Too Many Requests")
    return Refusal(
        429, f"Too Many Requests: retry after {retry_after}", {"retry_after": retry_after}
    )
