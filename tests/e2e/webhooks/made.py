"""Webhooks as an integrator makes and watches them, over the API."""

import asyncio
from typing import Any

from gateway.webhooks.service import WebhookService
from tests.e2e.http.rig import Served
from tests.rigs.receiver import Receiver


class Sending:
    """The work behind webhooks, which can end and go on."""

    def __init__(self, service: WebhookService, tasks: asyncio.TaskGroup) -> None:
        self._service, self._tasks = service, tasks
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = self._tasks.create_task(self._service.run())

    async def stop(self) -> None:
        if self._task:
            self._task.cancel()
            await asyncio.wait([self._task])


async def made(desk: Served, receiver: Receiver, *events: str, **more: Any) -> str:
    """A webhook for these events; -> its id. The receiver checks signatures from now on."""
    body = {"url": receiver.url, "events": events, **more}
    answer = await desk.http.post("/api/v1/webhooks", json=body)
    assert answer.status_code == 201, answer.text
    receiver.secret = answer.json()["secret"]
    return str(answer.json()["webhook"]["id"])


async def logged(desk: Served, webhook: str, state: str, **fields: Any) -> bool:
    """Whether the newest delivery is so."""
    answer = await desk.http.get(f"/api/v1/webhooks/{webhook}/deliveries", params={"limit": 1})
    found = answer.json()["deliveries"]
    wanted = {"state": state, **fields}
    return bool(found) and all(found[0].get(name) == value for name, value in wanted.items())
