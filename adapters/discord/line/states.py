"""Shows on a message in public how far the work on it has come: one reaction of the bot's.

Others' reactions are never touched, nor are those that an agent gave: of the bot's own only the
ones that stand for a state are changed.
"""

import asyncio
import logging
from typing import Final
from weakref import WeakValueDictionary

from adapters.discord.community.states import ALL_STATES, STATES
from adapters.discord.known import Known
from adapters.discord.line.answers import Failure, Refusal
from adapters.discord.line.rest import Rest
from adapters.discord.line.whereabouts import Whereabouts
from adapters.discord.outgoing import changes
from adapters.discord.places import Place
from adapters.discord.settings import DiscordSettings
from core.ports import Remark, Showing

_log = logging.getLogger(__name__)

_GONE: Final = 404
_FORBIDDEN: Final = 403


class States:
    """Of one bot."""

    def __init__(self, rest: Rest, settings: DiscordSettings, known: Known, remark: Remark) -> None:
        self._rest, self._settings, self._remark = rest, settings, remark
        self._whereabouts = Whereabouts(rest, known)
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._refused_in = ""
        """The thread of which it was said that the bot may not."""

    async def show(self, showing: Showing) -> None:
        """Raises a Failure; not for a message that is gone, or where the bot may not react: then
        there is nothing to show it on.
        """
        if not self._settings.community.show_states:
            return
        turn = self._turns.setdefault(showing.remote, asyncio.Lock())
        async with turn:
            try:
                await self._show(showing)
            except Refusal as refusal:
                if refusal.status == _FORBIDDEN:
                    self._tell(showing, refusal)
                elif refusal.status != _GONE:
                    raise
            else:
                self._recover(showing)

    async def _show(self, showing: Showing) -> None:
        channel = await self._whereabouts.channel_of(showing.thread, showing.remote)
        place, remote, wanted = Place(channel), showing.remote, STATES[showing.status]
        message = await self._rest.ask(changes.message(place, remote))
        shown = changes.own_reactions(message) if isinstance(message, dict) else ()
        if wanted not in shown:
            await self._rest.ask(changes.react(place, remote, wanted))
        for old in ALL_STATES:
            if old in shown and old != wanted:
                await self._rest.ask(changes.unreact(place, remote, old))

    def _tell(self, showing: Showing, refusal: Failure) -> None:
        """Of one thread: where a right is missing, it mostly is so in others, too."""
        _log.info("a state cannot be shown: %s", refusal)
        if not self._refused_in:
            self._refused_in = showing.thread.thread
            self._remark(
                f"the bot may not show on messages how far the work on them has come ({refusal}):"
                " allow it Add Reactions and Read Message History, or set community.show_states"
                " = false"
            )

    def _recover(self, showing: Showing) -> None:
        if self._refused_in == showing.thread.thread:
            self._refused_in = ""
            self._remark("")
