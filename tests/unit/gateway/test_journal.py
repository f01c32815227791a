"""What platforms sent, as it came, is kept for a while."""

import os
import stat
import time
from datetime import UTC, datetime
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from gateway.journal import BUFFER_BYTES_MAX, Journal, recorded, records_in
from tests.rigs.disk import files_of_at_most

PAYLOADS = [b'{"update_id":1}', b"", b"\n#17 4\n\nx", "größer".encode(), bytes(range(256)) * 50]


def journal(root: Path, *, hours: float = 72.0, size_bytes_max: int = 10**9) -> Journal:
    return Journal(root, hours=hours, size_bytes_max=size_bytes_max)


def read(root: Path, account: str = "tg") -> list[bytes]:
    return [one.payload for one in recorded(root / account)]


def test_what_was_recorded_is_read_in_its_order_over_flushes_and_processes(tmp_path: Path) -> None:
    """A bug is mended three days later: everything since is there to be read again."""
    for n in range(3):
        one = journal(tmp_path)
        record = one.of("tg")
        for payload in PAYLOADS:
            record(payload + b"%d" % n)
            one.flush()

    assert read(tmp_path) == [payload + b"%d" % n for n in range(3) for payload in PAYLOADS]
    assert not read(tmp_path, "mail")


def test_only_its_owner_can_read_it(tmp_path: Path) -> None:
    """It holds what customers wrote."""
    one = journal(tmp_path)
    one.of("tg")(b"words")
    one.flush()

    (segment,) = (tmp_path / "tg").iterdir()
    assert stat.S_IMODE((tmp_path / "tg").stat().st_mode) == 0o700
    assert stat.S_IMODE(segment.stat().st_mode) == 0o600


@given(cut=st.integers(min_value=0, max_value=400))
def test_a_torn_frame_costs_what_is_in_it_and_nothing_else(
    tmp_path_factory: object, cut: int
) -> None:
    """The machine went down in the middle of a write; the next process goes on."""
    root = Path(os.fspath(tmp_path_factory.mktemp("journal")))  # type: ignore[attr-defined]
    one = journal(root)
    record = one.of("tg")
    for payload in PAYLOADS:
        record(payload)
        one.flush()
    (segment,) = (root / "tg").iterdir()
    whole = segment.read_bytes()
    segment.write_bytes(whole[: max(0, len(whole) - cut)])
    later = journal(root)
    later.of("tg")(b"later")
    later.flush()

    left = read(root)

    assert left[-1] == b"later"
    assert left[:-1] == PAYLOADS[: len(left) - 1]
    assert cut or len(left) == len(PAYLOADS) + 1


def test_what_is_too_old_or_too_much_goes_oldest_first(tmp_path: Path) -> None:
    for n in range(4):
        one = journal(tmp_path)
        one.of("tg")(b"%d" % n + os.urandom(1000))
        one.flush()
    first, *_ = sorted((tmp_path / "tg").iterdir())
    os.utime(first, (0, time.time() - 73 * 3600))

    journal(tmp_path).expire()
    by_age = [payload[:1] for payload in read(tmp_path)]
    journal(tmp_path, size_bytes_max=2500).expire()

    assert by_age == [b"1", b"2", b"3"]
    assert [payload[:1] for payload in read(tmp_path)] == [b"2", b"3"]


def test_it_can_be_turned_off(tmp_path: Path) -> None:
    one = journal(tmp_path, hours=0)
    one.of("tg")(b"words")
    one.flush()

    assert not list(tmp_path.iterdir())


def test_a_disk_that_takes_nothing_costs_no_memory_without_end(tmp_path: Path) -> None:
    one = journal(tmp_path)
    record, payload = one.of("tg"), bytes(1024 * 1024)
    for _ in range(64):
        record(payload)
    one.flush()

    assert len(read(tmp_path)) <= BUFFER_BYTES_MAX // len(payload) + 1


def test_a_disk_that_is_full_for_a_moment_costs_that_moment(tmp_path: Path) -> None:
    """What was half written would end its segment for whoever reads: up to an hour of messages."""
    one = journal(tmp_path)
    record = one.of("tg")
    record(b"before")
    one.flush()

    with files_of_at_most(200):
        record(os.urandom(1000))
        one.flush()
    record(b"after")
    one.flush()

    assert read(tmp_path) == [b"before", b"after"]


def test_it_is_read_from_a_moment_on(tmp_path: Path) -> None:
    one = journal(tmp_path)
    one.of("tg")(b"before")
    one.flush()
    moment = datetime.now(UTC)
    time.sleep(0.002)
    one.of("tg")(b"after")
    one.flush()

    assert [found.payload for found in recorded(tmp_path / "tg", moment)] == [b"after"]
    (segment,) = (tmp_path / "tg").iterdir()
    assert [found.payload for found in records_in(segment)] == [b"before", b"after"]
