"""A stored mail, as an answer to it quotes it."""

from datetime import datetime

from adapters.email.account import Account, Delivered
from adapters.email.earlier import Earlier
from adapters.email.incoming.normalise import normalise
from core.model.content import Span, Text
from core.model.event import MessageCreated
from core.model.ids import EventId

LENGTH_MAX = 20_000
CUT = "\n[…]"


def earlier_mail(raw: bytes, account: Account, *, now: datetime) -> Earlier | None:
    """At most its first `LENGTH_MAX` characters; None when it says nothing that can be quoted.

    Raises MalformedPayload.
    """
    said = normalise(raw, account, Delivered(event=EventId("quoted"), received_at=now))
    for event in said.events:
        if isinstance(event.body, MessageCreated):
            texts = [part for part in event.body.parts if isinstance(part, Text) and part.text]
            if not texts:
                return None
            text, spans = _cut(_joined(texts))
            return Earlier(
                name=event.actor.name,
                address=event.actor.handle,
                at=event.occurred_at,
                text=text,
                spans=spans,
            )
    return None


def _joined(texts: list[Text]) -> Text:
    words, spans = "", []
    for text in texts:
        words += "\n\n" if words else ""
        spans += [Span(s.start + len(words), s.length, s.style, s.value) for s in text.spans]
        words += text.text
    return Text(text=words, spans=tuple(spans))


def _cut(whole: Text) -> tuple[str, tuple[Span, ...]]:
    """At the last line that fits."""
    if len(whole.text) <= LENGTH_MAX:
        return whole.text, whole.spans
    end = whole.text.rfind("\n", LENGTH_MAX // 2, LENGTH_MAX)
    end = end if end > 0 else LENGTH_MAX
    inside = (span for span in whole.spans if span.start < end)
    spans = (Span(s.start, min(s.end, end) - s.start, s.style, s.value) for s in inside)
    return whole.text[:end] + CUT, tuple(spans)
