"""What the receiving host says of a mail's sender: Authentication-Results (RFC 8601). Pure."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Verdicts:
    """Each is "pass", "fail", "none", "temperror" or what else a host may say."""

    spf: str = "pass"
    dkim: str = "pass"
    dmarc: str = "pass"


HONEST = Verdicts()
FORGED = Verdicts(spf="fail", dkim="none", dmarc="fail")
FORWARDED = Verdicts(spf="fail", dkim="none", dmarc="fail")
FORWARDED_SIGNED = Verdicts(spf="fail", dkim="pass", dmarc="pass")
CHANGED_ON_THE_WAY = Verdicts(spf="pass", dkim="fail", dmarc="fail")


def results_line(authserv_id: str, verdicts: Verdicts, mail_from: str, author: str) -> str:
    """The header's value for a mail from this envelope sender, with this address in From."""
    signer, domain = mail_from.rpartition("@")[2], author.rpartition("@")[2]
    dkim = f" header.d={domain}" if verdicts.dkim != "none" else ""
    return (
        f"{authserv_id}; spf={verdicts.spf} smtp.mailfrom={mail_from or signer};"
        f" dkim={verdicts.dkim}{dkim}; dmarc={verdicts.dmarc} header.from={domain}"
    )


def stamped(raw: bytes, line: str) -> bytes:
    """The mail with the header on top, where the last host writes."""
    return f"Authentication-Results: {line}\r\n".encode() + raw
