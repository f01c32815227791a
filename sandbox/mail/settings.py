"""What the mail host is like, as providers differ; what goes wrong there is a fault."""

from dataclasses import dataclass

WITH_OAUTH = ("PLAIN", "LOGIN", "XOAUTH2")


@dataclass(slots=True)
class SmtpSettings:
    """The submission side. `without` names extensions that it does not have (PIPELINING,
    8BITMIME, SMTPUTF8, SIZE, AUTH, ENHANCEDSTATUSCODES). `starttls`: "" for none,
    "refused" when somebody wants it, "own" with a certificate for this machine that only those
    trust who know it, "other" with one for another host.

    A sender is greylisted for each recipient until `greylist_seconds` after the first attempt and
    until after `greylist_attempts` refusals. 0 seconds of `idle_seconds`: for ever.
    """

    mechanisms: tuple[str, ...] = WITH_OAUTH
    without: frozenset[str] = frozenset()
    starttls: str = ""
    size_bytes_max: int = 25 * 1024 * 1024
    recipients_max: int = 100
    greylist_seconds: float = 0.0
    greylist_attempts: int = 0
    idle_seconds: float = 300.0
    mails_per_connection_max: int = 0


@dataclass(slots=True)
class ImapSettings:
    """The reading side. `without` names capabilities that it does not have (IDLE, SPECIAL-USE,
    UIDPLUS, MOVE, UNSELECT, LITERAL+, ID, NAMESPACE, SASL-IR).

    `login_disabled`: LOGIN is refused, AUTHENTICATE with one of the mechanisms is not.
    `unsolicited`: what changes is told at once, also between commands, and not again. 0 seconds of
    `idle_seconds`: for ever.
    """

    mechanisms: tuple[str, ...] = ("PLAIN", "XOAUTH2")
    without: frozenset[str] = frozenset()
    login_disabled: bool = False
    idle_seconds: float = 1800.0
    unsolicited: bool = False


class MailSettings:
    """Both, and what is the host's own."""

    def __init__(self) -> None:
        self.smtp = SmtpSettings()
        self.imap = ImapSettings()
        self.saves_sent = True
        """True: submission leaves a copy in the sender's Sent folder, as large providers do."""
        self.authserv_id = "mx.acme.example"
        """Who vouches for incoming mail in Authentication-Results."""
        self.adds_results = True
        """True: the host writes such a header at all."""
