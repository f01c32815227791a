"""From plain text with spans to Discord's markdown that shows exactly that. Pure."""

from collections.abc import Iterable, Iterator

from adapters.discord.markdown.atoms import atoms_of, names_of
from adapters.discord.markdown.lines import Section, sections_of
from adapters.discord.markdown.marking import marked
from adapters.discord.markdown.reading import read
from adapters.discord.markdown.runs import Run, runs_of
from core.model.content import Span, Style

STYLES = frozenset(
    {
        Style.BOLD,
        Style.ITALIC,
        Style.UNDERLINE,
        Style.STRIKE,
        Style.SPOILER,
        Style.CODE,
        Style.PRE,
        Style.QUOTE,
        Style.HEADING,
        Style.SMALL,
        Style.LINK,
        Style.MENTION,
        Style.COMMAND,
        Style.EMOJI,
    }
)
"""What Discord can show."""

_TRIES = 12
_HARDLY = frozenset({Style.ITALIC})
"""What two marks side by side may make unreadable: bold and italics share a character."""


def write(text: str, spans: Iterable[Span], *, previews: bool = False) -> str:
    """What Discord shows as this text in these styles, character for character.

    Nothing in the text is markup, nothing calls anybody. A style that cannot be shown where it is
    (italics that end within a word, right behind a bold one) is left out, never a character.
    `previews`: Discord may add pictures of what addresses lead to.
    """
    spans = tuple(span for span in spans if span.style in STYLES)
    for attempt in range(_TRIES):
        written = _Written(text, spans, previews=previews)
        wrong = written.first_wrong()
        if wrong is None:
            return written.markdown
        if attempt == _TRIES // 2:
            spans = tuple(span for span in spans if span.style not in _HARDLY)
        else:
            spans = _without(spans, wrong)
    return _Written(text, (), previews=previews).markdown


def _without(spans: tuple[Span, ...], wrong: int) -> tuple[Span, ...]:
    """Without what may have led there, the likelier first."""
    near = [span for span in spans if span.start - 1 <= wrong <= span.end + 1]
    blamed = [span for span in near if span.style in _HARDLY] or near or list(spans)
    return tuple(span for span in spans if span not in blamed)


class _Written:
    """One way to write it, with what is to be seen then."""

    def __init__(self, text: str, spans: tuple[Span, ...], *, previews: bool) -> None:
        self._text = text
        self._atoms = atoms_of(text, spans, previews=previews)
        self._sections = sections_of(text, spans, self._atoms)
        self._seen: set[tuple[int, Style, str]] = set()
        self.markdown = "\n".join(self._section(section, spans) for section in self._sections)

    def first_wrong(self) -> int | None:
        """Where it would be shown otherwise than it is meant."""
        names = names_of(self._atoms)
        shown, spans = read(self.markdown, lambda _kind, _id: next(names, ""))
        if shown != self._text:
            pairs = zip(shown, self._text, strict=False)
            short = min(len(shown), len(self._text))
            return next((at for at, (one, other) in enumerate(pairs) if one != other), short)
        seen = set(_seen(shown, spans))
        return min((at for at, _, _ in seen ^ self._seen), default=None)

    def _section(self, section: Section, spans: tuple[Span, ...]) -> str:
        runs = runs_of(self._text, section.start, section.end, spans, self._atoms)
        self._note(section, runs)
        markdown = section.mark + marked(self._text, section, runs)
        if not section.quoted:
            return markdown
        return "\n".join(f"> {line}" for line in markdown.split("\n"))

    def _note(self, section: Section, runs: list[Run]) -> None:
        shown = [Span(run.start, run.end - run.start, *mark) for run in runs for mark in run.marks]
        shown += [
            Span(atom.start, atom.end - atom.start, atom.style, atom.value)
            for run in runs
            if (atom := run.atom)
        ]
        shown += section.styles()
        self._seen.update(_seen(self._text, shown))


def _seen(text: str, spans: Iterable[Span]) -> Iterator[tuple[int, Style, str]]:
    for span in spans:
        for at in range(span.start, span.end):
            if not text[at].isspace():
                yield at, span.style, span.value
