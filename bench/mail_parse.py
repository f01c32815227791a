"""What it costs to understand a mail: raw bytes to an event, beside the standard library's parser.

Run by `make bench`. Ours is the whole of `normalise`: text, quotes, attachments, sanitised HTML,
the thread it belongs to. The library's `policy.default` is asked only for what any reader needs:
addresses, subject, date, body, attachments. They take turns in one process over the same mails;
what is compared is processor time: the median of the ratios of neighbouring turns is steady even
where the times are not. Exit code 1 when small mails are not read faster by the factor below.
"""

import argparse
import cProfile
import email
import email.policy
import pstats
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from statistics import median
from typing import Final

import msgspec

from adapters.email.account import Account, Delivered
from adapters.email.incoming.normalise import normalise
from core.model.ids import EventId
from tests.rigs.odd_mails import ODD_MAILS
from tests.rigs.odd_mails.writing import file, mixed, part, text

RATIO_MIN: Final = 4.0
"""Of small mails, ours a second to the library's."""

PAIRS: Final = 7
TOP: Final = 30
ACCOUNT: Final = Account(name="bench", address="support@acme.example", secret=b"k" * 32)
DELIVERED: Final = Delivered(event=EventId("E"), received_at=datetime(2025, 11, 21, tzinfo=UTC))

WORDS: Final = "Hallo, mein Paket ist noch nicht da. Viele Grüße, Ines\n"
STYLE: Final = "font-family: Arial, sans-serif; font-size: 14px; color: #333333; padding: 8px 16px"
ROW: Final = (
    f'<tr><td style="{STYLE}">Größe und Länge der Ware, wie bestellt</td><td style="{STYLE}">'
    '<a href="https://click.shop.example/t/{}?utm_source=news&amp;utm_medium=mail">Ware</a>'
    "</td></tr>\n"
)
"""Of a newsletter."""


class Workload(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    mails: Sequence[bytes]
    """What one turn reads."""


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """Medians, in mails a second of processor time; `ratio` is that of the pairs. `failed`: so many
    of the mails the library could not read.
    """

    ours: float
    library: float
    ratio: float
    failed: int


def workloads() -> list[Workload]:
    rows = "".join(ROW.format(n) for n in range(270))
    page = f"<html><body><table>{rows}</table></body></html>"
    html = text(page, "utf-8").replace(b"text/plain", b"text/html")
    large = mixed(
        part("text/plain; charset=utf-8", WORDS), file("application/pdf", b"%PDF" * 1_310_720)
    )
    both = mixed(
        part("text/plain; charset=utf-8", WORDS),
        part("text/html; charset=utf-8", f"<p>{WORDS}</p>"),
        kind="alternative",
    )
    return [
        Workload(name="small", mails=[text(WORDS)] * 400),
        Workload(name="small with HTML", mails=[both] * 200),
        Workload(name="mixed odd mails", mails=[odd.raw for odd in ODD_MAILS]),
        Workload(name="100 KB of HTML", mails=[html] * 4),
        Workload(name="5 MB attached", mails=[large] * 3),
    ]


def ours(raw: bytes) -> None:
    normalise(raw, ACCOUNT, DELIVERED)


def the_library(raw: bytes) -> None:
    message = email.message_from_bytes(raw, policy=email.policy.default)
    for name in ("From", "To", "Cc"):
        header = message[name]
        tuple(header.addresses) if header is not None else ()
    str(message["Subject"]), message["Message-ID"], message["Date"] and message["Date"].datetime
    body = message.get_body(("plain", "html"))
    if body is not None:
        body.get_content()
    for attached in message.iter_attachments():
        attached.get_filename(), attached.get_content()


def seconds(read: Callable[[bytes], None], mails: Sequence[bytes]) -> tuple[float, int]:
    """-> processor time, and how many could not be read."""
    failed = 0
    began = time.process_time()
    for raw in mails:
        try:
            read(raw)
        except Exception:  # noqa: BLE001 - what the library raises on odd mail is not documented
            failed += 1
    return time.process_time() - began, failed


def compare(workload: Workload, pairs: int) -> Figures:
    mails = workload.mails
    turns: list[tuple[float, float, int]] = []
    for turn in range(pairs + 1):
        if turn % 2:
            mine, theirs = seconds(ours, mails), seconds(the_library, mails)
        else:
            theirs, mine = seconds(the_library, mails), seconds(ours, mails)
        if mine[1]:
            raise SystemExit(f"{workload.name}: there is a mail that we cannot read")
        turns.append((mine[0], theirs[0], theirs[1]))
    counted = turns[1:]  # the first warms up
    return Figures(
        ours=len(mails) / median(mine for mine, _, _ in counted),
        library=len(mails) / median(theirs for _, theirs, _ in counted),
        ratio=median(theirs / mine for mine, theirs, _ in counted),
        failed=counted[0][2],
    )


def show_profile(workload: Workload) -> None:
    profile = cProfile.Profile()
    profile.runcall(seconds, ours, list(workload.mails) * 5)
    pstats.Stats(profile).sort_stats("tottime").print_stats(TOP)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=PAIRS)
    parser.add_argument("--profile", metavar="WORKLOAD", help="show where our time goes")
    chosen = parser.parse_args()
    found = workloads()
    if chosen.profile:
        show_profile(next(one for one in found if one.name == chosen.profile))
        return 0
    slow = False
    for workload in found:
        figures = compare(workload, chosen.pairs)
        slow |= workload.name == "small" and figures.ratio < RATIO_MIN
        size = sum(map(len, workload.mails)) / len(workload.mails) / 1024
        print(
            f"{workload.name:16} {size:8.1f} KiB  {figures.ours:7.0f} mails/s, policy.default "
            f"{figures.library:6.0f} ({figures.failed} of {len(workload.mails)} not read); "
            f"ratio {figures.ratio:.1f}"
        )
    print(f"small mails: at least {RATIO_MIN} times as fast")
    return int(slow)


if __name__ == "__main__":
    sys.exit(main())
