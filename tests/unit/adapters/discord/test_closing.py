"""What the gateway's close codes mean to an operator."""

import pytest

from adapters.discord.line.closing import ends_session, raise_if_final
from core.errors import AuthenticationError, ConfigurationError

GOES_ON = (None, 1000, 1001, 1006, 4000, 4001, 4002, 4003, 4005, 4007, 4008, 4009, 4999)


def test_a_refused_token_pauses_the_inbox_and_says_where_to_get_another() -> None:
    """An operator would look for the fault anywhere but at the token."""
    with pytest.raises(AuthenticationError, match="Bot page"):
        raise_if_final(4004, "main")


@pytest.mark.parametrize(
    ("code", "remedy"),
    [
        (4010, "shard_ids"),
        (4011, "raise shards"),
        (4012, "update Trunkline"),
        (4013, "update Trunkline"),
        (4014, "Message Content Intent"),
    ],
)
def test_what_only_an_operator_can_change_names_the_remedy(code: int, remedy: str) -> None:
    """The gateway would try again for ever, and nobody would know why."""
    with pytest.raises(ConfigurationError, match=remedy):
        raise_if_final(code, "main")


@pytest.mark.parametrize("code", GOES_ON)
def test_every_other_end_is_gone_on_after(code: int | None) -> None:
    """A hiccup of Discord's would end the inbox."""
    raise_if_final(code, "main")


def test_a_session_is_over_when_its_number_or_its_time_is() -> None:
    """It would be resumed in vain, or given up with all that it still holds."""
    assert [code for code in GOES_ON if ends_session(code)] == [4007, 4009]
