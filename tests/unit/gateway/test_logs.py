"""What is logged, where it cannot be written."""

import subprocess
import sys
from pathlib import Path

from tests.rigs.disk import files_of_at_most

PROGRAM = """
import logging, sys, structlog
from gateway.logs import set_up_logs
set_up_logs(verbose=False)
structlog.get_logger().warning("something went wrong")
logging.getLogger("some.library").warning("here, too")
print("it goes on")
"""


def test_a_log_that_cannot_be_written_stops_nothing(tmp_path: Path) -> None:
    """Operators whose disk is full: the gateway would end by telling them so."""
    with (tmp_path / "log").open("w") as log, files_of_at_most(0):
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM], stdout=subprocess.PIPE, stderr=log, check=False
        )

    assert done.stdout == b"it goes on\n"
    assert not (tmp_path / "log").read_text()
