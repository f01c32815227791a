"""The mail host's IMAP side, driven by aioimaplib and by the standard library."""

import asyncio
import imaplib

import aioimaplib  # type: ignore[import-untyped]
import pytest

from sandbox.mail.programs import Letter
from sandbox.server import Sandbox
from tests.e2e.sandbox.rig import Wire
from tests.rigs.waiting import PATIENCE_SECONDS

RAW = b"Message-ID: <one@post.example>\r\nSubject: one\r\n\r\nbody\r\n"


async def test_idle_pushes_new_mail_at_once(sandbox: Sandbox, imap: aioimaplib.IMAP4) -> None:
    """The e-mail channel waits in IDLE; a demo must not wait for a poll."""
    idling = await imap.idle_start(timeout=30)

    sandbox.mail_programs.send("mei", Letter(text="hello", subject="order"))
    async with asyncio.timeout(15):
        pushed = await imap.wait_server_push()
    imap.idle_done()
    async with asyncio.timeout(15):
        done = await idling

    assert pushed == [b"1 EXISTS"]
    assert done.result == "OK"


async def test_mail_that_came_before_idle_is_told_when_idle_starts(
    sandbox: Sandbox, imap: aioimaplib.IMAP4
) -> None:
    """Between the last search and IDLE mail may arrive; it must not sleep for half an hour."""
    sandbox.world.mail.deliver(sandbox.support_address, RAW)

    idling = await imap.idle_start(timeout=30)
    async with asyncio.timeout(15):
        pushed = await imap.wait_server_push()
    imap.idle_done()
    await idling

    assert pushed == [b"1 EXISTS"]


async def test_fetch_gives_what_a_gateway_asks_for(
    sandbox: Sandbox, imap: aioimaplib.IMAP4
) -> None:
    sandbox.world.mail.deliver(sandbox.support_address, RAW)
    await imap.noop()

    answer = await imap.uid("fetch", "1:*", "(UID FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[])")

    assert answer.result == "OK"
    assert answer.lines[0].startswith(b'1 FETCH (UID 1 FLAGS () INTERNALDATE "')
    assert f"RFC822.SIZE {len(RAW)} BODY[] {{{len(RAW)}}}".encode() in answer.lines[0]
    assert bytes(answer.lines[1]) == RAW


async def test_peeking_leaves_a_mail_unseen_and_reading_does_not(
    sandbox: Sandbox, imap: aioimaplib.IMAP4
) -> None:
    mail = sandbox.world.mail.deliver(sandbox.support_address, RAW)
    await imap.noop()

    await imap.uid("fetch", "1", "(BODY.PEEK[])")
    peeked = set(mail.flags)
    await imap.uid("fetch", "1", "(BODY[])")

    assert peeked == set()
    assert mail.flags == {r"\Seen"}


@pytest.mark.parametrize(
    ("criteria", "uids"),
    [
        ("ALL", b"1 2"),
        ("UID 2:*", b"2"),
        ("UID 3:*", b"2"),
        ("SINCE 1-Jan-2020", b"1 2"),
        ("SINCE 1-Jan-2120", b""),
        ('HEADER Message-ID "<two@post.example>"', b"2"),
        ('NOT HEADER Message-ID "<two@post.example>"', b"1"),
        ("OR SUBJECT one SUBJECT two", b"1 2"),
        ("UNSEEN SMALLER 10", b""),
    ],
)
async def test_search_finds(
    sandbox: Sandbox, imap: aioimaplib.IMAP4, criteria: str, uids: bytes
) -> None:
    """`n:*` always gives the last message, even below n: clients have to filter."""
    sandbox.world.mail.deliver(sandbox.support_address, RAW)
    sandbox.world.mail.deliver(sandbox.support_address, RAW.replace(b"one", b"two"))
    await imap.noop()

    answer = await imap.uid_search(criteria, charset=None)

    assert answer.lines[0] == uids


async def test_a_new_uid_validity_cuts_the_connection_and_shows_on_the_next(
    sandbox: Sandbox, wire: Wire, imap: aioimaplib.IMAP4
) -> None:
    """UIDs from before mean nothing any more; the gateway must read the window again."""
    before = sandbox.world.mail.support.inbox.uid_validity

    made = await wire.post("/mail/renumber")
    async with asyncio.timeout(PATIENCE_SECONDS):
        while imap.protocol.state != aioimaplib.LOGOUT and not _is_lost(imap):  # noqa: ASYNC110
            await asyncio.sleep(0.005)

    assert made["uid_validity"] == before + 1
    fresh = await _connect(sandbox)
    selected = await fresh.select("INBOX")
    await fresh.logout()
    assert f"OK [UIDVALIDITY {before + 1}] UIDs valid".encode() in selected.lines


async def test_a_wrong_password_is_refused(sandbox: Sandbox) -> None:
    client = aioimaplib.IMAP4("127.0.0.1", sandbox.imap_port, timeout=5)
    await client.wait_hello_from_server()

    answer = await client.login(sandbox.mail_user, "wrong")
    await client.logout()

    assert answer.result == "NO"
    assert answer.lines[0].startswith(b"[AUTHENTICATIONFAILED]")


async def test_store_copy_move_and_expunge_work(sandbox: Sandbox, imap: aioimaplib.IMAP4) -> None:
    mailbox = sandbox.world.mail.support
    for _ in range(3):
        mailbox.inbox.add(RAW, set())
    await imap.noop()

    await imap.uid("store", "1", r"+FLAGS.SILENT (\Seen $Gateway)")
    await imap.uid("copy", "1", "Archive")
    moved = await imap.uid("move", "2", "Trash")
    await imap.uid("store", "3", r"+FLAGS (\Deleted)")
    await imap.expunge()

    assert moved.result == "OK"
    assert [mail.uid for mail in mailbox.inbox.messages] == [1]
    assert mailbox.inbox.messages[0].flags == {r"\Seen", "$Gateway"}
    assert [len(mailbox.folders[name].messages) for name in ("Archive", "Trash")] == [1, 1]


async def test_the_standard_library_reads_and_writes_too(sandbox: Sandbox) -> None:
    """imaplib sends literals the synchronising way and insists on the greeting's form."""

    def drive() -> tuple[list[object], bytes]:
        with imaplib.IMAP4("127.0.0.1", sandbox.imap_port) as client:
            client.login(sandbox.mail_user, sandbox.mail_password)
            client.append("Sent", r"(\Seen)", imaplib.Time2Internaldate(86400.0), RAW)
            _, folders = client.list()
            client.select("Sent", readonly=True)
            _, found = client.uid("search", "HEADER", "Message-ID", "<one@post.example>")
            _, fetched = client.fetch("1", "(FLAGS INTERNALDATE BODY[]<0.10>)")
            client.unselect()
        assert isinstance(fetched[0], tuple)
        return [len(folders), found[0], fetched[0][1]], fetched[0][0]

    seen, described = await asyncio.to_thread(drive)

    assert seen == [6, b"1", RAW[:10]]
    assert rb"FLAGS (\Seen)" in described
    assert b'INTERNALDATE " 2-Jan-1970' in described


async def test_nonsense_is_answered_bad_and_the_connection_goes_on(sandbox: Sandbox) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", sandbox.imap_port)
    await reader.readline()

    writer.write(b'a FETCH 1 (\r\nb LOGIN "x\r\nc\r\nd WHAT\r\ne SELECT INBOX\r\nf NOOP\r\n')
    answers = [await reader.readline() for _ in range(6)]
    writer.transport.abort()

    assert [answer[:5] for answer in answers] == [
        b"a BAD",
        b"b BAD",
        b"c BAD",
        b"d BAD",
        b"e BAD",
        b"f OK ",
    ]


async def test_an_account_can_be_looked_around_in(sandbox: Sandbox, imap: aioimaplib.IMAP4) -> None:
    sandbox.world.mail.support.sent.add(RAW, set())

    status = await imap.status("Sent", "(MESSAGES UIDNEXT UNSEEN)")
    listed = await imap.list('""', "*")
    namespace = await imap.namespace()
    closed = await imap.close()
    missing = await imap.select("Nowhere")

    assert status.lines[0] == b'"Sent" (MESSAGES 1 UIDNEXT 2 UNSEEN 1)'
    assert rb'(\HasNoChildren \Sent) "/" "Sent"' in b" ".join(listed.lines)
    assert (namespace.result, closed.result, missing.result) == ("OK", "OK", "NO")


async def test_a_read_only_folder_cannot_be_changed(
    sandbox: Sandbox, imap: aioimaplib.IMAP4
) -> None:
    mail = sandbox.world.mail.deliver(sandbox.support_address, RAW)
    await imap.examine("INBOX")

    stored = await imap.uid("store", "1", r"+FLAGS (\Seen)")
    await imap.uid("fetch", "1", "(BODY[])")

    assert stored.result == "NO"
    assert mail.flags == set()


async def _connect(sandbox: Sandbox) -> aioimaplib.IMAP4:
    client = aioimaplib.IMAP4("127.0.0.1", sandbox.imap_port, timeout=5)
    await client.wait_hello_from_server()
    await client.login(sandbox.mail_user, sandbox.mail_password)
    return client


def _is_lost(client: aioimaplib.IMAP4) -> bool:
    transport = client.protocol.transport
    return transport is None or bool(transport.is_closing())
