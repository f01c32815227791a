"""What holds for every test: groups are reported, property tests have no stop-watch, and no test
leaves logs set up for the next one.
"""

import logging
import os
from collections.abc import Iterator

import pytest
import structlog
from hypothesis import settings

from gateway.logs import QUIET
from tests.rigs.groups import GroupReport

# A shared machine stalls now and then, which says nothing about the code. CI tries the same
# examples each time; `make fuzz` tries many.
settings.register_profile("usual", deadline=None, derandomize=os.environ.get("CI") == "true")
settings.register_profile("fuzz", deadline=None, max_examples=5000)
settings.load_profile("usual")


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(GroupReport(config))


@pytest.fixture(autouse=True)
def logs_as_they_were() -> Iterator[None]:
    """A command that a test runs in this process sets up logs, as it would in its own."""
    loggers = [logging.getLogger(name) for name in (None, *QUIET)]
    levels, handlers = [one.level for one in loggers], logging.root.handlers[:]
    yield
    structlog.reset_defaults()
    for handler in set(logging.root.handlers).difference(handlers):
        logging.root.removeHandler(handler)
    for logger, level in zip(loggers, levels, strict=True):
        if logger.level != level:
            logger.setLevel(level)
