"""A bot's updates, from the act that made them until somebody has taken them over."""

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass

from sandbox.errors import UnknownThing
from sandbox.faults import QUEUED, Faults, Kind
from sandbox.payload import Json

PLATFORM = "telegram"
LIFE_SECONDS = 24 * 3600.0
QUEUED_MAX = 100_000
REMEMBERED_MAX = 10_000


@dataclass(slots=True, eq=False)
class Update:
    """One entry of the queue; `body` is handed out as it is.

    `replayed` until it is handed out: an offset does not acknowledge it unseen. `failures` and
    `not_before` (on the event loop's clock) belong to the webhook.
    """

    update_id: int
    body: Json
    chat_id: int | None
    queued_at: float
    replayed: bool = False
    failures: int = 0
    not_before: float = 0.0

    @property
    def target(self) -> str | None:
        """The chat, as faults name it."""
        return None if self.chat_id is None else str(self.chat_id)

    def renumber(self, update_id: int) -> None:
        """Take another id, in the body too."""
        self.update_id = update_id
        self.body = {**self.body, "update_id": update_id}


class UpdateQueue:
    """Keeps updates in order for 24 hours by `now` (unix seconds), the oldest giving way."""

    def __init__(self, faults: Faults, now: Callable[[], float]) -> None:
        self._faults = faults
        self._now = now
        self._waiting: deque[Update] = deque(maxlen=QUEUED_MAX)
        self._held: dict[int | None, Update] = {}
        """Updates that the next one of their chat overtakes."""
        self._remembered: deque[Json] = deque(maxlen=REMEMBERED_MAX)

    def __len__(self) -> int:
        return len(self._waiting)

    def __iter__(self) -> Iterator[Update]:
        return iter(self._waiting)

    def put(self, update_id: int, body: Json) -> None:
        """Queue an update, twice or after its successor when a fault says so."""
        update = Update(update_id, {"update_id": update_id, **body}, chat_of(body), self._now())
        fault = self._faults.take(PLATFORM, QUEUED, update.target)
        if fault is not None and fault.kind is Kind.REORDER and update.chat_id not in self._held:
            self._held[update.chat_id] = update
            return
        earlier = self._held.pop(update.chat_id, None)
        if earlier is not None:
            first_id = earlier.update_id
            earlier.renumber(update.update_id)
            update.renumber(first_id)
        self._enter(update)
        if fault is not None and fault.kind is Kind.DUPLICATE:
            self._enter(Update(update.update_id, update.body, update.chat_id, update.queued_at))
        if earlier is not None:
            self._enter(earlier)

    def replay(self, update_id: int) -> None:
        """Queue an old update again as it was; raises UnknownThing."""
        for body in reversed(self._remembered):
            if body["update_id"] == update_id:
                again = Update(update_id, body, chat_of(body), self._now(), replayed=True)
                self._waiting.append(again)
                return
        raise UnknownThing(f"no update {update_id} among the last {REMEMBERED_MAX}")

    def acknowledge(self, offset: int) -> None:
        """Forget what lies before `offset`; a negative one keeps only that many from the end."""
        if offset > 0:
            self._keep(lambda update: update.replayed or update.update_id >= offset)
        elif offset < 0:
            kept = set(list(self._waiting)[offset:])
            self._keep(kept.__contains__)

    def taken(self, update: Update) -> None:
        """Forget one update, which the webhook has accepted."""
        with suppress(ValueError):  # it grew too old, or was dropped, while it was under way
            self._waiting.remove(update)

    def forget_old(self) -> None:
        """Forget what is older than 24 hours, as Telegram does."""
        oldest = self._now() - LIFE_SECONDS
        while self._waiting and self._waiting[0].queued_at < oldest:
            self._waiting.popleft()

    def clear(self) -> None:
        """Forget everything."""
        self._waiting.clear()
        self._held.clear()

    def _enter(self, update: Update) -> None:
        self._waiting.append(update)
        self._remembered.append(update.body)

    def _keep(self, wanted: Callable[[Update], bool]) -> None:
        kept = [update for update in self._waiting if wanted(update)]
        self._waiting.clear()
        self._waiting.extend(kept)


def chat_of(body: Json) -> int | None:
    """The chat that an update is about; None when it is about none, as a poll is."""
    for about in body.values():
        message = about.get("message", about) if isinstance(about, dict) else None
        chat = message.get("chat") if isinstance(message, dict) else None
        chat_id = chat.get("id") if isinstance(chat, dict) else None
        if isinstance(chat_id, int):
            return chat_id
    return None
