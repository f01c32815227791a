"""The adapter's way out over the sandbox, with blobs in a directory and core in memory."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from adapters.discord.adapter import DiscordAdapter, open_adapter
from core.ids import new_ulid
from core.model.content import Attachment, Media, MediaKind, Part
from core.model.ids import AttachmentId, ConversationId, MessageId, Number, ThreadRef
from core.model.message import Sender, SenderKind
from core.model.outbound import Outbound
from sandbox.discord.guilds import Channel
from sandbox.discord.messages import Message
from sandbox.server import Sandbox
from tests.contract.surroundings import Inbox, Lent
from tests.e2e.discord.line_rig import channel, settings

ACCOUNT = "support"


@asynccontextmanager
async def sending(
    sandbox: Sandbox, directory: Path, **changes: Any
) -> AsyncIterator[tuple[DiscordAdapter, Lent]]:
    """An adapter that only sends. Budgets are another test's matter."""
    free: dict[str, Any] = {
        "account_per_second": 10_000.0,
        "account_burst": 1000,
        "channel_per_second": 10_000.0,
        "channel_burst": 1000,
    }
    lent = Lent(directory, account=ACCOUNT)
    async with open_adapter(
        replace(settings(sandbox, **free), **changes), lent.surroundings
    ) as adapter:
        yield adapter, lent


async def direct(adapter: DiscordAdapter, sandbox: Sandbox, person: str) -> ThreadRef:
    """The direct messages with a person."""
    return (await adapter.open_thread(str(sandbox.world.discord.user(person).id))).thread


def public(sandbox: Sandbox, name: str) -> ThreadRef:
    """A channel of the first guild."""
    place = f"{sandbox.discord.guild().id}/{channel(sandbox, name)}"
    return ThreadRef(channel="discord", account=ACCOUNT, thread=place)


def said_in(sandbox: Sandbox, thread: ThreadRef) -> list[Message]:
    """What the bot has said there, oldest first."""
    where: Channel = sandbox.world.discord.channel(thread.thread.rpartition("/")[2])
    ours = (one for one in where.messages.values() if one.author.bot)
    return sorted(ours, key=lambda one: one.id)


def outbound(
    thread: ThreadRef,
    *parts: Part,
    answers: str = "",
    at: datetime | None = None,
    attempted: bool = False,
    message: str = "",
) -> Outbound:
    return Outbound(
        thread=thread,
        message=MessageId(message or new_ulid()),
        parts=parts,
        sender=Sender(kind=SenderKind.AGENT, id="kim"),
        conversation=ConversationId("c1"),
        number=Number("T-7KQ4-M"),
        answers=answers,
        at=at or datetime.now(UTC),
        attempted=attempted,
    )


def stored(lent: Lent, content: bytes, *, name: str = "log.txt", caption: str = "") -> Media:
    """A file whose bytes are among the blobs."""
    attachment = Attachment(
        id=AttachmentId(new_ulid()),
        name=name,
        size_bytes=len(content),
        sha256=lent.blobs.add(content),
    )
    return Media(media=MediaKind.FILE, attachment=attachment, caption=caption)


@asynccontextmanager
async def receiving(adapter: DiscordAdapter) -> AsyncIterator[Inbox]:
    """The adapter receives, too, while the block runs."""
    inbox = Inbox()
    task = asyncio.create_task(adapter.run(inbox))
    try:
        yield inbox
    finally:
        task.cancel()
        await asyncio.wait([task])
