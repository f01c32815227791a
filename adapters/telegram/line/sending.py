"""What agents do, carried out on Telegram: the sending half of the adapter."""

import logging
from collections.abc import Awaitable, Callable
from typing import TypeVar

from msgspec.structs import replace
from telegram.error import TelegramError
from typing_extensions import override

from adapters.telegram.capabilities import capabilities
from adapters.telegram.chats import Chats
from adapters.telegram.line.api import BotApi
from adapters.telegram.line.failures import change_error, send_error
from adapters.telegram.line.transport import Refusal
from adapters.telegram.outgoing import changes
from adapters.telegram.outgoing.budgets import budgets
from adapters.telegram.outgoing.calls import Call
from adapters.telegram.outgoing.forms import plainer, shown_as_files
from adapters.telegram.outgoing.reasons import (
    has_no_text,
    is_gone_already,
    is_so_already,
    refuses_emoji,
)
from adapters.telegram.outgoing.render import render
from adapters.telegram.places import Place, place_of, remote_of
from adapters.telegram.settings import TelegramSettings
from core.errors import NotFound, PermanentDeliveryError, StoreError, UnsupportedFeature
from core.model.capabilities import Capabilities
from core.model.ids import ThreadRef
from core.model.outbound import Outbound, Receipt
from core.ports import (
    Adapter,
    Budget,
    DeletesMessages,
    EditsMessages,
    KeepsBudgets,
    MarksRead,
    Reacts,
    ShowsTyping,
    Surroundings,
)
from core.recent import Recent

_log = logging.getLogger(__name__)
T = TypeVar("T")


class Sending(
    Adapter, EditsMessages, DeletesMessages, Reacts, ShowsTyping, MarksRead, KeepsBudgets
):
    """One bot's way out. `chats` and `topics` are shared with the way in."""

    def __init__(
        self,
        api: BotApi,
        settings: TelegramSettings,
        surroundings: Surroundings,
        chats: Chats,
        topics: Recent[str, str],
    ) -> None:
        self._api = api
        self._settings = settings
        self._surroundings = surroundings
        self._chats, self._topics = chats, topics
        self._capabilities = capabilities(settings)

    @property
    @override
    def capabilities(self) -> Capabilities:
        return self._capabilities

    @override
    def budgets(self, thread: ThreadRef) -> tuple[Budget, ...]:
        return budgets(self._place(thread), self._settings)

    @override
    async def send(self, outbound: Outbound) -> Receipt:
        """What Telegram refuses for what it is goes again in a plainer form, which is noted."""
        notes: tuple[str, ...] = ()
        while True:
            try:
                receipt = await self._send(outbound)
                return replace(receipt, notes=notes + receipt.notes)
            except TelegramError as failure:
                other = plainer(outbound, _description(failure))
                if other is None:
                    raise send_error(failure, self._account, outbound.key) from failure
            outbound, note = other
            notes += (note,)

    @override
    async def edit(self, outbound: Outbound, remotes: tuple[str, ...]) -> None:
        """An album's words are the caption of its first file."""
        place, remote = self._place(outbound.thread), (*remotes, "")[0]
        previews = self._settings.link_previews
        call = changes.edit(outbound.parts, place, remote, link_previews=previews)
        try:
            await self._edit(call)
        except TelegramError as failure:
            if not is_so_already(_description(failure)):
                raise change_error(failure, self._account, outbound.key) from failure

    @override
    async def delete(self, thread: ThreadRef, remotes: tuple[str, ...]) -> None:
        try:
            for call in changes.deletions(self._place(thread), remotes):
                await self._api.perform(call)
        except TelegramError as failure:
            if not is_gone_already(_description(failure)):
                raise change_error(failure, self._account, " ".join(remotes)) from failure
            if len(remotes) > 1:  # the one that is gone may have kept the others there
                for remote in remotes:
                    await self.delete(thread, (remote,))

    @override
    async def react(self, thread: ThreadRef, remote: str, emoji: str) -> None:
        """Raises UnsupportedFeature for an emoji that Telegram does not allow there."""
        call = changes.reaction(self._place(thread), remote, emoji)
        try:
            await self._api.perform(call)
        except TelegramError as failure:
            if refuses_emoji(_description(failure)):
                raise UnsupportedFeature(
                    f"Telegram does not allow {emoji} as a reaction there: take another emoji"
                ) from failure
            raise change_error(failure, self._account, remote) from failure

    @override
    async def show_typing(self, thread: ThreadRef) -> None:
        """For five seconds, or until a message comes; among a channel's direct messages Telegram
        has no sign of it. Raises a DeliveryError.
        """
        if self._place(thread).direct:
            return
        try:
            await self._wherever(thread, lambda place: self._api.perform(changes.typing(place)))
        except TelegramError as failure:
            raise change_error(failure, self._account, f"typing in {thread.thread}") from failure

    @override
    async def mark_read(self, thread: ThreadRef, remote: str) -> None:
        """Telegram shows it in the chats of a business account alone. Raises a DeliveryError."""
        place = self._place(thread)
        if not place.connection:
            return
        try:
            await self._api.perform(changes.read_mark(place, remote))
        except TelegramError as failure:
            raise change_error(failure, self._account, remote) from failure

    @property
    def _account(self) -> str:
        return self._surroundings.account

    def _place(self, thread: ThreadRef) -> Place:
        place = place_of(thread.thread)
        return replace(place, chat=self._chats.current(place.chat))

    async def _send(self, outbound: Outbound) -> Receipt:
        async def send_to(place: Place) -> Receipt:
            call = render(
                outbound,
                place,
                link_previews=self._settings.link_previews,
                paid_broadcast=self._settings.paid_broadcast,
            )
            try:
                files = [self._surroundings.blobs.path(upload.sha256) for upload in call.uploads]
                sent = await self._api.send(call, files)
            except (NotFound, FileNotFoundError) as error:
                raise PermanentDeliveryError(
                    f"{outbound.key}: its file is no longer stored here", code="file_missing"
                ) from error
            remotes = tuple(remote_of(place.chat, message.message_id) for message in sent)
            if place.topic or place.direct:
                for remote in remotes:
                    self._topics.note(remote, place.within)
            turned = shown_as_files(call.uploads, (message.file for message in sent))
            return Receipt(remotes=remotes, notes=call.notes + turned)

        return await self._wherever(outbound.thread, send_to)

    async def _edit(self, call: Call) -> None:
        try:
            await self._api.perform(call)
        except Refusal as refusal:
            if not has_no_text(refusal.description):
                raise
            await self._api.perform(changes.as_caption(call))

    async def _wherever(self, thread: ThreadRef, ask: Callable[[Place], Awaitable[T]]) -> T:
        """Ask; if it was refused because the chat has moved, once more where it is now."""
        place = self._place(thread)
        try:
            return await ask(place)
        except Refusal as refusal:
            if refusal.migrated_to is None:
                raise
            await self._learn(place.chat, str(refusal.migrated_to))
        return await ask(self._place(thread))

    async def _learn(self, old: str, new: str) -> None:
        """This process knows from here on; the message does not wait for the note of it."""
        try:
            await self._chats.learn(old, new)
        except StoreError as error:
            _log.warning("account=%s: a moved chat is not noted yet: %s", self._account, error)


def _description(failure: TelegramError) -> str:
    """Telegram's words for what it has refused for good, else nothing."""
    return failure.description if isinstance(failure, Refusal) and failure.status == 400 else ""
