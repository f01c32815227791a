"""The groups of tests: each is told apart at the end, and why, if it did not run."""

import os
from collections import Counter
from collections.abc import Callable
from functools import cache
from typing import Final

import msgspec
import pytest

from tests.rigs.needs import browser_is_missing, mail_servers_are_missing, redis_is_missing

NOT_RUN: Final = 8
"""pytest's own exit codes end before it. Tests may have failed, too."""


class Group(msgspec.Struct, frozen=True):
    """The tests below a directory, and what the machine must have for them."""

    name: str
    directory: str
    needs: tuple[Callable[[], str | None], ...] = ()

    def missing(self) -> str | None:
        """What to do before this group can run; None when it can."""
        return next(filter(None, map(_asked_once, self.needs)), None)


@cache
def _asked_once(need: Callable[[], str | None]) -> str | None:
    return need()


GROUPS: Final = (
    Group("unit", "tests/unit/"),
    Group("store", "tests/store/", (redis_is_missing,)),
    Group("contract", "tests/contract/", (redis_is_missing,)),
    Group("stories", "tests/stories/", (redis_is_missing,)),
    Group("mail", "tests/e2e/mail/", (redis_is_missing, mail_servers_are_missing)),
    Group("e2e", "tests/e2e/", (redis_is_missing,)),
    Group("browser", "tests/browser/", (redis_is_missing, browser_is_missing)),
    Group("crash", "tests/crash/", (redis_is_missing,)),
    Group("histories", "tests/histories/", (redis_is_missing,)),
)


def group_of(nodeid: str) -> Group | None:
    return next((group for group in GROUPS if nodeid.startswith(group.directory)), None)


class GroupReport:
    """A pytest plugin. On a CI machine (CI=true) a group that did not run is a failure."""

    def __init__(self, config: pytest.Config) -> None:
        self._outcomes = {group.name: Counter[str]() for group in GROUPS}
        self._whole_suite = config.args_source is pytest.Config.ArgsSource.TESTPATHS
        whole = "PYTEST_XDIST_WORKER" not in os.environ  # each of several runs a part of all
        self._strict = whole and os.environ.get("CI") == "true"

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        for item in items:
            group = group_of(item.nodeid)
            if group and (remedy := group.missing()):
                item.add_marker(pytest.mark.skip(reason=f"not run: {remedy}"))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        group = group_of(report.nodeid)
        if group and (report.when == "call" or not report.passed):
            self._outcomes[group.name][report.outcome] += 1

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        usual = session.exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED)
        if self._strict and self._not_run() and usual:
            session.exitstatus = NOT_RUN

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        not_run = self._not_run()
        terminalreporter.section("groups")
        for group in GROUPS:
            counts = self._outcomes[group.name]
            told = ", ".join(f"{outcome} {count}" for outcome, count in sorted(counts.items()))
            told = not_run.get(group.name, told)
            if told:
                terminalreporter.line(f"{group.name:<10}{told}")
        if self._strict and not_run:
            terminalreporter.line(
                "With CI=true every group has to run: this is a failure.", red=True
            )

    def _not_run(self) -> dict[str, str]:
        """Group → why none of its tests ran, of the groups that were asked for."""
        reasons = {}
        for group in GROUPS:
            counts = self._outcomes[group.name]
            if set(counts) <= {"skipped"} and (counts or self._whole_suite):
                reasons[group.name] = f"not run: {group.missing() or 'it has no tests to run'}"
        return reasons
