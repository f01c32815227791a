"""Pictures of findings, as SVG: lines, bars, flame graphs."""

from collections.abc import Iterator
from itertools import accumulate, pairwise
from typing import Final

from bench.report.findings import Bars, Flame, Frame, Picture, Plot
from bench.report.plain import plain
from bench.report.scales import Scale, scale
from bench.report.svg import COLOURS, WIDTH, Svg

LEFT, RIGHT, TOP, BOTTOM, HEIGHT = 64, WIDTH - 20, 60, 300, 345
BAR_HEIGHT, NAMES_WIDTH, VALUES_WIDTH = 30, 230, 70
ROW_HEIGHT: Final = 18
CHARACTER_WIDTH: Final = 6.2
SHORTEST: Final = 3
NARROWEST: Final = 0.8
"""A function that would be narrower is left out, with what it calls."""


def drawn(picture: Picture) -> str:
    match picture:
        case Plot():
            return _plot(picture)
        case Bars():
            return _bars(picture)
        case Flame():
            return _flame(picture)


def _plot(plot: Plot) -> str:
    svg = Svg(HEIGHT, plot.title)
    points = [point for line in plot.lines for point in line.points]
    x = scale([x for x, _ in points], LEFT, RIGHT, log=plot.x.log)
    y = scale([y for _, y in points], BOTTOM, TOP, log=plot.y.log)
    _axes(svg, plot, x, y)
    _legend(svg, [line.name for line in plot.lines])
    for n, line in enumerate(plot.lines):
        svg.path([(x.at(a), y.at(b)) for a, b in line.points], _colour(n))
    return svg.end()


def _axes(svg: Svg, plot: Plot, x: Scale, y: Scale) -> None:
    for tick in x.ticks():
        svg.line(x.at(tick), TOP, x.at(tick), BOTTOM, "g")
        svg.text(x.at(tick), BOTTOM + 16, plain(tick), "n", "middle")
    for tick in y.ticks():
        svg.line(LEFT, y.at(tick), RIGHT, y.at(tick), "g")
        svg.text(LEFT - 6, y.at(tick) + 4, plain(tick), "n", "end")
    svg.line(LEFT, BOTTOM, RIGHT, BOTTOM, "a")
    svg.text((LEFT + RIGHT) / 2, BOTTOM + 36, plot.x.label, "n", "middle")
    svg.text(16, TOP - 8, plot.y.label, "n")


def _legend(svg: Svg, names: list[str]) -> None:
    """At the right, above the picture."""
    widths = [len(name) * CHARACTER_WIDTH + 34 for name in names]
    at = RIGHT - sum(widths)
    for n, (name, width) in enumerate(zip(names, widths, strict=True)):
        svg.box(at, TOP - 18, 12, 12, _colour(n))
        svg.text(at + 17, TOP - 8, name)
        at += width


def _bars(bars: Bars) -> str:
    svg = Svg(TOP + 16 + BAR_HEIGHT * len(bars.bars), bars.title)
    if len(bars.parts) > 1:
        _legend(svg, list(bars.parts))
    svg.text(16, TOP - 8, bars.unit, "n")
    totals = [sum(values) for _, values in bars.bars]
    longest = max(len(name) for name, _ in bars.bars)
    left = max(NAMES_WIDTH, longest * CHARACTER_WIDTH + 26)
    x = scale(totals, left, RIGHT - VALUES_WIDTH, log=False)
    for n, (name, values) in enumerate(bars.bars):
        y = TOP + 4 + n * BAR_HEIGHT
        svg.text(left - 10, y + 16, name, anchor="end")
        ends = list(accumulate(values, initial=0.0))
        for k, (start, end) in enumerate(pairwise(ends)):
            tip = f"{bars.parts[k]}: {plain(values[k])} {bars.unit}"
            svg.box(x.at(start), y, x.at(end) - x.at(start), BAR_HEIGHT - 9, _colour(k), tip)
        svg.text(x.at(totals[n]) + 8, y + 16, plain(totals[n]))
    return svg.end()


def _flame(flame: Flame) -> str:
    """The first caller is on top; what is called hangs below it, as wide as its time."""
    total = flame.root.samples
    boxes = list(_boxes(flame.root, 16.0, (WIDTH - 32) / total, 0))
    depth = max(level for _, _, _, level in boxes) + 1
    svg = Svg(TOP - 16 + ROW_HEIGHT * depth + 12, flame.title)
    for frame, x, width, level in boxes:
        y = TOP - 16 + level * ROW_HEIGHT
        tip = f"{frame.name}: {frame.samples / total:.1%}"
        svg.box(x, y, max(width - 0.6, 0.4), ROW_HEIGHT - 1, _warmth(frame.name), tip)
        svg.text(x + 3, y + 13, _fitting(frame.name, int((width - 6) / CHARACTER_WIDTH)), "f")
    return svg.end()


def _fitting(name: str, letters: int) -> str:
    """As much of `module:Class.function` as there is room for, the function first."""
    function = name.rpartition(":")[2]
    last = function.rpartition(".")[2]
    cut = f"{last[: letters - 1]}…" if letters > SHORTEST else ""
    return next((form for form in (name, function, last) if len(form) <= letters), cut)


def _boxes(
    frame: Frame, x: float, each: float, level: int
) -> Iterator[tuple[Frame, float, float, int]]:
    yield frame, x, frame.samples * each, level
    for called in sorted(frame.calls, key=lambda one: -one.samples):
        if called.samples * each >= NARROWEST:
            yield from _boxes(called, x, each, level + 1)
        x += called.samples * each


def _warmth(name: str) -> str:
    """Ours is warm; what we wait for and what we use are cool."""
    if name.startswith(("core.", "gateway.", "adapters.")):
        return f"w{len(name) % 3}"
    return "w4" if name.startswith(("redis.", "hiredis", "uvloop", "asyncio")) else "w3"


def _colour(n: int) -> str:
    return f"c{n % COLOURS}"
