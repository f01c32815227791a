"""What a benchmark found, as values: from these alone the page and its pictures are made."""

import msgspec
from msgspec.structs import replace

Cell = str | float | None
"""None: it was not measured."""


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """Numbers are shown with three significant digits; `head` names their units."""

    title: str = ""
    head: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


class Bound(msgspec.Struct, frozen=True, kw_only=True):
    """Something that must hold. `by_clock`: it depends on what else the machine does, so that it is
    told and not judged; processor time and ratios within one run are judged.
    """

    what: str
    measured: float
    bound: float
    unit: str = ""
    at_most: bool = True
    by_clock: bool = False

    @property
    def holds(self) -> bool:
        return self.measured <= self.bound if self.at_most else self.measured >= self.bound

    @property
    def is_broken(self) -> bool:
        """By what is judged."""
        return not self.holds and not self.by_clock


class Axis(msgspec.Struct, frozen=True, kw_only=True):
    label: str
    log: bool = False


class Line(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    points: tuple[tuple[float, float], ...]


class Plot(msgspec.Struct, frozen=True, kw_only=True, tag="plot"):
    """Lines over an axis. `name` is the beginning of the picture's file name."""

    name: str
    title: str
    x: Axis
    y: Axis
    lines: tuple[Line, ...]


class Bars(msgspec.Struct, frozen=True, kw_only=True, tag="bars"):
    """Lengths beside each other, each with the parts it is made of, in the order of `parts`."""

    name: str
    title: str
    unit: str
    parts: tuple[str, ...]
    bars: tuple[tuple[str, tuple[float, ...]], ...]


class Frame(msgspec.Struct, frozen=True, kw_only=True):
    """A function in a flame graph: how often it was seen on the stack, and what it called then."""

    name: str
    samples: int
    calls: tuple["Frame", ...] = ()


class Flame(msgspec.Struct, frozen=True, kw_only=True, tag="flame"):
    name: str
    title: str
    root: Frame


Picture = Plot | Bars | Flame


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """`says`: how it was measured and what it means, in Markdown."""

    says: str
    tables: tuple[Table, ...] = ()
    pictures: tuple[Picture, ...] = ()
    bounds: tuple[Bound, ...] = ()


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """A scenario, measured once. Loads are those of the last minute.

    `finding` is None where it did not run; `missing` says then what this machine lacks, and `error`
    what went wrong.
    """

    scenario: str
    server: str = ""
    finding: Finding | None = None
    missing: str = ""
    error: str = ""
    seconds: float = 0.0
    load_before: float = 0.0
    load_after: float = 0.0

    def file_of(self, picture: Picture) -> str:
        """Of two servers' runs each has its own."""
        return "-".join([picture.name, *self.server.split()]) + ".svg"

    @property
    def is_bad(self) -> bool:
        broken = self.finding is not None and any(b.is_broken for b in self.finding.bounds)
        return broken or bool(self.error)


class Machine(msgspec.Struct, frozen=True, kw_only=True):
    """What figures depend on, without names of hosts or places."""

    processor: str
    cores: int
    memory_gb: float
    kernel: str
    python: str
    versions: dict[str, str]


class Results(msgspec.Struct, frozen=True, kw_only=True):
    """All runs, on one machine. `day` as in 2026-11-23."""

    day: str
    quick: bool
    machine: Machine
    runs: tuple[Run, ...]

    def with_run(self, run: Run) -> "Results":
        """In the place of an earlier run of the same, else at the end."""
        key = run.scenario, run.server
        runs = [run if (one.scenario, one.server) == key else one for one in self.runs]
        return replace(self, runs=tuple(runs if run in runs else [*runs, run]))

    def with_all(self, newer: "Results") -> "Results":
        """Raises ValueError if these are of another machine: figures of two are not comparable."""
        if newer.machine != self.machine:
            raise ValueError("the results there are of another machine: run all scenarios anew")
        merged = replace(self, day=newer.day)
        for run in newer.runs:
            merged = merged.with_run(run)
        return merged
