"""A mail server that fails in the middle, falls silent, or says more than it should."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from adapters.email.adapter import open_adapter
from adapters.email.settings import Limits
from core.ports import Checkpoints
from sandbox.faults import Fault, Kind
from tests.contract.email_harness import EmailHarness
from tests.contract.running import receiving, words
from tests.contract.surroundings import Inbox, Lent
from tests.e2e.email.mailbox import (
    effects,
    folder,
    heard,
    idling,
    letter,
    put,
    while_time_passes,
    with_imap,
)
from tests.rigs.waiting import eventually

TRAP = "* 1 EXISTS\r\n* BYE\r\nA1 OK done {99}\r\n* 7 FETCH (UID 7 BODY[] NIL)\r\n((((\r\n"


async def test_a_connection_cut_in_a_mail_at_any_byte_costs_nothing(
    host: EmailHarness, lent: Lent
) -> None:
    """Half a mail is no mail."""
    for number in range(6):
        folder(host).add(letter(f"mail {number}") + TRAP.encode() * 20, set())
    for nth, after_bytes in enumerate((1, 40, 120, 700, 3_000, 8_000), start=1):
        cut_there = Fault("imap", "FETCH", Kind.CUT, nth=2 * nth, after_bytes=after_bytes)
        host.sandbox.world.faults.add(cut_there)
    inbox = Inbox()

    async with host.adapter(lent.surroundings) as adapter, receiving(adapter, inbox):
        await eventually(lambda: len(effects(inbox)) == 6, timeout_seconds=30)

    assert all(event.body == inbox.events[n].body for n, event in enumerate(inbox.events[:6]))
    assert not any("beginning" in lost for event in inbox.events for lost in event.lost)


@pytest.mark.parametrize(
    ("kind", "methods"),
    [
        (Kind.NOISE, ("FETCH", "SEARCH", "SELECT", "CAPABILITY", "IDLE")),
        (Kind.TRICKLE, ("FETCH", "SEARCH", "SELECT", "CAPABILITY")),
        (Kind.WRONG_SIZE, ("FETCH",)),
    ],
)
async def test_what_a_server_says_besides_changes_nothing(
    host: EmailHarness, lent: Lent, kind: Kind, methods: tuple[str, ...]
) -> None:
    """Flags of others between the literals, packets of a few bytes, sizes that are not true."""
    for number in range(30):
        folder(host).add(letter(f"mail {number}") + TRAP.encode(), set())
    for method in methods:
        host.sandbox.world.faults.add(Fault("imap", method, kind, count=3, seconds=0.02))
    inbox = Inbox()

    async with host.adapter(lent.surroundings) as adapter, receiving(adapter, inbox):
        await eventually(lambda: len(effects(inbox)) == 30)

    assert [words(event).split("\n")[0] for event in inbox.events] == [
        f"mail {number}" for number in range(30)
    ]


async def test_a_mail_that_is_gone_when_it_is_fetched_holds_up_nobody(
    host: EmailHarness, lent: Lent
) -> None:
    """A colleague deletes while we read. Nothing is set aside: there was nothing to lose."""
    put(host, "gone")
    host.sandbox.world.faults.add(Fault("imap", "FETCH", Kind.VANISH, nth=2))
    inbox = Inbox()

    async with host.adapter(lent.surroundings) as adapter, receiving(adapter, inbox):
        await eventually(lambda: not folder(host).messages)
        put(host, "here")
        await heard(inbox, "here")

    assert lent.quarantine.payloads == []


async def test_a_mail_that_is_left_out_when_its_arrival_is_told_is_not_passed_over(
    host: EmailHarness, lent: Lent
) -> None:
    """Two come at once, and the server tells of the later one alone: nobody would look back."""
    inbox = Inbox()

    async with host.adapter(lent.surroundings) as adapter, receiving(adapter, inbox):
        await idling(host)
        host.sandbox.world.faults.add(Fault("imap", "FETCH", Kind.OMIT))
        put(host, "left out")
        put(host, "told of")
        await heard(inbox, "told of", "left out")

    assert [words(event) for event in inbox.events] == ["left out", "told of"]


async def test_mails_whose_text_is_not_given_are_asked_for_again(
    host: EmailHarness, lent: Lent
) -> None:
    """NIL for a whole batch, from a server that is out of sorts for a moment."""
    for number in range(20):
        put(host, f"mail {number}")
    host.sandbox.world.faults.add(Fault("imap", "FETCH", Kind.NIL, nth=2))
    inbox = Inbox()

    async with host.adapter(lent.surroundings) as adapter, receiving(adapter, inbox):
        await heard(inbox, *(f"mail {number}" for number in range(20)))

    assert lent.quarantine.payloads == []


async def test_an_old_mail_that_is_never_given_is_set_aside(host: EmailHarness, lent: Lent) -> None:
    """It breaks the connection each time; what is old may be missed as well as what is new."""
    for text in ("damaged " * 1000, "fine"):
        raw = letter("old", extra="").replace(b"<old@", f"<{text[:7]}@".encode())
        folder(host).add(raw + text.encode(), set(), datetime.now(UTC) - timedelta(days=9))
    host.sandbox.world.faults.add(Fault("imap", "FETCH", Kind.CUT, count=0, after_bytes=5_000))
    settings = with_imap(host, backfill_days=30)
    inbox = Inbox()

    async with open_adapter(settings, lent.surroundings) as adapter, receiving(adapter, inbox):
        await eventually(lambda: len(inbox.events) == 1)

    assert words(inbox.events[0]).endswith("fine")
    assert len(lent.quarantine.payloads) == 1


async def test_fifteen_hundred_new_mails_are_taken(host: EmailHarness, lent: Lent) -> None:
    for number in range(1500):
        put(host, f"mail {number}")
    inbox = Inbox()

    async with host.adapter(lent.surroundings) as adapter, receiving(adapter, inbox):
        await eventually(lambda: len(inbox.events) == 1500, timeout_seconds=50)

    assert len(effects(inbox)) == 1500


# --- waiting for news


async def test_a_server_that_falls_silent_while_we_wait_is_left(
    host: EmailHarness, lent: Lent
) -> None:
    """Half-open: a firewall forgot the connection. Whoever trusts it waits for half an hour."""
    host.sandbox.world.faults.add(Fault("imap", "IDLE", Kind.HANG))
    settings = with_imap(host, idle_seconds=0.2, command_seconds=0.3)
    inbox = Inbox()

    async with open_adapter(settings, lent.surroundings) as adapter, receiving(adapter, inbox):
        await idling(host)
        put(host, "anybody there?")
        await heard(inbox, "anybody there?")


async def test_a_server_that_does_not_push_is_searched_soon_after_all(
    host: EmailHarness, lent: Lent
) -> None:
    """Its IDLE tells of nothing that came between the search and it: the first wait is short."""
    host.sandbox.world.faults.add(Fault("imap", "IDLE", Kind.DEAF))
    inbox = Inbox()

    async with host.adapter(lent.surroundings) as adapter, receiving(adapter, inbox):
        await idling(host)
        put(host, "between search and idle")

        await heard(inbox, "between search and idle")  # the others last almost two minutes


async def test_a_goodbye_while_we_wait_is_heard_at_once(host: EmailHarness, lent: Lent) -> None:
    """Servers end a session after a while, and say so."""
    host.sandbox.world.mail.settings.imap.idle_seconds = 0.2
    inbox = Inbox()

    async with host.adapter(lent.surroundings) as adapter, receiving(adapter, inbox):
        for number in range(3):
            await idling(host, more_than=number)
            put(host, f"mail {number}")
            await heard(inbox, f"mail {number}")
        logins = host.sandbox.world.journal.calls["imap.AUTHENTICATE"]
        await eventually(lambda: host.sandbox.world.journal.calls["imap.AUTHENTICATE"] > logins)


async def test_changes_of_flags_wake_nobody_and_hide_nothing(
    host: EmailHarness, lent: Lent
) -> None:
    """A colleague who reads a thousand mails would cost a thousand searches."""
    put(host, "first")
    second = put(host, "second")
    inbox = Inbox()
    async with host.adapter(lent.surroundings) as adapter, receiving(adapter, inbox):
        await heard(inbox, "first", "second")
        await eventually(lambda: host.sandbox.world.journal.calls["imap.IDLE"] == 2)
        searches = host.sandbox.world.journal.calls["imap.SEARCH"]

        folder(host).remove(second)
        await while_time_passes()
        unmoved = host.sandbox.world.journal.calls["imap.SEARCH"]
        put(host, "third")
        await heard(inbox, "third")

    assert unmoved == searches


async def test_a_server_without_idle_is_asked_from_time_to_time(
    host: EmailHarness, lent: Lent
) -> None:
    host.sandbox.world.mail.settings.imap.without = frozenset({"IDLE"})
    settings, inbox = with_imap(host, poll_seconds=0.05), Inbox()

    async with open_adapter(settings, lent.surroundings) as adapter, receiving(adapter, inbox):
        for number in range(3):
            put(host, f"mail {number}")
            await heard(inbox, f"mail {number}")


async def test_a_server_that_announces_for_ever_is_not_asked_for_ever(
    host: EmailHarness, lent: Lent
) -> None:
    """Mail that is never there: without a pause both sides would do nothing else."""
    async with (
        announcing() as server,
        open_adapter(with_imap(host, port=server.port), lent.surroundings) as adapter,
        receiving(adapter, Inbox()),
    ):
        await eventually(lambda: server.searches >= 4)
        before = server.searches
        await while_time_passes()

    assert server.searches - before <= 3


# --- one mailbox, one reader; several mailboxes, several readers


@dataclass
class Turns:
    """What several processes share: whose turn it is."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    inside: list[str] = field(default_factory=list)

    def lend(self, lent: Lent, who: str) -> Lent:
        @asynccontextmanager
        async def exclusive(name: str) -> AsyncIterator[Checkpoints]:
            assert name == "mailbox"
            async with self.lock:
                self.inside.append(who)
                yield lent.checkpoints

        return replace(lent, exclusive=exclusive)


async def test_two_gateways_never_read_one_mailbox_at_once(host: EmailHarness, lent: Lent) -> None:
    """Both would fetch everything, and tread on each other's checkpoint."""
    turns, one, two = Turns(), Inbox(), Inbox()
    async with (
        host.adapter(turns.lend(lent, "two").surroundings) as second,
    ):
        async with (
            host.adapter(turns.lend(lent, "one").surroundings) as first,
            receiving(first, one),
        ):
            put(host, "for the first")
            await heard(one, "for the first")
            async with receiving(second, two):
                put(host, "for the first, too")
                await heard(one, "for the first, too")
                assert turns.inside == ["one"]
        async with receiving(second, two):
            put(host, "for the second")
            await heard(two, "for the second")

    assert turns.inside == ["one", "two"]
    assert [words(event) for event in two.events] == ["for the second"]


async def test_a_dead_mailbox_delays_no_other(host: EmailHarness, lent: Lent) -> None:
    """Several inboxes in one gateway: one server that accepts and never answers."""
    async with silent() as port:
        dead = with_imap(host, port=port, command_seconds=90)
        inbox = Inbox()
        async with (
            open_adapter(dead, lent.surroundings) as broken,
            receiving(broken, Inbox()),
            host.adapter(replace(lent, account="other").surroundings) as adapter,
            receiving(adapter, inbox),
        ):
            await idling(host)
            put(host, "hello")

            await heard(inbox, "hello")


async def test_a_mail_whose_size_was_a_lie_is_taken_by_its_beginning(
    host: EmailHarness, lent: Lent
) -> None:
    """The limit is on what is held here, not on what the server says."""
    settings = msgspec.structs.replace(
        host.settings(), limits=Limits(message_size_bytes_max=5_000, head_size_bytes=2_000)
    )
    folder(host).add(letter("huge") + b"x" * 60_000, set())
    inbox = Inbox()

    async with open_adapter(settings, lent.surroundings) as adapter, receiving(adapter, inbox):
        await eventually(lambda: len(inbox.events) == 1)

    assert any("beginning" in lost for lost in inbox.events[0].lost)


class Announcing:
    """A server with an empty inbox that announces mail after whatever it is asked."""

    port = 0
    searches = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"* OK hello\r\n")
        while line := await reader.readline():
            tag, _, command = line.decode().strip().partition(" ")
            if command == "IDLE":
                writer.write(b"+ idling\r\n* 5 EXISTS\r\n")
                await reader.readline()
            writer.write(self._answer(command) + b"* 5 EXISTS\r\n" + f"{tag} OK\r\n".encode())
        writer.close()

    def _answer(self, command: str) -> bytes:
        match command.split()[:2]:
            case ["CAPABILITY"]:
                return b"* CAPABILITY IMAP4rev1 IDLE\r\n"
            case ["SELECT", _]:
                return b"* OK [UIDVALIDITY 1] x\r\n* OK [UIDNEXT 1] x\r\n"
            case ["UID", "SEARCH"]:
                self.searches += 1
                return b"* SEARCH\r\n"
            case _:
                return b""


@asynccontextmanager
async def announcing() -> AsyncIterator[Announcing]:
    told = Announcing()
    server = await asyncio.start_server(told.serve, "127.0.0.1", 0)
    told.port = server.sockets[0].getsockname()[1]
    try:
        yield told
    finally:
        server.close()


@asynccontextmanager
async def silent() -> AsyncIterator[int]:
    """A server that takes connections and says nothing."""
    ended = asyncio.Event()

    async def serve(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await ended.wait()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        ended.set()
        server.close()
