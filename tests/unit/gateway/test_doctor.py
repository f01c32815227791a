"""What `trunkline doctor` makes of what Redis says of itself."""

import pytest

from core.store.connection import Server
from gateway.doctor import eviction, memory, persistence
from gateway.finding import State
from gateway.settings import Durability

SOUND = {"maxmemory-policy": "noeviction", "appendonly": "yes", "appendfsync": "everysec"}


def _server(**config: str) -> Server:
    known = SOUND | {name.replace("_", "-"): value for name, value in config.items()}
    return Server(version="7.2.4", config=known)


def test_a_sound_server_needs_no_remedy() -> None:
    """Whoever reads the table acts on what has an arrow."""
    server = _server()

    rows = (persistence(server, Durability.PROCESS), eviction(server))

    assert [(row.state, row.remedy) for row in rows] == [(State.OK, "")] * 2


@pytest.mark.parametrize(
    ("config", "durability", "state", "remedy"),
    [
        ({"appendonly": "no"}, Durability.PROCESS, State.WORSE, "appendonly yes"),
        ({}, Durability.DISK, State.BROKEN, "appendfsync always"),
        ({"appendfsync": "always"}, Durability.DISK, State.OK, ""),
    ],
)
def test_what_a_crash_would_lose_is_told_with_its_remedy(
    config: dict[str, str], durability: Durability, state: State, remedy: str
) -> None:
    """An operator learns before the crash."""
    row = persistence(_server(**config), durability)

    assert row.state is state
    assert remedy in row.remedy


def test_a_server_that_evicts_is_broken() -> None:
    """Customers' messages would go when memory is short."""
    row = eviction(_server(maxmemory_policy="allkeys-lru"))

    assert row.state is State.BROKEN
    assert "noeviction" in row.remedy


@pytest.mark.parametrize(
    ("used", "allowed", "state"),
    [
        (900, 0, State.OK),
        (800, 1000, State.OK),
        (901, 1000, State.WORSE),
        (1000, 1000, State.BROKEN),
    ],
)
def test_a_server_that_is_or_will_be_full_is_told_of(used: int, allowed: int, state: State) -> None:
    """Nothing is accepted any more, and every other line says that all is well."""
    row = memory(
        Server(version="7.2.4", config={}, used_memory_bytes=used, memory_bytes_max=allowed)
    )

    assert row.state is state
    assert bool(row.remedy) is (state is not State.OK)


def test_a_server_that_may_not_be_asked_is_told_about() -> None:
    """Managed servers forbid CONFIG: silence would look like health."""
    server = Server(version="7.2.4", config={})

    rows = (persistence(server, Durability.PROCESS), eviction(server))

    assert [row.state for row in rows] == [State.WORSE] * 2
    assert all(row.remedy for row in rows)
