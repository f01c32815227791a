"""The figures: each is described, and rules and documents name no other."""

import re
from pathlib import Path
from typing import Final

from gateway.metrics.registry import REGISTRY

ROOT: Final = Path(__file__).parents[3]
SUFFIXES: Final = re.compile(r"_(?:total|count|sum|bucket|created)$")
NAME: Final = re.compile(r"trunkline_[a-z_]+")
OURS: Final = {one.name: one for one in REGISTRY.collect() if one.name.startswith("trunkline_")}
LABELS: Final = frozenset(
    ("method", "route", "status", "kind", "inbox", "view", "state", "budget", "outcome", "follower")
)


def test_the_table_describes_every_figure_and_no_other() -> None:
    """Whoever builds a dashboard has nothing else to go by."""
    assert _named(ROOT / "docs" / "metrics.md") == set(OURS)


def test_alerts_are_about_figures_that_there_are() -> None:
    """An alert on a figure that was renamed never fires."""
    named = _named(ROOT / "packaging" / "prometheus-rules.yml")

    assert named
    assert named <= set(OURS)


def test_every_expression_of_an_alert_is_closed() -> None:
    """Prometheus refuses the whole file for one bracket."""
    text = (ROOT / "packaging" / "prometheus-rules.yml").read_text()
    expressions = re.findall(r"^ +expr: (.+)$", text, re.MULTILINE)

    assert len(expressions) == len(re.findall(r"- alert: \w+$", text, re.MULTILINE)) > 0
    for expression in expressions:
        for opening, closing in ("()", "[]", "{}"):
            assert expression.count(opening) == expression.count(closing), expression


def test_labels_are_bounded_by_what_the_operator_configures() -> None:
    """A label that customers choose would fill Prometheus, and tell on them."""
    found = {name for one in REGISTRY._names_to_collectors.values() for name in _labels(one)}

    assert found == LABELS


def _labels(collector: object) -> tuple[str, ...]:
    return tuple(getattr(collector, "_labelnames", ()))


def _named(path: Path) -> set[str]:
    return {SUFFIXES.sub("", name) for name in NAME.findall(path.read_text())}
