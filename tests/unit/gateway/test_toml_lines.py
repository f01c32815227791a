"""Every path that tomllib finds has a line, and the right one."""

import tomllib
from collections.abc import Iterator
from functools import reduce
from operator import getitem
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from gateway.toml_lines import Path, lines_of

EVERYTHING = """\
# [not.a.table]
title = "a # b = [" # comment
[app]
"quoted.key" = 'x = "1"'
text = \"\"\"
 many = 1
[lines]\"\"\"
num = -1.5
[[channel]]  # the first
id = "a"
imap = { host = "h", password = { file = "f" } }
list = [
  1, # one
  { a = 2 },
  [3,
   4],
]
[channel.smtp]
host = '''
x'''
a.b.c = 1979-05-27T07:32:00Z
[[ channel ]]
id = 'b'
[[channel.deep]]
x = 1
[[channel.deep]]
x = 2
"""

LINES = (
    "[a]",
    "[[b]]",
    "[a.c]",
    "[b.d]",
    "[[b.e]]",
    "x = 1",
    "u.v = 1",
    "# [n]",
    "",
    'y = { a = 1, "b c" = [1, { z = 2 }] }',
    "list = [ # one",
    "2, 3,",
    "]",
    's = """',
    "[q]",
    '"""',
)


def paths_of(value: Any, path: Path = ()) -> Iterator[Path]:
    if path:
        yield path
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from paths_of(inner, (*path, key))
    elif isinstance(value, list):
        for position, inner in enumerate(value):
            yield from paths_of(inner, (*path, position))


def test_each_path_has_its_line() -> None:
    lines = lines_of(EVERYTHING)

    assert lines["title",] == 2
    assert lines["app", "quoted.key"] == 4
    assert lines["app", "num"] == 8
    assert lines["channel", 0] == 9
    assert lines["channel", 0, "imap", "password", "file"] == 11
    assert lines["channel", 0, "list", 1, "a"] == 14
    assert lines["channel", 0, "list", 2, 1] == 16
    assert lines["channel", 0, "smtp", "a", "b", "c"] == 21
    assert lines["channel", 1, "id"] == 23
    assert lines["channel", 1, "deep", 1, "x"] == 27


def test_no_path_is_forgotten_and_none_invented() -> None:
    arrays_of_tables = {("channel",), ("channel", 1, "deep")}

    assert set(lines_of(EVERYTHING)) == set(paths_of(tomllib.loads(EVERYTHING))) - arrays_of_tables


@given(st.lists(st.sampled_from(LINES), max_size=12).map("\n".join))
def test_every_value_of_any_file_has_a_line_of_it(text: str) -> None:
    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return
    lines = lines_of(text)

    assert all(1 <= line <= text.count("\n") + 1 for line in lines.values())
    assert {path for path in paths_of(found) if isinstance(_at(found, path), int)} <= set(lines)


def _at(value: Any, path: Path) -> Any:
    return reduce(getitem, path, value)
