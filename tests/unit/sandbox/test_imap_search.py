"""SEARCH, key by key: a gateway finds its own sent mail and its gaps with it."""

from datetime import UTC, datetime

import pytest

from sandbox.imap.search import Candidate, compile_search
from sandbox.imap.tokens import Bad, parse_command
from sandbox.mail.mailboxes import StoredMail

FIRST = Candidate(
    1,
    StoredMail(
        11,
        b"From: Mei <mei@post.example>\r\nSubject: Order\r\n 7\r\n\r\nwhere is it\r\n",
        datetime(2026, 11, 6, 23, tzinfo=UTC),
        {r"\Seen"},
    ),
)
SECOND = Candidate(
    2,
    StoredMail(
        12,
        b"From: jonas@post.example\r\nMessage-ID: <b@x>\r\n\r\n" + b"x" * 200,
        datetime(2026, 11, 8, tzinfo=UTC),
        {"$Gateway"},
    ),
)


@pytest.mark.parametrize(
    ("keys", "found"),
    [
        ("ALL", [1, 2]),
        ("OLD", [1, 2]),
        ("NEW", []),
        ("SEEN", [1]),
        ("UNSEEN", [2]),
        ("KEYWORD $Gateway", [2]),
        ("UNKEYWORD $Gateway", [1]),
        ("2:*", [2]),
        ("UID 11", [1]),
        ("UID 99:*", [2]),
        ("FROM MEI", [1]),
        ('SUBJECT "order 7"', [1]),
        ('HEADER Message-ID ""', [2]),
        ("HEADER message-id <B@X>", [2]),
        ("BODY where", [1]),
        ("BODY Subject", []),
        ("TEXT Subject", [1]),
        ("SINCE 7-Nov-2026", [2]),
        ("BEFORE 7-Nov-2026", [1]),
        ("ON 8-Nov-2026", [2]),
        ("LARGER 150", [2]),
        ("SMALLER 150", [1]),
        ("NOT SEEN", [2]),
        ("OR SEEN KEYWORD $Gateway", [1, 2]),
        ("SEEN KEYWORD $Gateway", []),
        ("NOT (SEEN KEYWORD $Gateway)", [1, 2]),
        ("CHARSET UTF-8 SEEN", [1]),
    ],
)
def test_a_search_finds_what_its_keys_say(keys: str, found: list[int]) -> None:
    tokens = parse_command([f"a SEARCH {keys}".encode()]).arguments

    holds = compile_search(tokens, last_number=2, last_uid=12)

    assert [one.number for one in (FIRST, SECOND) if holds(one)] == found


@pytest.mark.parametrize(
    "keys",
    [
        "",
        "WHAT",
        "HEADER Subject",
        "NOT",
        "UID x",
        "LARGER many",
        '"ALL"',
        "CHARSET koi8 ALL",
        "()",
    ],
)
def test_other_searches_are_bad(keys: str) -> None:
    tokens = parse_command([f"a SEARCH {keys}".encode()]).arguments

    with pytest.raises(Bad):
        compile_search(tokens, last_number=2, last_uid=12)
