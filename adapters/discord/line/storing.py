"""What is done about events that were understood: stored, in their order, then marked as stored."""

import logging
from datetime import UTC, datetime
from functools import partial
from typing import Final

from adapters.discord.incoming.addressing import is_heard
from adapters.discord.incoming.envelope import Reader
from adapters.discord.incoming.messages import ReadMessage
from adapters.discord.incoming.normalise import normalise, normalise_history, normalise_message
from adapters.discord.incoming.reading import Payload
from adapters.discord.line.answers import Failure
from adapters.discord.line.marks import Marks
from adapters.discord.line.patience import Patience
from adapters.discord.line.rest import Rest
from adapters.discord.outgoing.calls import Call
from adapters.discord.places import Place
from core.errors import MalformedPayload, StoreError, mistake
from core.ids import new_ulid
from core.model.event import DeliveryReported, Inbound, MessageCreated, MessageEdited
from core.ports import Deliver, Quarantine, Records
from core.recent import Recent

_log = logging.getLogger(__name__)
_SAID: Final = (MessageCreated, MessageEdited, DeliveryReported)
"""What tells that a message is for us: it was said, by us even, or comes to name us by an edit."""
_JOIN_ATTEMPTS_MAX: Final = 5
SET_ASIDE_BYTES_MAX: Final = 1024 * 1024


class Storing:
    """Of one account, for as long as it receives."""

    def __init__(
        self,
        reader: Reader,
        marks: Marks,
        rest: Rest,
        patience: Patience,
        quarantine: Quarantine,
        deliver: Deliver,
        told: Recent[str, bool],
        record: Records,
    ) -> None:
        self.reader, self.marks, self._told = reader, marks, told
        self._rest, self._patience = rest, patience
        self._quarantine, self._deliver = quarantine, deliver
        self.record = record

    def read(self, kind: str, data: Payload, mark: str) -> tuple[Inbound, ...]:
        """What a dispatch says. Raises MalformedPayload."""
        try:
            return normalise(kind, data, self.reader, datetime.now(UTC), new_ulid, mark=mark)
        except Exception as error:  # noqa: BLE001 - one event must not stop all that follow it
            raise _malformed(error) from None

    def read_message(self, message: ReadMessage) -> tuple[Inbound, ...]:
        """What a new message says. Raises MalformedPayload."""
        try:
            return normalise_message(message, self.reader, datetime.now(UTC), new_ulid)
        except Exception as error:  # noqa: BLE001 - as above
            raise _malformed(error) from None

    def read_history(self, message: Payload, guild: str) -> tuple[Inbound, ...]:
        """What a message says that was asked for. Raises MalformedPayload."""
        try:
            return normalise_history(message, guild, self.reader, datetime.now(UTC), new_ulid)
        except Exception as error:  # noqa: BLE001 - as above
            raise _malformed(error) from None

    def heed(self, place: Place, message: str, events: tuple[Inbound, ...]) -> bool:
        """What follows from a message being for us, for those that come behind it: what happens to
        it later is for us, too, and so is all of the thread that it is in.

        -> whether the bot has to join that thread. By that Discord, too, knows it.
        """
        if place.direct or not events or not any(isinstance(one.body, _SAID) for one in events):
            return False
        if is_heard(place, self.reader):
            return False
        self._told.note(message, True)
        facts = self.reader.known.channel(place.channel)
        if facts is None or not facts.is_thread:
            return False
        self.reader.known.join(place.channel)
        return True

    async def store(self, events: tuple[Inbound, ...]) -> None:
        """Returns when they are stored, however long that takes."""
        for event in events:
            try:
                await self._deliver(event)
            except StoreError:
                await self._patience.until_done(partial(self._deliver, event))

    async def join(self, thread: str) -> None:
        """Where Discord refuses, what is said there has to name the bot as before."""
        path = "/channels/{channel_id}/thread-members/@me"
        call = Call(method="PUT", path=path, ids={"channel_id": thread})
        try:
            await self._patience.until_done(
                lambda: self._rest.ask(call), attempts_max=_JOIN_ATTEMPTS_MAX
            )
        except Failure as failure:
            _log.warning("thread %s cannot be joined: %s", thread, failure)

    async def set_aside(self, payload: bytes, reason: str) -> None:
        """What cannot be understood. Returns when it is kept for an operator."""
        account = self.reader.account
        _log.warning("event set aside, account=%s: %s", account, reason)
        await self._patience.until_done(
            partial(self._quarantine, account, payload[:SET_ASIDE_BYTES_MAX], reason)
        )


def _malformed(error: Exception) -> MalformedPayload:
    return error if isinstance(error, MalformedPayload) else MalformedPayload(mistake(error))
