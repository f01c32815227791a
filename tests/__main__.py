"""All tests, two at a time, and a second look at what failed: `python -m tests`, or `make test`.

Eight thousand tests, of which many start servers and wait for them, beside each other and beside
whatever else the machine does: a single one that fails may say that the product is broken, or that
the test hoped for something to be quick. So a few that failed are run again alone. What passes each
time is told as unsteady, with its failure above; it is a defect to be mended next, but says nothing
against this change. What has neither clock nor process is not looked at again.
"""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import pytest

LAST_FAILED: Final = Path(".pytest_cache/v/cache/lastfailed")
"""What failed, by node id, as pytest's own cache notes it."""

LOOKED_AT_MAX: Final = 3
"""If more have failed than that, something is broken."""

LOOKS: Final = 3

SAME_CHANCE: Final = ("--randomly-seed", "last")
"""A test that draws what it does has to do the same again."""

SAME_ORDER: Final = ("--randomly-seed", "1")
"""On a CI machine, which judges a change and looks for nothing else (see conftest.py)."""


def main(arguments: Sequence[str]) -> int:
    """-> the exit code: 0 also if all that failed is unsteady."""
    LAST_FAILED.unlink(missing_ok=True)
    order = SAME_ORDER if os.environ.get("CI") == "true" else ()
    code = run(("--numprocesses", "2", "--dist", "loadfile", *order, *arguments))
    failed = sorted(json.loads(LAST_FAILED.read_text())) if LAST_FAILED.exists() else []
    if code != pytest.ExitCode.TESTS_FAILED or not are_suspects(failed):
        return code
    for node in failed:
        print(f"\n{node} failed: it is run {LOOKS} times by itself.", flush=True)
        if any(run(("-q", *SAME_CHANCE, node)) for _ in range(LOOKS)):
            return code
    print(f"\nUNSTEADY, and to be mended: each failed once, and passed {LOOKS} times alone:")
    print(*failed, sep="\n")
    return pytest.ExitCode.OK


def are_suspects(failed: Sequence[str]) -> bool:
    """Whether a second look may say something about these."""
    return 0 < len(failed) <= LOOKED_AT_MAX


def run(arguments: Sequence[str]) -> int:
    return subprocess.run([sys.executable, "-m", "pytest", *arguments]).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
