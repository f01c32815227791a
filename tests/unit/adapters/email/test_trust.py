"""How sure it is who wrote a mail: what counts as proof, and what must never count."""

from datetime import UTC, datetime

import pytest

from adapters.email.account import Opinion
from adapters.email.incoming.results import parse_results
from adapters.email.incoming.trust import Examination, examine
from adapters.email.mime.parse import parse
from core.model.message import SenderLevel

NOW = datetime(2025, 11, 21, 12, 0, tzinfo=UTC)
INES = "Ines <ines@kunde.example>"
OURS = ("mx.example.org",)
VERIFIED, UNVERIFIED, FAILED = SenderLevel.VERIFIED, SenderLevel.UNVERIFIED, SenderLevel.FAILED


@pytest.mark.parametrize(
    ("said", "level", "evidence"),
    [
        ("dmarc=pass header.from=kunde.example", VERIFIED, "dmarc=pass by mx.example.org"),
        (
            "dmarc=pass (p=REJECT sp=REJECT dis=NONE) header.from=Kunde.Example.",
            VERIFIED,
            "dmarc=pass by mx.example.org",
        ),
        ("dmarc=fail header.from=kunde.example", FAILED, "dmarc=fail by mx.example.org"),
        (
            "dkim=pass header.d=kunde.example; dmarc=fail header.from=kunde.example",
            FAILED,
            "dmarc=fail by mx.example.org",
        ),
        (
            "dkim=pass header.i=@mail.kunde.example header.s=s1",
            VERIFIED,
            "DKIM of kunde.example is valid, by mx.example.org",
        ),
        (
            'dkim=fail reason="signature verification failed" header.d=kunde.example',
            FAILED,
            "DKIM of kunde.example is broken, by mx.example.org",
        ),
        (
            "dkim=fail header.d=kunde.example; dmarc=pass header.from=kunde.example",
            VERIFIED,
            "dmarc=pass by mx.example.org",
        ),
        (
            "dkim=fail header.d=list.example; dkim=pass header.d=kunde.example",
            VERIFIED,
            "DKIM of kunde.example is valid, by mx.example.org",
        ),
        (
            "dkim=pass header.d=bulk.example; spf=pass smtp.mailfrom=kunde.example; dmarc=none",
            UNVERIFIED,
            "dmarc=none, dkim=pass, spf=pass by mx.example.org",
        ),
        (
            "spf=softfail smtp.mailfrom=kunde.example; dkim=none",
            UNVERIFIED,
            "dkim=none, spf=softfail by mx.example.org",
        ),
        ("dmarc=pass header.from=evil.example", UNVERIFIED, "dmarc=pass by mx.example.org"),
        ("dmarc=pass", UNVERIFIED, "dmarc=pass by mx.example.org"),
    ],
)
def test_what_our_own_server_found_out_is_believed(
    said: str, level: SenderLevel, evidence: str
) -> None:
    """A pass has to be about the From that the agent sees, not about some other domain."""
    opinion = examined(f"Authentication-Results: mx.example.org; {said}")

    assert (opinion.level, opinion.evidence) == (level, evidence)


@pytest.mark.parametrize(
    "said", ["none", "spf=pass smtp.mailfrom=kunde.example", "dkim=temperror; dmarc=temperror"]
)
def test_a_server_that_did_not_look_leaves_it_to_us(said: str) -> None:
    """Only then is the mail's own signature checked: it costs a question to the DNS."""
    header = f"Authentication-Results: mx.example.org; {said}\n{signature('kunde.example')}"

    found = examine_whole(header)

    assert [one.key_name for one in found.signatures] == ["s1._domainkey.kunde.example"]


def test_a_verdict_of_our_own_server_asks_nobody() -> None:
    """A busy mailbox at a large provider would cost a question to the DNS for every mail."""
    said = "Authentication-Results: mx.example.org; dmarc=none; dkim=none"

    assert examine_whole(f"{said}\n{signature('kunde.example')}").signatures == ()


def test_nobodys_word_is_taken_unless_an_operator_says_whose() -> None:
    """Out of the box a forger's header must not count."""
    header = "Authentication-Results: mx.example.org; dmarc=pass header.from=kunde.example"

    assert examined(header, authserv_ids=()).level is UNVERIFIED


@pytest.mark.parametrize(
    ("given", "writes", "trusted"),
    [
        ("mx.example.org", "MX.example.org", True),
        ("mx.example.org", "mx.example.org 1", True),
        ("mx.example.org", '"mx.example.org"', True),
        ("mx.example.org", "(a note) mx.example.org", True),
        ("mx.example.org", "mx.example.org.evil.example", False),
        ("mx.example.org", "evil-mx.example.org", False),
        ("*.mail.example.org", "atlas7.mail.example.org", True),
        ("*.mail.example.org", "mail.example.org", False),
        ("*.mail.example.org", "evilmail.example.org", False),
    ],
)
def test_whose_header_it_is_is_compared_exactly(given: str, writes: str, trusted: bool) -> None:
    header = f"Authentication-Results: {writes}; dmarc=pass header.from=kunde.example"

    opinion = examined(header, authserv_ids=(given,))

    assert opinion.level is (VERIFIED if trusted else UNVERIFIED)


REAL = {
    "Gmail": (
        "Delivered-To: support@acme.example\n"
        "Received: by 2002:a05:7108:95:b0:3b1 with SMTP id a1;\n"
        "        Fri, 21 Nov 2025 04:00:00 -0800 (PST)\n"
        "ARC-Authentication-Results: i=1; mx.google.com; dmarc=fail header.from=kunde.example\n"
        "Received: from mail.kunde.example (mail.kunde.example. [192.0.2.9])\n"
        "        by mx.google.com with ESMTPS id a2 for <support@acme.example>\n"
        "Received-SPF: pass (google.com: domain of ines@kunde.example designates 192.0.2.9)\n"
        "Authentication-Results: mx.google.com;\n"
        "       dkim=pass header.i=@kunde.example header.s=s1 header.b=aB3+/x1=;\n"
        "       spf=pass (google.com: domain of ines@kunde.example designates 192.0.2.9 as\n"
        "        permitted sender) smtp.mailfrom=ines@kunde.example;\n"
        "       dmarc=pass (p=QUARANTINE sp=QUARANTINE dis=NONE) header.from=kunde.example",
        "mx.google.com",
    ),
    "rspamd": (
        "Authentication-Results: mx.acme.example;\n"
        "\tdkim=pass header.d=kunde.example header.s=s1 header.b=aB3x;\n"
        "\tdmarc=pass (policy=none) header.from=kunde.example;\n"
        "\tspf=pass (mx.acme.example: domain of ines@kunde.example designates 192.0.2.9)"
        " smtp.mailfrom=ines@kunde.example",
        "mx.acme.example",
    ),
    "OpenDMARC above OpenDKIM": (
        "Authentication-Results: mx.acme.example; dmarc=pass (p=none dis=none)"
        " header.from=kunde.example\n"
        "Authentication-Results: mx.acme.example;\n\tdkim=pass (2048-bit key; unprotected)"
        ' header.d=kunde.example header.i=@kunde.example\n\theader.b="aB3x+/="',
        "mx.acme.example",
    ),
    "many methods": (
        "Authentication-Results: mx3.mail.acme.example;\n"
        "    arc=none (no signatures found);\n    bimi=skipped (DMARC did not pass);\n"
        "    dkim=pass (2048-bit rsa key sha256) header.d=kunde.example\n"
        "    header.i=@kunde.example header.b=aB3x header.a=rsa-sha256 header.s=s1;\n"
        "    dmarc=pass policy.published-domain-policy=none\n"
        "    policy.applied-disposition=none policy.evaluated-disposition=none\n"
        "    (p=none,d=none,d.eval=none) policy.policy-from=p header.from=kunde.example;\n"
        "    iprev=pass smtp.remote-ip=192.0.2.9 (mail.kunde.example);\n"
        "    spf=pass smtp.mailfrom=ines@kunde.example smtp.helo=mail.kunde.example",
        "*.mail.acme.example",
    ),
}


@pytest.mark.parametrize("provider", REAL)
def test_what_real_servers_write_is_read(provider: str) -> None:
    """Each has its own order, folding, comments and additions."""
    header, server = REAL[provider]

    opinion = examined(header, authserv_ids=(server,))

    assert opinion.level is VERIFIED
    assert opinion.evidence.startswith("dmarc=pass by ")


def test_results_in_a_later_grammar_say_nothing() -> None:
    header = "Authentication-Results: mx.example.org 2; dmarc=pass header.from=kunde.example"

    assert examined(header).level is UNVERIFIED


def test_a_server_that_writes_no_name_is_read() -> None:
    """Microsoft 365 begins with the first result, and puts its tenant's domain in between."""
    header = (
        "Authentication-Results: spf=pass (sender IP is 192.0.2.7)\n"
        " smtp.mailfrom=kunde.example; acme.example; dkim=pass (signature was\n"
        " verified) header.d=kunde.example;acme.example; dmarc=pass action=none\n"
        " header.from=kunde.example;compauth=pass reason=100"
    )

    assert examined(header, authserv_ids=("-",)).evidence == "dmarc=pass by the mail server"
    assert examined(header).level is UNVERIFIED


def test_a_nameless_header_counts_only_above_all_others() -> None:
    """It says nothing about who wrote it, so its place has to."""
    real = "Authentication-Results: gate.example.org; dmarc=fail header.from=kunde.example"
    forged = "Authentication-Results: dmarc=pass header.from=kunde.example"

    assert examined(f"{real}\n{forged}", authserv_ids=("-",)).level is UNVERIFIED


def test_comments_and_quoted_strings_hide_nothing() -> None:
    found = parse_results(
        'mx.example.org (a (nested; dmarc=pass) \\) comment);\n spf = fail reason="no; dkim=pass"\n'
        ' smtp.mailfrom="a;dkim=pass header.d=kunde.example;"@evil.example (open; dmarc=pass'
    )

    assert found.server == "mx.example.org"
    assert [(result.method, result.value) for result in found.results] == [("spf", "fail")]
    assert found.results[0].properties["smtp.mailfrom"].endswith("@evil.example")


@pytest.mark.parametrize(
    "chosen",
    [
        f'"{"x" * 600} header.d=kunde.example header.from=kunde.example"@evil.example',
        f'"{"x" * 600}; dmarc=pass header.from=kunde.example; x="@evil.example',
        f'"{"x" * 600} (" header.d=evil.example; dmarc=fail header.from=kunde.example',
        'a."b header.d=kunde.example header.from=kunde.example"@evil.example',
        'a." header.d=kunde.example',
    ],
)
def test_what_a_sender_makes_a_server_quote_says_nothing(chosen: str) -> None:
    """Whom a signature or an envelope names its sender chooses, and servers repeat it."""
    for name in ("spf=pass smtp.mailfrom", "dkim=pass header.i"):
        mail = f"Authentication-Results: mx.example.org; {name}={chosen}\nFrom: {INES}\n\nx\n"

        opinion = examine(
            parse(mail.encode()), authserv_ids=OURS, check_dkim=False, now=NOW
        ).opinion

        assert opinion.level is (FAILED if "dmarc=fail" in chosen else UNVERIFIED)


def test_of_who_signs_the_domain_counts_not_the_person_it_names() -> None:
    """Whom a signature names (i=) its signer chooses; whose it is (d=) the key proves."""
    said = "mx.example.org; dkim=pass header.i=@kunde.example header.d=evil.example"
    mail = f"Authentication-Results: {said}\nFrom: {INES}\n\nx\n"

    found = examine(parse(mail.encode()), authserv_ids=OURS, check_dkim=False, now=NOW)

    assert found.opinion.level is UNVERIFIED


def test_of_a_property_given_twice_the_first_counts() -> None:
    found = parse_results("mx; dkim=pass header.d=evil.example header.d=kunde.example")

    assert found.results[0].properties == {"header.d": "evil.example"}


@pytest.mark.parametrize("value", ["", ";", ";;;=;", "(((", '"', "a=b=c;=d", "mx;" + "(" * 9000])
def test_no_header_is_too_odd_to_read(value: str) -> None:
    parse_results(value)


@pytest.mark.parametrize(
    ("headers", "doubt"),
    [
        (f"From: {INES}, eve@evil.example", "several From addresses"),
        (f"From: {INES}\nFrom: eve@evil.example", "several From addresses"),
        ("From: =?utf-8?q?ines=40kunde.example?=", "no valid From address"),
        ("From: ines@kunde", "kunde is nobody's domain"),
        ("From: ines@co.uk", "co.uk is nobody's domain"),
        (
            f"From: {INES}\nSender: eve@evil.example",
            "sent by evil.example in the author's name",
        ),
    ],
)
def test_a_doubtful_author_is_not_verified_by_any_pass(headers: str, doubt: str) -> None:
    """Mail servers and mail programs disagree about whom such a mail is from: spoofers use it."""
    said = "dmarc=pass header.from=kunde.example; dkim=pass header.d=kunde.example"
    raw = f"Authentication-Results: mx.example.org; {said}\n{headers}\n\ntext".encode()

    found = examine(parse(raw), authserv_ids=OURS, check_dkim=True, now=NOW)

    assert found.opinion.level is UNVERIFIED
    assert doubt in found.opinion.evidence
    assert found.signatures == ()


def test_a_sender_of_the_same_organisation_is_no_doubt() -> None:
    said = "Authentication-Results: mx.example.org; dmarc=pass header.from=kunde.example"

    assert examined(f"{said}\nSender: desk@mail.kunde.example").level is VERIFIED


@pytest.mark.parametrize(
    ("tags", "refused"),
    [
        ("l=20;", "covers only a part"),
        ("x=1763726399;", "expired"),
        ("h=to:subject;", "does not cover the author"),
        ("a=rsa-sha1;", "not checked"),
        ("s=;", "names no key"),
        ("s=a/b;", "names no key"),
        ("h=from:" + " " * 90 + "to;", "malformed"),
        ("h=from" + ":to" * 300 + ";", "malformed"),
    ],
)
def test_a_signature_that_proves_nothing_is_refused_unasked(tags: str, refused: str) -> None:
    found = examine_whole(signature("kunde.example", tags)).signatures

    assert [refused in one.refused for one in found] == [True]


@pytest.mark.parametrize("domain", ["evil.example", "kunde.example.evil.example", "example", ""])
def test_somebody_elses_signature_is_not_looked_at(domain: str) -> None:
    """A valid signature of the forger's own domain proves the forger's domain."""
    assert examine_whole(signature(domain)).signatures == ()


def test_at_most_three_signatures_are_checked_the_usable_ones_first() -> None:
    """A thousand signatures would be a thousand computations for each mail."""
    many = [signature("kunde.example", f"s=s{n}; l=1;") for n in range(500)]

    found = examine_whole("\n".join((*many, signature("kunde.example")))).signatures

    assert found[0].refused == ""
    assert len(found) == 3


def signature(domain: str, tags: str = "") -> str:
    """`tags` replace the usual ones."""
    fields = {"v": "1", "a": "rsa-sha256", "d": domain, "s": "s1", "h": "from:to", "bh": "x"}
    given = (tag.partition("=") for tag in tags.split(";") if "=" in tag)
    fields |= {name.strip(): value for name, _, value in given}
    return "DKIM-Signature: " + "; ".join(f"{n}={v}" for n, v in fields.items()) + "; b=abcd"


def examine_whole(header: str, authserv_ids: tuple[str, ...] = OURS) -> Examination:
    raw = f"{header}\nFrom: {INES}\nSubject: Hello\n\ntext".encode()
    return examine(parse(raw), authserv_ids=authserv_ids, check_dkim=True, now=NOW)


def examined(header: str, authserv_ids: tuple[str, ...] = OURS) -> Opinion:
    return examine_whole(header, authserv_ids).opinion
