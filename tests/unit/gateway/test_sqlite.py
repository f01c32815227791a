"""Files of ours in SQLite: what was written is there, whoever stops in the middle."""

import asyncio
import sqlite3
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from core.errors import ConfigurationError, StoreUnavailable
from gateway.sqlite import database

STEPS = ("CREATE TABLE said (text TEXT NOT NULL);",)


def say(text: str) -> str:
    return f"INSERT INTO said VALUES ('{text}')"  # noqa: S608 - of the tests' own words


async def said(path: Path) -> list[str]:
    async with database(path, STEPS) as file:
        rows = await file.read(lambda db: db.execute("SELECT text FROM said").fetchall())
    return [text for (text,) in rows]


async def test_what_was_written_is_there_after_the_end(tmp_path: Path) -> None:
    """The archive would begin empty with each start."""
    path = tmp_path / "said.db"
    async with database(path, STEPS) as file:
        await file.write(lambda db: db.execute(say("hello")).rowcount)

    assert await said(path) == ["hello"]
    assert path.stat().st_mode & 0o777 == 0o600


async def test_what_fails_half_way_leaves_nothing(tmp_path: Path) -> None:
    """A cursor without its events would lose them."""

    def halves(db: sqlite3.Connection) -> None:
        db.execute(say("half"))
        raise KeyError("the second half")

    path = tmp_path / "said.db"
    async with database(path, STEPS) as file:
        with pytest.raises(KeyError):
            await file.write(halves)
        await file.write(lambda db: db.execute(say("whole")).rowcount)

    assert await said(path) == ["whole"]


async def test_who_stops_waiting_has_written_all_the_same(tmp_path: Path) -> None:
    """A request that is broken off must not leave a transaction open for the next one."""
    path = tmp_path / "said.db"
    async with database(path, STEPS) as file:
        waiting = asyncio.create_task(file.write(lambda db: db.execute(say("told")).rowcount))
        await asyncio.sleep(0)
        waiting.cancel()
        await file.write(lambda db: db.execute(say("next")).rowcount)

    assert await said(path) == ["told", "next"]


async def test_steps_are_taken_once_and_in_order(tmp_path: Path) -> None:
    """An upgrade would fail at its second start."""
    path = tmp_path / "said.db"
    await said(path)
    more = (*STEPS, "ALTER TABLE said ADD COLUMN at INTEGER;")

    async def columns() -> list[str]:
        async with database(path, more) as file:
            found = await file.read(lambda db: db.execute("PRAGMA table_info(said)").fetchall())
        return [name for _, name, *_ in found]

    assert await columns() == ["text", "at"]
    assert await columns() == ["text", "at"]


async def test_a_file_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    """Going back a version must not write what the newer one cannot read."""
    path = tmp_path / "said.db"
    async with database(path, (*STEPS, "CREATE TABLE more (n);")):
        pass

    with pytest.raises(ConfigurationError, match="newer version"):
        async with database(path, STEPS):
            pass


async def test_what_is_no_database_is_told_with_the_remedy(tmp_path: Path) -> None:
    """An operator who sees a bare "file is not a database" does not know which file."""
    path = tmp_path / "said.db"
    path.write_bytes(b"not a database at all, but long enough to be read as one" * 40)

    with pytest.raises(ConfigurationError, match=r"said\.db is damaged .* backup"):
        async with database(path, STEPS):
            pass


async def test_what_is_refused_is_not_held_open(tmp_path: Path) -> None:
    """The search index, made anew beside a file that is still open, would hold both for good."""
    newer, broken = tmp_path / "newer.db", tmp_path / "broken.db"
    async with database(newer, (*STEPS, "CREATE TABLE more (n);")):
        pass
    broken.write_bytes(b"not a database at all, but long enough to be read as one" * 40)

    refusals = []  # held, as whoever logs an error holds it, and with it all that it went through
    for path in (newer, broken):
        with pytest.raises(ConfigurationError) as refused:
            async with database(path, STEPS):
                pass
        refusals.append(refused)

    held = {Path(one.path).name for one in psutil.Process().open_files()}
    assert not held & {newer.name, broken.name}


async def test_what_is_damaged_while_it_is_in_use_waits_to_be_restored(tmp_path: Path) -> None:
    """Customers' messages would be laid aside as work that fails, one after another."""
    path = tmp_path / "said.db"
    async with database(path, STEPS) as file:
        await file.write(lambda db: [db.execute(say("word " * 200)) for _ in range(200)])
    whole = path.read_bytes()

    path.write_bytes(whole[:8192] + b"\xff" * (len(whole) - 8192))

    with pytest.raises(StoreUnavailable, match=r"said\.db is damaged .* backup"):
        await said(path)


async def test_a_reader_cannot_write(tmp_path: Path) -> None:
    """Two writers would wait for each other."""
    async with database(tmp_path / "said.db", STEPS) as file:
        with pytest.raises(StoreUnavailable, match="READONLY"):
            await file.read(lambda db: db.execute(say("no")).rowcount)


def test_processes_that_start_together_make_one_file(tmp_path: Path) -> None:
    """The roles of a gateway start at the same moment, the first time too."""
    script = (
        "import asyncio, sys; from pathlib import Path; from gateway.sqlite import database\n"
        "steps = [f'CREATE TABLE t{n} (a);' for n in range(20)]\n"
        "async def main():\n"
        "    async with database(Path(sys.argv[1]), steps): pass\n"
        "asyncio.run(main())"
    )
    command = [sys.executable, "-c", script, str(tmp_path / "new.db")]

    processes = [subprocess.Popen(command) for _ in range(4)]

    assert [process.wait(30) for process in processes] == [0, 0, 0, 0]
