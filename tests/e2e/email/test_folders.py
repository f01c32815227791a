"""Mail in other folders than the main one: further ones, junk, sent; and what is moved between."""

import pytest

from adapters.email.adapter import open_adapter
from core.model.event import ActorKind
from core.model.message import RecipientRole
from sandbox.faults import Fault, Kind
from tests.contract.email_harness import EmailHarness
from tests.contract.harness import Person
from tests.contract.running import message, receiving, send_text, words
from tests.contract.surroundings import Inbox, Lent
from tests.e2e.email.mailbox import cut, effects, folder, heard, letter, put, with_imap
from tests.rigs.waiting import eventually

LOOKS_SECONDS = 0.05


async def test_further_folders_are_looked_through(host: EmailHarness, lent: Lent) -> None:
    """Rules of the mail server sort mail away, and it has to be answered all the same."""
    settings = with_imap(host, folders=("Archive", "Trash"), poll_seconds=LOOKS_SECONDS)
    put(host, "in the archive", into="Archive")
    inbox = Inbox()

    async with open_adapter(settings, lent.surroundings) as adapter, receiving(adapter, inbox):
        await heard(inbox, "in the archive")
        put(host, "in the bin", into="Trash")
        put(host, "in the inbox")
        await heard(inbox, "in the bin", "in the inbox")

    names = {"imap INBOX", "imap Archive", "imap Trash"}
    assert names <= set(lent.checkpoints.values)


async def test_a_mail_that_is_moved_stays_one_message(
    host: EmailHarness, lent: Lent, mei: Person
) -> None:
    """By a rule or a colleague: a new UID in another folder, and no second conversation."""
    settings = with_imap(host, folders=("Archive",), poll_seconds=LOOKS_SECONDS)
    host.write(mei, "Please file me.")
    inbox = Inbox()
    async with open_adapter(settings, lent.surroundings) as adapter, receiving(adapter, inbox):
        await heard(inbox, "Please file me.")

        [mail] = folder(host).messages
        folder(host).remove(mail)
        folder(host, "Archive").add(mail.raw, mail.flags, mail.at)
        await eventually(lambda: len(inbox.events) == 2)

    assert len(effects(inbox)) == 1


async def test_junk_is_read_if_wanted_and_says_so(host: EmailHarness, lent: Lent) -> None:
    """A customer whose mail was taken for junk waits for ever otherwise. The folder is found by
    what the server says of it.
    """
    put(host, "not junk at all", into="Junk")
    put(host, "a question")
    settings, inbox = with_imap(host, junk=True), Inbox()

    async with open_adapter(settings, lent.surroundings) as adapter, receiving(adapter, inbox):
        await heard(inbox, "not junk at all", "a question")

    evidence = {words(event): event.actor.evidence for event in inbox.events}
    assert "took it for junk" in evidence["not junk at all"]
    assert "junk" not in evidence["a question"]


async def test_junk_is_left_alone_unless_it_is_wanted(host: EmailHarness, lent: Lent) -> None:
    put(host, "cheap watches", into="Junk")
    put(host, "a question")
    inbox = Inbox()

    async with host.adapter(lent.surroundings) as adapter, receiving(adapter, inbox):
        await heard(inbox, "a question")

    assert (
        host.sandbox.world.journal.calls["imap.LOGIN"]
        + (host.sandbox.world.journal.calls["imap.AUTHENTICATE"])
        == 1
    )
    assert [words(event) for event in inbox.events] == ["a question"]


async def test_a_folder_that_does_not_exist_is_told_and_holds_up_no_other(
    host: EmailHarness, lent: Lent
) -> None:
    settings = with_imap(host, folders=("Arkive", "Archive"), poll_seconds=LOOKS_SECONDS)
    put(host, "in the archive", into="Archive")
    inbox = Inbox()

    async with open_adapter(settings, lent.surroundings) as adapter, receiving(adapter, inbox):
        await heard(inbox, "in the archive")
        await eventually(
            lambda: any("'Arkive' cannot be opened" in remark for remark in lent.remarks)
        )


async def test_a_connection_that_is_well_says_nothing_of_another_that_is_not(
    host: EmailHarness, lent: Lent
) -> None:
    """The main folder is read, the folder of junk for days not: nobody would hear of it."""
    host.sandbox.world.faults.add(Fault("imap", "LIST", Kind.DROP_BEFORE, count=0))
    settings = with_imap(host, junk=True, poll_seconds=LOOKS_SECONDS)
    inbox = Inbox()

    async with open_adapter(settings, lent.surroundings) as adapter, receiving(adapter, inbox):
        await eventually(lambda: any("trying again" in remark for remark in lent.remarks))
        told = len(lent.remarks)
        for text in ("one", "two", "three"):
            put(host, text)
            await heard(inbox, text)
        assert "" not in lent.remarks[told:]
        host.sandbox.world.faults.clear()
        await eventually(lambda: lent.remarks[-1] == "")


async def test_what_colleagues_send_from_elsewhere_is_ours(
    host: EmailHarness, lent: Lent, mei: Person
) -> None:
    """Somebody answers from their phone: the agents have to see it, in the same conversation."""
    question = host.write(mei, "Where is it?")
    settings = with_imap(host, watch_sent=True, poll_seconds=LOOKS_SECONDS)
    inbox = Inbox()
    async with open_adapter(settings, lent.surroundings) as adapter, receiving(adapter, inbox):
        await heard(inbox, "Where is it?")
        raw = (
            f"From: Kim <{host.sandbox.support_address}>\r\nTo: Mei <{mei.remote}>\r\n"
            f"Cc: Boss <boss@kunde.example>\r\nMessage-ID: <phone-1@acme.example>\r\n"
            f"In-Reply-To: {question}\r\nReferences: {question}\r\n\r\nOn its way.\r\n"
        )
        folder(host, "Sent").add(raw.encode(), {r"\Seen"})
        await heard(inbox, "On its way.")

    asked, answered = inbox.events
    assert answered.thread == asked.thread
    assert (answered.actor.kind, answered.actor.name) == (ActorKind.STAFF, "Kim")
    assert answered.customer is not None
    assert answered.customer.remote == asked.actor.remote
    assert [(one.address, one.role) for one in message(answered).recipients] == [
        ("boss@kunde.example", RecipientRole.CC)
    ]


async def test_copies_of_our_own_replies_are_no_news(
    host: EmailHarness, lent: Lent, mei: Person
) -> None:
    """Else every reply would stand there twice."""
    host.write(mei, "Where is it?")
    settings = with_imap(host, watch_sent=True, poll_seconds=LOOKS_SECONDS)
    inbox = Inbox()
    async with open_adapter(settings, lent.surroundings) as adapter, receiving(adapter, inbox):
        await heard(inbox, "Where is it?")
        await send_text(adapter, inbox.events[0], "On its way.")
        copies = folder(host, "Sent").messages
        folder(host, "Sent").add(letter("after", sender=host.sandbox.support_address), set())
        put(host, "and then")
        await heard(inbox, "and then")
        await eventually(lambda: '"last_uid":2' in lent.checkpoints.values["imap Sent"])

    assert len(copies) == 2
    assert "On its way." not in map(words, inbox.events)


async def test_mail_that_was_taken_is_marked_and_moved_if_wanted(
    host: EmailHarness, lent: Lent
) -> None:
    """For those who look into the mailbox, too, and want to see what is dealt with."""
    settings, inbox = with_imap(host, mark_seen=True, move_to="Archive"), Inbox()
    put(host, "one")
    put(host, "two")

    async with open_adapter(settings, lent.surroundings) as adapter, receiving(adapter, inbox):
        await heard(inbox, "one", "two")
        await eventually(lambda: len(folder(host, "Archive").messages) == 2)

    assert folder(host).messages == []
    assert [mail.flags for mail in folder(host, "Archive").messages] == [{r"\Seen"}] * 2


async def test_mail_that_cannot_be_moved_is_taken_all_the_same(
    host: EmailHarness, lent: Lent
) -> None:
    settings, inbox = with_imap(host, move_to="No such folder"), Inbox()
    put(host, "one")

    async with open_adapter(settings, lent.surroundings) as adapter, receiving(adapter, inbox):
        await heard(inbox, "one")
        put(host, "two")
        await heard(inbox, "two")

    assert len(inbox.events) == 2


@pytest.mark.parametrize("method", ["STORE", "MOVE"])
async def test_a_connection_lost_while_mail_is_marked_ends_no_marking(
    host: EmailHarness, lent: Lent, method: str
) -> None:
    """It says nothing about what the server can do."""
    settings, inbox = with_imap(host, mark_seen=True, move_to="Archive"), Inbox()
    host.sandbox.world.faults.add(Fault("imap", method, Kind.DROP_BEFORE))
    put(host, "one")

    async with open_adapter(settings, lent.surroundings) as adapter, receiving(adapter, inbox):
        await heard(inbox, "one")
        put(host, "two")
        await heard(inbox, "two")
        await eventually(lambda: len(folder(host, "Archive").messages) == 1)


async def test_each_folder_goes_on_after_its_connection_is_lost(
    host: EmailHarness, lent: Lent
) -> None:
    settings = with_imap(host, folders=("Archive",), poll_seconds=LOOKS_SECONDS)
    inbox = Inbox()
    async with open_adapter(settings, lent.surroundings) as adapter, receiving(adapter, inbox):
        for number in range(3):
            put(host, f"filed {number}", into="Archive")
            put(host, f"new {number}")
            await heard(inbox, f"filed {number}", f"new {number}")
            await cut(host)

    assert len(effects(inbox)) == 6
