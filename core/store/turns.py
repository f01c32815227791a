"""Budgets of calls, shared by all processes: whose turn it is, and how long until it comes."""

from typing import Final, NamedTuple

from core.ports import Budget
from core.store.commit import GroupCommit
from core.store.keys import Keys

HORIZON_SECONDS: Final = 600.0
"""Turns are booked so far ahead and no farther; who comes later looks again after that time."""


class Turn(NamedTuple):
    """A turn that has not come: in `seconds`, in the budget `name`; `booked` if it is kept."""

    seconds: float
    name: str
    booked: bool


class Turns:
    def __init__(self, commit: GroupCommit, keys: Keys) -> None:
        self._commit, self._keys = commit, keys

    async def spend(
        self, account: str, budgets: tuple[Budget, ...], booked: frozenset[str]
    ) -> Turn | None:
        """Draw one call on all of these, in this order; None = it may be made now.

        `booked` names those in which this call has booked a turn before.
        """
        draws = [(_cost_ms(one), _advance_ms(one), one.name in booked) for one in budgets]
        keys = [self._keys.limit(account, one.name) for one in budgets]
        horizon = int(HORIZON_SECONDS * 1000)
        answer = await self._commit.call(self._keys.of(account), "spend", keys, draws, horizon)
        if not answer:
            return None
        wait_ms, which, kept = answer
        return Turn(wait_ms / 1000, budgets[which - 1].name, bool(kept))

    async def owe(self, account: str, budgets: tuple[Budget, ...], calls: int) -> None:
        """Draw so many calls on all of these that were made already: who comes next waits."""
        costs = [calls * _cost_ms(one) for one in budgets]
        keys = [self._keys.limit(account, one.name) for one in budgets]
        await self._commit.call(self._keys.of(account), "owe", keys, costs)

    async def withhold(self, account: str, budget: Budget, seconds: float) -> None:
        """Let nothing through for so long."""
        keys = (self._keys.limit(account, budget.name),)
        wait_ms = int(seconds * 1000)
        await self._commit.call(
            self._keys.of(account), "withhold", keys, _advance_ms(budget), wait_ms
        )


def _cost_ms(budget: Budget) -> float:
    return 1000 / budget.per_second


def _advance_ms(budget: Budget) -> float:
    return (budget.burst - 1) * _cost_ms(budget)
