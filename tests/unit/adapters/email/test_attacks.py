"""What people try who want a name, a conversation or an answer that is not theirs."""

import re
import time
from datetime import UTC, datetime
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.email.account import Account, Delivered, Opinion
from adapters.email.identifiers import (
    own_message_id,
    reply_address,
    verify_own,
    verify_reply_address,
)
from adapters.email.incoming.normalise import normalise
from adapters.email.incoming.trust import checked_signatures, examine, opinion_of
from adapters.email.mime.parse import parse
from adapters.email.outgoing.render import render
from core.model.content import Text
from core.model.event import Inbound, MessageCreated
from core.model.ids import ConversationId, EventId, MessageId, Number, ThreadRef
from core.model.message import Recipient, Sender, SenderKind, SenderLevel
from core.model.outbound import Outbound

NOW = datetime(2025, 11, 21, 12, 0, tzinfo=UTC)
SEED = 20_251_121
SECRET = b"k" * 32
ACCOUNT = Account(name="support", address="support@acme.example", secret=SECRET, plus_address=True)
INES, EVE, BOSS = "ines@kunde.example", "eve@evil.example", "boss@kunde.example"
ROOT = "0123456789abcdef"
OURS = own_message_id(
    secret=SECRET, root=ROOT, token="01k9aaa", recipient=INES, domain="acme.example"
)
OUR_ADDRESS = reply_address(secret=SECRET, root=ROOT, address=ACCOUNT.address)
MX = "mx.acme.example"
PASS = f"Authentication-Results: {MX}; dmarc=pass header.from=kunde.example"
FAIL = f"Authentication-Results: {MX}; dmarc=fail header.from=kunde.example"
NONE = f"Authentication-Results: {MX}; dkim=none; spf=pass"
SIGNED = "; dkim=pass header.d=kunde.example"
RECEIVED = f"Received: from evil.example by {MX}; Fri, 21 Nov 2025 12:00:00 +0000"


# --- a From that is not theirs


def test_a_spoofed_from_is_shown_as_failed() -> None:
    event = judged(FAIL, RECEIVED, f"From: {INES}")

    assert event.actor.remote == INES
    assert event.actor.level is SenderLevel.FAILED
    assert event.actor.evidence == f"dmarc=fail by {MX}"


@pytest.mark.parametrize(
    "headers",
    [
        (FAIL, RECEIVED, PASS, f"From: {INES}"),
        (FAIL, PASS, RECEIVED, f"From: {INES}"),
        (FAIL, RECEIVED, f"From: {INES}", PASS),
        (RECEIVED, f"From: {INES}", PASS),
        (RECEIVED, "Subject: first", PASS, f"From: {INES}"),
        (PASS.replace(MX, "mx.evil.example"), FAIL, RECEIVED, f"From: {INES}"),
        (PASS.replace(MX, f"{MX}.evil.example"), RECEIVED, f"From: {INES}"),
        (PASS.replace("Authentication-Results", "ARC-Authentication-Results"), f"From: {INES}"),
        (PASS.replace("Results", "Results-Original"), f"From: {INES}"),
        (f"X-{PASS}", f"From: {INES}"),
        (f"Subject: a\r {PASS}", f"From: {INES}"),
        (FAIL.replace("dmarc=", "dmarc=pass (a) ; dmarc="), f"From: {INES}"),
        (f'{NONE} smtp.mailfrom="a; {SIGNED}"@evil.example', f"From: {INES}"),
        (f"{NONE} (of a\\) {SIGNED}) smtp.mailfrom=e@evil.example", f"From: {INES}"),
        (f"{NONE} (of a ( {SIGNED}", f"From: {INES}"),
        (PASS.replace("kunde", "evil"), f"From: {INES}"),
        (PASS.replace("dmarc=pass", "dmarc=pass;dmarc=fail"), f"From: {INES}"),
    ],
)  # fmt: skip
def test_forged_results_verify_nobody(headers: tuple[str, ...]) -> None:
    """Below the real one, above it under another name, inside its comments, in look-alikes."""
    assert judged(*headers).actor.level is not SenderLevel.VERIFIED


PIECES = (
    *(
        PASS,
        FAIL,
        RECEIVED,
        SIGNED,
        f"From: {INES}",
        f"From: {EVE}",
        "Subject: a",
        "DKIM-Signature:",
    ),
    *(
        "\r\n",
        "\n",
        "\r",
        "\r\n\r\n",
        " ",
        "\t",
        "\x00",
        ";",
        "(",
        ")",
        '"',
        "\\",
        "=",
        "é",
        "<",
        ">",
    ),
    *("Authentication-Results: -;", "dmarc=pass header.from=kunde.example", MX),
)


@given(st.lists(st.sampled_from(PIECES), max_size=12))
def test_nothing_below_a_servers_verdict_overrules_it(written: list[str]) -> None:
    """A server puts its findings above all that the forger wrote, whatever that is."""
    raw = f"{FAIL}\r\n{RECEIVED}\r\n{''.join(written)}\r\nFrom: {INES}\r\n\r\ntext".encode()

    found = examine(parse(raw), authserv_ids=(MX, "-"), check_dkim=True, now=NOW)

    assert found.opinion.level is SenderLevel.FAILED
    assert read(raw, found.opinion).actor.level is SenderLevel.FAILED


@given(st.binary(max_size=400), st.lists(st.sampled_from(PIECES), max_size=12))
def test_no_mail_is_too_odd_to_be_examined(noise: bytes, written: list[str]) -> None:
    """An error here would stop the mailbox at this mail for ever."""
    raw = "".join(written).encode() + noise

    found = examine(parse(raw), authserv_ids=(MX, "-"), check_dkim=True, now=NOW)
    outcomes = checked_signatures(raw, found.signatures, {})

    assert opinion_of(found.author, outcomes, {}).level is SenderLevel.UNVERIFIED


@pytest.mark.parametrize(
    "headers",
    [
        (f"From: {INES}, {EVE}",),
        (f"From: {EVE}, {INES}",),
        (f"From: {INES}", f"From: {EVE}"),
        (f"From: {INES} <{EVE}>", "Sender: ines@kunde.example"),
        (f"From: {INES}", f"Sender: {EVE}"),
        (f"Sender: {INES}",),
        ("From: ines@kunde.example@evil.example",),
        ("From: =?utf-8?q?ines=40kunde=2Eexample?=",),
        ("From: =?utf-8?q?=3Cines=40kunde=2Eexample=3E?= <ines@kunde>",),
    ],
)
def test_an_author_in_two_voices_is_not_verified(headers: tuple[str, ...]) -> None:
    """The server checks one of them, the mail program shows the other."""
    assert judged(PASS, *headers).actor.level is not SenderLevel.VERIFIED


@pytest.mark.parametrize(
    ("header", "address"),
    [
        ("=?utf-8?q?ines=40kunde=2Eexample?= <eve@evil.example>", EVE),
        ("=?utf-8?b?aW5lc0BrdW5kZS5leGFtcGxl?=@evil.example", ""),
        ('"ines@kunde.example" <eve@evil.example>', EVE),
        ("ines＠kunde.example <eve@evil.example>", EVE),
        ("<ines@kunde.example> <eve@evil.example>", EVE),
        ("eve@evil.example (ines@kunde.example)", EVE),
        ("Ines\u202eelpmaxe.ednuk@seni <eve@evil.example>", EVE),
        ("ines@\u200bkunde.example <eve@evil.example>", EVE),
        ("ines@kundе.example", "ines@xn--kund-y4d.example"),
        ("ines@faß.example", "ines@xn--fa-hia.example"),
    ],
)
def test_a_name_never_passes_for_an_address(header: str, address: str) -> None:
    """Agents read names. What a name shows is not who it is, nor may it look so."""
    event = judged(f"From: {header}")

    assert event.actor.handle == address
    assert not re.search(r"@|[\u200b-\u200f\u202a-\u202e\u2066-\u2069]", event.actor.name)


def test_a_list_that_names_its_author_proves_nothing() -> None:
    """Else a list of one's own would verify anybody."""
    said = PASS.replace("kunde", "evil")

    event = judged(
        said, f"From: Ines via Eve <{EVE}>", "List-Id: <eve.evil.example>", f"Reply-To: {INES}"
    )

    assert event.actor.remote == INES
    assert event.actor.level is SenderLevel.UNVERIFIED
    assert event.actor.evidence.startswith(f"the list {EVE} says that they wrote")


# --- a conversation that is not theirs


def test_ten_thousand_guessed_ids_open_nothing() -> None:
    """Each guess is a mail that an agent sees; none is an answer, and none costs more."""
    chance = Random(SEED)

    for _ in range(10_000):
        signature = "".join(chance.choices("abcdefghijklmnopqrstuvwxyz234567", k=26))
        guess = f"<{ROOT}.01k9aaa.{signature}@acme.example>"
        assert verify_own(guess, secret=SECRET, recipient=EVE) is None


def test_ten_thousand_guessed_addresses_open_nothing() -> None:
    chance = Random(SEED)

    for _ in range(10_000):
        signature = "".join(chance.choices("abcdefghijklmnopqrstuvwxyz234567", k=16))
        guess = f"support+{ROOT}.{signature}@acme.example"
        assert verify_reply_address(guess, secret=SECRET, address=ACCOUNT.address) == ""


@pytest.mark.parametrize("place", range(26))
def test_a_signature_that_is_nearly_right_is_wrong(place: int) -> None:
    """A comparison that stops early would let a guess grow letter by letter."""
    head, _, tail = OURS.rpartition(".")[0].rpartition(".")
    changed = tail[:place] + ("a" if tail[place : place + 1] != "a" else "b") + tail[place + 1 :]

    near = f"{head}.{changed}@acme.example>"

    assert verify_own(near, secret=SECRET, recipient=INES) is None


@pytest.mark.parametrize("named", ["To", "Cc", "Bcc", "Delivered-To"])
def test_somebody_elses_id_opens_a_thread_of_ones_own(named: str) -> None:
    """A forwarded mail hands out our ids. Citing one claims its exchange, and is not let in."""
    event = judged(
        f"From: {EVE}", f"In-Reply-To: {OURS}", f"References: {OURS}", f"{named}: {INES}"
    )

    assert event.thread.thread.endswith(f"/{EVE}")
    assert event.exchange == ROOT or named in {"Bcc", "Delivered-To"}


def test_a_leaked_address_opens_a_thread_of_ones_own() -> None:
    event = judged(f"From: {EVE}", f"To: {OUR_ADDRESS}")

    assert event.thread.thread == f"{ROOT}/{EVE}"


def test_an_address_of_another_mailbox_is_not_ours() -> None:
    """The same key, or the same tag under another name: no exchange moves between inboxes."""
    other = OUR_ADDRESS.replace("support+", "sales+")
    elsewhere = OUR_ADDRESS.replace("acme.example", "evil.example")
    longer = OUR_ADDRESS.replace("support+", "support+x+")

    for guess in (other, elsewhere, longer, OUR_ADDRESS.replace("+", "+."), ACCOUNT.address):
        assert verify_reply_address(guess, secret=SECRET, address=ACCOUNT.address) == ""


def test_a_number_in_the_subject_is_only_a_claim() -> None:
    event = judged(f"From: {EVE}", "Subject: Re: Invoice [T-KRVN-P]")

    assert event.claims == "T-KRVN-P"
    assert ROOT not in event.thread.thread
    assert event.title == "Invoice"


@pytest.mark.parametrize("piece", ['"\\', "(", "a=", ";", " ", "\\", '"', "=", "a"])
def test_a_flood_of_results_costs_next_to_nothing(piece: str) -> None:
    """Unclosed quotes and comments make readers start again at each of them."""
    header = f"Authentication-Results: x.example; {piece * (20_000 // len(piece))}"
    raw = "\r\n".join((*[header] * 40, f"From: {INES}", "", "text")).encode()
    begun = time.process_time()

    examine(parse(raw), authserv_ids=(MX,), check_dkim=True, now=NOW)

    assert time.process_time() - begun < 1


@pytest.mark.parametrize("piece", ['"\\', "a,", "<", "(", "a@", '"', ";", "=?utf-8?q?a?="])
def test_a_flood_of_names_costs_next_to_nothing(piece: str) -> None:
    flood = piece * (20_000 // len(piece))
    begun = time.process_time()

    judged(f"From: {flood}", f"To: {flood}", f"Reply-To: {flood}", f"Cc: {flood}")

    assert time.process_time() - begun < 2


def test_a_flood_of_references_costs_next_to_nothing() -> None:
    """Each looks like ours and has to be checked: bounded, whatever is sent."""
    chance = Random(SEED)
    flood = " ".join(
        f"<{ROOT}.{number:05}.{''.join(chance.choices('abcdefg', k=26))}@acme.example>"
        for number in range(10_000)
    )
    people = ", ".join(f"p{number}@kunde.example" for number in range(5_000))
    begun = time.process_time()

    event = judged(f"From: {EVE}", f"References: {flood}", f"In-Reply-To: {flood}", f"To: {people}")

    assert time.process_time() - begun < 1
    assert event.thread.thread.endswith(f"/{EVE}")
    assert sum(map(len, event.context.values())) < 5_000


def test_a_chain_that_grows_beyond_all_bounds_stays_one_exchange() -> None:
    """A mailing loop, or two machines: its first id names it, however long it has become."""
    chain = [f"<{number:04}-{'x' * 60}@kunde.example>" for number in range(900)]

    roots = {
        judged(f"From: {INES}", f"References: {' '.join(chain[:n])}").exchange for n in (5, 900)
    }

    assert len(roots) == 1


# --- an answer that is not theirs


@pytest.mark.parametrize(
    "wanted",
    [
        EVE,
        f"Ines <{EVE}>",
        f"ines@kunde.example, {EVE}",
        "a@kunde.example.evil.example",
        "a@example",
    ],
)
def test_a_reply_to_elsewhere_fetches_no_answer(wanted: str) -> None:
    """A forged mail would have the answer, and all that it quotes, sent to the forger."""
    event = judged(f"From: {INES}", f"Reply-To: {wanted}")

    assert "reply_to" not in event.context
    assert wanted.startswith(INES) or any("answers go to" in lost for lost in event.lost)


@pytest.mark.parametrize(
    ("sender", "wanted", "followed"),
    [
        ("ines@kunde.example", "desk@kunde.example", True),
        ("ines@mail.kunde.example", "desk@kunde.example", True),
        ("ines@kunde.co.uk", "eve@evil.co.uk", False),
        ("ines@gmail.com", "eve@gmail.com", False),
        ("ines@kunde.github.io", "eve@evil.github.io", False),
    ],
)
def test_a_reply_to_is_followed_within_an_organisation(
    sender: str, wanted: str, followed: bool
) -> None:
    event = judged(f"From: {sender}", f"Reply-To: {wanted}")

    assert event.context.get("reply_to", "") == (wanted if followed else "")


def test_a_forged_mail_says_nothing_of_where_answers_go() -> None:
    """At a provider that we do not know for one, everybody is of one organisation."""
    event = judged(FAIL, RECEIVED, f"From: {INES}", "Reply-To: eve@kunde.example")

    assert "reply_to" not in event.context
    assert any("answers go to" in lost for lost in event.lost)


# --- headers inside headers

BREAKS = (
    "\r\nBcc: eve@evil.example",
    "\nBcc: eve@evil.example\n\nHello",
    "\rX: y",
    "\x00",
    "\u2028Bcc: x",
)


@pytest.mark.parametrize("piece", BREAKS)
def test_nothing_that_came_in_breaks_out_of_a_header(piece: str) -> None:
    """Subjects, names, ids and addresses of customers go into headers of ours."""
    outbound = Outbound(
        thread=ThreadRef(channel="email", account="support", thread=f"{ROOT}/{INES}"),
        message=MessageId("01K9AAA"),
        parts=(Text(text="Hello"),),
        sender=Sender(kind=SenderKind.AGENT, id="a", name=f"Agent{piece}"),
        conversation=ConversationId("C"),
        number=Number("T-KRVN-P"),
        subject=f"Invoice{piece}",
        answers=f"<a{piece}@x.example>",
        context={
            "message_id": f"<b{piece}@x.example>",
            "references": f"<c{piece}@x.example> <d@x>",
        },
        recipients=(Recipient(address=f"paul@kunde.example{piece}", name=f"Paul{piece}"),),
    )

    content = render(outbound, ACCOUNT, name=f"Support{piece}", at=NOW, files={}).content

    head = content.partition(b"\r\n\r\n")[0]
    names = [line.partition(b":")[0] for line in re.split(rb"\r\n(?![ \t])", head)]
    assert set(names) <= {
        b"From", b"To", b"Cc", b"Reply-To", b"Subject", b"Date", b"Message-ID", b"In-Reply-To",
        b"References", b"MIME-Version", b"Content-Type",
    }  # fmt: skip
    assert not re.search(rb"[\r\n]", content.replace(b"\r\n", b""))


@pytest.mark.parametrize("piece", ["=0D=0ABcc:_eve=40evil.example", "=0A=0Ax", "=00", "=E2=80=A8x"])
def test_encoded_line_ends_stay_on_their_line(piece: str) -> None:
    """They are decoded here, and would be written out again."""
    event = judged(f"From: =?utf-8?q?Ines{piece}?= <{INES}>", f"Subject: =?utf-8?q?Hi{piece}?=")

    assert isinstance(event.body, MessageCreated)
    for shown in (event.actor.name, event.title, event.body.subject, *event.context.values()):
        assert not re.search(r"[\r\n\x00\u2028]", shown)


def judged(*headers: str) -> Inbound:
    """The event that a mail with these headers becomes, examined as the line does it."""
    raw = "\r\n".join((*headers, "Message-ID: <new@x.example>", "", "text")).encode()
    found = examine(parse(raw), authserv_ids=(MX,), check_dkim=False, now=NOW)
    return read(raw, found.opinion)


def read(raw: bytes, opinion: Opinion) -> Inbound:
    delivered = Delivered(event=EventId("E"), received_at=NOW, opinion=opinion)
    [event] = normalise(raw, ACCOUNT, delivered).events
    return event
