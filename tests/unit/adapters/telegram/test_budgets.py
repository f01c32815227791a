"""What Telegram advises is never exceeded, in whatever second or minute one looks."""

import pytest

from adapters.telegram.outgoing.budgets import budgets
from adapters.telegram.places import place_of
from adapters.telegram.settings import TelegramSettings
from core.model.secret import Secret
from core.ports import Budget


def found(thread: str, **changes: object) -> tuple[Budget, Budget]:
    settings = TelegramSettings(token=Secret("1:x"), **changes)  # type: ignore[arg-type]
    account, chat = budgets(place_of(thread), settings)
    return account, chat


def most(budget: Budget, seconds: float) -> float:
    """How much may leave within so many seconds at most."""
    return budget.burst + budget.per_second * seconds


@pytest.mark.parametrize("thread", ["62", "-100", "-100/40", "62/bAbC"])
def test_the_account_sends_thirty_a_second(thread: str) -> None:
    account, _ = found(thread)

    assert account.name == "account"
    assert most(account, 1) == 30


def test_a_group_gets_twenty_a_minute_whatever_its_topic() -> None:
    _, general = found("-100")
    _, topic = found("-100/40")

    assert general == topic
    assert most(general, 60) == 20


def test_a_person_gets_one_a_second_and_a_short_burst() -> None:
    """A text with two files need not wait, a stream of them has to."""
    _, chat = found("62")
    _, business = found("62/bAbC")

    assert (chat.per_second, chat.burst) == (1.0, 3)
    assert chat == business


def test_who_pays_sends_a_thousand_a_second() -> None:
    account, _ = found("62", paid_broadcast=True)

    assert most(account, 1) == 1000


def test_no_chat_draws_on_anothers_budget() -> None:
    names = {found(thread)[1].name for thread in ("62", "63", "-62", "-63/62")}

    assert len(names | {"account"}) == 5


def test_an_operator_may_go_slower() -> None:
    account, group = found("-100", account_per_second=1, group_per_minute=6, group_burst=1)

    assert (account.per_second, group.per_second, group.burst) == (1, 0.1, 1)
