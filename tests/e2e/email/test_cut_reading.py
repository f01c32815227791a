"""A connection that breaks at any byte: in a mail, in what is told of it, while we wait."""

from functools import partial

import pytest

from sandbox.faults import Fault, Kind
from tests.contract.email_harness import EmailHarness
from tests.contract.running import receiving, words
from tests.contract.surroundings import Inbox, Lent
from tests.e2e.email.mailbox import effects, folder, heard, idling, letter, put
from tests.rigs.waiting import eventually

EVERY = 11
BODY = "line by line\r\n" * 20
MAIL_BYTES = len(letter("mail 10") + BODY.encode()) + 40
"""What a FETCH of such a mail answers: a line, the mail, and two lines more."""
TOLD_BYTES = 110
IDLE_BYTES = 40


@pytest.mark.parametrize(
    ("nth", "length"), [(1, TOLD_BYTES), (2, MAIL_BYTES)], ids=["facts", "mail"]
)
async def test_a_fetch_may_be_cut_after_any_byte(
    host: EmailHarness, lent: Lent, nth: int, length: int
) -> None:
    """In the literal, in its size, in the line behind it: no mail is lost, torn or another."""
    inbox, cuts = Inbox(), range(0, length, EVERY)
    async with host.adapter(lent.surroundings) as adapter, receiving(adapter, inbox):
        for number, count in enumerate(cuts):
            cut = Fault("imap", "FETCH", Kind.CUT, nth=nth, after_bytes=count)
            host.sandbox.world.faults.add(cut)
            folder(host).add(letter(f"mail {number}") + BODY.encode(), set())
            await eventually(partial(_has, inbox, number + 1))
            assert cut.fired == 1

    told = {(event.dedup, words(event)) for event in inbox.events}
    assert len(told) == len(cuts)
    assert all(
        text.endswith("line by line") and text.count("line by line") == 20 for _, text in told
    )
    assert not any(event.lost for event in inbox.events)
    assert lent.quarantine.payloads == []


def _has(inbox: Inbox, count: int) -> bool:
    return len(effects(inbox)) == count


async def test_waiting_may_be_cut_after_any_byte(host: EmailHarness, lent: Lent) -> None:
    """In the answer to IDLE, and in the news that it brings."""
    inbox, calls = Inbox(), host.sandbox.world.journal.calls
    async with host.adapter(lent.surroundings) as adapter, receiving(adapter, inbox):
        for count in range(IDLE_BYTES):
            idles = calls["imap.IDLE"]
            host.sandbox.world.faults.add(Fault("imap", "IDLE", Kind.CUT, after_bytes=count))
            put(host, f"before {count}")
            await heard(inbox, f"before {count}")
            await idling(host, more_than=idles)
            put(host, f"mail {count}")
            await heard(inbox, f"mail {count}")

    assert len(effects(inbox)) == 2 * IDLE_BYTES
