"""Mails that are broken in every way: each becomes a message, in little time and little memory."""

import os
import random
import re
import resource
import sys
import time
from collections.abc import Callable

import pytest
from hypothesis import settings

from adapters.email.account import Account, Delivered
from adapters.email.incoming.attachments import bytes_at
from adapters.email.incoming.normalise import Normalised, normalise, unreadable
from core.errors import MalformedPayload
from core.model.codec import encode
from core.model.content import Media
from core.model.event import Inbound, MessageCreated
from core.model.ids import EventId
from tests.rigs.odd_mails import ODD_MAILS
from tests.rigs.odd_mails.writing import NOW, US

SEED = 20251103
MANY = os.environ.get("CHAOS") == "1" or settings().max_examples >= 5000
COUNT = 20_000 if MANY else 4_000
SECONDS_MAX = 2.0
"""Of processor time, for one mail. The usual one takes less than a thousandth of it."""

MEMORY_GROWTH_MAX_MIB = 64
WARM_UP = 300
GROWTH_MAX = 60
"""Of one byte received at most so many are made."""

DELIVERED = Delivered(event=EventId("E"), received_at=NOW)
ACCOUNT = Account(name="support", address=US, secret=b"k" * 32)
SEEDS = [odd.raw for odd in ODD_MAILS]

WORDS = [
    b"=?utf-8?B?5YyF?=",
    b"=?utf-7?Q?+2D0-?=",
    b"=?x?b?",
    b"?=",
    b"=?iso-2022-jp?B?GyRCPEE=?=",
    b"=?unicode_escape?Q?=5Cud800?=",
]
PIECES = [
    b"\r\n\r\n",
    b"\n",
    b"--cut\n",
    b"--cut--\n",
    b"--in\n",
    b"\x00",
    b"\xff\xfe",
    b"\xed\xa0\x80",
    b"\x1b$B",
    b"*0*=''%",
    b'"',
    b"<<>>",
    b"Content-Type: multipart/alternative; boundary=cut\n",
    b"Content-Type: message/rfc822\n",
    b"Content-Type: application/ms-tnef\n",
    b"Content-Type: text/calendar\n",
    b"Content-Type: application/pkcs7-mime; smime-type=signed-data\n",
    b"Content-Transfer-Encoding: base64\n",
    b"Content-Transfer-Encoding: x-uuencode\n",
    b"begin 644 a\nM\n`\nend\n",
    b"charset=punycode;",
    b"charset=utf-16;",
    b"charset=hz;",
    b"<blockquote type=cite>",
    b"<img src=cid:a@b>",
]

Change = Callable[[bytes, random.Random], bytes]


def flipped(raw: bytes, chance: random.Random) -> bytes:
    changed = bytearray(raw)
    for _ in range(chance.choice([1, 3, 20])):
        changed[chance.randrange(len(changed))] = chance.randrange(256)
    return bytes(changed)


def cut_short(raw: bytes, chance: random.Random) -> bytes:
    return raw[: chance.randrange(1, len(raw) + 1)]


def hole(raw: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(raw))
    return raw[:at] + raw[at + chance.randrange(1, 60) :]


def lines_moved(raw: bytes, chance: random.Random) -> bytes:
    lines = raw.splitlines(keepends=True)
    at = chance.randrange(len(lines))
    match chance.randrange(4):
        case 0:
            del lines[at]
        case 1:
            lines.insert(at, chance.choice(lines))
        case 2:
            lines[at:at] = [lines[at]] * chance.choice([2, 50, 500])
        case _:
            other = chance.randrange(len(lines))
            lines[at], lines[other] = lines[other], lines[at]
    return b"".join(lines)


def boundaries_swapped(raw: bytes, chance: random.Random) -> bytes:
    found = re.findall(rb"(?m)^--[^\r\n]+", raw)
    if not found:
        return inserted(raw, chance)
    return raw.replace(chance.choice(found), chance.choice([*found, b"--x", b""]), 1)


def worded(raw: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(raw))
    return raw[:at] + chance.choice(WORDS) * chance.choice([1, 2, 40]) + raw[at:]


def inserted(raw: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(raw))
    return raw[:at] + chance.choice(PIECES) * chance.choice([1, 1, 3, 200]) + raw[at:]


def base64_cut(raw: bytes, chance: random.Random) -> bytes:
    found = [match.span() for match in re.finditer(rb"[A-Za-z0-9+/]{8,}={0,2}\n", raw)]
    if not found:
        return cut_short(raw, chance)
    start, end = chance.choice(found)
    at = chance.randrange(start, end)
    return raw[:at] + chance.choice([b"", b"=", b"\n", b"*"]) + raw[end:]


def crossed(raw: bytes, chance: random.Random) -> bytes:
    """The beginning of one mail and the end of another."""
    other = chance.choice(SEEDS)
    return raw[: chance.randrange(1, len(raw) + 1)] + other[chance.randrange(len(other)) :]


CHANGES: list[Change] = [
    flipped,
    cut_short,
    hole,
    lines_moved,
    boundaries_swapped,
    worded,
    inserted,
    base64_cut,
    crossed,
]


def mutated(chance: random.Random) -> bytes:
    raw = chance.choice(SEEDS)
    for _ in range(chance.choice([1, 1, 2, 4])):
        raw = chance.choice(CHANGES)(raw, chance) or b"\n"
    return raw


def understood(raw: bytes) -> Normalised:
    try:
        return normalise(raw, ACCOUNT, DELIVERED)
    except MalformedPayload:
        return unreadable(raw, ACCOUNT, DELIVERED)


def memory_mib() -> float:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1024 * 1024 if sys.platform == "darwin" else 1024)


def fetchable(raw: bytes, event: Inbound) -> None:
    """Every file that is named can be had, in the size that was told."""
    assert isinstance(event.body, MessageCreated)
    for part in event.body.parts:
        if isinstance(part, Media):
            place = part.attachment.remote.partition("#")[2]
            data = bytes_at(raw, place, ACCOUNT.limits.depth_max) if place else raw
            assert data is not None
            assert len(data) == part.attachment.size_bytes


@pytest.mark.timeout(1800)
def test_a_broken_mail_is_a_message_and_costs_little() -> None:
    """One poisoned mail would otherwise stop the whole mailbox."""
    chance = random.Random(SEED)
    slowest = 0.0
    before = 0.0
    for number in range(COUNT):
        raw = mutated(chance)
        began = time.process_time()
        [event] = understood(raw).events
        slowest = max(slowest, time.process_time() - began)
        assert len(encode(event)) <= GROWTH_MAX * len(raw) + 4000
        fetchable(raw, event)
        if number == WARM_UP:
            before = memory_mib()

    assert slowest <= SECONDS_MAX
    assert memory_mib() - before <= MEMORY_GROWTH_MAX_MIB
