"""The part of a message that an answer quotes: the agent's words for it, found in what was said."""

from collections.abc import Iterator

from core.errors import InvalidRequest
from core.model.content import Media, Part, Span, Text
from core.model.message import Message


def quotation(parts: tuple[Part, ...], words: str) -> Text:
    """These words where a text or a caption among the parts has them first, as they are styled
    there: some platforms know them by that. Raises InvalidRequest.
    """
    wanted = words.strip()
    for text in _texts(parts):
        at = text.text.find(wanted)
        if wanted and at >= 0:
            return Text(text=wanted, spans=tuple(_shares(text.spans, at, at + len(wanted))))
    raise InvalidRequest(
        "the message does not say what is quoted: quote words of its text or caption as they stand"
        " there, or leave `quote` out"
    )


def quoted(message: Message) -> Text | None:
    """The part that a message quotes of what it answers."""
    quote = message.answers
    return Text(text=quote.text, spans=quote.spans) if quote and quote.text else None


def _texts(parts: tuple[Part, ...]) -> Iterator[Text]:
    for part in parts:
        match part:
            case Text():
                yield part
            case Media(caption=caption, spans=spans):
                yield Text(text=caption, spans=spans)
            case _:
                pass


def _shares(spans: tuple[Span, ...], start: int, end: int) -> Iterator[Span]:
    for span in spans:
        low, high = max(span.start, start), min(span.end, end)
        if low < high:
            yield Span(low - start, high - low, span.style, span.value)
