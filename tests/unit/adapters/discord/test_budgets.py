"""What waits for its turn waits here, where it is known that it waits."""

from msgspec.structs import replace

from adapters.discord.outgoing.budgets import budgets
from adapters.discord.places import Place
from core.ports import Budget
from tests.unit.adapters.discord.pieces import SETTINGS


def test_a_send_draws_on_its_channel_and_on_the_bot() -> None:
    settings = replace(SETTINGS, channel_per_second=0.5, channel_burst=3, account_burst=9)

    found = budgets(Place("81002", "81001"), settings)

    assert found == (
        Budget(name="account", per_second=45.0, burst=9),
        Budget(name="channel:81002", per_second=0.5, burst=3),
    )


def test_by_default_a_bot_asks_no_more_than_discord_allows() -> None:
    """Fifty calls in any second: what leaves at once counts with what flows after it."""
    account, _ = budgets(Place("1"), SETTINGS)

    assert account.burst + account.per_second <= 50
