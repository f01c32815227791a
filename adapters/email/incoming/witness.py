"""Where the plain form of a mail is quoted, by what the markup of its HTML form says.

For header blocks in languages that no table knows. The two forms have to say the same, letter by
letter, up to where the quote begins; else the HTML form proves nothing.
"""

from adapters.email.incoming.quotes import Answering, quote_spans
from adapters.email.mime.html import Readable, to_text
from adapters.email.mime.quoting import hints_at_quote
from core.model.content import Span, Style

COMPARED_LENGTH_MAX = 20_000
PROOF_LETTERS_MIN, PROOF_LETTERS_MAX = 8, 60
"""So many letters of the quoted mail have to agree as well."""


def spans_of_both(plain: str, html: str, answering: Answering) -> tuple[Span, ...]:
    """What `quote_spans` finds in the plain form, or the HTML form can show of it."""
    spans = quote_spans(plain, answering)
    if any(span.style is Style.QUOTED_REPLY for span in spans) or not answering.answers:
        return spans
    if not html or not hints_at_quote(html):
        return spans
    shown = to_text(html)
    quotes = quote_spans(shown.text, answering, shown.spans)
    start = _quoted_from(plain, Readable(shown.text, quotes))
    if start < 0:
        return spans
    return quote_spans(plain, answering, (Span(start, len(plain) - start, Style.QUOTED_REPLY),))


def _quoted_from(plain: str, html: Readable) -> int:
    """The beginning of the line from which all of the plain form is quoted; -1: nobody knows."""
    quotes = [span for span in html.spans if span.style is Style.QUOTED_REPLY]
    if len(quotes) != 1 or _letters(html.text[quotes[0].end :]):
        return -1
    said = "".join(_letters(html.text[: quotes[0].start][:COMPARED_LENGTH_MAX]).values())
    quoted = "".join(_letters(html.text[quotes[0].start :][:COMPARED_LENGTH_MAX]).values())
    proof = quoted[:PROOF_LETTERS_MAX]
    letters = _letters(plain[: 2 * COMPARED_LENGTH_MAX])
    if len(proof) < PROOF_LETTERS_MIN or not said:
        return -1
    if not "".join(letters.values()).startswith(said + proof):
        return -1
    first = list(letters)[len(said)]
    start = plain.rfind("\n", 0, first) + 1
    return start if not _letters(plain[start:first]) else -1


def _letters(text: str) -> dict[int, str]:
    """Position -> letter or digit; layout and punctuation differ between the forms."""
    return {position: c for position, c in enumerate(text) if c.isalnum()}
