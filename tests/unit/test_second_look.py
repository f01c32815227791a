"""What a second look at tests that failed may excuse, and what it may not."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.__main__ import are_suspects

ROOT = Path(__file__).parents[2]

ONCE = """
from pathlib import Path
def test_it():
    first = not Path("ran").exists()
    Path("ran").touch()
    assert not first
"""
NEVER = "def test_it():\n    assert False\n"


def suite(directory: Path, **files: str) -> subprocess.CompletedProcess[str]:
    """Run `python -m tests` over these groups, each of one test."""
    for group, text in files.items():
        (directory / "tests" / group).mkdir(parents=True)
        (directory / "tests" / group / f"test_{group}.py").write_text(text)
    environment = {name: v for name, v in os.environ.items() if not name.startswith("PYTEST_")}
    environment |= {
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "PYTEST_PLUGINS": "xdist.plugin,pytest_randomly",
    }
    environment |= {"PYTHONPATH": str(ROOT), "CI": ""}
    return subprocess.run(
        [sys.executable, "-m", "tests", "--numprocesses", "0"],
        cwd=directory,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_what_failed_once_and_passes_alone_is_told_and_does_not_stop_a_landing(
    tmp_path: Path,
) -> None:
    """A slow machine would refuse what has nothing to do with it."""
    done = suite(tmp_path, e2e=ONCE)

    assert done.returncode == 0, done.stdout
    assert done.stdout.splitlines()[-1] == "tests/e2e/test_e2e.py::test_it"


def test_what_fails_again_is_a_failure(tmp_path: Path) -> None:
    """A defect would be taken for bad luck."""
    assert suite(tmp_path, e2e=ONCE, store=NEVER).returncode == 1


@pytest.mark.parametrize(
    ("failed", "may_be"),
    [
        (["tests/e2e/test_a.py::test_it"], True),
        ([f"tests/e2e/test_a.py::test_it[{n}]" for n in range(4)], False),
        ([], False),
    ],
    ids=["one", "too many", "none"],
)
def test_a_second_look_is_for_a_few(failed: list[str], may_be: bool) -> None:
    """What is broken for good would cost minutes more, and might be excused."""
    assert are_suspects(failed) is may_be
