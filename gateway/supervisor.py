"""Keeps the inboxes receiving: starts each again when it fails, pauses what is refused."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, suppress
from typing import Final

import structlog
from structlog.contextvars import bind_contextvars

from core.errors import AuthenticationError, ConfigurationError
from core.ports import Adapter, Deliver
from gateway.desk import InboxHealth

BACK_OFF_SECONDS: Final = (1.0, 2.0, 5.0, 15.0, 60.0)
"""Waits after the first, second ... failure in a row; the last one repeats."""

STEADY_SECONDS: Final = 120.0
"""After running so long, the next failure counts as the first."""

PAUSE_SECONDS: Final = 300.0
"""An inbox whose credentials were refused is tried again after this long."""

log = structlog.get_logger()

Open = Callable[[], AbstractAsyncContextManager[Adapter]]
Quiet = Callable[[str], Awaitable[None]]


class Inbox:
    """One configured account: its adapter, and how it is doing. Before an adapter is closed, so
    that another one takes its place, `quiet` waits for what it is sending.
    """

    def __init__(self, account: str, channel: str, open_adapter: Open, quiet: Quiet) -> None:
        self.account, self._channel, self._open = account, channel, open_adapter
        self._quiet = quiet
        self._state, self._reason, self._restarts = "starting", "", 0
        self._refusal = ""
        self._refused = asyncio.Event()
        self._reopening = asyncio.Event()
        self._draining = asyncio.Event()

    @property
    def health(self) -> InboxHealth:
        return InboxHealth(
            account=self.account,
            channel=self._channel,
            state=self._state,
            restarts=self._restarts,
            reason=self._reason,
        )

    def remark(self, text: str) -> None:
        """The adapter says what is to be known of it; for as long as it runs."""
        self._reason = text

    def pause(self, error: AuthenticationError) -> None:
        """A send was refused for its credentials: receiving would be refused as well."""
        self._refusal = str(error)
        self._refused.set()

    def reopen(self, open_adapter: Open) -> None:
        """Begin anew with other settings: at once, also when it waits or is paused."""
        self._open = open_adapter
        self._reopening.set()

    def stop_receiving(self) -> None:
        """Take nothing more from the platform; the adapter can still send until `run` is ended."""
        self._draining.set()

    async def run(self, deliver: Deliver, adapters: dict[str, Adapter]) -> None:
        """Receive until cancelled; the adapter stands in `adapters` while it can send."""
        bind_contextvars(channel=self.account)  # also for the tasks that the adapter begins
        failures, loop = 0, asyncio.get_running_loop()
        while not self._draining.is_set():
            began = loop.time()
            wait = await self._once(deliver, adapters)
            failures = 1 if loop.time() - began > STEADY_SECONDS else failures + 1
            self._restarts += 1
            if wait is None:
                usual = BACK_OFF_SECONDS[min(failures, len(BACK_OFF_SECONDS)) - 1]
                wait = usual * random.uniform(0.8, 1.2)  # noqa: S311 - spreads load, no secret
            with suppress(TimeoutError):
                async with asyncio.timeout(wait):
                    await self._reopening.wait()
            if self._reopening.is_set():
                failures = 0
                self._reopening.clear()

    async def _once(self, deliver: Deliver, adapters: dict[str, Adapter]) -> float | None:
        """Open the adapter and receive until it fails; -> seconds to wait, None for the usual."""
        self._refused.clear()
        try:
            async with self._open() as adapter:
                adapters[self.account] = adapter
                self._state, self._reason = "running", ""
                try:
                    await self._receive(adapter, deliver)
                finally:
                    del adapters[self.account]
                    if self._reopening.is_set():
                        await self._quiet(self.account)
        except Exception as error:  # noqa: BLE001 - one inbox's fault must not be another's
            return self._failed(_first(error))
        return None

    async def _receive(self, adapter: Adapter, deliver: Deliver) -> None:
        async with asyncio.TaskGroup() as tasks:
            receiving = tasks.create_task(adapter.run(deliver))
            refused = tasks.create_task(self._refused.wait())
            reopening = tasks.create_task(self._reopening.wait())
            draining = tasks.create_task(self._draining.wait())
            waiting = {receiving, refused, reopening, draining}
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            if refused.done():
                raise AuthenticationError(self._refusal)
            if draining.done():
                receiving.cancel()
                self._state = "stopped"
                await asyncio.Event().wait()  # until cancelled
            for other in (receiving, refused, reopening, draining):
                other.cancel()

    def _failed(self, error: BaseException) -> float | None:
        refused = isinstance(error, AuthenticationError | ConfigurationError)
        self._state = "paused" if refused else "waiting"
        self._reason = str(error) or type(error).__name__
        log.warning(
            "inbox stopped receiving",
            account=self.account,
            state=self._state,
            reason=self._reason,
            kind=type(error).__name__,
        )
        return PAUSE_SECONDS if refused else None


def _first(error: BaseException) -> BaseException:
    """The error itself, where task groups have wrapped it."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
