"""What agents do, carried out on Discord: the sending half of the adapter.

A piece goes with a nonce that says which piece it is, in which form. For some minutes Discord makes
no second message of a nonce, so what may have left is simply sent again; after that it is looked
for first.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec.structs import replace
from typing_extensions import override

from adapters.discord.capabilities import capabilities
from adapters.discord.community.saying import direct_channel
from adapters.discord.community.states import ALL_STATES
from adapters.discord.known import Known
from adapters.discord.line.answers import Failure, Refusal, Uncertain
from adapters.discord.line.failures import change_error, send_error
from adapters.discord.line.looking import Echoes, Looking, Wanted
from adapters.discord.line.rest import Rest
from adapters.discord.line.whereabouts import Whereabouts
from adapters.discord.outgoing import calls, changes
from adapters.discord.outgoing.budgets import budgets
from adapters.discord.outgoing.calls import Call
from adapters.discord.outgoing.forms import addressed, plainer, unanswered, wordings
from adapters.discord.outgoing.reasons import is_archived, is_gone, refuses_emoji
from adapters.discord.outgoing.render import render
from adapters.discord.places import CHANNEL, is_snowflake, place_of
from adapters.discord.settings import DiscordSettings
from core.errors import NotFound, PermanentDeliveryError, UnsupportedFeature
from core.model.capabilities import Capabilities
from core.model.ids import ThreadRef
from core.model.outbound import Outbound, Receipt
from core.ports import (
    Adapter,
    Budget,
    DeletesMessages,
    EditsMessages,
    KeepsBudgets,
    OpenedThread,
    OpensThreads,
    Reacts,
    ShowsTyping,
    Surroundings,
)

DELETED_THERE: Final = "it arrived, and was deleted on Discord before we learned its id"


class _Made(msgspec.Struct, frozen=True):
    """A message or a channel that Discord has made. `answers`: what a message answers."""

    id: str
    answers: Any = msgspec.field(default=None, name="message_reference")


class Sending(
    Adapter, EditsMessages, DeletesMessages, Reacts, ShowsTyping, KeepsBudgets, OpensThreads
):
    """One bot's way out. `echoes` is filled by the way in."""

    def __init__(
        self,
        rest: Rest,
        settings: DiscordSettings,
        surroundings: Surroundings,
        known: Known,
        echoes: Echoes,
    ) -> None:
        self._rest, self._settings, self._surroundings = rest, settings, surroundings
        self._capabilities = capabilities(settings)
        self._whereabouts = Whereabouts(rest, known)
        self._looking = Looking(rest, echoes, surroundings.front_desk, surroundings.account)

    @property
    @override
    def capabilities(self) -> Capabilities:
        return self._capabilities

    @override
    def budgets(self, thread: ThreadRef) -> tuple[Budget, ...]:
        return budgets(place_of(thread.thread), self._settings)

    @override
    async def send(self, outbound: Outbound) -> Receipt:
        """What Discord refuses for what it is goes again in a plainer form, which is noted."""
        if outbound.attempted:
            known = await self._looking.found(outbound, lambda: self._wanted(outbound))
            if known:
                return Receipt(remotes=(known,))
        piece, form = addressed(outbound, place_of(outbound.thread.thread)), 0
        notes = tuple[str, ...]()
        while True:
            call = self._rendered(piece, form)
            try:
                made = _made(await self._asked(call))
                told = (*notes, *call.notes, *unanswered(call, made.answers))
                return Receipt(remotes=(made.id,), notes=told)
            except Refusal as refusal:
                if is_gone(refusal.code) and outbound.attempted:
                    return self._deleted_there(outbound)
                other = plainer(piece, refusal.code, refusal.fields)
                if other is None:
                    raise send_error(refusal, self._account, outbound.key) from refusal
            except Failure as failure:
                raise send_error(failure, self._account, outbound.key) from failure
            piece, form, notes = other[0], form + 1, (*notes, other[1])

    @override
    async def edit(self, outbound: Outbound, remotes: tuple[str, ...]) -> None:
        place, remote = place_of(outbound.thread.thread), (*remotes, "")[0]
        call = changes.edit(outbound, place, remote, self._settings)
        try:
            await self._asked(call)
        except Failure as failure:
            raise change_error(failure, self._account, outbound.key) from failure

    @override
    async def delete(self, thread: ThreadRef, remotes: tuple[str, ...]) -> None:
        for remote in remotes:
            try:
                await self._asked(changes.deletion(place_of(thread.thread), remote))
            except Failure as failure:
                if not is_gone(_code(failure)):
                    raise change_error(failure, self._account, remote) from failure

    @override
    async def react(self, thread: ThreadRef, remote: str, emoji: str) -> None:
        """Those of the bot's reactions that show a state are not an agent's: they stay.

        Raises UnsupportedFeature for an emoji that Discord does not know.
        """
        wanted = changes.emoji_name(emoji)
        try:
            channel = await self._whereabouts.channel_of(thread, remote)
            place = replace(place_of(thread.thread), channel=channel)
            message = await self._rest.ask(changes.message(place, remote))
            given = changes.own_reactions(message)
            for other in given:
                if other != wanted and other not in ALL_STATES:
                    await self._asked(changes.unreact(place, remote, other))
            if wanted and wanted not in given:
                await self._asked(changes.react(place, remote, wanted))
        except Failure as failure:
            if refuses_emoji(_code(failure)):
                raise UnsupportedFeature(
                    f"Discord does not know {emoji} as a reaction: take another emoji"
                ) from failure
            raise change_error(failure, self._account, remote) from failure

    @override
    async def show_typing(self, thread: ThreadRef) -> None:
        """For ten seconds, or until a message comes. Raises a DeliveryError."""
        try:
            await self._rest.ask(changes.typing(place_of(thread.thread)))
        except Failure as failure:
            raise change_error(failure, self._account, f"typing in {thread.thread}") from failure

    @override
    async def open_thread(self, remote: str, name: str = "") -> OpenedThread:
        """The direct messages with this user. That they take some is known only when one is sent.

        Raises PermanentDeliveryError for who is nobody, TemporaryDeliveryError.
        """
        if not is_snowflake(remote):
            raise PermanentDeliveryError(f"{remote[:30]!r} is no Discord user's id", code="nobody")
        try:
            channel = _made(await self._rest.ask(direct_channel(remote)))
        except Failure as failure:
            what = f"a conversation with {remote}"
            raise change_error(failure, self._account, what) from failure
        thread = ThreadRef(channel=CHANNEL, account=self._account, thread=channel.id)
        return OpenedThread(thread=thread, remote=remote)

    @property
    def _account(self) -> str:
        return self._surroundings.account

    def _rendered(self, outbound: Outbound, form: int) -> Call:
        return render(outbound, place_of(outbound.thread.thread), self._settings, form=form)

    async def _asked(self, call: Call) -> Any:
        """In a thread that Discord has archived because nobody wrote there: once it is open."""
        files = self._files(call)
        try:
            return await self._rest.ask(call, files)
        except Refusal as refusal:
            if not is_archived(refusal.code):
                raise
        await self._rest.ask(_reopening(call.ids["channel_id"]))
        return await self._rest.ask(call, files)

    def _files(self, call: Call) -> Sequence[Path]:
        """Where they are. Raises PermanentDeliveryError."""
        try:
            return [self._surroundings.blobs.path(upload.sha256) for upload in call.uploads]
        except NotFound as error:
            raise PermanentDeliveryError(
                "its file is no longer stored here", code="file_missing"
            ) from error

    def _wanted(self, outbound: Outbound) -> Sequence[Wanted]:
        calls = [self._rendered(wording, 0) for wording in wordings(outbound)]
        return [(call, [path.stat().st_size for path in self._files(call)]) for call in calls]

    def _deleted_there(self, outbound: Outbound) -> Receipt:
        """Discord makes no second message of a nonce whose first was deleted."""
        known = self._looking.echo(outbound)
        return Receipt(remotes=(known,) if known else (), notes=(DELETED_THERE,))


def _made(answer: Any) -> _Made:
    try:
        return msgspec.convert(answer, _Made)
    except msgspec.ValidationError:
        raise Uncertain("Discord's answer does not say what it has made") from None


def _reopening(thread: str) -> Call:
    return Call(
        method="PATCH",
        path=calls.CHANNEL,
        ids={"channel_id": thread},
        body={"archived": False},
    )


def _code(failure: Failure) -> int:
    return failure.code if isinstance(failure, Refusal) else 0
