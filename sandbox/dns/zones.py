"""What the name server knows, and what it was asked."""

from collections import Counter
from dataclasses import dataclass

from sandbox.errors import ActError

RECORD_BYTES_MAX = 4000
RECORDS_MAX = 10_000
KEPT_QUERIES_MAX = 10_000


@dataclass(frozen=True, slots=True)
class Query:
    """What was asked for."""

    name: str
    type: str


class Zones:
    """TXT records by name, in any case and with or without the dot at the end."""

    def __init__(self) -> None:
        self.queries: Counter[Query] = Counter()
        self._texts: dict[str, tuple[str, ...]] = {}

    def publish(self, name: str, texts: tuple[str, ...]) -> None:
        """Let these be all TXT records of a name; none takes the name away."""
        if any(len(text.encode()) > RECORD_BYTES_MAX for text in texts):
            raise ActError(f"a TXT record has at most {RECORD_BYTES_MAX} bytes here")
        if not texts:
            self._texts.pop(canonical(name), None)
        elif len(self._texts) < RECORDS_MAX:
            self._texts[canonical(name)] = texts
        else:
            raise ActError(f"at most {RECORDS_MAX} names are known here")

    def texts(self, name: str) -> tuple[str, ...] | None:
        """The TXT records of a name; None when there is no such name, nor any below it."""
        wanted = canonical(name)
        if wanted in self._texts:
            return self._texts[wanted]
        return () if any(known.endswith(f".{wanted}") for known in self._texts) else None

    def all(self) -> dict[str, tuple[str, ...]]:
        """Every record, by name."""
        return dict(self._texts)

    def note(self, query: Query) -> None:
        """Count what was asked."""
        if query in self.queries or len(self.queries) < KEPT_QUERIES_MAX:
            self.queries[query] += 1


def canonical(name: str) -> str:
    """Lower case, without the dot at the end."""
    return name.strip().lower().rstrip(".")
