"""How submission goes wrong when a fault says so."""

from sandbox.faults import Fault, Kind

REPLIES = {
    Kind.RATE_LIMIT: "450 4.7.1 Too many messages, slow down",
    Kind.SERVER_ERROR: "451 4.3.0 Temporary server error",
    Kind.UNAUTHORISED: "535 5.7.8 Authentication credentials invalid",
    Kind.BLOCKED: "550 5.7.1 Message refused by policy",
    Kind.CONFLICT: "450 4.2.0 Mailbox busy",
}


def refusal(fault: Fault) -> str:
    """The reply that the fault has the server give; "" when it gives none."""
    return fault.reply or REPLIES.get(fault.kind, "")
