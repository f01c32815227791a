"""What we say by ourselves: queued on a private leg, once; nothing follows from it."""

from collections.abc import Callable
from datetime import datetime

from core.errors import Conflict, NotFound
from core.model.content import Part
from core.model.conversation import Leg
from core.model.ids import MessageId
from core.model.message import Audience, Automatic, Direction, Message, Quote, Sender
from core.store.lanes import Lease
from core.store.store import Store


class Telling:
    """`hand_over` None: what is said waits for a worker to take it; so does what goes to an account
    of which `here` says that another process runs it.
    """

    def __init__(
        self,
        store: Store,
        now: Callable[[], datetime],
        hand_over: Callable[[Lease], None] | None,
        here: Callable[[str], bool] = lambda _account: True,
    ) -> None:
        self._store, self._now, self._hand_over, self._here = store, now, hand_over, here

    async def tell(
        self,
        leg: Leg,
        message_id: MessageId,
        parts: tuple[Part, ...],
        writer: Sender,
        answers: Message | None = None,
    ) -> None:
        """To the person of a private leg. Done again, nothing more; of one that is closed by now,
        nothing. `answers`: a message on it.
        """
        message = Message(
            id=message_id,
            direction=Direction.OUT,
            sender=writer,
            at=self._now(),
            parts=parts,
            answers=_quote(answers) if answers else None,
            automatic=Automatic.REPLY,
        )
        hand_over = self._hand_over if self._here(leg.thread.account) else None
        try:
            replied = await self._store.outbox.reply(
                leg, message, Audience.PRIVATE, aside=True, hand_over=hand_over is not None
            )
        except (Conflict, NotFound):  # an agent was faster, and has closed it
            return
        if replied.lease and hand_over:
            hand_over(replied.lease)


def _quote(answered: Message) -> Quote:
    return Quote(remote=answered.refs[0] if answered.refs else "", message=answered.id)
