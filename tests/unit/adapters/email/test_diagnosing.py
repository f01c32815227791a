"""What `trunkline doctor` makes of what our domain publishes, and of a line that is not secret."""

from adapters.email.line.diagnosing import encryption, published

DOMAIN, DMARC, DKIM = "example.org", "_dmarc.example.org", "mail2026._domainkey.example.org"


def test_a_domain_that_says_everything_needs_no_remedy() -> None:
    """Whoever reads the table acts on what has an arrow."""
    records = {DOMAIN: "v=spf1 mx -all", DMARC: "v=DMARC1; p=reject", DKIM: "v=DKIM1; p=MIIB"}

    found = list(published(records, DOMAIN, DMARC, DKIM))

    assert [(one.subject, one.ok, one.remedy) for one in found] == [
        ("SPF", True, ""),
        ("DMARC", True, ""),
        ("DKIM", True, ""),
    ]


def test_what_is_missing_is_told_apart_from_what_nobody_answered() -> None:
    """One is mended at the domain's provider, the other on this machine."""
    records = {DOMAIN: "google-site-verification=1", DMARC: None, DKIM: ""}

    spf, dmarc, dkim = published(records, DOMAIN, DMARC, DKIM)

    assert (spf.ok, dmarc.ok, dkim.ok) == (None, None, None)
    assert "publish who may send" in spf.remedy
    assert "name servers" in dmarc.remedy
    assert "public half of dkim.key" in dkim.remedy


def test_a_password_in_the_clear_is_told_unless_it_stays_here() -> None:
    """Everybody on the way reads it."""
    assert [one.ok for one in encryption("IMAP", "imap.example.org", "none")] == [False]
    assert not list(encryption("IMAP", "127.0.0.1", "none"))
    assert not list(encryption("IMAP", "imap.example.org", "starttls"))
