"""The second wall: whatever is logged, a secret or an address that is in it is not in the line."""

import json
import string
import time
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.redaction import HIDDEN, clean, clean_text, redacted

ALPHABET: Final = string.ascii_letters + string.digits + "_-"
WORD: Final = st.text(string.ascii_letters, min_size=1, max_size=12)
SECRET: Final = st.text(ALPHABET, min_size=43, max_size=43)
DIGITS: Final = st.text("0123456789", min_size=9, max_size=12)
HANDLE: Final = st.from_regex(r"[a-z][a-z0-9.+_-]{2,20}", fullmatch=True)

NEEDLES: Final[st.SearchStrategy[tuple[str, str]]] = st.one_of(
    SECRET.map(lambda one: (f"tl_0a1b2c3d_{one}", one)),
    SECRET.map(lambda one: (f"whsec_{one}", one)),
    st.tuples(DIGITS, SECRET).map(lambda two: (f"{two[0]}:{two[1]}", two[1])),
    st.tuples(SECRET, SECRET).map(lambda two: (f"{two[0][:24]}.Gabc12.{two[1][:38]}", two[1][:38])),
    SECRET.map(lambda one: (f"Authorization: Bearer {one}", one)),
    SECRET.map(lambda one: (f"Bearer {one}", one)),
    SECRET.map(lambda one: (f"redis://user:{one}@host:6379/0", one)),
    SECRET.map(lambda one: (f"https://x.example/?token={one}&a=b", one)),
    HANDLE.map(lambda one: (f"{one}@example.org", f"{one}@")),
    HANDLE.map(lambda one: (f"<{one}@post.example>", f"{one}@")),
    DIGITS.map(lambda one: (one, one)),
    DIGITS.map(lambda one: (f"+49 {one[:3]} {one[3:]}", one[3:])),
)
"""What might get into a log, and the part of it that must not stay."""


@given(NEEDLES, st.sampled_from([" ", ", ", "\n", '"', "(", ")", "'"]), WORD)
def test_a_secret_is_hidden_wherever_it_stands(
    needle: tuple[str, str], beside: str, word: str
) -> None:
    """Whoever can read the logs must not be able to sign in, or to write to a customer."""
    planted, secret = needle
    text = f"{word}{beside}{planted}{beside}after"
    nested: Any = {"a": [text, {"b": text}], "error": ValueError(text), "words": (text,)}

    line = json.dumps(redacted(None, "info", {"event": text, "deep": nested}))

    assert secret not in line
    assert HIDDEN in line


@pytest.mark.parametrize(
    "text",
    [
        "embedded redis started",
        "01M824WWKT5QWBGBZSVNYVKJKM-02",
        "/usr/bin/redis-server 7.0",
        "T-7KQ4-M",
        "lane left to its lease",
        "3 of 16 partitions, 123456 bytes",
        "b1946ac92492d2347c6235b4d2611184b1946ac92492d2347c6235b4d2611184",
    ],
)
def test_what_an_operator_needs_stays(text: str) -> None:
    """A log in which everything is hidden helps nobody at night."""
    assert clean_text(text) == text


def test_numbers_of_people_are_hidden_and_counts_are_not() -> None:
    assert clean({"chat": 6_104_882_371, "lanes": 4711, "seconds": 0.5, "ok": True}) == {
        "chat": HIDDEN,
        "lanes": 4711,
        "seconds": 0.5,
        "ok": True,
    }


HOSTILE = (
    *("a" * 20_000, "a-" * 10_000, "a." * 10_000, "://" + ":" * 19_000, "eyJ-" * 5_000),
    *("1" * 19_999 + "x", "1234567" + "." * 19_000, "+1 " * 6_000, "a@" * 10_000, "-" * 20_000),
)


@pytest.mark.parametrize("text", HOSTILE, ids=[one[:8] for one in HOSTILE])
def test_a_long_text_takes_no_time(text: str) -> None:
    """One line of a customer's choosing in an error would stop the gateway for half a minute."""
    began = time.process_time()

    clean_text(text)

    assert time.process_time() - began < 0.5
