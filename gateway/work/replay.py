"""Reading once more what was received before, for `trunkline replay`."""

import asyncio
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from msgspec.structs import replace

from core.blocking import Blocking
from core.dispatch import Dispatcher
from core.door import Door
from core.errors import ConfigurationError, MalformedPayload
from core.floods import Floods
from core.ids import new_ulid
from core.model.content import Text
from core.model.event import Inbound, MessageCreated, Origin
from core.ports import Replayed, Replays
from core.rules.incoming import identity_of
from core.store.lanes import TASKS, Entry
from core.store.letters import DeadLetter
from core.store.store import Store
from core.store.threads import CLAIMED_FOR, read_event
from core.telling import Telling
from gateway.commands.output import FAILED, Asked, as_json_line, data, say
from gateway.data_dir import prepare
from gateway.journal import ENDING, JOURNAL, recorded, records_in
from gateway.lending import Lending, codes_without_a_gateway, lending_of
from gateway.quarantine import set_aside_in
from gateway.registry import open_channel
from gateway.settings import Settings
from gateway.storage import now
from gateway.work.common import run_loop, settings_of, store_of

T = TypeVar("T")
LETTERS_MAX = 100_000
SHOWN_LENGTH = 200


class Wanted(NamedTuple):
    """What was asked for: `files` of an inbox, or one of its sources here."""

    files: tuple[Path, ...]
    inbox: str
    journal: bool
    since: datetime | None
    quarantine: bool
    dead: bool
    dry_run: bool
    as_json: bool


class _Payload(NamedTuple):
    """`kept`: the file to be removed when it is understood; nothing of it was ever taken."""

    at: datetime
    data: bytes
    kept: Path | None = None


def replay(asked: Asked, wanted: Wanted) -> None:
    run_loop(_replay(settings_of(asked), wanted))


async def _replay(settings: Settings, wanted: Wanted) -> None:
    async with store_of(settings) as store:
        if wanted.dead:
            found = await _dead(settings, store, wanted)
        else:
            found = await _Replay(settings, store, wanted).run()
    said = ", ".join(f"{count} {what}" for what, count in found.items())
    said = said or "there is nothing to read"
    say(f"Nothing was changed: {said}." if wanted.dry_run else f"{said[0].upper()}{said[1:]}.")
    if found["not understood"]:
        sys.exit(FAILED)


class _Replay:
    """Of one inbox."""

    def __init__(self, settings: Settings, store: Store, wanted: Wanted) -> None:
        self._wanted, self._store = wanted, store
        self._data_dir = prepare(settings.data_dir)
        by_id = {channel.id: channel for channel in settings.channels}
        if wanted.inbox not in by_id:
            known = ", ".join(by_id) or "none"
            raise ConfigurationError(f"there is no inbox {wanted.inbox} (configured: {known})")
        self._channel = by_id[wanted.inbox]
        self._lending: Lending = lending_of(
            store, codes_without_a_gateway(store), self._data_dir, settings.web
        )
        self._blocking = Blocking(store, self._lending.views, now)
        door = Door(self._blocking, Floods(store, Telling(store, now, None), {}, now))
        self._door, self._dispatcher = door, Dispatcher(store, new_ulid, None)

    async def run(self) -> Counter[str]:
        counts: Counter[str] = Counter()
        await self._blocking.load()
        async with AsyncExitStack() as stack:
            lent = self._lending.to(self._channel, lambda _: None)
            adapter: Any = await stack.enter_async_context(open_channel(self._channel, lent))
            if not isinstance(adapter, Replays):
                raise ConfigurationError(f"the channel {self._channel.kind} cannot be replayed")
            for payload in progressing(list(self._payloads())):
                counts["payloads"] += 1
                try:
                    found = adapter.replay(payload.data, payload.at)
                except MalformedPayload as error:
                    counts["not understood"] += 1
                    say(f"not understood: {error}")
                    continue
                await self._one(found, payload, counts)
                await asyncio.sleep(0)
        return counts

    async def _one(self, found: Replayed, payload: _Payload, counts: Counter[str]) -> None:
        events = [replace(event, origin=Origin.REPLAY) for event in found.events]
        if not payload.kept and payload.at < now() - CLAIMED_FOR:
            counts["too old"] += len(events)
            return
        if self._wanted.dry_run:
            for event in events:
                counts["events"] += 1
                show(event, as_json=self._wanted.as_json)
            return
        welcome = [one for one in events if self._door.admits(one, identity_of(one))]
        counts["blocked"] += len(events) - len(welcome)
        if welcome and found.files:
            await self._lending.blobs.put_all(found.files)
        for event in welcome:
            new = await self._dispatcher.take(event, identity_of(event))
            counts["new" if new else "known"] += 1
        if payload.kept:
            payload.kept.unlink(missing_ok=True)
            payload.kept.with_suffix(".reason").unlink(missing_ok=True)

    def _payloads(self) -> Iterator[_Payload]:
        wanted = self._wanted
        if wanted.journal:
            since = wanted.since.replace(tzinfo=UTC) if wanted.since else None
            for one in recorded(self._data_dir / JOURNAL / wanted.inbox, since):
                yield _Payload(one.at, one.payload)
        elif wanted.quarantine:
            for path in set_aside_in(self._data_dir, wanted.inbox):
                yield _Payload(_written_at(path), path.read_bytes(), path)
        for path in wanted.files:
            if path.suffix == ENDING:
                yield from (_Payload(one.at, one.payload) for one in records_in(path))
            else:
                yield _Payload(_written_at(path), path.read_bytes())


async def _dead(settings: Settings, store: Store, wanted: Wanted) -> Counter[str]:
    counts: Counter[str] = Counter()
    accounts = [wanted.inbox] if wanted.inbox else [*(one.id for one in settings.channels), TASKS]
    for account in accounts:
        for letter in await store.letters.latest(account, LETTERS_MAX):
            counts["dead letters"] += 1
            if not wanted.dry_run:
                await store.letters.revive(letter.id)
            elif not await _shown(store, letter, as_json=wanted.as_json):
                counts["not understood"] += 1
    return counts


async def _shown(store: Store, letter: DeadLetter, *, as_json: bool) -> bool:
    """What it would be; False if it cannot be read even now."""
    _, blob = await store.letters.entry(letter.id)
    if letter.kind != "in":
        data(as_json_line(letter) if as_json else f"{letter.kind} {letter.key}: {letter.reason}")
        return True
    try:
        show(read_event(Entry(0, blob)), as_json=as_json)
    except Exception as error:  # noqa: BLE001 - whatever laid it aside may still be wrong with it
        say(f"not understood: {letter.id} ({type(error).__name__})")
        return False
    return True


def show(event: Inbound, *, as_json: bool) -> None:
    """An event as it would be: a line, or all of it."""
    if as_json:
        data(as_json_line(event))
        return
    kind = str(event.body.__struct_config__.tag)
    words = ""
    if isinstance(event.body, MessageCreated):
        texts = (part.text for part in event.body.parts if isinstance(part, Text))
        words = " ".join(" ".join(texts).split())[:SHOWN_LENGTH]
    at = f"{event.occurred_at:%Y-%m-%d %H:%M:%S}"
    data("\t".join((at, str(event.thread), event.actor.name or event.actor.remote, kind, words)))


def progressing(items: list[T]) -> Iterable[T]:
    """With a bar on a terminal."""
    if not sys.stderr.isatty():
        return items
    from rich.console import Console
    from rich.progress import track

    return track(items, description="reading", console=Console(stderr=True), transient=True)


def _written_at(path: Path) -> datetime:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)
