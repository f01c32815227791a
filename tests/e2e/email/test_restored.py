"""Mailboxes whose numbers lie: renumbered, restored from a backup, away for days, read first."""

import asyncio
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import msgspec
import pytest

from adapters.email.adapter import open_adapter
from adapters.email.line.following import Past
from adapters.email.settings import EmailSettings, Limits
from core.model.event import Inbound, Origin
from sandbox.faults import Fault, Kind
from tests.contract.email_harness import EmailHarness
from tests.contract.running import receiving, words
from tests.contract.surroundings import Inbox, Lent
from tests.e2e.email.mailbox import cut, effects, folder, heard, letter, put, with_imap
from tests.rigs.waiting import eventually

NOW = datetime.now(UTC)


async def test_a_restored_mailbox_that_counts_on_from_the_backup_loses_nothing(
    host: EmailHarness, lent: Lent
) -> None:
    """The same UIDVALIDITY, lower UIDs, the same numbers given to other mails: whoever goes by the
    last number alone never sees them.
    """
    inbox = Inbox()
    async with host.adapter(lent.surroundings) as adapter, receiving(adapter, inbox):
        put(host, "before 1", at=NOW - timedelta(minutes=9))
        await heard(inbox, "before 1")
        backup = folder(host).snapshot()
        put(host, "lost by the restore", at=NOW - timedelta(minutes=8))
        await heard(inbox, "lost by the restore")

        folder(host).restore(backup)
        put(host, "after 1", at=NOW - timedelta(minutes=3))
        put(host, "after 2", at=NOW - timedelta(minutes=2))
        await cut(host)
        await heard(inbox, "after 1", "after 2")

    assert len(effects(inbox)) == 4


async def test_a_restored_mailbox_without_new_mail_is_noticed_by_the_next_number(
    host: EmailHarness, lent: Lent
) -> None:
    inbox = Inbox()
    async with host.adapter(lent.surroundings) as adapter, receiving(adapter, inbox):
        backup = folder(host).snapshot()
        put(host, "before 1")
        put(host, "before 2")
        await heard(inbox, "before 1", "before 2")
        folder(host).restore(backup)
        await cut(host)
        await eventually(lambda: '"last_uid":0' in lent.checkpoints.values["imap INBOX"])
        put(host, "after")
        await heard(inbox, "after")

    assert len(effects(inbox)) == 3


async def test_a_gap_in_the_numbers_is_no_restore(host: EmailHarness, lent: Lent) -> None:
    """Nothing is read again, only because mails are gone and numbers were left out."""
    inbox = Inbox()
    async with host.adapter(lent.surroundings) as adapter, receiving(adapter, inbox):
        first = put(host, "one")
        put(host, "two")
        await heard(inbox, "one", "two")
        folder(host).remove(first)
        folder(host).skip(500)
        await cut(host)
        put(host, "three")
        await heard(inbox, "three")

    assert [words(event) for event in inbox.events] == ["one", "two", "three"]


async def test_after_days_of_outage_everything_comes(host: EmailHarness, lent: Lent) -> None:
    """Not only what came since yesterday."""
    async with host.adapter(lent.surroundings) as adapter, receiving(adapter, first := Inbox()):
        put(host, "before")
        await heard(first, "before")
    for days in (3, 2, 1, 0):
        put(host, f"{days} days ago", at=NOW - timedelta(days=days))

    async with host.adapter(lent.surroundings) as adapter, receiving(adapter, later := Inbox()):
        await heard(later, "0 days ago")

    assert [words(event) for event in later.events] == [f"{n} days ago" for n in (3, 2, 1, 0)]


async def test_a_mail_is_dated_by_when_the_server_got_it(host: EmailHarness, lent: Lent) -> None:
    """A Date of next year would stay on top of every list until then."""
    got = (NOW - timedelta(hours=5)).replace(microsecond=0)
    future = letter("from the future", extra="Date: Tue, 01 Jan 2199 00:00:00 +0000\r\n")
    folder(host).add(future, set(), got)
    inbox = Inbox()

    async with host.adapter(lent.surroundings) as adapter, receiving(adapter, inbox):
        await heard(inbox, "from the future")

    [event] = inbox.events
    assert event.occurred_at == event.received_at == got


async def test_mail_that_comes_while_the_first_look_fails_is_new(
    host: EmailHarness, lent: Lent
) -> None:
    """Whatever its date: servers' clocks and zones differ from ours."""
    host.sandbox.world.faults.add(Fault("imap", "SEARCH", Kind.DROP_BEFORE, count=10))
    inbox = Inbox()

    async with host.adapter(lent.surroundings) as adapter, receiving(adapter, inbox):
        await eventually(lambda: host.sandbox.world.journal.calls["imap.SEARCH"] > 0)
        put(host, "meanwhile", at=NOW - timedelta(days=5))
        await heard(inbox, "meanwhile")


@pytest.mark.parametrize("position", ["", '{"uid_validity":1,"last_uid":9,"day":"2026-11-20"}'])
async def test_a_mailbox_that_was_copied_without_its_dates_is_not_all_news(
    host: EmailHarness, lent: Lent, position: str
) -> None:
    """Years of mail, to the server all of today: everybody who ever wrote would be answered."""
    if position:
        lent.checkpoints.values["imap INBOX"] = position
    for number, age in enumerate((timedelta(days=900), timedelta(days=1), timedelta(0))):
        sent = f"Date: {format_datetime(NOW - age)}\r\n"
        folder(host).add(letter(f"mail {number}", extra=sent), set(), NOW)
    inbox = Inbox()

    async with host.adapter(lent.surroundings) as adapter, receiving(adapter, inbox):
        await heard(inbox, "mail 0", "mail 1", "mail 2")
        sent = f"Date: {format_datetime(NOW - timedelta(days=900))}\r\n"
        folder(host).add(letter("a clock that is wrong", extra=sent), set(), NOW)
        await heard(inbox, "a clock that is wrong")

    origins = [event.origin for event in inbox.events]
    assert origins == [Origin.BACKFILL, Origin.LIVE, Origin.LIVE, Origin.LIVE]


# --- what was there before the first start


async def test_older_mail_is_brought_in_after_the_new_with_its_own_dates(
    host: EmailHarness, lent: Lent
) -> None:
    """A desk that moves to Trunkline wants its past, and its customers' questions first."""
    for days in (400, 20, 9, 5):
        put(host, f"{days} days ago", at=NOW - timedelta(days=days))
    put(host, "today")
    inbox = Inbox()

    async with (
        open_adapter(with_imap(host, backfill_days=30), lent.surroundings) as adapter,
        receiving(adapter, inbox),
    ):
        await heard(inbox, "5 days ago")
        put(host, "just now")
        await heard(inbox, "just now")

    assert [(words(event), event.origin) for event in inbox.events] == [
        ("today", Origin.LIVE),
        ("20 days ago", Origin.BACKFILL),
        ("9 days ago", Origin.BACKFILL),
        ("5 days ago", Origin.BACKFILL),
        ("just now", Origin.LIVE),
    ]
    ages = [(NOW - event.received_at).days for event in inbox.events[1:4]]
    assert ages == [20, 9, 5]


async def test_bringing_in_goes_on_where_it_was(host: EmailHarness, lent: Lent) -> None:
    """A restart in the middle: nothing is left out, and no more than a batch comes twice."""
    for number in range(40):
        put(host, f"old {number}", at=NOW - timedelta(days=9, minutes=-number))
    settings = in_small_batches(with_imap(host, backfill_days=30))
    first, later = Inbox(), Inbox()

    async def seventeen(inbound: Inbound) -> None:
        if len(first.events) == 17:
            await asyncio.Event().wait()
        await first(inbound)

    async with open_adapter(settings, lent.surroundings) as adapter, receiving(adapter, seventeen):
        await eventually(lambda: len(first.events) == 17)

    async with open_adapter(settings, lent.surroundings) as adapter, receiving(adapter, later):
        await heard(later, "old 39")

    came = [words(event) for event in (*first.events, *later.events)]
    assert list(dict.fromkeys(came)) == [f"old {number}" for number in range(40)]
    assert len(came) <= 45


async def test_bringing_in_ends(host: EmailHarness, lent: Lent) -> None:
    """The next start brings nothing in again."""
    put(host, "long ago", at=NOW - timedelta(days=9))
    settings = with_imap(host, backfill_days=30)
    async with (
        open_adapter(settings, lent.surroundings) as adapter,
        receiving(adapter, a := Inbox()),
    ):
        await heard(a, "long ago")
        await eventually(lambda: '"last_uid":1' in lent.checkpoints.values["backfill INBOX"])

    async with (
        open_adapter(settings, lent.surroundings) as adapter,
        receiving(adapter, b := Inbox()),
    ):
        put(host, "now")
        await heard(b, "now")

    assert [words(event) for event in b.events] == ["now"]


async def test_bringing_in_ends_where_everything_was_deleted(
    host: EmailHarness, lent: Lent
) -> None:
    """A mailbox that was made anew and is empty: there is no mail 1 to 0 to ask for."""
    past = Past(uid_validity=1, upto=9, since="1-Jan-2026", before="1-Feb-2026")
    lent.checkpoints.values["backfill INBOX"] = msgspec.json.encode(past).decode()
    lent.checkpoints.values["imap INBOX"] = '{"uid_validity":1,"last_uid":9}'
    settings, inbox = with_imap(host, backfill_days=30), Inbox()

    async with open_adapter(settings, lent.surroundings) as adapter, receiving(adapter, inbox):
        await eventually(lambda: '"upto":0' in lent.checkpoints.values["backfill INBOX"])

    assert not any("refused" in remark for remark in lent.remarks)


async def test_a_failing_connection_costs_no_old_mail(host: EmailHarness, lent: Lent) -> None:
    for number in range(20):
        put(host, f"old {number}", at=NOW - timedelta(days=9))
    settings = in_small_batches(with_imap(host, backfill_days=30))
    inbox, cuts = Inbox(), []

    async def deliver(inbound: Inbound) -> None:
        await inbox(inbound)
        if len(inbox.events) in (3, 11):
            cuts.append(len(inbox.events))
            await cut(host)

    async with open_adapter(settings, lent.surroundings) as adapter, receiving(adapter, deliver):
        await heard(inbox, *(f"old {number}" for number in range(20)))

    assert cuts
    assert len(effects(inbox)) == 20


def in_small_batches(settings: EmailSettings) -> EmailSettings:
    return msgspec.structs.replace(settings, limits=Limits(batch_messages_max=5))
