"""Backup, destroy, restore: identical conversations, and nothing leaves twice."""

import asyncio
import hashlib
import json
import os
import random
import shutil
import subprocess
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import pytest

from core.errors import ConfigurationError
from core.model.conversation import Entry
from core.model.message import DeliveryState
from core.store.store import StoreSettings, open_store
from gateway.backup import bundle, restoring, taking
from gateway.data_dir import UNFINISHED, prepare
from gateway.embedded import embedded
from sandbox.faults import Fault, Kind
from sandbox.server import Sandbox
from tests.rigs.api import Api, api, words
from tests.rigs.customer import Customer
from tests.rigs.disk import files_of_at_most, names_in
from tests.rigs.gateway import Gateway, bot_channel, channels, mail_channel
from tests.rigs.redis_server import RedisServer
from tests.rigs.waiting import eventually

CHAOS: Final = bool(os.environ.get("CHAOS"))
KILLS: Final = 40
UNLIMITED: Final = "[limits]\ninbound_per_minute_max = 0\n"
WELCOME: Final = '[channel.acknowledge]\ntext = "We have it"\n'


@pytest.fixture
def redis() -> Iterator[RedisServer]:
    with RedisServer() as running:
        yield running


async def test_what_is_restored_is_what_was_backed_up(sandbox: Sandbox, tmp_path: Path) -> None:
    """An operator whose disk died: every conversation, file, person and token is as it was."""
    async with Gateway(tmp_path, channels(sandbox, tmp_path)) as gateway:
        async with api(gateway.url, gateway.token) as agent:
            await a_day_of_work(sandbox, agent)
            before = await everything(agent)
            taken = await gateway.command("backup", "--json", str(tmp_path / "day.tar.zst"))
        await destroy(gateway)
        restored = await gateway.command("restore", "--json", str(tmp_path / "day.tar.zst"))
        gateway.start()
        await gateway.ready()
        async with api(gateway.url, gateway.token) as agent:
            after = await everything(agent)

    assert (taken.returncode, restored.returncode) == (0, 0), taken.stderr + restored.stderr
    assert json.loads(taken.stdout)["blobs"] > 0
    assert json.loads(restored.stdout)["disowned"] == 0
    assert after == before
    assert (tmp_path / "day.tar.zst").stat().st_mode & 0o777 == 0o600
    assert partial_in(tmp_path) == []


async def test_what_may_have_left_since_the_backup_does_not_leave_again(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    """A customer who would read an agent's words, and a machine's, twice."""
    settings = bot_channel(sandbox, tmp_path) + WELCOME + mail_channel(sandbox, tmp_path) + WELCOME
    mei, jonas, amara = (Customer(sandbox, key) for key in ("mei", "jonas", "amara"))
    file = str(tmp_path / "b.tar.zst")
    async with Gateway(tmp_path, settings) as gateway:
        async with api(gateway.url, gateway.token) as agent:
            mei.says("Hello")
            jonas.writes("Good day", subject="A question")
            await eventually(lambda: mei.read_on_phone == ["We have it"])
            await eventually(lambda: len(jonas.mails) == 1)
            by_phone, by_mail = await numbers_of(agent)
            busy = [
                Fault("telegram", "sendMessage", Kind.RATE_LIMIT, retry_after=2, count=0),
                Fault("smtp", "DATA", Kind.REPLY, reply="451 4.3.0 Later", count=0),
            ]
            for fault in busy:
                sandbox.world.faults.add(fault)
            replies = [
                await agent.reply(number, f"{text} to {number}")
                for number in (by_phone, by_mail)
                for text in ("First", "Second")
            ]
            await eventually(lambda: all(fault.fired for fault in busy))
            taken = await gateway.command("backup", file)
            sandbox.world.faults.clear()
            for reply in replies:
                assert state_of(await agent.settled(reply)) is DeliveryState.SENT
            amara.writes("I am new here", subject="Something else")
            await eventually(lambda: len(amara.mails) == 1)
        await destroy(gateway)
        restored = await gateway.command("restore", "--json", file)
        gateway.start()
        await gateway.ready()
        async with api(gateway.url, gateway.token) as agent:
            await eventually(lambda: has_open(agent, 3))
            ends = [await agent.now(reply) for reply in replies]
            mei.says("Are you there?")
            await eventually(lambda: has_heard(agent, by_phone, "Are you there?"))
            fresh = await agent.reply(by_phone, "Yes")
            await agent.settled(fresh)
            numbers = [one.number for one in await agent.all_conversations()]

    assert taken.returncode == 0, taken.stderr
    assert json.loads(restored.stdout)["disowned"] == len(replies)
    for end in ends:
        assert end.delivery is not None
        assert end.delivery.state is DeliveryState.UNKNOWN
        assert "may have been sent since" in end.delivery.reason
    assert mei.read_on_phone == [
        "We have it",
        f"First to {by_phone}",
        f"Second to {by_phone}",
        "Yes",
    ]
    assert len(jonas.mails) == 3
    assert len(amara.mails) == 1, "the mail that came in again is not acknowledged again"
    assert len(set(numbers)) == 3


async def test_a_backup_moves_into_a_server_of_the_operators_own(
    sandbox: Sandbox, tmp_path: Path, redis: RedisServer
) -> None:
    """With redis.url: only into an empty one, so that no two installations are mixed."""
    file = str(tmp_path / "b.tar.zst")
    with RedisServer("--repl-diskless-sync", "no") as first:  # sends its file by its length
        async with Gateway(tmp_path, channels(sandbox, tmp_path), redis_url=first.url) as gateway:
            async with api(gateway.url, gateway.token) as agent:
                await a_day_of_work(sandbox, agent)
                before = await everything(agent)
                taken = await gateway.command("backup", file)
            await destroy(gateway)
            refused = await gateway.command("restore", file)
            (tmp_path / "redis-url").write_text(redis.url)
            restored = await gateway.command("restore", file)
            gateway.start()
            await gateway.ready()
            async with api(gateway.url, gateway.token) as agent:
                after = await everything(agent)

    assert (taken.returncode, refused.returncode, restored.returncode) == (0, 2, 0)
    assert "not empty" in refused.stderr
    assert after == before


async def test_a_backup_holds_what_a_restore_takes(redis: RedisServer, tmp_path: Path) -> None:
    """A file that somebody left among ours must not be found out when everything else is lost."""
    data_dir, file = prepare(tmp_path / "data"), tmp_path / "b.tar.zst"
    for stray in ("blobs/ab/.DS_Store", "quarantine/tg/notes.txt", "quarantine/tg/x/y"):
        (data_dir / stray).parent.mkdir(parents=True, exist_ok=True)
        (data_dir / stray).write_text("not ours")
    async with open_store(StoreSettings(url=redis.url)):
        await taking.take(file, data_dir, redis.url)

    restored = await restoring.restore(file, tmp_path / "new", None, 16, os.environ)

    assert [one.name for one in restored.contents.manifest.files] == ["redis.rdb"]


async def test_a_full_disk_is_told_of_and_leaves_no_half_backup(
    redis: RedisServer, tmp_path: Path
) -> None:
    """A job at night that says what is wrong, and the backup of yesterday as it was."""
    data_dir, blob = prepare(tmp_path / "data"), os.urandom(200_000)
    name = hashlib.sha256(blob).hexdigest()
    (data_dir / "blobs" / name[:2]).mkdir(parents=True)
    (data_dir / "blobs" / name[:2] / name).write_bytes(blob)
    async with open_store(StoreSettings(url=redis.url)):
        with (
            files_of_at_most(100_000),
            pytest.raises(ConfigurationError, match="cannot be written: File too large"),
        ):
            await taking.take(tmp_path / "b.tar.zst", data_dir, redis.url)

    assert names_in(tmp_path) == {"data"}


@pytest.mark.skipif(not CHAOS, reason="CHAOS=1 is not set: it takes half a minute")
async def test_a_backup_of_a_busy_gateway_is_a_moment_of_it(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    """Nothing said before it is missing; nothing is there twice, out of order, or sent again."""
    mei, jonas = Customer(sandbox, "mei"), Customer(sandbox, "jonas")
    file = str(tmp_path / "b.tar.zst")
    async with Gateway(tmp_path, channels(sandbox, tmp_path) + UNLIMITED) as gateway:
        async with api(gateway.url, gateway.token) as agent:
            mei.says("0")
            jonas.writes("mail 0", subject="mail 0")
            await eventually(lambda: has_open(agent, 2))
            by_phone, _ = await numbers_of(agent)
            async with _busy(mei, jonas, agent, by_phone) as noise:
                await eventually(lambda: has_heard(agent, by_phone, "40"))
                taken = await gateway.command("backup", file)
            await eventually(lambda: has_heard(agent, by_phone, str(noise.said - 1)))
            await eventually(lambda: not sandbox.world.telegram.bots[0].updates)
            for reply in noise.replies:
                await agent.settled(reply)
        await destroy(gateway)
        restored = await gateway.command("restore", file)
        gateway.start()
        await gateway.ready()
        async with api(gateway.url, gateway.token) as agent:
            await eventually(lambda: has_mails(agent, by_phone, noise.mailed))
            heard, mails = await agent.heard(by_phone), await mails_in(agent, by_phone)
            known = [one for one in await agent.entries(by_phone) if one.delivery]
            states = {state_of(one) for one in known}

    assert (taken.returncode, restored.returncode) == (0, 0), taken.stderr + restored.stderr
    assert heard == [str(n) for n in range(len(heard))]
    assert 40 < len(heard) <= noise.said
    assert sorted(mails) == sorted(f"mail {n}" for n in range(noise.mailed))
    assert max(Counter(mei.read_on_phone).values()) == 1
    assert {words(one) for one in known} <= set(mei.read_on_phone)
    assert states <= {DeliveryState.SENT, DeliveryState.UNKNOWN}


@pytest.mark.skipif(not CHAOS, reason="CHAOS=1 is not set: it takes minutes")
@pytest.mark.timeout(900)
async def test_a_backup_or_restore_that_is_killed_leaves_nothing_half(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    """kill -9 at any moment: no file that only looks like a backup, no gateway on half the data."""
    rng = random.Random(seed := random.randrange(1_000_000))
    print(f"seed {seed}")
    file, into = tmp_path / "b.tar.zst", tmp_path / "data"
    async with Gateway(tmp_path, channels(sandbox, tmp_path)) as gateway:
        async with api(gateway.url, gateway.token) as agent:
            await a_day_of_work(sandbox, agent)
            before = await everything(agent)
            whole = await _seconds(gateway, "backup", str(tmp_path / "timed.tar.zst"))
            for _ in range(KILLS):
                await killed_after(gateway, rng.uniform(0.3, whole), "backup", str(file))
                if file.exists():
                    bundle.verify(file)
                file.unlink(missing_ok=True)
            taken = await gateway.command("backup", str(file))
        await destroy(gateway)
        for _ in range(KILLS):
            await killed_after(gateway, rng.uniform(0.3, 2 * whole), "restore", str(file))
            if not (into / UNFINISHED).exists():
                continue
            with pytest.raises(ConfigurationError, match="run `trunkline restore` again"):
                prepare(into)
        if (into / "redis").exists() and not (into / UNFINISHED).exists():
            await destroy(gateway, running=False)
        restored = await gateway.command("restore", str(file))
        gateway.start()
        await gateway.ready()
        async with api(gateway.url, gateway.token) as agent:
            after = await everything(agent)

    assert (taken.returncode, restored.returncode) == (0, 0), taken.stderr + restored.stderr
    assert after == before
    assert partial_in(tmp_path) == []


# --- doing


async def a_day_of_work(sandbox: Sandbox, agent: Api) -> None:
    """Both channels, files, notes, a link of two lines, and everything at rest at the end."""
    mei, jonas = Customer(sandbox, "mei"), Customer(sandbox, "jonas")
    mei.sends_file("proof.pdf", b"%PDF-1.4 of mine", "Look")
    mei.says("Hello")
    jonas.writes("Good day", subject="A question", drawing=b"\x00\x01" * 4000)
    await eventually(lambda: has_open(agent, 2))
    numbers = await numbers_of(agent)
    await eventually(lambda: has_heard(agent, numbers[0], "Hello"))
    for number in numbers:
        await agent.settled(await agent.reply(number, f"Answer to {number}"))
    await eventually(lambda: all_fetched(agent))


class _Noise:
    """What was said, mailed and replied while `_busy` was open."""

    def __init__(self) -> None:
        self.said = self.mailed = 1
        self.replies: list[Entry] = []


@asynccontextmanager
async def _busy(mei: Customer, jonas: Customer, agent: Api, number: str) -> AsyncIterator[_Noise]:
    noise, over = _Noise(), asyncio.Event()

    async def talk() -> None:
        while not over.is_set():
            mei.says(str(noise.said))
            noise.said += 1
            if noise.said % 20 == 0:
                jonas.writes(f"mail {noise.mailed}", subject=f"mail {noise.mailed}")
                noise.mailed += 1
                noise.replies.append(await agent.reply(number, f"reply {noise.mailed}"))
            await asyncio.sleep(0.005)

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(talk())
        try:
            yield noise
        finally:
            over.set()


async def _seconds(gateway: Gateway, *command: str) -> float:
    began = time.monotonic()
    done = await gateway.command(*command)
    assert done.returncode == 0, done.stderr
    return time.monotonic() - began


async def killed_after(gateway: Gateway, seconds: float, *command: str) -> None:
    """kill -9 of a command, unless it was quicker."""
    process = gateway.begin(*command)
    try:
        await asyncio.to_thread(process.wait, seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


async def destroy(gateway: Gateway, *, running: bool = True) -> None:
    """The machine is gone, and all that was on it but the settings."""
    if running:
        await gateway.kill()
    if (gateway.data_dir / "owner.json").exists():
        async with embedded(gateway.data_dir, environ=os.environ):
            pass  # its last user stops it
    shutil.rmtree(gateway.data_dir)


# --- looking


def state_of(entry: Entry) -> DeliveryState:
    assert entry.delivery is not None
    return entry.delivery.state


async def everything(agent: Api) -> dict[str, Any]:
    """What the API tells, with the bytes of all files."""
    found: dict[str, Any] = {}
    for conversation in await agent.all_conversations():
        entries = await agent.entries(conversation.number)
        found[conversation.number] = (conversation, entries)
        for entry in entries:
            for part in entry.message.parts:
                if (attachment := getattr(part, "attachment", None)) and attachment.sha256:
                    content = await agent.download(conversation.number, entry, attachment)
                    found[f"{entry.leg} {entry.position}"] = content
        person = conversation.legs[0].author
        async with agent.http.get(f"/api/v1/contacts/{person}") as answer:
            found[person] = await answer.json()
    async with agent.http.get("/api/v1/gaps") as answer:
        found["gaps"] = await answer.json()
    return found


def partial_in(directory: Path) -> list[Path]:
    return list(directory.glob("*.partial"))


async def numbers_of(agent: Api) -> tuple[str, str]:
    """The conversation by phone and the one by mail."""
    found = {one.legs[0].thread.channel: one.number for one in await agent.all_conversations()}
    return found["telegram"], found["email"]


async def has_open(agent: Api, count: int) -> bool:
    return len(await agent.all_conversations()) == count


async def has_heard(agent: Api, number: str, text: str) -> bool:
    return any(text in one for one in await agent.heard(number))


async def mails_in(agent: Api, but: str) -> list[str]:
    """What was written in all conversations but one."""
    numbers = [one.number for one in await agent.all_conversations() if one.number != but]
    return [text.strip() for number in numbers for text in await agent.heard(number)]


async def has_mails(agent: Api, but: str, count: int) -> bool:
    return len(await mails_in(agent, but)) >= count


async def all_fetched(agent: Api) -> bool:
    entries: list[Entry] = []
    for conversation in await agent.all_conversations():
        entries += await agent.entries(conversation.number)
    return "fetching" not in json.dumps([str(entry.message.parts) for entry in entries])
