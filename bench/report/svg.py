"""Writes SVG that can be read on light and on dark pages."""

from html import escape
from typing import Final

WIDTH: Final = 760
COLOURS: Final = 6
"""How many there are to tell things apart; they begin again after that."""

STYLE: Final = """
.page{fill:#ffffff}.t{fill:#24292f;font:12px system-ui,sans-serif}.h{font-weight:600;font-size:14px}
.n{fill:#57606a}.g{stroke:#d8dee4}.a{stroke:#8c959f}.l{fill:none;stroke-width:2}
.b{stroke:#24292f;stroke-width:1.5;stroke-dasharray:4 3}.f{font-size:11px;fill:#24292f}
.c0{fill:#0969da;stroke:#0969da}.c1{fill:#cf6a00;stroke:#cf6a00}.c2{fill:#1a7f37;stroke:#1a7f37}
.c3{fill:#8250df;stroke:#8250df}.c4{fill:#bf3989;stroke:#bf3989}.c5{fill:#6e7781;stroke:#6e7781}
.l{fill:none}.w0{fill:#ffc680}.w1{fill:#ffd8a8}.w2{fill:#ffe3bf}.w3{fill:#b6d9ff}.w4{fill:#c8e6c9}
@media (prefers-color-scheme:dark){
.page{fill:#0d1117}.t{fill:#e6edf3}.n{fill:#9198a1}.g{stroke:#2a313c}.a{stroke:#656c76}
.b{stroke:#e6edf3}.f{fill:#e6edf3}
.c0{fill:#4493f8;stroke:#4493f8}.c1{fill:#f0883e;stroke:#f0883e}.c2{fill:#3fb950;stroke:#3fb950}
.c3{fill:#ab7df8;stroke:#ab7df8}.c4{fill:#f778ba;stroke:#f778ba}.c5{fill:#9198a1;stroke:#9198a1}
.l{fill:none}.w0{fill:#8a4b08}.w1{fill:#79420a}.w2{fill:#66390c}.w3{fill:#12477d}.w4{fill:#1c5a2c}
}"""


class Svg:
    """A drawing of the page's width; y grows downwards, all in pixels."""

    def __init__(self, height: float, title: str) -> None:
        self._parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:.0f}"'
            f' width="{WIDTH}" height="{height:.0f}" role="img" aria-label="{escape(title)}">',
            f"<style>{STYLE}</style>",
        ]
        self.box(0, 0, WIDTH, height, "page")
        self.text(16, 24, title, "h")

    def text(self, x: float, y: float, words: str, kind: str = "", anchor: str = "start") -> None:
        where = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"'
        self._parts.append(f'<text class="t {kind}" {where}>{escape(words)}</text>')

    def line(self, x1: float, y1: float, x2: float, y2: float, kind: str) -> None:
        ends = f'x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"'
        self._parts.append(f'<line class="{kind}" {ends}/>')

    def box(
        self, x: float, y: float, width: float, height: float, kind: str, tip: str = ""
    ) -> None:
        """`tip` is shown where the mouse stays."""
        shape = f'x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}"'
        inside = f"<title>{escape(tip)}</title>" if tip else ""
        self._parts.append(f'<rect class="{kind}" {shape}>{inside}</rect>')

    def path(self, points: list[tuple[float, float]], kind: str) -> None:
        joined = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        self._parts.append(f'<polyline class="{kind} l" points="{joined}"/>')

    def end(self) -> str:
        return "\n".join([*self._parts, "</svg>\n"])
