"""`trunkline up` that cannot work says what to change, and leaves nothing behind."""

import socket
from pathlib import Path

import pytest

from sandbox.server import Sandbox
from tests.rigs.gateway import Gateway, channels


async def refusal(gateway: Gateway, *words: str) -> str:
    """What `trunkline up` says before it gives up."""
    done = await gateway.command("up", *words)
    assert done.returncode == 2, done
    assert "Traceback" not in done.stderr
    return done.stderr


@pytest.mark.parametrize("url", ["unix:///nowhere/redis.sock", "redis://127.0.0.1:1/0"])
async def test_a_server_that_is_not_there(sandbox: Sandbox, tmp_path: Path, url: str) -> None:
    gateway = Gateway(tmp_path, channels(sandbox, tmp_path), redis_url=url)

    assert "Redis cannot be reached" in await refusal(gateway)


async def test_a_port_that_is_taken(sandbox: Sandbox, tmp_path: Path) -> None:
    """The embedded server that was started for it is stopped again."""
    gateway = Gateway(tmp_path, channels(sandbox, tmp_path))
    with socket.create_server(("127.0.0.1", 0)) as taken:
        bind = f"127.0.0.1:{taken.getsockname()[1]}"

        told = await refusal(gateway, "--bind", bind)

    assert f"cannot listen on {bind}" in told
    assert not (gateway.data_dir / "owner.json").exists()


async def test_a_key_that_nobody_knows(sandbox: Sandbox, tmp_path: Path) -> None:
    gateway = Gateway(tmp_path, channels(sandbox, tmp_path))
    with gateway.settings.open("a") as settings:
        settings.write('pasword = "x"\n')
    line = len(gateway.settings.read_text().splitlines())

    told = await refusal(gateway)

    assert f"trunkline.toml:{line}: " in told
    assert 'did you mean "password"?' in told


async def test_no_channel_at_all(tmp_path: Path) -> None:
    assert "add a [[channel]]" in await refusal(Gateway(tmp_path, ""))
