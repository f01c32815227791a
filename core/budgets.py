"""Calls to a platform wait for their turn, rather than being refused by it.

A platform limits how much is sent into one chat and by one account. Every call draws on its
budgets before it is made; where one is used up, the call's turn is booked there and its lane is
given back until then. Nothing sleeps, and a thread whose budget is used up delays no other.
"""

from typing import Final, TypeGuard

from core.errors import DeliveryError, TemporaryDeliveryError
from core.model.ids import ThreadRef
from core.ports import Adapter, Budget, KeepsBudgets
from core.recent import Recent
from core.store.turns import Turn, Turns

BOOKINGS_MAX: Final = 10_000
"""Remembered at once; a booking that is forgotten costs its thread one turn more of waiting."""

WITHHELD_SECONDS_MAX: Final = 86_400.0


class WaitsItsTurn(TemporaryDeliveryError):
    """Give the lane back for so many seconds: the platform was not even asked."""

    def __init__(self, message: str, seconds: float) -> None:
        super().__init__(message, code="waits_its_turn", retry_after_seconds=seconds)
        self.seconds = seconds


class Budgets:
    """One a process. What is spent is in the store; which turns are ours is known here only."""

    def __init__(self, turns: Turns) -> None:
        self._turns = turns
        self._booked = Recent[ThreadRef, frozenset[str]](BOOKINGS_MAX)

    async def turn(self, adapter: Adapter, thread: ThreadRef) -> WaitsItsTurn | None:
        """Draw a call into this thread; None = make it now. Raises StoreError."""
        if not _keeps_budgets(adapter):
            return None
        budgets = _narrowest_first(adapter.budgets(thread))
        if not budgets:
            return None
        booked = self._booked.take(thread) or frozenset()
        turn = await self._turns.spend(thread.account, budgets, booked)
        if turn is None:
            return None
        booked = booked | {turn.name} if turn.booked else booked - {turn.name}
        if booked:
            self._booked.note(thread, booked)
        return WaitsItsTurn(_in_words(turn, budgets), turn.seconds)

    async def made(self, adapter: Adapter, thread: ThreadRef, messages: int) -> None:
        """Count what one call has sent: platforms limit messages, and an album is several."""
        if _keeps_budgets(adapter):
            await self._turns.owe(thread.account, adapter.budgets(thread), messages - 1)

    async def heed(self, adapter: Adapter, thread: ThreadRef, error: DeliveryError) -> None:
        """Hold back all calls into this chat when the platform says that they come too fast."""
        if not _keeps_budgets(adapter) or not isinstance(error, TemporaryDeliveryError):
            return
        budgets = _narrowest_first(adapter.budgets(thread))
        if budgets and error.code == "rate_limited" and error.retry_after_seconds:
            seconds = min(error.retry_after_seconds, WITHHELD_SECONDS_MAX)
            await self._turns.withhold(thread.account, budgets[0], seconds)


_known: Final[dict[type, bool]] = {}


def _keeps_budgets(adapter: Adapter) -> TypeGuard[KeepsBudgets]:
    """Asked once for each kind of adapter: Python looks through all of a protocol every time."""
    found = _known.get(type(adapter))
    if found is None:
        found = _known[type(adapter)] = isinstance(adapter, KeepsBudgets)
    return found


def _narrowest_first(budgets: tuple[Budget, ...]) -> tuple[Budget, ...]:
    """A call that waits in its chat's budget has not drawn on the account's."""
    return tuple(sorted(budgets, key=lambda budget: budget.per_second))


def _in_words(turn: Turn, budgets: tuple[Budget, ...]) -> str:
    rate = next(budget.per_second for budget in budgets if budget.name == turn.name)
    count, period = (rate * 60, "minute") if rate < 1 else (rate, "second")
    return f"it waits its turn: at most {count:.3g} a {period} go there"
