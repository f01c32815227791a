"""What is shown where a platform cannot carry something: the same content, in plain words.

Each function here turns one value into text that still says everything; `degrade` decides when.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable

from core.model.content import (
    Attachment,
    Button,
    Buttons,
    Card,
    Choice,
    ContactCard,
    Location,
    Media,
    Part,
    Poll,
    Span,
    Style,
    System,
    Text,
    Unsupported,
)

Insertion = tuple[int, str]

STYLE_WORDS = {
    Style.BOLD: "bold",
    Style.ITALIC: "italic",
    Style.UNDERLINE: "underlined",
    Style.STRIKE: "struck-out",
    Style.CODE: "code",
    Style.PRE: "code",
    Style.QUOTE: "quoted",
    Style.HEADING: "heading",
    Style.MENTION: "mentioning",
    Style.EMOJI: "custom emoji",
}
"""How an agent calls it. Styles that are missing here lose nothing: their text says it all."""


def without_styles(
    text: Text, kept: frozenset[Style], link_schemes: frozenset[str] = frozenset()
) -> tuple[Text, tuple[str, ...]]:
    """The text with only the styles of `kept`, and in words what is shown differently.

    A link's address and the warning before a spoiler become part of the text. So does the address
    of a link that begins with none of `link_schemes`, unless they are empty.
    """
    remaining = tuple(
        span
        for span in text.spans
        if span.style in kept
        and (span.style is not Style.LINK or may_link(span.value, link_schemes))
    )
    if len(remaining) == len(text.spans):
        return text, ()
    missing = [span for span in text.spans if span not in remaining]
    insertions = sorted(filter(None, (_insertion(text.text, span) for span in missing)))
    notes = dict.fromkeys(filter(None, (_note(span.style) for span in missing)))
    return _insert(Text(text=text.text, spans=remaining), insertions), tuple(notes)


def may_link(address: str, schemes: frozenset[str]) -> bool:
    """Whether a channel whose links begin with these (empty = anything) can carry this one."""
    return not schemes or address.partition(":")[0].lower() in schemes


def listed(buttons: Buttons, first: int = 1) -> Text:
    """Buttons as lines, numbered from `first`."""
    labels = (_button(button) for row in buttons.rows for button in row)
    return Text(text=_lines(*_numbered(labels, first)))


def as_lines_quoted(text: Text) -> Text:
    """Lines that begin with "> ", as people quote where there is nothing but characters."""
    plain, _ = without_styles(text, frozenset())
    return Text(text="\n".join(f"> {line}" for line in plain.text.splitlines()))


def as_link(attachment: Attachment, address: str) -> Text:
    """A file that is not sent, but where it is: "report.pdf (12.3 MB): https://..."."""
    name = " ".join(attachment.name.split()) or "file"
    size = f" ({_size(attachment.size_bytes)})" if attachment.size_bytes is not None else ""
    return Text(text=f"{name}{size}: {address}")


def as_text(part: Part) -> Text:
    """The part's content in words; may be empty. A medium yields its caption."""
    match part:
        case Text():
            return part
        case Media():
            return Text(text=part.caption, spans=part.spans)
        case Location():
            return Text(text=_lines(part.title, part.address, _map_link(part), _liveness(part)))
        case ContactCard():
            return Text(text=_lines(part.name, part.phone, part.email))
        case Poll():
            return Text(text=_lines(part.question, *_numbered(o.text for o in part.options)))
        case Buttons():
            return listed(part)
        case Card():
            return Text(text=_lines(part.title, part.text, part.url))
        case Choice() | System() | Unsupported():
            return Text(text=_words(part))


def _words(part: Choice | System | Unsupported) -> str:
    match part:
        case Choice():
            return part.label or part.value
        case System():
            return part.text or part.code
        case Unsupported():
            return part.summary or part.platform_kind


def _insertion(text: str, span: Span) -> Insertion | None:
    if span.style is Style.SPOILER:
        return span.start, "[spoiler] "
    if span.style is Style.LINK and not _says_its_address(text[span.start : span.end], span.value):
        return span.end, f" ({span.value})"
    return None


def _says_its_address(label: str, address: str) -> bool:
    return not address or address in (label, f"http://{label}", f"mailto:{label}", f"tel:{label}")


def _note(style: Style) -> str:
    if style is Style.LINK:
        return "links are written out after their text"
    if style is Style.SPOILER:
        return "a spoiler is shown openly after the word [spoiler]"
    return f"{STYLE_WORDS[style]} text is shown plain" if style in STYLE_WORDS else ""


def _insert(text: Text, insertions: list[Insertion]) -> Text:
    """Spans that begin where something is inserted begin after it; those that end there, before."""
    places = [at for at, _ in insertions]
    added = [0]
    for _, words in insertions:
        added.append(added[-1] + len(words))
    pieces, last = [], 0
    for at, words in insertions:
        pieces += [text.text[last:at], words]
        last = at
    spans = []
    for span in text.spans:
        start = span.start + added[bisect_right(places, span.start)]
        end = span.end + added[bisect_left(places, span.end)]
        spans.append(Span(start, end - start, span.style, span.value))
    return Text(text="".join([*pieces, text.text[last:]]), spans=tuple(spans))


def _lines(*lines: str) -> str:
    return "\n".join(line for line in lines if line)


def _numbered(labels: Iterable[str], first: int = 1) -> list[str]:
    return [f"{number}. {label}" for number, label in enumerate(labels, first)]


def _size(size_bytes: int) -> str:
    """In the units in which people speak of files: powers of ten."""
    for unit, size in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if size_bytes >= size:
            return f"{size_bytes / size:.1f} {unit}"
    return f"{size_bytes} bytes"


def _button(button: Button) -> str:
    return f"{button.label} ({button.url})" if button.url else button.label


def _map_link(place: Location) -> str:
    latitude, longitude = f"{place.latitude:.6f}", f"{place.longitude:.6f}"
    return f"https://www.openstreetmap.org/?mlat={latitude}&mlon={longitude}"


def _liveness(place: Location) -> str:
    return f"(shared live for {place.live_seconds // 60} min)" if place.live_seconds else ""
