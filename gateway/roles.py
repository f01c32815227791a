"""Which part of a gateway's work a process does. All of it, unless `--only` says otherwise."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Final

import msgspec

from core.errors import ConfigurationError


class Role(StrEnum):
    """WEB serves the API and the pages. WORKER carries messages to their conversations and keeps
    up to date what follows from them. ADAPTER receives, sends and fetches for inboxes, and serves
    their /hooks. ANY is every process.
    """

    WEB = "web"
    WORKER = "worker"
    ADAPTER = "adapter"
    ANY = "any"


class Roles(msgspec.Struct, frozen=True, kw_only=True):
    """Of one process. `accounts` are the inboxes that it runs."""

    web: bool = False
    worker: bool = False
    accounts: tuple[str, ...] = ()

    def has(self, role: Role) -> bool:
        match role:
            case Role.WEB:
                return self.web
            case Role.WORKER:
                return self.worker
            case Role.ADAPTER:
                return bool(self.accounts)
            case Role.ANY:
                return True


FORMS: Final = "web, worker, adapter or adapter:ID"


def roles_of(only: Iterable[str], accounts: tuple[str, ...]) -> Roles:
    """What `--only` says, of an installation with these inboxes; empty: everything.

    `adapter` are all of them. Raises ConfigurationError for what is neither role nor inbox.
    """
    words = [word.strip() for one in only for word in one.split(",") if word.strip()]
    if not words:
        return Roles(web=True, worker=True, accounts=accounts)
    mine: list[str] = []
    for word in words:
        role, _, account = word.partition(":")
        if role == Role.ADAPTER:
            mine += _inboxes(account, accounts)
        elif word not in (Role.WEB, Role.WORKER):
            raise ConfigurationError(f"--only {word}: expected {FORMS}")
    return Roles(
        web=Role.WEB in words,
        worker=Role.WORKER in words,
        accounts=tuple(account for account in accounts if account in mine),
    )


def _inboxes(account: str, accounts: tuple[str, ...]) -> tuple[str, ...]:
    if account and account not in accounts:
        known = ", ".join(accounts) or "none"
        raise ConfigurationError(
            f"--only adapter:{account}: there is no inbox {account} (configured: {known})"
        )
    return (account,) if account else accounts
