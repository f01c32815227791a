"""What is not taken of a message, and stays visible all the same.

A file that is not taken keeps its name and its size, and says why its bytes are not fetched. A text
that is too long is cut, and the message says so in what it has `lost`.
"""

from collections.abc import Iterator

from msgspec.structs import replace

from core.model.content import Attachment, AttachmentState, Card, Media, Part, Span, Text
from core.model.event import Inbound, MessageCreated, MessageEdited
from core.model.taking import Takes


def taken(event: Inbound, takes: Takes) -> Inbound:
    """The event as far as it is taken: itself, in the usual case."""
    body = event.body
    if not isinstance(body, MessageCreated | MessageEdited):
        return event
    lost: list[str] = []
    parts = tuple(_parts(body.parts, takes, lost))
    if all(new is old for new, old in zip(parts, body.parts, strict=True)):
        return event
    return replace(event, body=replace(body, parts=parts), lost=(*event.lost, *lost))


def _parts(parts: tuple[Part, ...], takes: Takes, lost: list[str]) -> Iterator[Part]:
    files = 0
    for part in parts:
        match part:
            case Text(text=text) if takes.text_length_max and len(text) > takes.text_length_max:
                lost.append(f"text beyond {takes.text_length_max} of {len(text)} characters")
                yield _cut(part, takes.text_length_max)
            case Media(media=kind, attachment=attachment):
                files += 1
                why = _why_not(files, takes)
                if takes.kinds and kind not in takes.kinds:
                    why = f"this inbox does not take files of the kind {kind}"
                yield replace(part, attachment=_refused(attachment, why)) if why else part
            case Card(image=image) if image is not None:
                files += 1
                why = _why_not(files, takes)
                yield replace(part, image=_refused(image, why)) if why else part
            case _:
                yield part


def _why_not(files: int, takes: Takes) -> str:
    too_many = takes.files_max is not None and files > takes.files_max
    return f"this inbox takes {takes.files_max} files a message" if too_many else ""


def _refused(attachment: Attachment, why: str) -> Attachment:
    return replace(attachment, state=AttachmentState.FAILED, reason=why)


def _cut(part: Text, length: int) -> Text:
    spans = tuple(
        Span(one.start, min(one.end, length) - one.start, one.style, one.value)
        for one in part.spans
        if one.start < length
    )
    return replace(part, text=part.text[:length], spans=spans)
