"""What it costs to find something among 100 000 archived conversations, and to have it found.

Conversations of five messages in five languages are put into an index as the projector does; then a
gateway's own HTTP application is asked for what agents look for: frequent and rare words, two
words, Chinese, fragments of hashes, people, nonsense.
"""

import asyncio
import random
import sqlite3
import time
from collections.abc import Iterator
from functools import partial
from itertools import accumulate
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Final

import httpx

from bench.measuring import Effort, percentile
from bench.report.findings import Bound, Cell, Finding, Table
from bench.report.plain import plain
from core.model.conversation import Entry, Leg, Status
from gateway.logs import set_up_logs
from gateway.search.index import Index
from gateway.search.tables import NAME, STEPS, Set
from gateway.search.terms import FORMAT
from gateway.sqlite import Database, database
from tests.e2e.http.rig import served
from tests.rigs.redis_server import RedisServer
from tests.rigs.searching import entry, leg, person

CONVERSATIONS: Final = 100_000
MESSAGES_EACH: Final = 5
BATCH: Final = 100
SEED: Final = 6
ROUNDS: Final = 30
P95_MS_MAX: Final = 50.0
SAYS: Final = f"""Conversations of {MESSAGES_EACH} messages in five languages, in an index as the
projector writes it; the gateway's own HTTP application is asked over a socket, {ROUNDS} rounds of
ten questions of each kind (seed {SEED})."""

LETTERS: Final = {
    "en": "etaoinshrdlucmfwypvbgk",
    "de": "enisratdhulcgmobwfkzäöüß",
    "ru": "оеаинтсрвлкмдпуяызьбгйч",
    "ar": "اليمونرتبةعدسفهكقحج",
}
HAN: Final = "".join(chr(0x4E00 + n * 7) for n in range(2500))


class Words:
    """Invented words, of which few are said often and many seldom, as in any language."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._known = {
            language: sorted(
                {"".join(rng.choices(letters, k=rng.randint(2, 10))) for _ in range(40_000)}
            )
            for language, letters in LETTERS.items()
        }
        for words in self._known.values():
            rng.shuffle(words)
        self._often = {
            language: list(accumulate(1 / (n + 3) for n in range(len(words))))
            for language, words in self._known.items()
        }
        self._han_often = list(accumulate(1 / (n + 9) for n in range(len(HAN))))

    def text(self) -> str:
        rng = self._rng
        language = rng.choice((*LETTERS, "zh"))
        if language == "zh":
            said = "".join(rng.choices(HAN, cum_weights=self._han_often, k=rng.randint(6, 50)))
        else:
            often = self._often[language]
            said = " ".join(
                rng.choices(self._known[language], cum_weights=often, k=rng.randint(4, 35))
            )
        chance = rng.random()
        if chance < 0.1:
            said += f" 2026-{rng.randrange(10**6):06d}"
        elif chance < 0.13:
            said += f" 0x{rng.getrandbits(256):064x}"
        return said

    def queries(self, hashes: list[str]) -> dict[str, list[str]]:
        rng = self._rng
        often = {language: words[:12] for language, words in self._known.items()}
        seldom = [word for words in self._known.values() for word in words[5000:9000:400]]
        return {
            "very frequent word": [word for words in often.values() for word in words[:3]],
            "rare word": seldom,
            "two words": [" ".join(rng.sample(words, 2)) for words in often.values()],
            "words never together": [f"{often['en'][n]} {often['ru'][n]}" for n in range(6)],
            "beginning of words": [word[:3] for word in seldom],
            "two Chinese characters": ["".join(rng.sample(HAN[:60], 2)) for _ in range(10)],
            "one Chinese character": list(HAN[:5]),
            "three Chinese characters": ["".join(rng.sample(HAN[:9], 3)) for _ in range(10)],
            "fragment of a hash": [one[20:30] for one in hashes[:10]],
            "order number": [f"2026-{rng.randrange(10**6):06d}"[:9] for _ in range(10)],
            "handle": [f"@handle_{rng.randrange(CONVERSATIONS)}" for _ in range(10)],
            "nonsense": ["xqzwv", "qqqq zzzz", "0xnothing", "龘龘"],
        }


def conversations(count: int, words: Words) -> Iterator[tuple[Leg, list[Entry]]]:
    for n in range(count):
        of = leg(
            n,
            who=str(10_000_000 + n),
            name=f"{words.text().split()[0]} {n}"[:40],
            status=Status.CLOSED,
            length=MESSAGES_EACH,
        )
        yield of, [entry(of, p, words.text()) for p in range(1, MESSAGES_EACH + 1)]


async def fill(file: Database, count: int, words: Words) -> tuple[float, list[str]]:
    """-> seconds of processor time; and hashes that were said."""
    tables = Set("a")
    index = Index(tables)
    hashes: list[str] = []
    taken = 0.0

    def begin(db: sqlite3.Connection) -> None:
        tables.create(db)
        db.execute("UPDATE state SET answers = 'a', position = '0-0', format = ?", (FORMAT,))

    def put(db: sqlite3.Connection, batch: list[tuple[Leg, list[Entry]]]) -> None:
        for of, entries in batch:
            index.put_leg(db, of, entries)
            index.put_person(db, person(of, handle=f"handle_{int(of.id[4:26])}"))
        index.settle(db)

    await file.write(begin)
    source = conversations(count, words)
    while batch := [one for one, _ in zip(source, range(BATCH), strict=False)]:
        for _, entries in batch:
            for one in entries:
                text = getattr(one.message.parts[0], "text", "")
                if " 0x" in text and len(hashes) < 200:
                    hashes.append(text.rpartition(" ")[2])
        began = time.process_time()
        await file.write(partial(put, batch=batch))
        index.settled(kept=True)
        taken += time.process_time() - began
    return taken, hashes


async def ask(http: httpx.AsyncClient, queries: dict[str, list[str]]) -> dict[str, list[float]]:
    """ms of every query, so many times, in turns."""
    times: dict[str, list[float]] = {kind: [] for kind in queries}
    for _ in range(ROUNDS):
        for kind, lines in queries.items():
            for line in lines[:10]:
                what = "people" if kind == "handle" else "messages"
                began = time.perf_counter()
                answer = await http.get("/api/v1/search", params={"q": line, "kind": what})
                times[kind].append((time.perf_counter() - began) * 1000)
                answer.raise_for_status()
    return times


async def _measured(count: int) -> Finding:
    words = Words(random.Random(SEED))  # noqa: S311 - the same each time
    with TemporaryDirectory() as made, RedisServer() as server:
        async with database(Path(made) / NAME, STEPS) as file:
            taken, hashes = await fill(file, count, words)
        size = (Path(made) / NAME).stat().st_size
        async with served(server.url, Path(made)) as running:
            found = await ask(running.http, words.queries(hashes))
    messages = count * MESSAGES_EACH
    costs = (
        ("to have a message found, µs of processor time", taken / messages * 1e6),
        ("index of a message, its text included, B", size / messages),
    )
    rows: tuple[tuple[Cell, ...], ...] = tuple((kind, *_row(t)) for kind, t in found.items())
    worst = max(percentile(times, 95) for times in found.values())
    return Finding(
        says=SAYS,
        tables=(
            Table(head=("what", "measured"), rows=costs),
            Table(head=("question", "p50 ms", "p95 ms", "worst ms"), rows=rows),
        ),
        bounds=(
            Bound(
                what=f"search among {plain(count)} conversations, p95 of the slowest kind",
                measured=worst,
                bound=P95_MS_MAX,
                unit="ms",
                by_clock=True,
            ),
        ),
    )


def _row(times: list[float]) -> tuple[float, float, float]:
    return median(times), percentile(times, 95), max(times)


def measure(effort: Effort) -> Finding:
    set_up_logs(verbose=False)
    return asyncio.run(_measured(effort.pick(CONVERSATIONS, 2000)))
