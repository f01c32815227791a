"""What domains publish about their mail: TXT records, asked for together and remembered.

Nothing here fails and nothing waits for long: who does not answer has said nothing.
"""

import asyncio
import time
from collections.abc import Iterable

import dns.asyncresolver
import dns.exception
import dns.resolver
import structlog
from dns.nameserver import Do53Nameserver

from adapters.email.settings import TrustSettings, nameserver

REMEMBERED_MAX = 2_000
QUESTIONS_MAX = 20
"""So many at a time."""

ANSWER_BYTES_MAX = 1232
"""A key of 2048 bits needs more than plain DNS carries over UDP; larger ones go by TCP."""

SILENCE_SECONDS = 30.0
"""What nobody answered is not asked again for so long. Each name by itself: whose own server is
silent may not keep the others' keys from us.
"""

log = structlog.get_logger()


class Keys:
    """Records are remembered for as long as their domain says."""

    def __init__(self, settings: TrustSettings) -> None:
        self._settings = settings
        self._resolver: dns.asyncresolver.Resolver | None = None
        self._turns = asyncio.Semaphore(QUESTIONS_MAX)
        self._silent_until: dict[str, float] = {}

    async def records(self, names: Iterable[str]) -> dict[str, str | None]:
        """The TXT record of each name: "" if there is none, None if nobody answered within
        `dns_seconds`.
        """
        answers: dict[str, str | None] = dict.fromkeys(names)
        asked = [name for name in answers if not self._is_silent(name)]
        if not asked:
            return answers
        try:
            async with asyncio.timeout(self._settings.dns_seconds), asyncio.TaskGroup() as group:
                for name in asked:
                    group.create_task(self._ask(name, answers))
        except TimeoutError:
            log.info("no answer about senders' domains in time", names=len(asked))
        self._remember_silence(name for name in asked if answers[name] is None)
        return answers

    def _is_silent(self, name: str) -> bool:
        return time.monotonic() < self._silent_until.get(name, 0.0)

    def _remember_silence(self, names: Iterable[str]) -> None:
        if len(self._silent_until) > REMEMBERED_MAX:
            self._silent_until.clear()
        until = time.monotonic() + SILENCE_SECONDS
        self._silent_until.update(dict.fromkeys(names, until))

    async def _ask(self, name: str, answers: dict[str, str | None]) -> None:
        async with self._turns:
            try:
                answer = await self._asked().resolve(f"{name}.", "TXT", search=False)
                answers[name] = _chosen(b"".join(record.strings) for record in answer)
            except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
                answers[name] = ""
            except (dns.exception.DNSException, OSError, ValueError) as error:
                log.debug("no answer about a sender's domain", why=type(error).__name__)

    def _asked(self) -> dns.asyncresolver.Resolver:
        """Made when it is first needed: a machine without any name server still takes mail."""
        if self._resolver is None:
            given = self._settings.nameservers
            resolver = dns.asyncresolver.Resolver(configure=not given)
            if given:
                resolver.nameservers = [Do53Nameserver(*nameserver(text)) for text in given]
            resolver.use_edns(0, 0, ANSWER_BYTES_MAX)
            resolver.lifetime = self._settings.dns_seconds
            resolver.cache = dns.resolver.LRUCache(REMEMBERED_MAX)
            self._resolver = resolver
        return self._resolver


def _chosen(records: Iterable[bytes]) -> str:
    """A domain publishes one; beside it there may be others that mean something else."""
    texts = [record.decode("ascii", "replace") for record in records]
    meant = (text for text in texts if text.lower().startswith(("v=dkim1", "v=dmarc1", "v=spf1")))
    return next(meant, texts[0] if texts else "")
