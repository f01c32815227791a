"""Budgets of calls, shared by all processes: whose turn it is, and how long until it comes."""

from typing import Final, NamedTuple

import msgspec

from core.ports import WHOLE_ACCOUNT, Budget
from core.store.commit import GroupCommit
from core.store.keys import Keys
from core.store.reading import Reader

HORIZON_SECONDS: Final = 600.0
"""Turns are booked so far ahead and no farther; who comes later looks again after that time."""

LISTED_MAX: Final = 10
"""Budgets of an account that are told besides its own."""


class Turn(NamedTuple):
    """A turn that has not come: in `seconds`, in the budget `name`; `booked` if it is kept."""

    seconds: float
    name: str
    booked: bool


class BudgetUse(msgspec.Struct, frozen=True, kw_only=True):
    """A budget of calls: `name` is `account` or what it stands for, such as `chat:7`; `per_second`
    in the long run, up to `burst` at once. `used` is how much of it is spent, from 0 to 1; whoever
    asks now waits `wait_seconds`.
    """

    name: str
    per_second: float
    burst: int
    used: float
    wait_seconds: float


class Turns:
    def __init__(self, read: Reader, commit: GroupCommit, keys: Keys) -> None:
        self._read, self._commit, self._keys = read, commit, keys

    async def spend(
        self, account: str, budgets: tuple[Budget, ...], booked: frozenset[str]
    ) -> Turn | None:
        """Draw one call on all of these, in this order; None = it may be made now.

        `booked` names those in which this call has booked a turn before.
        """
        draws = [(*_draw(one), one.name in booked) for one in budgets]
        keys = self._keys_of(account, budgets)
        horizon = int(HORIZON_SECONDS * 1000)
        answer = await self._commit.call(self._keys.of(account), "spend", keys, draws, horizon)
        if not answer:
            return None
        wait_ms, which, kept = answer
        return Turn(wait_ms / 1000, budgets[which - 1].name, bool(kept))

    async def owe(self, account: str, budgets: tuple[Budget, ...], calls: int) -> None:
        """Draw so many calls on all of these that were made already: who comes next waits."""
        draws, keys = [_draw(one) for one in budgets], self._keys_of(account, budgets)
        await self._commit.call(self._keys.of(account), "owe", keys, draws, calls)

    async def withhold(self, account: str, budget: Budget, seconds: float) -> None:
        """Let nothing through for so long."""
        keys, wait_ms = self._keys_of(account, (budget,)), int(seconds * 1000)
        await self._commit.call(self._keys.of(account), "withhold", keys, *_draw(budget), wait_ms)

    async def used(self, account: str) -> tuple[BudgetUse, ...]:
        """What is used of this account's budgets: its own, and of the others those that take
        longest to be whole again; who waits longest first. Those that are whole are not told.
        """
        listed = await self._read.one(
            "ZRANGE", self._keys.budgets(account), 0, LISTED_MAX - 1, "REV"
        )
        names = sorted({WHOLE_ACCOUNT, *(name.decode() for name in listed)})
        keys = [self._keys.limit(account, name) for name in names]
        asked = [(command, key) for key in keys for command in ("GET", "PTTL")]
        answers = await self._read.many(asked)
        found = zip(names, answers[::2], answers[1::2], strict=True)
        uses = [_use(name, value, life) for name, value, life in found if value and life > 0]
        return tuple(sorted(uses, key=lambda one: (-one.wait_seconds, -one.used, one.name)))

    def _keys_of(self, account: str, budgets: tuple[Budget, ...]) -> tuple[str, ...]:
        limits = (self._keys.limit(account, one.name) for one in budgets)
        return self._keys.budgets(account), *limits


def _draw(budget: Budget) -> tuple[str, float, float]:
    """Its name, what a call costs and what may be used in advance, in ms."""
    cost_ms = 1000 / budget.per_second
    return budget.name, cost_ms, (budget.burst - 1) * cost_ms


def _use(name: str, value: bytes, life_ms: int) -> BudgetUse:
    """By how long its key still lives: until all that was given and spent is earned again."""
    given, left, cost_ms, advance_ms = map(float, value.split())
    now = max(given, left) - life_ms
    return BudgetUse(
        name=name,
        per_second=round(1000 / cost_ms, 4),
        burst=round(advance_ms / cost_ms) + 1,
        used=round(min(1.0, max(0.0, (left - now) / (advance_ms + cost_ms))), 3),
        wait_seconds=round(max(0.0, life_ms - advance_ms) / 1000, 3),
    )
