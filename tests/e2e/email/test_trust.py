"""The mail's own signature, checked with keys that a real name server publishes."""

import time
from typing import Never, SupportsIndex

import msgspec
import pytest
from typing_extensions import override

from adapters.email.account import Opinion
from adapters.email.adapter import open_adapter
from adapters.email.incoming.senders import author_of
from adapters.email.line.examining import Examiner
from adapters.email.line.fetching import Arrival
from adapters.email.mime.parse import parse
from adapters.email.settings import TrustSettings
from core.model.message import SenderLevel
from sandbox.faults import Fault, Kind
from sandbox.server import Sandbox
from tests.contract.email_harness import EmailHarness
from tests.contract.harness import Person
from tests.contract.running import receiving
from tests.contract.surroundings import Inbox, Lent
from tests.rigs.signing import DOMAIN, MAIL, SHORT_KEY, published, signed
from tests.rigs.waiting import eventually

KEY_NAME = f"s1._domainkey.{DOMAIN}"
POLICY_NAME = f"_dmarc.{DOMAIN}"
VERIFIED, UNVERIFIED, FAILED = SenderLevel.VERIFIED, SenderLevel.UNVERIFIED, SenderLevel.FAILED


class Names:
    """The sandbox's name server, with the key of our customer."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.address = f"{sandbox.host}:{sandbox.dns_port}"
        self.publish(KEY_NAME, published())

    def publish(self, name: str, *texts: str) -> None:
        self.sandbox.world.dns.publish(name, texts)

    @property
    def asked(self) -> dict[str, int]:
        return {query.name: count for query, count in self.sandbox.world.dns.queries.items()}


@pytest.fixture
def names(sandbox: Sandbox) -> Names:
    return Names(sandbox)


async def test_a_valid_signature_of_the_author_verifies(names: Names) -> None:
    """Without it every mail to a small server of one's own would stay unverified."""
    opinion = await examined(names, signed(MAIL))

    assert opinion == Opinion(level=VERIFIED, evidence="DKIM of kunde.example is valid")


async def test_a_subdomains_signature_speaks_for_its_organisation(names: Names) -> None:
    names.publish("s1._domainkey.mail.kunde.example", published())

    opinion = await examined(names, signed(MAIL, domain="mail.kunde.example"))

    assert opinion.level is VERIFIED


async def test_a_domain_that_wants_its_own_signature_gets_it(names: Names) -> None:
    names.publish("s1._domainkey.mail.kunde.example", published())
    names.publish(POLICY_NAME, "v=DMARC1; p=none; adkim=s")

    opinion = await examined(names, signed(MAIL, domain="mail.kunde.example"))

    assert opinion.level is UNVERIFIED
    assert opinion.evidence.endswith("kunde.example asks for its own signature")


@pytest.mark.parametrize(
    ("policy", "level"),
    [
        ("v=DMARC1; p=reject", FAILED),
        ("v=DMARC1; p=quarantine; pct=100", FAILED),
        ("v=DMARC1; p=none", UNVERIFIED),
        ("", UNVERIFIED),
    ],
)
async def test_a_changed_mail_fails_only_where_its_domain_asks_for_it(
    names: Names, policy: str, level: SenderLevel
) -> None:
    """Lists and virus scanners change honest mails: what the domain publishes decides."""
    if policy:
        names.publish(POLICY_NAME, policy)

    opinion = await examined(names, signed(MAIL).replace(b"again", b"to Eve"))

    assert opinion.level is level
    assert opinion.evidence.startswith("DKIM of kunde.example: what was signed has been changed")


@pytest.mark.parametrize(
    ("record", "evidence"),
    [
        (None, "its key is not published"),
        ("v=DKIM1; p=", "its key was withdrawn"),
        ("v=DKIM1; p=!!!", "its key cannot be read"),
        ("v=DKIM1; p=AAAA; p=BBBB", "its key cannot be read"),
        ("v=DKIM2; p=AAAA", "its key cannot be read"),
        ("v=DKIM1; k=ed25519; p=AAAA", "its key is of a kind that is not checked"),
        ("t=y", "its key is only being tried out"),
        ("512 bits", "its key has 512 bits, 1024 to 4096 are accepted"),
    ],
)
async def test_a_useless_key_proves_nothing(
    names: Names, record: str | None, evidence: str
) -> None:
    """A factored key of 512 bits has signed in the name of large companies."""
    names.publish(POLICY_NAME, "v=DMARC1; p=reject")
    if record is None:
        names.publish(KEY_NAME)
    elif record == "t=y":
        names.publish(KEY_NAME, published() + "; t=y")
    else:
        names.publish(KEY_NAME, published(SHORT_KEY) if record == "512 bits" else record)

    opinion = await examined(names, signed(MAIL))

    assert opinion == Opinion(level=UNVERIFIED, evidence=f"DKIM of kunde.example: {evidence}")


async def test_a_part_of_the_text_is_not_enough(names: Names) -> None:
    """With l= anybody may write on below a signed mail."""
    opinion = await examined(names, signed(MAIL, length=True) + b"Pay to Eve instead.\r\n")

    assert opinion.level is UNVERIFIED


@pytest.mark.parametrize("field", [b"Subject: Pay to Eve", b"To: eve@evil.example"])
async def test_a_second_field_of_a_kind_spoils_a_signed_mail(names: Names, field: bytes) -> None:
    """The lower one is what was signed; the upper one is what an agent would read."""
    opinion = await examined(names, field + b"\r\n" + signed(MAIL))

    assert opinion.level is UNVERIFIED
    assert opinion.evidence.endswith("a signed field is there twice")


async def test_a_second_author_spoils_a_signed_mail(names: Names) -> None:
    opinion = await examined(names, b"From: boss@kunde.example\r\n" + signed(MAIL))

    assert (opinion.level, opinion.evidence) == (UNVERIFIED, "several From addresses")


async def test_what_is_checked_is_what_is_shown(names: Names) -> None:
    """Two readings of one header: a genuine signature would vouch for a smuggled author."""
    signature = signed(MAIL).removesuffix(MAIL)
    for smuggled in (
        b"X-Note: a\rFrom: boss@kunde.example\r\rPay to Eve.\r\n",
        b"X-Note: a\r\n\r\r\nFrom: boss@kunde.example\r\n",
        b"no header at all\r\nFrom : boss@kunde.example\r\n",
        b"From\x00: boss@kunde.example\r\n",
    ):
        forged = signature + smuggled + MAIL

        opinion = await examined(names, forged)

        shown = author_of(parse(forged)).address
        assert shown == "ines@kunde.example" or opinion.level is UNVERIFIED


async def test_a_name_server_that_is_silent_costs_seconds_once(names: Names) -> None:
    """The mailbox goes on: a mail unproven is better than a mail not shown."""
    silence = Fault("dns", "TXT", Kind.DROP_BEFORE, count=0)
    names.sandbox.world.faults.add(silence)
    examiner = Examiner(TrustSettings(nameservers=(names.address,), dns_seconds=0.3))
    batch = [signed(MAIL)] * 100
    begun = time.monotonic()

    first = await opinions(examiner, *batch)
    asked = dict(names.asked)
    second = await opinions(examiner, *batch)

    assert time.monotonic() - begun < len(batch) * 0.3 / 2
    assert {opinion.level for opinion in (*first, *second)} == {UNVERIFIED}
    assert first[0].evidence == "DKIM of kunde.example: its key could not be looked up"
    assert names.asked == asked, "it was asked again at once"


async def test_a_silent_domain_keeps_nobody_elses_key_from_us(names: Names) -> None:
    """Else a forger with a slow server of his own would have everybody unverified for a while."""
    silence = Fault("dns", "TXT", Kind.DROP_BEFORE, count=0, target="s1._domainkey.evil.example")
    names.sandbox.world.faults.add(silence)
    examiner = Examiner(TrustSettings(nameservers=(names.address,), dns_seconds=0.3))
    forged = signed(MAIL.replace(b"kunde", b"evil"), domain="evil.example")

    [first] = await opinions(examiner, forged)
    second, third = await opinions(examiner, forged, signed(MAIL))

    assert [one.level for one in (first, second, third)] == [UNVERIFIED, UNVERIFIED, VERIFIED]


async def test_no_name_server_at_all_is_no_error() -> None:
    examiner = Examiner(TrustSettings(nameservers=("127.0.0.1:1",), dns_seconds=0.3))

    [opinion] = await opinions(examiner, signed(MAIL))

    assert opinion.level is UNVERIFIED


async def test_a_batch_asks_for_each_key_once(names: Names) -> None:
    examiner = Examiner(TrustSettings(nameservers=(names.address,)))

    found = await opinions(examiner, *[signed(MAIL)] * 20)
    found += await opinions(examiner, signed(MAIL))

    assert {opinion.level for opinion in found} == {VERIFIED}
    assert names.asked == {KEY_NAME: 1}


async def test_unsigned_and_decided_mail_asks_nothing(names: Names) -> None:
    said = b"Authentication-Results: mx.acme.example; dmarc=pass header.from=kunde.example\r\n"
    trust = TrustSettings(authserv_ids=("mx.acme.example",), nameservers=(names.address,))

    found = await opinions(Examiner(trust), MAIL, said + signed(MAIL))

    assert [opinion.level for opinion in found] == [UNVERIFIED, VERIFIED]
    assert names.asked == {}


async def test_a_mail_of_which_only_the_beginning_is_here_stays_open(names: Names) -> None:
    """What was signed is the whole of it."""
    examiner = Examiner(TrustSettings(nameservers=(names.address,)))
    arrival = Arrival(uid=1, raw=signed(MAIL)[:-5], size_bytes=30_000_000)

    opinion = (await examiner.opinions([arrival]))[1]

    assert opinion.level is UNVERIFIED
    assert "only the beginning" in opinion.evidence


async def test_a_signature_of_blanks_does_not_keep_us_busy(names: Names) -> None:
    """The library's expressions take minutes for it."""
    field = b"DKIM-Signature: v=1; a=rsa-sha256; d=kunde.example; s=s1; h=from; bh=x; b"
    begun = time.process_time()

    opinion = await examined(names, field + b" " * 7_000 + b"=\r\n" + MAIL)

    assert opinion.level is UNVERIFIED
    assert time.process_time() - begun < 1


@pytest.mark.parametrize("kind", [Kind.SERVER_ERROR, Kind.BLOCKED, Kind.GARBLED, Kind.CUT])
async def test_a_failing_name_server_proves_nothing_and_breaks_nothing(
    names: Names, kind: Kind
) -> None:
    names.sandbox.world.faults.add(Fault("dns", "TXT", kind, count=0))

    opinion = await examined(names, signed(MAIL))

    assert opinion.evidence == "DKIM of kunde.example: its key could not be looked up"


async def test_the_level_arrives_with_the_message(
    host: EmailHarness, lent: Lent, mei: Person, names: Names
) -> None:
    """Over the wire: what the mailbox's server found out, what is signed, and neither."""
    settings = msgspec.structs.replace(
        host.settings(),
        trust=TrustSettings(authserv_ids=("mx.acme.example",), nameservers=(names.address,)),
    )
    said = b"Authentication-Results: mx.acme.example; dmarc=fail header.from=kunde.example\r\n"
    inbox = Inbox()
    async with open_adapter(settings, lent.surroundings) as adapter, receiving(adapter, inbox):
        for number, mail in enumerate((signed(MAIL), said + signed(MAIL), MAIL)):
            names.sandbox.mail_programs.send_raw(mei.key, mail.replace(b"<a@", b"<%d@" % number))
        await eventually(lambda: len(inbox.events) == 3)

    found = {event.actor.level: event.actor.evidence for event in inbox.events}
    assert found == {
        FAILED: "dmarc=fail by mx.acme.example",
        UNVERIFIED: "not signed by kunde.example",
        VERIFIED: "DKIM of kunde.example is valid",
    }


class Defeating(bytes):
    """A mail that is no bytes to whoever looks inside: what no test knows of yet, in its effect."""

    @override
    def __getitem__(self, place: SupportsIndex | slice) -> Never:
        raise IndexError("not to be read")


async def test_a_mail_that_defeats_the_examination_stops_no_other(names: Names) -> None:
    """It would come again after every restart, and the mailbox would never get past it."""
    examiner = Examiner(TrustSettings(nameservers=(names.address,)))

    defeated, other = await opinions(examiner, Defeating(signed(MAIL)), signed(MAIL))

    assert (defeated.level, other.level) == (UNVERIFIED, VERIFIED)
    assert defeated.evidence == "the mail could not be examined"


async def examined(names: Names, raw: bytes) -> Opinion:
    [opinion] = await opinions(Examiner(TrustSettings(nameservers=(names.address,))), raw)
    return opinion


async def opinions(examiner: Examiner, *mails: bytes) -> list[Opinion]:
    batch = [Arrival(uid=uid, raw=raw) for uid, raw in enumerate(mails)]
    return list((await examiner.opinions(batch)).values())
