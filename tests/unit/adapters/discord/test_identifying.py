"""When a session may begin, and where."""

import pytest

from adapters.discord.line.identifying import FEW, SLOW_SECONDS, StartLimit, is_discords, pause


def _limit(remaining: int) -> StartLimit:
    return StartLimit(remaining=remaining, reset_after=3_600_000)


def test_with_enough_left_a_session_begins_at_once() -> None:
    """Every restart would be slow."""
    assert pause(_limit(1000), 0.0) == 0.0
    assert pause(_limit(1000), 3.5) == 3.5


def test_with_few_left_we_slow_down() -> None:
    """A loop somewhere would use up the day, and Discord would reset the token."""
    assert pause(_limit(FEW), 0.0) == SLOW_SECONDS


def test_with_none_left_we_wait_until_there_are_some() -> None:
    """Discord resets the token of whoever begins one more."""
    assert pause(_limit(0), 5.0) == 3600.0


@pytest.mark.parametrize(
    ("address", "theirs"),
    [
        ("wss://gateway.discord.gg", True),
        ("wss://gateway-us-east1-b.discord.gg/?x=1", True),
        ("ws://gateway.discord.gg", False),
        ("wss://discord.gg.evil.example", False),
        ("wss://evildiscord.gg", False),
        ("wss://discord.gg@evil.example", False),
        ("", False),
        ("wss://[", False),
    ],
)
def test_the_token_goes_to_discords_hosts_only(address: str, theirs: bool) -> None:
    """One forged event would give the bot away."""
    assert is_discords(address) is theirs
