"""Measures and writes docs/benchmarks.md: `make bench`, or `python -m bench [NAME ...]`.

All scenarios by default, or those that are named. A whole run writes the page with its pictures; a
single scenario is only printed, unless `--keep` puts it beside what the page holds already. The
exit code is 1 if something that is judged did not hold, or something went wrong.
"""

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from msgspec.structs import replace

from bench.measuring import machine
from bench.report.findings import Machine, Results, Run
from bench.report.page import as_text
from bench.report.results import Shelf
from bench.running import run_each
from bench.scenarios import SCENARIOS, chosen

HOME: Final = Path(__file__).parent.parent


def main(arguments: list[str]) -> int:
    asked = _parser().parse_args(arguments)
    shelf = Shelf(HOME / (".build/bench" if asked.quick else "docs"))
    if asked.list:
        print("\n".join(f"{one.name:<20}{one.title}" for one in SCENARIOS))
        return 0
    if asked.render:
        return verdict(shelf.write(shelf.read()))
    return verdict(measure(shelf, asked))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="see --list; all by default")
    parser.add_argument("--list", action="store_true", help="say what can be measured")
    parser.add_argument("--quick", action="store_true", help="rough figures, in .build/bench")
    parser.add_argument("--render", action="store_true", help="write the page from its results")
    parser.add_argument("--keep", action="store_true", help="put these figures into the page")
    return parser


def measure(shelf: Shelf, asked: argparse.Namespace) -> Results:
    day = datetime.now(UTC).date().isoformat()
    results = Results(day=day, quick=asked.quick, machine=machine(), runs=())
    before = shelf.read() if asked.keep and asked.names and shelf.is_filled else results
    if not asked.names:
        before = replace(results, runs=apart_on(shelf, results.machine))
    for run in run_each(chosen(asked.names), quick=asked.quick):
        print(as_text(run), flush=True)
        results = results.with_run(run)
        if asked.keep or not asked.names:
            shelf.write(before.with_all(results))
    return results


def apart_on(shelf: Shelf, here: Machine) -> tuple[Run, ...]:
    """What a whole run leaves out stays as it was measured, if that was on this machine."""
    names = {one.name for one in SCENARIOS if one.apart}
    there = shelf.read() if shelf.is_filled else None
    if not there or there.machine != here:
        return ()
    return tuple(run for run in there.runs if run.scenario in names)


def verdict(results: Results) -> int:
    bad = [f"{run.scenario} {run.server}".strip() for run in results.runs if run.is_bad]
    if bad:
        print(f"does not hold: {', '.join(bad)}", file=sys.stderr)
    return int(bool(bad))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
