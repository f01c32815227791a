"""The page of a run, in Markdown: what must hold, then a chapter a scenario."""

from collections.abc import Iterable, Iterator
from itertools import groupby

from bench.report.findings import Bound, Cell, Machine, Results, Run, Table
from bench.report.plain import plain
from bench.scenarios import SCENARIOS

PLACES = {one.name: n for n, one in enumerate(SCENARIOS)}
TITLES = {one.name: one.title for one in SCENARIOS}
INTRODUCTION = """# Benchmarks

Written by `make bench` from what it measured, by nobody's hand. Processor time, and ratios of what
was measured in turns within one run, are judged: they are steady. What the clock says depends on
what else the machine did, so it is told beside the load, and not judged. Every figure can be had
again by itself: `python -m bench NAME`. What bounds them: [performance](performance.md).
"""


def page(results: Results) -> str:
    runs = sorted(results.runs, key=_place)
    chapters = [INTRODUCTION, _measured_on(results), _must_hold(runs)]
    for _, several in groupby(runs, lambda run: run.scenario):
        chapters.append(_chapter(list(several)))
    return "\n".join(chapters)


def _place(run: Run) -> tuple[int, str]:
    """In the order of the list of scenarios; what is not in it any more comes last."""
    return PLACES.get(run.scenario, len(PLACES)), run.server


def as_text(run: Run) -> str:
    """For whoever waits in front of a terminal."""
    bounds = run.finding.bounds if run.finding else ()
    return "\n".join([*_section(run, pictures=False), *_table(_bounds([(run, b) for b in bounds]))])


def _measured_on(results: Results) -> str:
    quick = "A quick run: **its figures are rough.** " if results.quick else ""
    minutes = sum(run.seconds for run in results.runs) / 60
    loads = [load for run in results.runs for load in (run.load_before, run.load_after)]
    return (
        f"{quick}{results.day}, {_machine(results.machine)}. {minutes:.0f} minutes, with a load of"
        f" {min(loads):.1f} to {max(loads):.1f}, these measurements' own included.\n"
    )


def _machine(machine: Machine) -> str:
    versions = ", ".join(f"{name} {version}" for name, version in machine.versions.items())
    return (
        f"{machine.processor}, {machine.cores} cores, {machine.memory_gb:.0f} GB, {machine.kernel},"
        f" {machine.python}, {versions}"
    )


def _must_hold(runs: Iterable[Run]) -> str:
    rows = [(run, bound) for run in runs if run.finding for bound in run.finding.bounds]
    not_run = [f"- {_title(run)}: {run.missing or run.error}" for run in runs if not run.finding]
    lines = ["## What must hold", "", *_table(_bounds(rows))]
    if not_run:
        lines += ["Not measured:", "", *not_run, ""]
    return "\n".join(lines)


def _bounds(rows: list[tuple[Run, Bound]]) -> Table:
    return Table(
        head=("what", "server", "bound", "measured", "judged", "holds"),
        rows=tuple(
            (
                bound.what,
                run.server,
                f"{'≤' if bound.at_most else '≥'} {plain(bound.bound)} {bound.unit}".strip(),
                f"{plain(bound.measured)} {bound.unit}".strip(),
                "told" if bound.by_clock else "judged",
                "yes" if bound.holds else "**no**",
            )
            for run, bound in rows
        ),
    )


def _chapter(runs: list[Run]) -> str:
    """One scenario, with each server."""
    lines = [f"## {TITLES.get(runs[0].scenario, runs[0].scenario)}", ""]
    if runs[0].finding:
        lines += [runs[0].finding.says, ""]
    lines += [f"`python -m bench {runs[0].scenario}`", ""]
    for run in runs:
        lines += _section(run, pictures=True)
    return "\n".join(lines)


def _section(run: Run, *, pictures: bool) -> Iterator[str]:
    if run.server or not pictures:
        yield f"### {run.server or run.scenario}\n"
    if run.finding is None:
        yield f"Not measured: {run.missing or run.error}.\n"
        return
    for table in run.finding.tables:
        yield from _table(table)
    if pictures:
        yield from _pictures(run)
    loads = f"load {run.load_before:.1f} before, {run.load_after:.1f} after"
    yield f"{run.seconds:.0f} s; {loads}.\n"


def _pictures(run: Run) -> Iterator[str]:
    for picture in run.finding.pictures if run.finding else ():
        yield f"![{picture.title}](benchmarks/{run.file_of(picture)})\n"


def _table(table: Table) -> Iterator[str]:
    """Padded, so that it is a table in a terminal, too."""
    if not table.rows:
        return
    if table.title:
        yield f"**{table.title}**\n"
    rows = [table.head, *(tuple(_cell(cell) for cell in row) for row in table.rows)]
    widths = [max(len(row[n]) for row in rows) for n in range(len(table.head))]
    yield _row(rows[0], widths)
    numbers = [not isinstance(cell, str) for cell in table.rows[0]]
    yield "|" + "|".join(_rule(w, right=n) for w, n in zip(widths, numbers, strict=True)) + "|"
    yield from (_row(row, widths) for row in rows[1:])
    yield ""


def _rule(width: int, *, right: bool) -> str:
    return "-" * (width + 1) + ":" if right else "-" * (width + 2)


def _row(cells: Iterable[str], widths: list[int]) -> str:
    return "| " + " | ".join(c.ljust(w) for c, w in zip(cells, widths, strict=True)) + " |"


def _cell(cell: Cell) -> str:
    match cell:
        case None:
            return "–"
        case str():
            return cell
        case _:
            return plain(cell)


def _title(run: Run) -> str:
    return f"{TITLES.get(run.scenario, run.scenario)} {run.server}".strip()
