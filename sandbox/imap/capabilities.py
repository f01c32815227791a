"""What the IMAP side says that it can do. Pure."""

from sandbox.imap.tokens import Bad
from sandbox.mail.settings import ImapSettings

OPTIONAL = (
    "LITERAL+",
    "SASL-IR",
    "IDLE",
    "UNSELECT",
    "UIDPLUS",
    "MOVE",
    "ID",
    "NAMESPACE",
    "SPECIAL-USE",
)
OF_COMMANDS = {
    "IDLE": "IDLE",
    "UNSELECT": "UNSELECT",
    "MOVE": "MOVE",
    "ID": "ID",
    "NAMESPACE": "NAMESPACE",
}
"""Command -> the capability without which it does not exist."""


def capabilities(settings: ImapSettings, *, logged_in: bool) -> str:
    """The list as CAPABILITY answers it; mechanisms are for those who have yet to log in."""
    names = ["IMAP4rev1", *(name for name in OPTIONAL if name not in settings.without)]
    if not logged_in:
        names += [f"AUTH={mechanism}" for mechanism in settings.mechanisms]
        names += ["LOGINDISABLED"] if settings.login_disabled else []
    return " ".join(names)


def check_command(name: str, settings: ImapSettings) -> None:
    """Raises Bad for a command that this server does not have."""
    if OF_COMMANDS.get(name) in settings.without:
        raise Bad(f"Unknown command {name}")
