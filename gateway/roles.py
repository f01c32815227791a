"""Which part of a gateway's work a process does. All of it, unless `--only` says otherwise."""

from collections.abc import Iterable
from enum import Flag, auto
from typing import Final

import msgspec

from core.errors import ConfigurationError


class Role(Flag):
    """WEB serves the API and the pages. WORKER carries messages to their conversations and keeps
    up to date what follows from them. ADAPTER receives, sends and fetches for inboxes, and serves
    their /hooks. ANY is every process.
    """

    WEB = auto()
    WORKER = auto()
    ADAPTER = auto()
    ANY = WEB | WORKER | ADAPTER


class Roles(msgspec.Struct, frozen=True, kw_only=True):
    """Of one process. `accounts` are the inboxes that it runs; `whole`: it is all there is."""

    roles: Role
    accounts: tuple[str, ...] = ()
    whole: bool = False

    def has(self, role: Role) -> bool:
        """Whether it is one of these."""
        return bool(self.roles & role)


WORDS: Final = {"web": Role.WEB, "worker": Role.WORKER, "adapter": Role.ADAPTER}
FORMS: Final = "web, worker, adapter or adapter:ID"


def roles_of(only: Iterable[str], accounts: tuple[str, ...]) -> Roles:
    """What `--only` says, of an installation with these inboxes; empty: everything.

    `adapter` are all of them. Raises ConfigurationError for what is neither role nor inbox.
    """
    words = [word.strip() for one in only for word in one.split(",") if word.strip()]
    if not words:
        return Roles(roles=Role.ANY, accounts=accounts, whole=True)
    roles, mine = Role(0), set[str]()
    for word in words:
        name, _, account = word.partition(":")
        if name not in WORDS or (account and WORDS[name] is not Role.ADAPTER):
            raise ConfigurationError(f"--only {word}: expected {FORMS}")
        roles |= WORDS[name]
        if WORDS[name] is Role.ADAPTER:
            mine.update(_inboxes(account, accounts))
    return Roles(roles=roles, accounts=tuple(one for one in accounts if one in mine))


def _inboxes(account: str, accounts: tuple[str, ...]) -> tuple[str, ...]:
    if account and account not in accounts:
        known = ", ".join(accounts) or "none"
        raise ConfigurationError(
            f"--only adapter:{account}: there is no inbox {account} (configured: {known})"
        )
    return (account,) if account else accounts
