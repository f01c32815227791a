"""Finds out for a batch of mails how sure their senders are, asking the domain name system where
the mailbox's own server gave no verdict.
"""

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from itertools import chain
from typing import TypeVar

import structlog

from adapters.email.account import Opinion
from adapters.email.incoming.results import topmost_server
from adapters.email.incoming.trust import (
    Checked,
    Examination,
    checked_signatures,
    examine,
    opinion_of,
    policy_names,
)
from adapters.email.line.fetching import Arrival
from adapters.email.line.keys import Keys
from adapters.email.mime.message import Message
from adapters.email.mime.parse import PARSER_FAULTS, parse
from adapters.email.settings import TrustSettings
from core.model.message import SenderLevel

T = TypeVar("T")

UNKNOWN = Opinion(level=SenderLevel.UNVERIFIED, evidence="only the beginning of the mail is here")
DEFEATED = Opinion(level=SenderLevel.UNVERIFIED, evidence="the mail could not be examined")

log = structlog.get_logger()


class Examiner:
    def __init__(self, settings: TrustSettings) -> None:
        self._settings = settings
        self._keys = Keys(settings)
        self._told = bool(settings.authserv_ids)

    async def opinions(self, batch: Sequence[Arrival]) -> dict[int, Opinion]:
        """By UID. Takes `dns_seconds` twice at most, and no time for mails that are decided."""
        opinions: dict[int, Opinion] = {}
        open_questions: dict[int, tuple[bytes, Examination]] = {}
        now = datetime.now(UTC)
        for arrival in batch:
            found = _if_it_can(partial(self._examined, arrival.raw, now))
            opinions[arrival.uid] = found.opinion if found else DEFEATED
            if found and found.signatures and arrival.size_bytes > len(arrival.raw):
                opinions[arrival.uid] = UNKNOWN
            elif found and found.signatures:
                open_questions[arrival.uid] = (arrival.raw, found)
        if open_questions:
            opinions |= await self._answered(open_questions)
        return opinions

    def _examined(self, raw: bytes, now: datetime) -> Examination:
        message = parse(raw)
        self._tell_whom_to_trust(message)
        return examine(
            message,
            authserv_ids=self._settings.authserv_ids,
            check_dkim=self._settings.check_dkim,
            now=now,
        )

    def _tell_whom_to_trust(self, message: Message) -> None:
        """Once: an operator who names nobody seldom means it."""
        server = "" if self._told else topmost_server(message)
        if server:
            self._told = True
            log.info(
                "a mail server says who its senders are, and is not believed: if it is the "
                "mailbox's own, name it in trust.authserv_ids",
                server=server,
            )

    async def _answered(
        self, questions: dict[int, tuple[bytes, Examination]]
    ) -> dict[int, Opinion]:
        signatures = chain.from_iterable(found.signatures for _, found in questions.values())
        keys = await self._keys.records(s.key_name for s in signatures if not s.refused)
        outcomes = await asyncio.to_thread(_checked, questions, keys)
        wanted = (
            _if_it_can(partial(policy_names, questions[uid][1].author, one)) or ()
            for uid, one in outcomes.items()
        )
        policies = await self._keys.records(chain.from_iterable(wanted))
        known = {
            uid: _if_it_can(partial(opinion_of, questions[uid][1].author, one, policies))
            for uid, one in outcomes.items()
        }
        return {uid: known.get(uid) or DEFEATED for uid in questions}


def _checked(
    questions: dict[int, tuple[bytes, Examination]], keys: dict[str, str | None]
) -> dict[int, tuple[Checked, ...]]:
    """What defeats the check is missing."""
    outcomes = {
        uid: _if_it_can(partial(checked_signatures, raw, found.signatures, keys))
        for uid, (raw, found) in questions.items()
    }
    return {uid: outcome for uid, outcome in outcomes.items() if outcome is not None}


def _if_it_can(examine_it: Callable[[], T]) -> T | None:
    """None where a mail defeats it: nothing in a mail may stop the mailbox."""
    try:
        return examine_it()
    except PARSER_FAULTS as error:
        log.warning("a mail could not be examined", why=type(error).__name__)
        return None
