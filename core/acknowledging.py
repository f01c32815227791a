"""One automatic answer to what begins a conversation: "we have it, its number is ...".

It is queued once for its leg, and only where it cannot begin a correspondence between machines:
not to what a machine wrote, nor to whom the channel takes for somebody else, once a day to one
person, and so often a minute for a whole account. Whoever gets none is filed like anybody else.
"""

from collections.abc import Mapping
from typing import Final

from core.model.acknowledgement import Acknowledgement
from core.model.content import Text
from core.model.ids import LegId, MessageId
from core.model.message import (
    Audience,
    Automatic,
    Direction,
    Message,
    Sender,
    SenderKind,
    SenderLevel,
)
from core.store.store import Store
from core.telling import Telling

AGAIN_SECONDS: Final = 86_400
"""How long a person who was answered automatically is not answered so again."""

MINUTE_SECONDS: Final = 60
NUMBER: Final = "{number}"
WRITER: Final = Sender(kind=SenderKind.SYSTEM, id="system:acknowledge")


class Acknowledging:
    """`settings` by account."""

    def __init__(
        self, store: Store, settings: Mapping[str, Acknowledgement], telling: Telling
    ) -> None:
        self._store, self._settings, self._telling = store, settings, telling

    def answers(self, account: str, first: Message) -> bool:
        """Whether what a leg begins with may be answered. Which it is depends on nothing else."""
        settings = self._settings.get(account)
        return (
            settings is not None
            and settings.text_for(first.language) != ""
            and is_answerable(first)
            and self._store.may_be_answered(first.at)
        )

    async def answer(self, leg: LegId, first: Message) -> None:
        """Queue the answer, once. Done again, nothing more."""
        head = (await self._store.legs.heads([leg]))[0]
        if head is None:
            return
        account, settings = head.thread.account, self._settings[head.thread.account]
        per = settings.per_minute_max, MINUTE_SECONDS
        if await self._store.answers.permit(account, head.author, leg, AGAIN_SECONDS, *per):
            text = settings.text_for(first.language).replace(NUMBER, head.number)
            await self._telling.tell(head, answer_id(leg), (Text(text=text),), WRITER, first)


def is_answerable(first: Message) -> bool:
    """A customer's own words, of now, from whom they seem to be."""
    return (
        first.direction is Direction.IN
        and first.audience is Audience.PRIVATE
        and first.automatic is Automatic.NO
        and not first.backfilled
        and first.sender.kind is SenderKind.CONTACT
        and first.sender.level is not SenderLevel.FAILED
    )


def answer_id(leg: LegId) -> MessageId:
    """A leg has one such answer: it has the leg's own ULID."""
    return MessageId(leg.rpartition("-")[0])
