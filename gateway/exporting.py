"""Exports: what is stored about a person, or of one conversation, as files that people can read.

Read page by page, beside a gateway that goes on. Every file is new and readable by its owner only;
`export.json` comes last, so that one that was broken off is told from a whole one.
"""

import asyncio
import shutil
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from heapq import heapify, heappop, heapreplace
from pathlib import Path
from typing import Any, Final

import msgspec

from core.errors import ConfigurationError, NotFound
from core.model.content import Attachment, Text
from core.model.conversation import Conversation, Entry, Leg
from core.model.ids import IdentityId, LegId
from core.model.people import Contact, Link
from core.rules.attachments import attachments_of
from core.store import blocks, tasks
from core.store.store import Store
from core.view import arrival, conversation_of
from gateway.blobs import DirectoryBlobs, private
from gateway.http.uploads import file_name
from gateway.shown import shown

PAGE: Final = 100
"""Messages of a leg that are held in memory."""

WALKED: Final = 500
"""Legs, or records of an audit, that are looked at together."""

NAME_BYTES_MAX: Final = 200
"""Of a file's own name. What stands before it is short, and a file system takes 255."""

_json = msgspec.json.Encoder().encode


class Exports(msgspec.Struct, frozen=True, kw_only=True):
    """What was written into `directory`. `files_missing`: attachments without bytes here."""

    directory: str
    at: datetime
    conversations: int
    messages: int
    files: int
    files_missing: int


class ExportedPerson(msgspec.Struct, frozen=True, kw_only=True):
    """`contact.json`. `audit`: who linked, unlinked, blocked or let in which of the identities."""

    contact: Contact
    links: tuple[Link, ...]
    audit: tuple[dict[str, str], ...]


class ExportedEntry(Entry, frozen=True, kw_only=True, omit_defaults=True):
    """A line of `messages`. `files`: where in the export the bytes are, by the attachment's id, or
    by the hash of a mail's HTML form.
    """

    files: dict[str, str]


class Exporting:
    def __init__(self, store: Store, blobs: DirectoryBlobs, now: Callable[[], datetime]) -> None:
        self._store, self._blobs, self._now = store, blobs, now

    async def person(self, contact: Contact, out: Path) -> Exports:
        """All that is theirs: never what others said in conversations that were merged with theirs.

        Raises ConfigurationError when the directory is there already.
        """
        writing = _Writing(out, self._blobs)
        identities = [one.id for one in contact.identities]
        links = [link for one in identities for link in await self._store.people.links_of(one)]
        known = ExportedPerson(
            contact=contact,
            links=tuple({(link.a, link.b): link for link in links}.values()),
            audit=tuple([record async for record in self._audit(identities)]),
        )
        writing.file("contact.json", msgspec.json.format(_json(known)))
        for legs in await self._legs_of(identities):
            heads = [head for head in await self._store.legs.heads(legs) if head]
            if heads:
                await self._conversation(conversation_of(heads), writing)
        return self._finished(writing)

    async def conversation(self, conversation: Conversation, out: Path) -> Exports:
        """Everything that was said in it, by whomever. Raises ConfigurationError."""
        writing = _Writing(out, self._blobs)
        await self._conversation(conversation, writing)
        return self._finished(writing)

    def _finished(self, writing: "_Writing") -> Exports:
        done = Exports(directory=str(writing.out), at=self._now(), **writing.counts)
        writing.file("export.json", msgspec.json.format(_json(done)))
        return done

    async def _conversation(self, conversation: Conversation, writing: "_Writing") -> None:
        with writing.conversation(shown(conversation)) as write:
            async for entry in said(self._store, conversation.legs):
                await asyncio.to_thread(write, entry)

    async def _legs_of(self, identities: Sequence[IdentityId]) -> list[list[LegId]]:
        """All legs that serve them, those of a conversation together, oldest first.

        An identity knows its latest legs in groups only: the others are found by looking at every
        leg that is not archived, before it is asked for those that are.
        """
        found: dict[LegId, str] = {}
        async for page in self._store.legs.every(WALKED):
            await self._look_at(page, identities, found)
        known = await self._store.people.every_leg_of(identities, latest=0)
        for first in range(0, len(known), WALKED):
            await self._look_at(known[first : first + WALKED], identities, found)
        together: dict[str, list[LegId]] = {}
        for leg, conversation in sorted(found.items()):
            together.setdefault(conversation, []).append(leg)
        return list(together.values())

    async def _look_at(
        self, legs: Sequence[LegId], whose: Sequence[IdentityId], found: dict[LegId, str]
    ) -> None:
        heads = await self._store.legs.heads([one for one in legs if one not in found])
        found.update((one.id, one.conversation) for one in heads if one and one.author in whose)

    async def _audit(self, identities: Sequence[IdentityId]) -> AsyncGenerator[dict[str, str]]:
        for name in (tasks.NAME, blocks.NAME):
            after = "-"
            while page := await self._store.read.one(
                "XRANGE", self._store.keys.audit(name), after, "+", "COUNT", WALKED
            ):
                for at, fields in page:
                    record = {key.decode(): value.decode() for key, value in fields.items()}
                    named = {word for value in record.values() for word in value.split()}
                    if not named.isdisjoint(identities):
                        yield {"id": at.decode(), **record}
                after = f"({page[-1][0].decode()}"


async def said(store: Store, legs: Sequence[Leg]) -> AsyncGenerator[Entry]:
    """What stands in these legs by now: by the moment of arrival, each leg's own order kept."""
    logs = [_log(store, leg) for leg in legs]
    first = [(n, await anext(log, None)) for n, log in enumerate(logs)]
    waiting = [(arrival(entry), n, entry) for n, entry in first if entry]
    heapify(waiting)
    while waiting:
        latest, n, entry = waiting[0]
        yield entry
        if following := await anext(logs[n], None):
            heapreplace(waiting, (max(latest, arrival(following)), n, following))
        else:
            heappop(waiting)


async def _log(store: Store, leg: Leg) -> AsyncGenerator[Entry]:
    for first in range(1, leg.length + 1, PAGE):
        for entry in await store.legs.entries(leg.id, first + PAGE, PAGE):
            yield entry


class _Writing:
    """A directory that is filled. Raises ConfigurationError if it is there already."""

    def __init__(self, out: Path, blobs: DirectoryBlobs) -> None:
        self.out, self._blobs = out, blobs
        self.counts = {"conversations": 0, "messages": 0, "files": 0, "files_missing": 0}
        try:
            out.mkdir(mode=0o700, parents=True)
        except OSError as error:
            raise ConfigurationError(
                f"{out} cannot be made ({error.strerror}): name a new directory with --out"
            ) from error

    def file(self, name: str, content: bytes) -> None:
        with self._new(name) as file:
            file.write(content + b"\n")

    @contextmanager
    def conversation(self, conversation: Conversation) -> Iterator[Callable[[Entry], None]]:
        """-> what writes a message of it, and its files."""
        number, lead = conversation.number, b""
        self.counts["conversations"] += 1
        with self._new(f"conversations/{number}.json") as file:
            file.write(b'{"conversation": %b,\n"messages": [' % _json(conversation))

            def write(entry: Entry) -> None:
                nonlocal lead
                files = dict(self._files(number, entry))
                exported = ExportedEntry(
                    leg=entry.leg,
                    position=entry.position,
                    message=entry.message,
                    delivery=entry.delivery,
                    files=files,
                )
                file.write(lead + b"\n" + _json(exported))
                lead = b","
                self.counts["messages"] += 1

            yield write
            file.write(b"\n]}\n")

    def _files(self, number: str, entry: Entry) -> Iterator[tuple[str, str]]:
        """The bytes of a message and its earlier forms, copied; -> what they are, and where."""
        for key, sha256, name in dict.fromkeys(_enclosed(entry)):
            place = f"files/{number}/{self.counts['files'] + 1:04}-{name}"
            try:
                source = self._blobs.path(sha256)
            except NotFound:
                self.counts["files_missing"] += 1
                continue
            with source.open("rb") as bytes_, self._new(place) as file:
                shutil.copyfileobj(bytes_, file)
            self.counts["files"] += 1
            yield key, place

    def _new(self, place: str) -> Any:
        path = self.out / place
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        return open(path, "xb", opener=private)


def _enclosed(entry: Entry) -> Iterator[tuple[str, str, str]]:
    """-> key, hash and a name to be safely written of each file that a message ever had."""
    forms = (entry.message.parts, *(one.parts for one in entry.message.history))
    for parts in forms:
        for attachment in attachments_of(parts):
            yield attachment.id, attachment.sha256, _safe(attachment)
        for part in parts:
            if isinstance(part, Text) and part.html:
                yield part.html, part.html, "mail.html"


def _safe(attachment: Attachment) -> str:
    encoded = file_name(attachment.name).encode()
    return encoded[-NAME_BYTES_MAX:].decode(errors="ignore")
