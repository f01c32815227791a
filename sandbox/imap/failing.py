"""How IMAP goes wrong when a fault says so."""

from sandbox.faults import Fault, Kind
from sandbox.imap.tokens import No

REFUSALS = {
    Kind.RATE_LIMIT: "NO [LIMIT] Too many commands",
    Kind.SERVER_ERROR: "NO [UNAVAILABLE] Temporary failure",
    Kind.UNAUTHORISED: "NO [AUTHENTICATIONFAILED] Authentication failed.",
    Kind.BLOCKED: "NO [NOPERM] Permission denied",
    Kind.CONFLICT: "NO [INUSE] Mailbox in use",
}
NOISE = ("OK [ALERT] System going down at noon", "OK Still here")
"""What servers say between other things; FETCH adds the flags of the mails it answers."""
NOISE_OF_FOLDERS = (r"FLAGS (\Answered \Flagged \Deleted \Seen \Draft $Label1)", "0 RECENT")
"""What they add when a folder is selected."""


class Goodbye(Exception):
    """The connection ends here, after the BYE that this holds."""


class Told(Exception):
    """The command is answered with the text that this holds, whatever it is."""


def refuse(fault: Fault) -> None:
    """Raise what the fault has the server answer, if it refuses anything."""
    refusal = fault.reply or REFUSALS.get(fault.kind)
    if not refusal:
        return
    if refusal.startswith("BYE "):
        raise Goodbye(refusal.removeprefix("BYE "))
    if refusal.startswith("NO "):
        raise No(refusal.removeprefix("NO "))
    if refusal.startswith(("BAD ", "* ")):
        raise Told(refusal)
    raise No(refusal)
