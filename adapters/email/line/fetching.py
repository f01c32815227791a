"""Which mails are fetched together, and what to do about one that breaks the connection each time.

Such a mail (a server that fails on it or withholds it, a parser that fails, a size that no line
carries) must not hold up the mailbox. After a failure every mail of that batch is fetched alone;
one that keeps failing is taken by its beginning, and in the end left to an operator. That is one
that fails while others do not: a server that gives no mail at all for an hour is waited for.
"""

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from datetime import datetime

import msgspec

from adapters.email.line.answers import Facts
from adapters.email.line.broken import ConnectionBroken
from adapters.email.line.session import Session
from adapters.email.settings import Limits

LARGE_BYTES = 256 * 1024
"""From here on a mail is fetched alone."""

WHOLE_TRIES_MAX = 3
TRIES_MAX = 6
UNHEARD_MAX = 100
"""After so many failures, some hours, a mail is to blame though no other one was given either."""


class Arrival(msgspec.Struct, frozen=True, kw_only=True):
    """One mail as it was fetched. `size_bytes` > 0: its whole size, `raw` is only its beginning.
    `raw` empty: it is not there any more or, if `withheld`, the server does not give it. `at`: when
    the server got it, if it says so.
    """

    uid: int
    raw: bytes
    size_bytes: int = 0
    at: datetime | None = None
    withheld: bool = False


class Fetching:
    """Remembers, from one connection to the next, what was asked for when it broke."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._asked: Sequence[int] = ()
        self._careful_to = 0
        self._tries: dict[int, int] = {}
        self._doubted = self._good = self._unheard = 0

    def connection_broke(self) -> None:
        if self._asked:
            self._careful_to = self._asked[-1]
            self._doubted, self._asked = self._asked[0], ()

    async def batches(
        self, session: Session, uids: Sequence[int], told: Mapping[int, Facts] | None = None
    ) -> AsyncIterator[list[Arrival]]:
        """The mails in order, a few at a time. `told`: what the server has said of them already."""
        told = told or await session.facts(uids)
        # A mail whose size is not told is treated as large: fetched alone, and looked at.
        facts = {
            uid: Facts(told[uid].size_bytes or LARGE_BYTES + 1, told[uid].at)
            if uid in told
            else Facts(LARGE_BYTES + 1)
            for uid in uids
        }
        sizes = {uid: one.size_bytes for uid, one in facts.items()}
        for together in planned(uids, sizes, self._limits, self._careful_to):
            if together[0] == self._doubted:
                await self._hear_a_witness(session, [uid for uid in uids if uid in told])
            yield await self._fetched(session, together, facts)

    async def _hear_a_witness(self, session: Session, others: Sequence[int]) -> None:
        """A failure counts against a mail only if the server gives another one. While there is no
        other, nobody waits behind it.
        """
        doubted, self._doubted = self._doubted, 0
        asked = [uid for uid in (*others, self._good) if uid not in (0, doubted)]
        self._unheard += 1
        if self._unheard >= UNHEARD_MAX or await self._gives_one_of(session, asked):
            self._tries = {doubted: self._tries.get(doubted, 0) + 1}

    async def _gives_one_of(self, session: Session, uids: Sequence[int]) -> bool:
        """Each time the next one is tried: it may be to blame as well."""
        if not uids:
            return False
        uid = uids[self._unheard % len(uids)]
        given = bool(await session.head(uid, self._limits.head_size_bytes))
        self._unheard = 0 if given else self._unheard
        return given

    async def _fetched(
        self, session: Session, uids: list[int], facts: Mapping[int, Facts]
    ) -> list[Arrival]:
        first, size_bytes = uids[0], facts[uids[0]].size_bytes
        tries = self._tries.get(first, 0)
        if tries >= TRIES_MAX:
            self._unheard = 0
            return [Arrival(uid=first, raw=b"", withheld=bool(await session.still_there([first])))]
        self._asked = uids
        headed = size_bytes > self._limits.message_size_bytes_max or tries >= WHOLE_TRIES_MAX
        if headed:
            raws = await session.head(first, self._limits.head_size_bytes)
            headed = len(raws.get(first, b"")) >= self._limits.head_size_bytes
        else:
            raws = await session.mails(uids)
        await _check_complete(session, [uid for uid in uids if uid not in raws])
        self._asked = ()
        self._good = max(raws, default=self._good)
        return [
            Arrival(
                uid=uid,
                raw=raws.get(uid, b""),
                size_bytes=size_bytes if headed else 0,
                at=facts[uid].at,
                withheld=raws.get(uid) == b"",
            )
            for uid in uids
        ]


async def _check_complete(session: Session, missing: Sequence[int]) -> None:
    """What is gone is missed by nobody. Raises ConnectionBroken if a mail is there and was not
    given: another connection may get it.
    """
    if missing and (there := await session.still_there(missing)):
        raise ConnectionBroken(f"the server does not give the mail UID {there[0]}")


def planned(
    uids: Sequence[int], sizes: Mapping[int, int], limits: Limits, careful_to: int
) -> Iterator[list[int]]:
    """The UIDs in order, in groups within the limits. Large mails go alone, and so does every mail
    up to the UID `careful_to`.
    """
    alone_from = min(LARGE_BYTES, limits.message_size_bytes_max)
    group: list[int] = []
    size_bytes = 0
    for uid in uids:
        alone = sizes[uid] > alone_from or uid <= careful_to
        size_bytes += sizes[uid]
        if group and (alone or size_bytes > limits.batch_size_bytes_max):
            yield group
            group, size_bytes = [], sizes[uid]
        group.append(uid)
        if alone:
            yield group
            group, size_bytes = [], 0
    if group:
        yield group
