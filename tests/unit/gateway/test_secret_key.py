"""The key of an installation: one for all of its processes, whole or not there."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

from gateway.secret_key import SIZE_BYTES, secret_key

AT_ONCE, TIMES = 8, 25


def test_those_who_start_at_the_same_moment_have_the_same_key(tmp_path: Path) -> None:
    """The processes of one installation are started together; one of them would not come up, or
    would sign what no other knows.
    """
    gate = Barrier(AT_ONCE)

    def start(data_dir: Path) -> bytes:
        gate.wait()
        return secret_key(data_dir)

    with ThreadPoolExecutor(AT_ONCE) as processes:
        for n in range(TIMES):
            data_dir = tmp_path / str(n)
            data_dir.mkdir()
            found = set(processes.map(start, [data_dir] * AT_ONCE))

            assert found == {(data_dir / "secret.key").read_bytes()}
            assert {len(key) for key in found} == {SIZE_BYTES}
            assert [one.name for one in data_dir.iterdir()] == ["secret.key"]
            assert (data_dir / "secret.key").stat().st_mode & 0o777 == 0o600
