"""Pieces to render, with invented files."""

from typing import Any

from adapters.discord.outgoing.calls import Call
from adapters.discord.outgoing.render import render
from adapters.discord.places import place_of
from adapters.discord.settings import DiscordSettings
from core.model.content import Attachment, Media, MediaKind, Part
from core.model.ids import AttachmentId, ConversationId, MessageId, Number, ThreadRef
from core.model.message import Sender, SenderKind
from core.model.outbound import Outbound
from core.model.secret import Secret

SETTINGS = DiscordSettings(token=Secret("bm90.YQ.dG9rZW4"))
THREAD = "81001/81002"
MESSAGE = MessageId("01JB3Q0R5W8Z9X7Y6V5T4S3R2Q")


def outbound(*parts: Part, answers: str = "", silent: bool = False, piece: int = 0) -> Outbound:
    return Outbound(
        thread=ThreadRef(channel="discord", account="dc", thread=THREAD),
        message=MESSAGE,
        parts=parts,
        sender=Sender(kind=SenderKind.AGENT, id="kim"),
        conversation=ConversationId("c1"),
        number=Number("T-7KQ4-M"),
        answers=answers,
        silent=silent,
        piece=piece,
    )


def rendered(*parts: Part, answers: str = "", silent: bool = False) -> Call:
    piece = outbound(*parts, answers=answers, silent=silent)
    return render(piece, place_of(THREAD), SETTINGS)


def body(call: Call) -> dict[str, Any]:
    assert isinstance(call.body, dict)
    return call.body


def file(number: int = 1, name: str = "", kind: MediaKind = MediaKind.IMAGE) -> Media:
    attachment = Attachment(
        id=AttachmentId(f"a{number}"),
        sha256=f"{number:064x}",
        size_bytes=number,
        name=name or f"{number}.png",
    )
    return Media(media=kind, attachment=attachment)
