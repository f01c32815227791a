"""Which part of the work a process does, and that no two do what only one may."""

from pathlib import Path

import pytest

from core.errors import ConfigurationError
from gateway.data_dir import claimed, prepare
from gateway.roles import Role, Roles, roles_of

INBOXES = ("tg", "mail")


def _of(*only: str) -> Roles:
    return roles_of(only, INBOXES)


def test_a_process_does_everything_unless_told_otherwise() -> None:
    """Whoever runs one process types nothing more."""
    roles = _of()

    assert roles.whole
    assert roles.accounts == INBOXES
    assert all(roles.has(role) for role in (Role.WEB, Role.WORKER, Role.ADAPTER))


@pytest.mark.parametrize("only", [("web,worker",), ("web", "worker"), ("worker, web",)])
def test_roles_are_named_one_by_one_or_together(only: tuple[str, ...]) -> None:
    """A unit file has one option, a shell script may have several."""
    roles = _of(*only)

    assert (roles.roles, roles.accounts, roles.whole) == (Role.WEB | Role.WORKER, (), False)


def test_adapter_alone_is_every_inbox() -> None:
    """One process for the inboxes and one for the rest is the usual way to begin with it."""
    assert _of("adapter").accounts == INBOXES
    assert _of("adapter:mail").accounts == ("mail",)


@pytest.mark.parametrize("word", ["webb", "worker:tg", "adapter:nobody", "web:1"])
def test_what_is_no_role_is_refused(word: str) -> None:
    """A process that does nothing would look as if it ran."""
    with pytest.raises(ConfigurationError, match=f"--only {word}: "):
        _of("web", word)


def test_a_second_gateway_is_told_who_owns_the_directory(tmp_path: Path) -> None:
    """Two that know nothing of each other would fight over every inbox."""
    data_dir = prepare(tmp_path / "data")

    with (
        claimed(data_dir, _of()),
        pytest.raises(ConfigurationError, match=r"pid \d+, since 20\d\d-.*app\.data_dir"),
        claimed(data_dir, _of()),
    ):
        pass


def test_processes_share_a_directory_when_each_does_its_part(tmp_path: Path) -> None:
    """Several may serve, work and stand by for an inbox; a gateway that is whole is alone."""
    data_dir = prepare(tmp_path / "data")

    with (
        claimed(data_dir, _of("web,adapter:tg")),
        claimed(data_dir, _of("web,worker,adapter:tg")),
        pytest.raises(ConfigurationError, match="belongs to other processes of a gateway"),
        claimed(data_dir, _of()),
    ):
        pass
    with claimed(data_dir, _of()):
        pass
