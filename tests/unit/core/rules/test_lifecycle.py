"""The tables of a conversation's life, complete and consistent with one another."""

import pytest

from core.model.conversation import Status
from core.rules.lifecycle import AFTER_AGENT, AFTER_CUSTOMER, MOVES, SPAM_VIEW, VIEW, joint
from core.store.keys import VIEWS

ALIVE = [status for status in Status if status is not Status.CLOSED]


@pytest.mark.parametrize("status", Status)
def test_every_status_has_its_row(status: Status) -> None:
    """What is not in a table cannot happen: a new status must be thought through everywhere."""
    assert status in MOVES
    assert status in VIEW
    assert (status in AFTER_CUSTOMER) == (status in AFTER_AGENT) == (status is not Status.CLOSED)


@pytest.mark.parametrize("status", ALIVE)
def test_a_customers_message_needs_an_agent(status: Status) -> None:
    """Law 1 is of little use if nobody looks."""
    after = AFTER_CUSTOMER[status]

    assert VIEW[after] == "open"
    assert after is (Status.NEW if status is Status.NEW else Status.OPEN)


@pytest.mark.parametrize("status", ALIVE)
def test_after_an_agents_reply_the_customer_is_next(status: Status) -> None:
    """A status that an agent set on purpose is left alone."""
    working = {Status.NEW, Status.OPEN, Status.WAITING_CUSTOMER}

    assert AFTER_AGENT[status] is (Status.WAITING_CUSTOMER if status in working else status)


@pytest.mark.parametrize("status", Status)
def test_nothing_becomes_new_again_and_anything_can_be_closed(status: Status) -> None:
    assert Status.NEW not in MOVES[status]
    assert Status.CLOSED in MOVES[status]


def test_closed_is_final() -> None:
    assert MOVES[Status.CLOSED] == (Status.CLOSED,)
    assert VIEW[Status.CLOSED] == ""


@pytest.mark.parametrize("status", [one for one in Status if one is not Status.NEW])
def test_setting_a_status_again_is_no_mistake(status: Status) -> None:
    assert status in MOVES[status]


def test_a_view_of_the_inbox_is_one_that_the_store_keeps() -> None:
    assert {*VIEW.values(), *SPAM_VIEW.values()} == {*VIEWS, ""}


def test_a_joint_conversation_is_as_the_leg_that_changed_last() -> None:
    waiting = Status.WAITING_CUSTOMER
    assert joint(((waiting, 3), (Status.RESOLVED, 5), (Status.CLOSED, 4))) is Status.RESOLVED
    assert joint(((Status.OPEN, 3), (Status.NEW, 5), (waiting, 4))) is Status.NEW


def test_a_question_on_one_leg_is_not_hidden_by_an_answer_on_another() -> None:
    """A customer who asked by mail still waits, whatever was said on Telegram since."""
    assert joint(((Status.NEW, 3), (Status.WAITING_CUSTOMER, 5))) is Status.NEW
    assert joint(((Status.OPEN, 3), (Status.RESOLVED, 5))) is Status.OPEN
