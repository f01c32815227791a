"""Answers what people ask by commands, menus, buttons and forms: within three seconds, always.

Discord forgets an interaction that is not answered in three seconds, and lets its answer be changed
for fifteen minutes. So whatever takes longer is promised first and done then, also while nothing
can be stored. The answer is for the person; what follows from an interaction is put on record
whether or not they could be answered, once however often Discord tells of it, and `take` returns
only when it is: a gateway that is lost before that is told of the interaction again.
"""

import asyncio
import logging
import re
from typing import Any, Final
from weakref import WeakValueDictionary

import msgspec

from adapters.discord.community import words
from adapters.discord.community.answers import Answer, choices, deferred, form, pong, taken
from adapters.discord.community.asking import Asked, Kind, Reply, read, reply_to
from adapters.discord.community.deciding import Acknowledge, Job, Pressed, Say, Show, decide
from adapters.discord.line.acts import Acts
from adapters.discord.line.answers import Failure
from adapters.discord.line.desk import Desk
from adapters.discord.line.intake import INTERACTION, recorded
from adapters.discord.line.replying import Replying
from core.errors import AuthenticationError, MalformedPayload, Refused, StoreError, mistake
from core.ports import Deliver
from core.recent import Recent

_log = logging.getLogger(__name__)

DEFER_SECONDS: Final = 0.8
"""What takes longer is promised. Discord waits for three; the promise has to reach it, too."""
SHARE: Final = 4
"""One in so many of the events that may wait to be stored may be an interaction: were it more, the
gateway would be read no further, and nobody could be answered.
"""
REMEMBERED_MAX: Final = 20_000

_TOKEN: Final = re.compile(rb'("token"\s*:\s*)"(?:[^"\\]|\\.)*"')


class Interactions:
    """Of one bot."""

    def __init__(self, desk: Desk) -> None:
        self._desk, self._acts = desk, Acts(desk)
        self._done = Recent[str, bool](REMEMBERED_MAX)
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._under_way_max = max(1, desk.settings.under_way_max // SHARE)
        self._under_way = 0

    async def take(self, data: bytes, deliver: Deliver) -> None:
        """An INTERACTION_CREATE's `d`. Returns when what follows from it is on record, or set
        aside; raises what `deliver` raises but for StoreError, which is waited for.

        Run it beside the ordered events, not among them: it waits as long as it has to.
        """
        try:
            asked = read(data)
        except MalformedPayload as error:
            await self._set_aside(data, str(error))
            return
        turn = self._turns.setdefault(asked.id, asyncio.Lock())
        async with turn:
            if asked.id in self._done:
                return
            await self._take(asked, data, deliver)
            self._done.note(asked.id, True)

    async def _take(self, asked: Asked, data: bytes, deliver: Deliver) -> None:
        replying = Replying(self._desk.rest, _reply(asked))
        try:
            step = decide(asked, self._desk.settings, self._desk.custom_ids)
            match step:
                case Say(answer):
                    await replying.say(answer)
                case Show(shown):
                    await replying.acknowledge(form(shown))
                case Acknowledge(kind):
                    await replying.acknowledge(_acknowledgement(kind))
                case _ if self._under_way >= self._under_way_max:
                    await replying.say(Answer(text=words.BUSY))
                case _:
                    if isinstance(step, Pressed):
                        kept = msgspec.Raw(_without_token(data))
                        self._desk.surroundings.record(recorded(INTERACTION, kept, ""))
                    await self._work(step, asked, data, replying, deliver)
        except MalformedPayload as error:
            await self._set_aside(data, str(error))
        except Exception as error:  # noqa: BLE001 - one must not stop all that follow
            # Neither the error's text nor its traceback: they may hold a customer's words.
            await self._set_aside(data, mistake(error))

    async def _work(
        self, job: Job, asked: Asked, data: bytes, replying: Replying, deliver: Deliver
    ) -> None:
        """Do it, and answer when it is done; meanwhile, if that takes long, say so."""
        over = asyncio.Event()
        self._under_way += 1
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._keep_company(job, replying, over))
                try:
                    answer = await self._done_by(job, asked, data, deliver)
                finally:
                    over.set()
        except BaseExceptionGroup as failures:
            raise failures.exceptions[0] from None
        finally:
            self._under_way -= 1
        if isinstance(job, Pressed):
            await replying.acknowledge(taken())
        else:
            await replying.say(answer)

    async def _keep_company(self, job: Job, replying: Replying, over: asyncio.Event) -> None:
        """Promise, then be honest, until it is done."""
        pressed = isinstance(job, Pressed)
        if await _within(DEFER_SECONDS, over):
            return
        await replying.acknowledge(taken() if pressed else deferred())
        if await _within(self._desk.settings.community.promise_seconds, over):
            return
        if pressed:
            await replying.add(Answer(text=words.PRESS_NOT_KEPT))
        else:
            await replying.say(Answer(text=words.STILL_KEEPING))

    async def _done_by(self, job: Job, asked: Asked, data: bytes, deliver: Deliver) -> Answer:
        try:
            return await self._acts.do(job, asked, data, deliver)
        except Refused as refused:
            return Answer(text=str(refused))
        except StoreError:
            return Answer(text=words.TRY_LATER)
        except (Failure, AuthenticationError) as failure:
            _log.warning("account=%s: %s", self._desk.surroundings.account, failure)
            return Answer(text=words.WENT_WRONG)

    async def _set_aside(self, data: bytes, reason: str) -> None:
        """Whoever asked is told, if that much can be read. What is kept holds no token."""
        desk = self._desk.surroundings
        _log.warning("interaction set aside, account=%s: %s", desk.account, reason)
        if reply := reply_to(data):
            await Replying(self._desk.rest, reply).say(Answer(text=words.NOT_READ))
        kept = _without_token(data)
        await self._desk.persistence.know(lambda: desk.quarantine(desk.account, kept, reason))


def _without_token(data: bytes) -> bytes:
    """Who has an interaction's token may answer it."""
    return _TOKEN.sub(rb'\1""', bytes(data))


def _reply(asked: Asked) -> Reply:
    return Reply(id=asked.id, application_id=asked.application_id, token=asked.token)


def _acknowledgement(kind: int) -> dict[str, Any]:
    return pong() if kind == Kind.PING else choices()


async def _within(seconds: float, over: asyncio.Event) -> bool:
    """Whether it is over before that."""
    try:
        async with asyncio.timeout(seconds):
            await over.wait()
    except TimeoutError:
        return False
    return True
