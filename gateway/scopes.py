"""What a token may be used for. Every route of the API asks for one of these."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Final

from core.errors import InvalidRequest

EVERYTHING: Final = "*"


class Scope(StrEnum):
    """`messages:write` is what customers notice; `conversations:write` is work among agents."""

    CONVERSATIONS_READ = "conversations:read"
    CONVERSATIONS_WRITE = "conversations:write"
    MESSAGES_WRITE = "messages:write"
    CONTACTS_READ = "contacts:read"
    CONTACTS_WRITE = "contacts:write"
    CHANNELS_READ = "channels:read"
    WEBHOOKS_MANAGE = "webhooks:manage"
    OPERATE = "operate"


ALL: Final = frozenset(Scope)
FOR_AGENTS: Final = ALL - {Scope.OPERATE, Scope.WEBHOOKS_MANAGE}
"""What whoever answers customers needs, on the agent page or by a program."""

ALLOWS: Final[dict[Scope, str]] = {
    Scope.CONVERSATIONS_READ: "read conversations, messages and files; hear what happens",
    Scope.CONVERSATIONS_WRITE: "note, set the status, seal, merge and split, sort",
    Scope.MESSAGES_WRITE: "write to customers, change and take back what was written",
    Scope.CONTACTS_READ: "read who people are",
    Scope.CONTACTS_WRITE: "link and unlink people, block and unblock them",
    Scope.CHANNELS_READ: "see inboxes, their state, their budgets and their gaps",
    Scope.WEBHOOKS_MANAGE: "have other programs told of what happens",
    Scope.OPERATE: "see and revive what failed: quarantine, dead letters",
}


def scopes_of(words: Iterable[str]) -> frozenset[Scope]:
    """Scopes by name, `*` for all of them. Raises InvalidRequest."""
    named = set(words)
    if EVERYTHING in named:
        return ALL
    unknown = named - set(Scope)
    if unknown:
        raise InvalidRequest(
            f"there is no scope {min(unknown)!r}: take {', '.join(Scope)}, or '*' for all of them"
        )
    return frozenset(Scope(name) for name in named)
