"""Codes of problems: one table, and nothing that is not in it."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from core import errors
from gateway.http.codes import CODES, OF_STATUS

ROOT = Path(__file__).parents[3]
DOCS = (ROOT / "docs/api.md").read_text("utf-8")


def _below(kind: type[errors.Refused]) -> set[type[errors.Refused]]:
    return {one for child in kind.__subclasses__() for one in {child, *_below(child)}}


REFUSALS = {one.__name__ for one in _below(errors.Refused)}


def test_every_code_that_is_used_is_in_the_table() -> None:
    """A program that looks a code up must find it."""
    used = {
        code
        for package in ("core", "gateway")
        for path in (ROOT / package).rglob("*.py")
        for code in _codes_in(ast.parse(path.read_text("utf-8")))
    }

    assert {"unauthorized", "missing_scope", "idempotency_conflict"} <= used
    assert used <= set(CODES)
    assert set(OF_STATUS.values()) <= set(CODES)
    assert {one.usual_code for one in _below(errors.Refused)} <= set(CODES)


@pytest.mark.parametrize("code", sorted(CODES))
def test_every_code_is_documented_with_its_status(code: str) -> None:
    """It is stable, so it is written down, once."""
    assert len(re.findall(rf"^\| {CODES[code].status} \| `{code}` \|", DOCS, re.MULTILINE)) == 1


def test_what_the_documents_name_exists() -> None:
    named = re.findall(r"^\| (\d{3}) \| `(\w+)` \|", DOCS, re.MULTILINE)

    assert {(int(status), code) for status, code in named} == {
        (found.status, code) for code, found in CODES.items()
    }


def _codes_in(tree: ast.Module) -> Iterator[str]:
    """What refusals are raised with, besides the code of their class."""
    for call in ast.walk(tree):
        if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name):
            continue
        named = [word.value for word in call.keywords if word.arg == "code"]
        given = call.args[:1] if call.func.id == "RequestRefused" else []
        if call.func.id in REFUSALS | {"RequestRefused"}:
            for value in (*named, *given):
                if isinstance(value, ast.Constant):
                    yield str(value.value)
