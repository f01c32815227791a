"""What is installed by: files that nobody runs here have to be right by their words."""

import re
import shutil
import subprocess
from itertools import pairwise
from pathlib import Path
from typing import Final

import pytest

PACKAGING: Final = Path(__file__).parents[3] / "packaging"
ANALYZE: Final = shutil.which("systemd-analyze")


@pytest.mark.skipif(ANALYZE is None, reason="needs systemd-analyze")
def test_systemd_understands_the_unit(tmp_path: Path) -> None:
    """A line that systemd ignores is a wall that is not there."""
    unit = tmp_path / "trunkline.service"
    text = (PACKAGING / "trunkline.service").read_text()
    unit.write_text(text.replace("/usr/local/bin/trunkline", "/bin/true"))

    done = subprocess.run(
        [str(ANALYZE), "verify", unit], capture_output=True, text=True, timeout=30
    )

    assert (done.returncode, done.stderr) == (0, "")


def test_the_image_runs_as_nobody_in_particular_and_says_how_it_is() -> None:
    """A container that runs as root, or is never found dead."""
    lines = (PACKAGING / "Dockerfile").read_text()

    last = lines[lines.rindex("FROM ") :]
    assert "\nUSER trunkline\n" in last
    assert last.index("USER trunkline") < last.index("ENTRYPOINT")
    assert "HEALTHCHECK" in last
    assert "/livez" in last


def test_the_composed_redis_loses_nothing_and_evicts_nothing() -> None:
    """An installation whose messages vanish when memory is short, or with the next restart."""
    text = (PACKAGING / "compose.yml").read_text()
    arguments = re.findall(r'^      - "?([^"\n]*?)"?$', text, re.MULTILINE)
    pairs = dict(pairwise(arguments))

    assert pairs["--appendonly"] == "yes"
    assert pairs["--appendfsync"] == "everysec"
    assert pairs["--maxmemory-policy"] == "noeviction"
    assert "127.0.0.1:8080:8080" in arguments
