"""Pieces to render, with invented files."""

from adapters.telegram.outgoing.calls import Call
from adapters.telegram.outgoing.render import render
from adapters.telegram.places import place_of
from core.model.content import Attachment, Media, MediaKind, Part
from core.model.ids import AttachmentId, ConversationId, MessageId, Number, ThreadRef
from core.model.message import Sender, SenderKind
from core.model.outbound import Outbound

STORED = Attachment(id=AttachmentId("a1"), name="plan\r\n.pdf", sha256="ab" * 32, size_bytes=2000)


def outbound(*parts: Part, thread: str = "62", answers: str = "", silent: bool = False) -> Outbound:
    return Outbound(
        thread=ThreadRef(channel="telegram", account="main", thread=thread),
        message=MessageId("m1"),
        parts=parts,
        sender=Sender(kind=SenderKind.AGENT, id="kim"),
        conversation=ConversationId("c1"),
        number=Number("T-7KQ4-M"),
        answers=answers,
        silent=silent,
    )


def rendered(*parts: Part, thread: str = "62", answers: str = "", silent: bool = False) -> Call:
    piece = outbound(*parts, thread=thread, answers=answers, silent=silent)
    return render(piece, place_of(thread), link_previews=False, paid_broadcast=False)


def file(kind: MediaKind, number: int = 1, **more: object) -> Media:
    attachment = Attachment(
        id=AttachmentId(f"a{number}"),
        sha256=f"{number:064x}",
        size_bytes=number,
        name=f"{number}.bin",
    )
    return Media(media=kind, attachment=attachment, **more)  # type: ignore[arg-type]
