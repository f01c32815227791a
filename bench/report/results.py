"""Where a run's results lie: a file of figures, and beside it the page and pictures made of it."""

from pathlib import Path

import msgspec

from bench.report.findings import Results
from bench.report.page import page
from bench.report.pictures import drawn


class Shelf:
    """`benchmarks.md`, and `benchmarks/` with `results.json` and the pictures."""

    def __init__(self, directory: Path) -> None:
        self._page = directory / "benchmarks.md"
        self._beside = directory / "benchmarks"
        self._results = self._beside / "results.json"

    @property
    def is_filled(self) -> bool:
        """Whether anything was measured yet."""
        return self._results.exists()

    def read(self) -> Results:
        return msgspec.json.decode(self._results.read_bytes(), type=Results)

    def write(self, results: Results) -> Results:
        """What was there before is replaced, pictures that are not made any more removed."""
        self._beside.mkdir(parents=True, exist_ok=True)
        for old in self._beside.glob("*.svg"):
            old.unlink()
        for run in results.runs:
            for picture in run.finding.pictures if run.finding else ():
                (self._beside / run.file_of(picture)).write_text(drawn(picture), "utf-8")
        self._page.write_text(page(results), "utf-8")
        self._results.write_bytes(msgspec.json.format(msgspec.json.encode(results), indent=1))
        return results
