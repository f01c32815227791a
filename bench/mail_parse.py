"""What it costs to understand a mail: raw bytes to an event, beside the standard library's parser.

Ours is the whole of `normalise`: text, quotes, attachments, sanitised HTML, the thread it belongs
to. The library's `policy.default` is asked only for what any reader needs: addresses, subject,
date, body, attachments. They take turns in one process over the same mails.
"""

import asyncio
import email
import email.policy
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Final

import msgspec

from adapters.email.account import Account, Delivered
from adapters.email.incoming.normalise import normalise
from bench.measuring import Effort, Pairs, in_turns
from bench.report.findings import Bound, Finding, Table
from core.model.ids import EventId
from tests.rigs.odd_mails import ODD_MAILS
from tests.rigs.odd_mails.writing import file, mixed, part, text

RATIO_MIN: Final = 4.0
"""Of small mails, ours a second to the library's."""

SAYS: Final = """Mails a second of processor time, from raw bytes to an event, beside the standard
library's parser, which is asked for less. In turns, in one process."""
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


def compare(workload: Workload, pairs: int) -> tuple[Pairs, int]:
    """-> seconds, the library's first; and how many mails the library cannot read."""
    failed = 0

    async def mine() -> float:
        taken, unread = seconds(ours, workload.mails)
        if unread:
            raise RuntimeError(f"{workload.name}: there is a mail that we cannot read")
        return taken

    async def theirs() -> float:
        nonlocal failed
        taken, failed = seconds(the_library, workload.mails)
        return taken

    return asyncio.run(in_turns(theirs, mine, pairs)), failed


def measure(effort: Effort) -> Finding:
    rows, bounds = [], []
    for workload in workloads():
        pairs, failed = compare(workload, effort.pick(9, 3))
        count = len(workload.mails)
        kib = sum(map(len, workload.mails)) / count / 1024
        rates = count / pairs.second, count / pairs.first
        rows.append((workload.name, kib, *rates, float(failed), pairs.ratio))
        if workload.name == "small":
            what = "reading a small mail, the standard library against us"
            bounds.append(
                Bound(what=what, measured=pairs.ratio, bound=RATIO_MIN, unit="×", at_most=False)
            )
    head = ("what", "KiB", "ours, /s", "policy.default, /s", "which it cannot read", "ratio")
    table = Table(head=head, rows=tuple(rows))
    return Finding(says=SAYS, tables=(table,), bounds=tuple(bounds))
