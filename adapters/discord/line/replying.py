"""The answer to one interaction, from the first word to the last that Discord takes.

There is one first answer; what comes after changes it. Whether Discord has taken the first is not
always known, so it is asked for again, and told that there is one already.
"""

import asyncio
import logging
from typing import Any, Final

from adapters.discord.community.answers import (
    Answer,
    callback,
    edit_of_answer,
    further_answer,
    said_at_once,
)
from adapters.discord.community.asking import Reply
from adapters.discord.line.answers import Failure, Refusal
from adapters.discord.line.persisting import is_final
from adapters.discord.line.rest import Rest
from adapters.discord.outgoing.calls import Call

_log = logging.getLogger(__name__)

TOKEN_SECONDS: Final = 14.5 * 60
"""Discord's fifteen minutes, less what the last answer may take."""
FIRST_SECONDS: Final = 1.0
"""For one attempt at the first answer, so that another is still in time."""
LATER_SECONDS: Final = 10.0
PAUSE_SECONDS: Final = 0.1
ATTEMPTS_MAX: Final = 4

UNKNOWN: Final = 10062
"""Discord no longer knows the interaction: we were too late."""
ANSWERED: Final = 40060


class Replying:
    """Nothing here raises a Failure: a person who cannot be answered stops nothing."""

    def __init__(self, rest: Rest, reply: Reply) -> None:
        self._rest, self._reply = rest, reply
        self._turn = asyncio.Lock()
        self._until = asyncio.get_running_loop().time() + TOKEN_SECONDS
        self._begun = False
        self._lost = False

    @property
    def lost(self) -> bool:
        """Discord takes no answer: it came too late."""
        return self._lost

    async def say(self, answer: Answer) -> None:
        """As the first answer or in place of it."""
        async with self._turn:
            if not self._begun and await self._first(said_at_once(answer)):
                return
            reply = self._reply
            await self._later(edit_of_answer(reply.application_id, reply.token, answer))

    async def add(self, answer: Answer) -> None:
        """Beside the first."""
        async with self._turn:
            reply = self._reply
            further = further_answer(reply.application_id, reply.token, answer)
            await self._later(further, attempts=1)  # asked for again, it would be there twice

    async def acknowledge(self, body: dict[str, Any]) -> None:
        """As the first answer, unless there is one."""
        async with self._turn:
            if not self._begun:
                await self._first(body)

    async def _first(self, body: dict[str, Any]) -> bool:
        """Whether Discord has taken this as its first answer, as far as we know."""
        self._begun = True
        reply = self._reply
        call = callback(reply.id, reply.token, body)
        try:
            await self._repeatedly(call, FIRST_SECONDS)
        except Refusal as refusal:
            if refusal.code == ANSWERED:
                return False
            self._give_up(refusal)
        except (Failure, TimeoutError) as failure:
            _log.info("no answer known to a first answer: %s", failure)
            return False
        return True

    async def _later(self, call: Call, attempts: int = ATTEMPTS_MAX) -> None:
        left = self._until - asyncio.get_running_loop().time()
        if self._lost or left <= 0:
            return
        try:
            await self._repeatedly(call, min(left, LATER_SECONDS), attempts)
        except (Failure, TimeoutError) as failure:
            self._give_up(failure)

    async def _repeatedly(self, call: Call, seconds: float, attempts: int = ATTEMPTS_MAX) -> None:
        """`seconds` for each attempt. Raises a Failure, TimeoutError."""
        for attempt in range(attempts):
            pause = PAUSE_SECONDS
            try:
                async with asyncio.timeout(seconds):
                    await self._rest.ask(call)
                return
            except (Failure, TimeoutError) as failure:
                final = isinstance(failure, Failure) and is_final(failure)
                if final or attempt == attempts - 1:
                    raise
                if isinstance(failure, Refusal) and failure.retry_after_seconds:
                    pause = failure.retry_after_seconds
            await asyncio.sleep(pause)

    def _give_up(self, failure: BaseException) -> None:
        self._lost = True
        _log.info("an interaction could not be answered: %s", failure)
