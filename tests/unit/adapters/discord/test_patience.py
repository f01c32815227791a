"""Waiting for what comes right by itself."""

import asyncio

import pytest

from adapters.discord.line.answers import Failure, NotSent, Refusal
from adapters.discord.line.patience import Patience
from adapters.discord.settings import DiscordSettings
from core.errors import AuthenticationError, Stale, StoreUnavailable
from core.model.secret import Secret
from tests.rigs.waiting import eventually

SETTINGS = DiscordSettings(
    token=Secret("MTA.abc.def"), back_off_seconds_min=0.001, back_off_seconds_max=0.002
)


def _patience(remarks: list[str]) -> Patience:
    return Patience(SETTINGS, "support", remarks.append)


async def test_what_still_waits_is_told_when_something_else_came_right() -> None:
    """An operator would see an inbox that is well, while a customer's message is not stored."""
    remarks: list[str] = []
    patience, back = _patience(remarks), asyncio.Event()

    async def store() -> None:
        if not back.is_set():
            raise StoreUnavailable("the store is away")

    async def ask() -> str:
        if "Discord is away" not in "".join(remarks):
            raise NotSent("Discord is away")
        return "here"

    storing = asyncio.create_task(patience.until_done(store))
    await eventually(lambda: remarks == ["the store is away"])
    assert await patience.until_done(ask) == "here"

    assert remarks == [
        "the store is away",
        "the store is away; also: Discord is away",
        "the store is away",
    ]
    back.set()
    await storing
    assert remarks[-1] == ""


@pytest.mark.parametrize(
    ("failure", "raised"),
    [
        (Refusal(401), AuthenticationError),
        (Refusal(403), Refusal),
        (Stale("another is inside"), Stale),
    ],
)
async def test_what_will_never_come_right_is_not_waited_for(
    failure: Exception, raised: type[Exception]
) -> None:
    """An inbox would wait for ever, and say that it only waits."""
    remarks: list[str] = []

    async def ask() -> None:
        raise failure

    with pytest.raises(raised):
        await _patience(remarks).until_done(ask)

    assert remarks == []


async def test_who_gives_up_waiting_says_nothing_more_of_it() -> None:
    """A trouble that is over would be shown for as long as the gateway runs."""
    remarks: list[str] = []

    async def ask() -> None:
        raise NotSent("Discord is away")

    with pytest.raises(Failure):
        await _patience(remarks).until_done(ask, attempts_max=3)

    assert remarks == ["Discord is away", ""]
