"""The page of benchmarks is made of a run's results alone, and tells what did not hold."""

from pathlib import Path
from xml.etree import ElementTree

import pytest
from msgspec.structs import replace

from bench.__main__ import verdict
from bench.report.findings import (
    Axis,
    Bars,
    Bound,
    Finding,
    Flame,
    Frame,
    Line,
    Machine,
    Plot,
    Results,
    Run,
    Table,
)
from bench.report.results import Shelf

BOUND = Bound(what="a round trip, Python", measured=74.0, bound=75.0, unit="µs")
STACK = Frame(name="all", samples=10, calls=(Frame(name="core.reply", samples=7),))
FINDING = Finding(
    says="Measured for this test.",
    tables=(Table(head=("what", "µs"), rows=(("round trip", 74.0), ("not measured", None))),),
    pictures=(
        Plot(
            name="growth",
            title="Cost as it grows",
            x=Axis(label="messages", log=True),
            y=Axis(label="µs"),
            lines=(Line(name="Python & Redis", points=((1e4, 70.0), (1e6, 74.0))),),
        ),
        Bars(
            name="cost", title="Cost", unit="µs", parts=("ours",), bars=(("round trip", (74.0,)),)
        ),
        Flame(name="flame", title="Where it goes", root=STACK),
    ),
    bounds=(BOUND,),
)
MACHINE = Machine(
    processor="A processor",
    cores=2,
    memory_gb=8.0,
    kernel="Linux 6",
    python="CPython 3.11",
    versions={"redis": "6"},
)
RUN = Run(scenario="engine", server="redis 7.0", finding=FINDING, seconds=9.0)
RESULTS = Results(day="2026-11-23", quick=False, machine=MACHINE, runs=(RUN,))


def with_bound(bound: Bound) -> Results:
    return replace(RESULTS, runs=(replace(RUN, finding=replace(FINDING, bounds=(bound,))),))


def test_page_and_pictures_are_made_of_the_results_alone_as_often_as_one_likes(
    tmp_path: Path,
) -> None:
    """Whoever changes the page would have to measure for half an hour to see it."""
    shelf = Shelf(tmp_path)
    shelf.write(RESULTS)
    first = {path.name: path.read_bytes() for path in tmp_path.rglob("*.*")}

    shelf.write(shelf.read())

    again = {path.name: path.read_bytes() for path in tmp_path.rglob("*.*")}
    page = first["benchmarks.md"].decode()
    assert again == first
    assert "| round trip   | 74 |" in page
    assert "| a round trip, Python | redis 7.0 | ≤ 75 µs | 74 µs    | judged | yes   |" in page
    for name in ("growth", "cost", "flame"):
        assert f"(benchmarks/{name}-redis-7.0.svg)" in page
        assert ElementTree.fromstring(first[f"{name}-redis-7.0.svg"]).get("viewBox")  # noqa: S314


@pytest.mark.parametrize(
    ("bound", "code"),
    [
        (BOUND, 0),
        (replace(BOUND, measured=75.1), 1),
        (replace(BOUND, measured=74.9, at_most=False), 1),
        (replace(BOUND, measured=75.1, by_clock=True), 0),
    ],
)
def test_the_exit_code_says_whether_what_is_judged_holds(bound: Bound, code: int) -> None:
    """Nobody would notice that a change made everything dearer."""
    assert verdict(with_bound(bound)) == code


def test_a_scenario_that_broke_is_no_success_and_one_that_cannot_run_here_is_told(
    tmp_path: Path,
) -> None:
    """A page without a figure would look as if there had never been one."""
    broken = Run(scenario="growth", error="it ended with code 1")
    lacking = Run(scenario="mail", missing="needs Dovecot")

    Shelf(tmp_path).write(replace(RESULTS, runs=(broken, lacking)))

    page = (tmp_path / "benchmarks.md").read_text("utf-8")
    assert verdict(replace(RESULTS, runs=(broken,))) == 1
    assert verdict(replace(RESULTS, runs=(lacking,))) == 0
    assert ": it ended with code 1" in page
    assert ": needs Dovecot" in page


def test_figures_of_two_machines_are_not_put_onto_one_page() -> None:
    """They would be compared."""
    other = replace(RESULTS, machine=replace(MACHINE, cores=64))

    with pytest.raises(ValueError, match="another machine"):
        RESULTS.with_all(other)
