"""Ids tell where a thread is and when its messages were written."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.discord.places import Place, is_snowflake, link_to, made_at, place_of, snowflake_at

SNOWFLAKES = st.integers(min_value=0, max_value=2**63 - 1)


@given(channel=SNOWFLAKES, guild=st.none() | SNOWFLAKES)
def test_a_thread_names_its_place(channel: int, guild: int | None) -> None:
    """A reply would leave for another channel."""
    place = Place(str(channel), "" if guild is None else str(guild))

    assert place_of(place.thread) == place


@given(st.integers(min_value=0, max_value=2_000_000_000))
def test_an_id_tells_its_moment_to_the_millisecond(seconds: int) -> None:
    """A gap would begin too late, and a message in it would never be looked for."""
    moment = datetime(2015, 1, 2, tzinfo=UTC) + timedelta(seconds=seconds, microseconds=seconds)

    made = made_at(snowflake_at(moment))

    assert timedelta(0) <= moment - made < timedelta(milliseconds=1)


@pytest.mark.parametrize("text", ["", "12a", "-1", "1" * 21, "٣", str(2**64), "../1"])
def test_what_is_no_id_is_told_apart(text: str) -> None:
    """It becomes part of an address that is called."""
    assert not is_snowflake(text)


def test_a_link_leads_to_the_message() -> None:
    """An agent who wants to see the public thread finds nothing."""
    assert link_to(Place("2", "1"), "3") == "https://discord.com/channels/1/2/3"
    assert link_to(Place("2")) == "https://discord.com/channels/@me/2"
