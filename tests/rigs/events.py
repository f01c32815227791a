"""Events as an adapter would make them, with as little as a test wants to say."""

from datetime import UTC, datetime

from core.ids import new_ulid
from core.model.content import Attachment, Media, MediaKind, Part, Text
from core.model.event import Actor, ActorKind, Body, Inbound, MessageCreated
from core.model.ids import AttachmentId, EventId, ThreadRef
from core.model.message import Audience


def thread(name: str, channel: str = "telegram", account: str = "bot") -> ThreadRef:
    return ThreadRef(channel=channel, account=account, thread=name)


def actor(remote: str, name: str = "") -> Actor:
    return Actor(kind=ActorKind.CUSTOMER, remote=remote, name=name or remote.title())


def event(
    where: ThreadRef, who: str, body: Body, dedup: str = "", audience: Audience = Audience.PRIVATE
) -> Inbound:
    now = datetime.now(UTC)
    return Inbound(
        id=EventId(new_ulid()),
        thread=where,
        dedup=dedup or new_ulid(),
        actor=actor(who),
        body=body,
        occurred_at=now,
        received_at=now,
        audience=audience,
    )


def says(
    where: ThreadRef,
    who: str,
    text: str,
    *,
    remote: str = "",
    dedup: str = "",
    audience: Audience = Audience.PRIVATE,
) -> Inbound:
    parts: tuple[Part, ...] = (Text(text=text),)
    body = MessageCreated(remote=remote or new_ulid(), parts=parts)
    return event(where, who, body, dedup, audience)


def file(remote: str, size_bytes: int | None = None) -> Media:
    """A part with a file that the platform calls `remote`."""
    wanted = Attachment(id=AttachmentId(f"id of {remote}"), remote=remote, size_bytes=size_bytes)
    return Media(media=MediaKind.FILE, attachment=wanted)
