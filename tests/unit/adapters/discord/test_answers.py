"""What is read from Discord's refusals, and from those of whoever stands before it."""

import msgspec
import pytest

from adapters.discord.line.answers import Refusal, read_refusal


def _read(status: int, body: object, **headers: str) -> Refusal:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return read_refusal(status, named, msgspec.json.encode(body))


def test_it_says_which_parts_of_the_body_were_wrong() -> None:
    """The agent learns what to change, and a plainer form can leave it out."""
    url = {"_errors": [{"code": "URL_TYPE_INVALID_URL", "message": "Not well formed"}]}
    body = {
        "code": 50035,
        "message": "Invalid Form Body",
        "errors": {"embeds": {"0": {"url": url}}, "content": {"_errors": [{"code": "TOO_LONG"}]}},
    }

    refusal = _read(400, body)

    assert refusal.code == 50035
    assert dict(refusal.fields) == {"embeds.0.url": "URL_TYPE_INVALID_URL", "content": "TOO_LONG"}


def test_errors_without_end_are_read_in_bounded_time() -> None:
    nested: dict[str, object] = {}
    for _ in range(200):
        nested = {"components": nested, "_errors": "not a list"}

    assert dict(_read(400, {"code": 50035, "errors": nested}).fields) == {}


@pytest.mark.parametrize(
    ("body", "headers", "everywhere", "shared"),
    [
        ({"retry_after": 1.5}, {}, False, False),
        ({"retry_after": 1.5, "global": True}, {}, True, False),
        ({"retry_after": 1.5}, {"X_RateLimit_Scope": "global"}, True, False),
        ({"retry_after": 1.5}, {"X_RateLimit_Scope": "shared"}, False, True),
    ],
)
def test_a_limit_says_for_whom_it_counts(
    body: object, headers: dict[str, str], everywhere: bool, shared: bool
) -> None:
    """One busy channel holds up no other; a global limit holds up all."""
    refusal = _read(429, body, **headers)

    assert refusal.retry_after_seconds == 1.5
    assert (refusal.everywhere, refusal.shared) == (everywhere, shared)


def test_a_page_before_discord_counts_for_everything() -> None:
    """Cloudflare shuts out an address, not a call."""
    refusal = read_refusal(429, {"Retry-After": "60"}, b"<html>rate limited</html>")

    assert refusal.everywhere
    assert not refusal.told
    assert refusal.retry_after_seconds == 60


@pytest.mark.parametrize("seconds", ["soon", "-5", "nan", "inf", ""])
def test_a_pause_that_is_none_is_left_to_us(seconds: str) -> None:
    """Nobody waits for ever because of a header."""
    assert read_refusal(429, {"Retry-After": seconds}, b"{}").retry_after_seconds is None


def test_what_is_said_is_cut() -> None:
    """No server fills our log."""
    assert len(str(_read(400, {"message": "x" * 10_000}))) < 400
