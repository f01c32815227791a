"""How reading a mailbox goes wrong, as aioimaplib, the standard library and bare lines see it."""

import asyncio
import base64
import imaplib
from collections.abc import AsyncIterator

import aioimaplib  # type: ignore[import-untyped]
import pytest

from sandbox.server import Sandbox
from tests.e2e.sandbox.bare import Bare, connected
from tests.e2e.sandbox.rig import Wire
from tests.rigs.waiting import PATIENCE_SECONDS

RAW = b"Message-ID: <one@post.example>\r\nSubject: one\r\n\r\n* 9 FAKE\r\n)\r\na1 OK done\r\n"


@pytest.fixture
async def bare(sandbox: Sandbox) -> AsyncIterator[Bare]:
    """Logged in, with one mail in the selected INBOX."""
    sandbox.world.mail.deliver(sandbox.support_address, RAW)
    async with connected(sandbox.imap_port) as line:
        await line.ask(f"l LOGIN {sandbox.mail_user} {sandbox.mail_password}")
        await line.ask("s SELECT INBOX")
        yield line


@pytest.mark.parametrize("after_bytes", [1, 20, 60, 100])
async def test_an_answer_is_cut_in_the_middle(wire: Wire, bare: Bare, after_bytes: int) -> None:
    """In the line, in the literal, wherever: half a mail must never be taken for a mail."""
    await wire.post("/faults", platform="imap", method="FETCH", kind="cut", after_bytes=after_bytes)

    await bare.say("f UID FETCH 1 (UID BODY.PEEK[])")

    told = await bare.rest()
    assert b"* 1 FETCH (UID 1 BODY[] {%d}\r\n%b)\r\n" % (len(RAW), RAW) != told
    assert len(told) == after_bytes


async def test_a_literal_trickles_in_and_is_whole(
    sandbox: Sandbox, wire: Wire, imap: aioimaplib.IMAP4
) -> None:
    """Lines inside it look like answers, and packets end anywhere."""
    sandbox.world.mail.deliver(sandbox.support_address, RAW)
    await imap.noop()
    await wire.post("/faults", platform="imap", method="FETCH", kind="trickle", seconds=0.2)

    answer = await imap.uid("fetch", "1:*", "(UID BODY.PEEK[])")

    assert (answer.result, bytes(answer.lines[1])) == ("OK", RAW)


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("nil", b"* 1 FETCH (UID 1 RFC822.SIZE %d BODY[] NIL)\r\n" % len(RAW)),
        (
            "wrong_size",
            b"* 1 FETCH (UID 1 RFC822.SIZE %d BODY[] {%d}\r\n" % (1000 + len(RAW), len(RAW)),
        ),
        ("vanish", b"f OK UID FETCH completed\r\n"),
        ("noise", b"* OK [ALERT] System going down at noon\r\n"),
    ],
)
async def test_a_fetch_answers_oddly(wire: Wire, bare: Bare, kind: str, told: bytes) -> None:
    await wire.post("/faults", platform="imap", method="FETCH", kind=kind)

    await bare.say("f UID FETCH 1 (UID RFC822.SIZE BODY.PEEK[])")

    assert await bare.line() == told


async def test_noise_comes_after_the_greeting_and_about_folders_once_there_is_one(
    sandbox: Sandbox, wire: Wire
) -> None:
    """Odd, but never against the protocol."""
    await wire.post("/faults", platform="imap", method="*", kind="noise", count=0)

    async with connected(sandbox.imap_port) as line:
        told = await line.ask("n NOOP")

    assert told == (
        b"* OK [ALERT] System going down at noon\r\n* OK Still here\r\nn OK NOOP completed\r\n"
    )


async def test_noise_between_answers_does_not_hide_them(
    sandbox: Sandbox, wire: Wire, bare: Bare
) -> None:
    sandbox.world.mail.deliver(sandbox.support_address, RAW)
    await bare.ask("n NOOP")
    await wire.post("/faults", platform="imap", method="FETCH", kind="noise")

    told = await bare.ask("f UID FETCH 1:2 (UID)")

    assert b"* 1 FETCH (UID 1)\r\n* 1 FETCH (FLAGS ($Label1))\r\n* 2 EXISTS\r\n" in told
    assert told.endswith(b"* 2 EXISTS\r\nf OK UID FETCH completed\r\n")


async def test_a_command_that_is_never_answered_leaves_the_line_open(
    sandbox: Sandbox, wire: Wire, bare: Bare
) -> None:
    """Only the other side's own clock can notice."""
    await wire.post("/faults", platform="imap", method="SEARCH", kind="hang")

    await bare.say("q UID SEARCH ALL")
    await bare.say("r NOOP")
    with pytest.raises(TimeoutError):
        await bare.line(seconds=0.3)

    assert await wire.post("/mail/cut") == {"cut": 1}
    assert await bare.rest() == b""


async def test_a_silent_line_does_not_keep_the_sandbox_from_ending() -> None:
    async with (
        asyncio.timeout(PATIENCE_SECONDS),
        Sandbox() as sandbox,
        connected(sandbox.imap_port) as line,
    ):
        line_fault = {"platform": "imap", "method": "NOOP", "kind": "hang"}
        async with Wire.of(sandbox) as wire:
            await wire.post("/faults", **line_fault)
        await line.say("n NOOP")


@pytest.mark.parametrize("idle", ["hang", "deaf"])
async def test_an_idle_that_tells_nothing(
    sandbox: Sandbox, wire: Wire, bare: Bare, idle: str
) -> None:
    """Half-open lines and servers that forget: why gateways search by timer as well."""
    await wire.post("/faults", platform="imap", method="IDLE", kind=idle)

    await bare.say("i IDLE")
    assert await bare.line() == b"+ idling\r\n"
    sandbox.world.mail.deliver(sandbox.support_address, RAW)
    with pytest.raises(TimeoutError):
        await bare.line(seconds=0.2)


async def test_what_a_deaf_idle_missed_can_be_searched(
    sandbox: Sandbox, wire: Wire, bare: Bare
) -> None:
    await wire.post("/faults", platform="imap", method="IDLE", kind="deaf")
    await bare.say("i IDLE")
    await bare.line()
    sandbox.world.mail.deliver(sandbox.support_address, RAW)

    done = await bare.ask("DONE", tag="i")
    found = await bare.ask("s UID SEARCH ALL")

    assert done == b"i OK IDLE terminated\r\n"
    assert found.startswith(b"* SEARCH 1 2\r\n")


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ({"kind": "drop_after", "seconds": 0.1}, b"+ idling\r\n"),
        ({"kind": "cut", "after_bytes": 14}, b"+ idling\r\n* 2 "),
        ({"kind": "reply", "reply": "BYE Back soon"}, b"* BYE Back soon\r\n"),
    ],
)
async def test_an_idle_ends_by_itself(
    sandbox: Sandbox, wire: Wire, bare: Bare, fault: dict[str, object], told: bytes
) -> None:
    await wire.post("/faults", platform="imap", method="IDLE", **fault)

    await bare.say("i IDLE")
    sandbox.world.mail.deliver(sandbox.support_address, RAW)
    heard = await bare.rest()

    assert heard.replace(b"* 2 EXISTS\r\n", b"") == told


async def test_the_host_says_goodbye_to_those_who_idle_for_too_long(
    sandbox: Sandbox, wire: Wire, bare: Bare
) -> None:
    await wire.post("/mail/settings", imap={"idle_seconds": 0.2})

    await bare.say("i IDLE")

    assert await bare.rest() == b"+ idling\r\n* BYE Disconnected for inactivity.\r\n"


async def test_news_between_commands_are_not_told_again(
    sandbox: Sandbox, wire: Wire, bare: Bare
) -> None:
    """EXISTS comes after SEARCH and before IDLE: who listens in IDLE alone waits for ever."""
    await wire.post("/mail/settings", imap={"unsolicited": True})
    await bare.ask("s UID SEARCH ALL")

    sandbox.world.mail.deliver(sandbox.support_address, RAW)

    assert await bare.line() == b"* 2 EXISTS\r\n"
    await bare.say("i IDLE")
    assert await bare.line() == b"+ idling\r\n"
    with pytest.raises(TimeoutError):
        await bare.line(seconds=0.2)


async def test_a_connection_is_reset(wire: Wire, bare: Bare) -> None:
    await wire.post("/faults", platform="imap", method="NOOP", kind="reset", seconds=0)

    await bare.say("n NOOP")
    with pytest.raises(ConnectionResetError):
        await bare.rest()


async def test_a_mail_is_cut_on_its_way_to_the_host(
    sandbox: Sandbox, wire: Wire, bare: Bare
) -> None:
    """The gateway's copy in Sent: half of it must not be stored."""
    await wire.post("/faults", platform="imap", method="body", kind="drop_before", after_bytes=10)

    await bare.say(f"a APPEND Sent {{{len(RAW)}+}}\r\n{RAW.decode()}")

    assert await bare.rest(ignore_reset=True) == b""
    assert sandbox.world.mail.support.sent.messages == []


async def test_a_reply_of_several_lines_is_told_as_it_is(wire: Wire, bare: Bare) -> None:
    reply = "* NO [ALERT] Quota exceeded\nBAD Internal error"
    await wire.post("/faults", platform="imap", method="NOOP", kind="reply", reply=reply)

    told = await bare.ask("n NOOP")

    assert told == b"* NO [ALERT] Quota exceeded\r\nn BAD Internal error\r\n"


async def test_a_login_is_refused_so_many_times(sandbox: Sandbox, wire: Wire) -> None:
    await wire.post("/faults", platform="imap", method="LOGIN", kind="unauthorised", count=2)
    login = f"l LOGIN {sandbox.mail_user} {sandbox.mail_password}"

    async with connected(sandbox.imap_port) as line:
        told = [(await line.ask(login))[:4] for _ in range(3)]

    assert told == [b"l NO", b"l NO", b"l OK"]


async def test_a_restored_folder_has_lower_uids_under_the_same_validity(
    sandbox: Sandbox, wire: Wire
) -> None:
    """New mail then gets UIDs that the gateway has seen already."""
    inbox = sandbox.world.mail.support.inbox
    validity = inbox.uid_validity
    sandbox.world.mail.deliver(sandbox.support_address, RAW)
    await wire.post("/mail/backup")
    sandbox.world.mail.deliver(sandbox.support_address, RAW)

    await wire.post("/mail/restore")
    again = sandbox.world.mail.deliver(sandbox.support_address, RAW)

    assert (inbox.uid_validity, again.uid, len(inbox.messages)) == (validity, 2, 2)


async def test_somebody_else_sorts_the_mailbox(sandbox: Sandbox, wire: Wire, bare: Bare) -> None:
    """A mail moved by hand is another mail to IMAP; one that is copied is there twice."""
    content = base64.b64encode(RAW).decode()
    await wire.post("/mail/skip", count=100)
    put = await wire.post(
        "/mail/put", content=content, at="2019-03-01T10:00:00+01:00", flags=["\\Seen"]
    )
    await bare.ask("n NOOP")
    old = await bare.ask("f UID FETCH 102 (INTERNALDATE FLAGS)")
    copied = await wire.post("/mail/copy", uid=102, to="Archive")
    moved = await wire.post("/mail/move", uid=102, to="Junk")
    await wire.post("/mail/flag", uid=1, flags=["\\Flagged"])
    await wire.post("/mail/remove", uid=1)

    assert (put, copied, moved) == ({"uid": 102}, {"uid": 1}, {"uid": 1})
    assert rb'INTERNALDATE " 1-Mar-2019 09:00:00 +0000" FLAGS (\Seen)' in old
    assert await bare.ask("n NOOP") == b"* 2 EXPUNGE\r\n* 1 EXPUNGE\r\nn OK NOOP completed\r\n"


async def test_folders_have_foreign_names_on_the_wire(sandbox: Sandbox, wire: Wire) -> None:
    await wire.post("/mail/folders", folder="Entwürfe & 日本", use="\\Drafts")

    def drive() -> tuple[list[bytes], str]:
        with imaplib.IMAP4("127.0.0.1", sandbox.imap_port) as client:
            client.login(sandbox.mail_user, sandbox.mail_password)
            _, listed = client.list()
            answer = client.append('"Entw&APw-rfe &- &ZeVnLA-"', "", "", RAW)[0]
        return [line for line in listed if isinstance(line, bytes)], answer

    listed, answer = await asyncio.to_thread(drive)

    assert rb'(\HasNoChildren \Drafts) "/" "Entw&APw-rfe &- &ZeVnLA-"' in listed
    assert answer == "OK"
    assert len(sandbox.world.mail.support.folders["Entwürfe & 日本"].messages) == 1


async def test_a_host_lacks_what_it_is_told_to_lack(sandbox: Sandbox, wire: Wire) -> None:
    """Old and small servers: no IDLE, no UIDPLUS, no special uses."""
    lacks = ["IDLE", "SPECIAL-USE", "UIDPLUS", "MOVE", "LITERAL+"]
    await wire.post("/mail/settings", imap={"without": lacks})

    async with connected(sandbox.imap_port) as line:
        told = await line.ask(f"l LOGIN {sandbox.mail_user} {sandbox.mail_password}")
        listed = await line.ask('x LIST "" "*"')
        selected = await line.ask("s SELECT INBOX")
        idled = await line.ask("i IDLE")

    assert told == b"l OK [CAPABILITY IMAP4rev1 SASL-IR UNSELECT ID NAMESPACE] Logged in\r\n"
    assert rb"\Sent" not in listed
    assert selected.endswith(b"s OK [READ-WRITE] SELECT completed\r\n")
    assert idled.startswith(b"i BAD")


async def test_a_missing_folder_is_told_so_that_it_can_be_created(bare: Bare) -> None:
    refused = await bare.ask("c UID COPY 1 Done")
    created = await bare.ask("d CREATE Done")
    copied = await bare.ask("e UID COPY 1 Done")

    assert refused.startswith(b"c NO [TRYCREATE]")
    assert created == b"d OK CREATE completed\r\n"
    assert b"[COPYUID " in copied


async def test_only_folders_with_a_use_are_listed_on_request(bare: Bare) -> None:
    chosen = await bare.ask('x LIST (SPECIAL-USE) "" "*"')
    returned = await bare.ask('y LIST "" "*" RETURN (SPECIAL-USE)')

    assert b'"INBOX"' not in chosen
    assert rb'(\HasNoChildren \Junk) "/" "Junk"' in chosen
    assert b'"INBOX"' in returned
