"""Mail in, when the server, the network or the store is not at its best."""

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta

import aiohttp
import msgspec

from adapters.email.adapter import open_adapter
from adapters.email.line.intake import STANDING_BY
from adapters.email.settings import EmailSettings, Limits
from core.errors import InvalidRequest, Stale
from core.model.content import Media
from core.model.event import Inbound
from sandbox.faults import Fault, Kind
from tests.contract.email_harness import EmailHarness
from tests.contract.harness import Person
from tests.contract.running import message, received, receiving, send_text, words
from tests.contract.surroundings import Inbox, Lent
from tests.e2e.email.mailbox import folder
from tests.rigs.waiting import eventually

TURNS_MIN = 12
"""Of the event loop; there are five when nothing is done beside."""


async def test_new_mail_is_pushed(host: EmailHarness, lent: Lent, mei: Person) -> None:
    """IDLE, not the timer: the customer waits for an answer."""
    inbox = Inbox()
    async with host.adapter(lent.surroundings) as adapter, receiving(adapter, inbox):
        await idling(host)

        host.write(mei, "Anybody there?")

        await arrived(inbox, 1)  # the timer comes after a minute


async def test_a_lost_connection_is_replaced(host: EmailHarness, lent: Lent, mei: Person) -> None:
    """aioimaplib does not tell those who wait in IDLE; it would be 29 minutes of silence."""
    inbox, idles, calls = Inbox(), 0, host.sandbox.world.journal.calls
    async with host.adapter(lent.surroundings) as adapter, receiving(adapter, inbox):
        for number in range(1, 4):
            await idling(host, more_than=idles)
            idles = calls["imap.IDLE"]
            await cut(host)
            host.write(mei, f"mail {number}")
            await arrived(inbox, number)

    assert sorted(words(event) for event in inbox.events) == ["mail 1", "mail 2", "mail 3"]


async def test_every_command_may_be_the_last_of_its_connection(
    host: EmailHarness, lent: Lent, mei: Person
) -> None:
    """Cut before and after each one: every mail comes all the same, the same each time."""
    inbox = Inbox()
    for method in ("LOGIN", "CAPABILITY", "SELECT", "SEARCH", "FETCH", "IDLE"):
        for kind in (Kind.DROP_BEFORE, Kind.DROP_AFTER):
            host.sandbox.world.faults.add(Fault("imap", method, kind, nth=2))
    async with host.adapter(lent.surroundings) as adapter, receiving(adapter, inbox):
        for number in range(20):
            host.write(mei, f"mail {number}")
            await said(inbox, f"mail {number}")

    counted = Counter((event.thread.thread, event.dedup) for event in inbox.events)
    assert len(counted) == 20


async def test_a_server_that_does_not_answer_is_given_up(
    host: EmailHarness, lent: Lent, mei: Person
) -> None:
    """The command would stay pending and swallow the next answer: another connection is opened."""
    host.write(mei, "Be patient.")
    host.sandbox.world.faults.add(Fault("imap", "SEARCH", Kind.SLOW_AFTER, seconds=1))
    settings = impatient(host, command_seconds=0.3)
    inbox = Inbox()

    async with open_adapter(settings, lent.surroundings) as adapter, receiving(adapter, inbox):
        await arrived(inbox, 1)


async def test_a_mailbox_that_was_numbered_anew_is_read_again(
    host: EmailHarness, lent: Lent, mei: Person
) -> None:
    """A new UIDVALIDITY: no UID means anything any more. Core drops what it knows."""
    inbox = Inbox()
    async with host.adapter(lent.surroundings) as adapter, receiving(adapter, inbox):
        for number in range(3):
            host.write(mei, f"mail {number}")
        await arrived(inbox, 3)
        host.sandbox.world.mail.support.inbox.renumber()
        await cut(host)
        host.write(mei, "after")
        await arrived(inbox, 7)

    identities = Counter((event.thread.thread, event.dedup) for event in inbox.events)
    assert sorted(identities.values()) == [1, 2, 2, 2]


async def test_hundreds_of_mails_come_in_batches(
    host: EmailHarness, lent: Lent, mei: Person
) -> None:
    """After an outage; each one once, each person's thread in order."""
    for number in range(230):
        host.write(mei, f"mail {number}")

    events = await received(host, lent, Inbox(), 230)

    assert Counter(words(event) for event in events) == Counter(f"mail {n}" for n in range(230))
    assert msgspec.json.decode(lent.checkpoints.values["imap INBOX"])["last_uid"] == 230


async def test_a_mail_that_is_too_large_is_shown_by_its_beginning(
    host: EmailHarness, lent: Lent, mei: Person
) -> None:
    """Taking it whole could take the memory of everybody; losing it is not allowed."""
    limits = Limits(message_size_bytes_max=20_000, head_size_bytes=8_000)
    settings = msgspec.structs.replace(host.settings(), limits=limits)
    host.write(mei, "A long story. " * 5_000)
    host.write(mei, "A short one.")
    inbox = Inbox()

    async with open_adapter(settings, lent.surroundings) as adapter, receiving(adapter, inbox):
        await arrived(inbox, 2)

    [large] = [event for event in inbox.events if words(event) != "A short one."]
    assert words(large).startswith("A long story.")
    assert any("only its beginning" in lost for lost in large.lost)


async def test_a_mail_that_breaks_every_connection_is_taken_by_its_beginning(
    host: EmailHarness, lent: Lent, mei: Person
) -> None:
    """Else it would be asked for until the end of time, and nothing behind it would come."""
    host.write(mei, "I am poison. " * 500)
    host.write(mei, "And I am not.")
    break_answers(host, longer_than=5_000)
    inbox = Inbox()
    limits = Limits(head_size_bytes=2_000)
    settings = msgspec.structs.replace(host.settings(), limits=limits)

    async with open_adapter(settings, lent.surroundings) as adapter, receiving(adapter, inbox):
        await arrived(inbox, 2)

    poison, harmless = inbox.events
    assert words(poison).startswith("I am poison.")
    assert any("only its beginning" in lost for lost in poison.lost)
    assert words(harmless) == "And I am not."


async def test_mails_that_cannot_be_had_at_all_are_set_aside(
    host: EmailHarness, lent: Lent, mei: Person
) -> None:
    """Two in a row: neither speaks for the other."""
    for _ in range(2):
        host.write(mei, "I am poison. " * 500)
    break_answers(host, longer_than=5_000)
    inbox = Inbox()

    async with host.adapter(lent.surroundings) as adapter, receiving(adapter, inbox):
        await reconnected(host, 10)
        host.write(mei, "And I am not.")
        await arrived(inbox, 1)

    assert words(inbox.events[0]) == "And I am not."
    assert len(lent.quarantine.payloads) == 2


async def test_a_server_that_gives_no_mail_for_a_while_costs_none(
    host: EmailHarness, lent: Lent, mei: Person
) -> None:
    """Its store is down, or something on the way drops long answers: no mail is to blame."""
    for number in range(3):
        host.write(mei, f"mail {number}")
    inbox = Inbox()

    async with host.adapter(lent.surroundings) as adapter, receiving(adapter, inbox):
        for number in range(3, 6):
            break_answers(host, longer_than=300)
            host.write(mei, f"mail {number}")
            await reconnected(host, 10)
            host.sandbox.world.faults.clear()
            await arrived(inbox, number + 1)

    assert [words(event) for event in inbox.events] == [f"mail {number}" for number in range(6)]
    assert not any(event.lost for event in inbox.events)
    assert lent.quarantine.payloads == []


async def test_a_large_mail_comes_whole(host: EmailHarness, lent: Lent, mei: Person) -> None:
    """Fetched alone, parsed beside the event loop."""
    content = bytes(range(256)) * 8_000
    host.write_file(mei, "large.bin", content)

    [event] = await received(host, lent, Inbox(), 1)

    [media] = [part for part in message(event).parts if isinstance(part, Media)]
    assert media.attachment.size_bytes == len(content)


async def test_on_the_first_start_old_mail_is_left_alone(
    host: EmailHarness, lent: Lent, mei: Person
) -> None:
    """An archive of ten years is not ten years of new conversations; yesterday's mail is."""
    inbox = host.sandbox.world.mail.support.inbox
    raw = b"From: old@kunde.example\nMessage-ID: <old@x>\n\nlong ago"
    inbox.add(raw, set(), at=datetime.now(UTC) - timedelta(days=9))
    host.write(mei, "today")

    [event] = await received(host, lent, later := Inbox(), 1)
    host.write(mei, "tomorrow")
    await received(host, lent, later, 2)

    assert words(event) == "today"
    assert [words(event) for event in later.events] == ["today", "tomorrow"]


async def test_mail_that_somebody_has_read_elsewhere_comes_all_the_same(
    host: EmailHarness, lent: Lent, mei: Person
) -> None:
    """Flags belong to people; the checkpoint is ours."""
    host.write(mei, "Read by a colleague on the phone.")
    [mail] = host.sandbox.world.mail.support.inbox.messages
    mail.flags.add(r"\Seen")

    [event] = await received(host, lent, Inbox(), 1)

    assert words(event) == "Read by a colleague on the phone."
    assert mail.flags == {r"\Seen"}


async def test_reading_leaves_mail_unread(host: EmailHarness, lent: Lent, mei: Person) -> None:
    host.write(mei, "Still bold in your mail program.")

    await received(host, lent, Inbox(), 1)

    [mail] = host.sandbox.world.mail.support.inbox.messages
    assert mail.flags == set()


async def test_what_core_refuses_is_set_aside(host: EmailHarness, lent: Lent, mei: Person) -> None:
    """It would refuse the same mail for ever, and nobody else would be heard."""
    host.write(mei, "unwelcome")
    host.write(mei, "welcome")
    inbox = Inbox()

    async def deliver(inbound: Inbound) -> None:
        if words(inbound) == "unwelcome":
            raise InvalidRequest("the test says: never")
        await inbox(inbound)

    async with host.adapter(lent.surroundings) as adapter, receiving(adapter, deliver):
        await arrived(inbox, 1)
        await eventually(lambda: len(lent.quarantine.payloads) == 1)


async def test_who_has_lost_the_mailbox_stops_reading_it(
    host: EmailHarness, lent: Lent, mei: Person
) -> None:
    """Another process took over: two readers would tread on each other's checkpoint. It stands by,
    and goes on where things are when its turn has come again.
    """
    host.write(mei, "Whose am I?")
    inbox, found = Inbox(), []

    async def deliver(inbound: Inbound) -> None:
        found.append(dict(lent.checkpoints.values))
        if len(found) == 1:
            raise Stale(f"the test says: {inbound.thread.account} is read elsewhere")
        await inbox(inbound)

    async with host.adapter(lent.surroundings) as adapter, receiving(adapter, deliver):
        await arrived(inbox, 1)

    assert ['"last_uid":0' in notes["imap INBOX"] for notes in found] == [True, True]
    assert lent.remarks == [STANDING_BY, "", STANDING_BY, ""]


async def test_our_own_replies_in_the_inbox_start_nothing(
    host: EmailHarness, lent: Lent, mei: Person
) -> None:
    """Some hosts file copies there, and loops exist: they are known by our signature."""
    host.write(mei, "A question.")
    inbox = Inbox()
    async with host.adapter(lent.surroundings) as adapter, receiving(adapter, inbox):
        await arrived(inbox, 1)
        await send_text(adapter, inbox.events[0], "An answer.")
        [answer] = host.sandbox.mail_programs.mailbox("mei").inbox.messages

        host.sandbox.world.mail.deliver(host.sandbox.support_address, answer.raw)
        host.write(mei, "Thanks.")
        await arrived(inbox, 2)

    assert [words(event) for event in inbox.events] == ["A question.", "Thanks."]


async def test_a_server_that_refuses_idle_is_read_all_the_same(
    host: EmailHarness, lent: Lent, mei: Person
) -> None:
    """Some say that they can, and cannot: it is asked from time to time."""
    refusal = Fault("imap", "IDLE", Kind.REPLY, reply="NO not today", count=0)
    host.sandbox.world.faults.add(refusal)
    settings, inbox = impatient(host, poll_seconds=0.05), Inbox()

    async with open_adapter(settings, lent.surroundings) as adapter, receiving(adapter, inbox):
        for number in range(1, 4):
            host.write(mei, f"mail {number}")
            await arrived(inbox, number)


async def arrived(inbox: Inbox, count: int) -> None:
    await eventually(lambda: len(inbox.events) >= count)


async def said(inbox: Inbox, text: str) -> None:
    await eventually(lambda: text in map(words, inbox.events))


async def reconnected(host: EmailHarness, times: int) -> None:
    """So many connections more than now have come as far as reading."""
    calls = host.sandbox.world.journal.calls
    before = calls["imap.SELECT"]
    await eventually(lambda: calls["imap.SELECT"] >= before + times)


def break_answers(host: EmailHarness, *, longer_than: int) -> None:
    fault = Fault("imap", "FETCH", Kind.CUT, count=0, after_bytes=longer_than)
    host.sandbox.world.faults.add(fault)


async def idling(host: EmailHarness, *, more_than: int = 0) -> None:
    """So many IDLE commands have been seen, and one more."""
    await eventually(lambda: host.sandbox.world.journal.calls["imap.IDLE"] > more_than)


async def cut(host: EmailHarness) -> None:
    """The server closes every connection without a word."""
    url = f"{host.sandbox.http_url}/control/mail/cut"
    async with aiohttp.ClientSession() as session, session.post(url, json={}) as answer:
        assert answer.status == 200


def impatient(host: EmailHarness, **changes: float) -> EmailSettings:
    settings = host.settings()
    imap = msgspec.structs.replace(settings.imap, **changes)
    return msgspec.structs.replace(settings, imap=imap)


async def test_while_a_long_mail_is_read_others_go_on(host: EmailHarness, lent: Lent) -> None:
    """Every inbox lives in this process: a newsletter must not stop the chats."""
    line = "<p>Hello <b>you</b> &amp; me, <a href='https://shop.example/a'>go</a></p>"
    head = b"From: mei@post.example\r\nSubject: News\r\nContent-Type: text/html\r\n\r\n"
    inbox, turns = Inbox(), 0

    async with host.adapter(lent.surroundings) as adapter, receiving(adapter, inbox):
        await idling(host)
        folder(host).add(head + line.encode() * 3_000, set())
        while not inbox.events:
            await asyncio.sleep(0.001)
            turns += 1

    assert turns > TURNS_MIN
