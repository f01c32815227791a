"""Tokens: shown once, checked by hash, seen by a running gateway as soon as they change."""

import stat
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path

import pytest

from core.errors import ConfigurationError, InvalidRequest, NotFound
from gateway.scopes import ALL, Scope, scopes_of
from gateway.tokens import USE_SECONDS, Tokens, lifetime_of


def test_a_token_opens_and_says_whose_it_is(tmp_path: Path) -> None:
    at = datetime(2026, 3, 1, tzinfo=UTC)
    tokens = Tokens(tmp_path, lambda: at)

    info = tokens.check(tokens.create("Ines"))

    assert info is not None
    assert (info.name, info.created_at) == ("Ines", at)
    assert tokens.list() == (info,)


def test_the_secret_is_not_in_the_file_which_only_its_owner_may_read(tmp_path: Path) -> None:
    """A backup of the data directory must not let anybody in."""
    token = Tokens(tmp_path).create("Ines")

    file = tmp_path / "tokens.json"
    assert token.split("_", 2)[2] not in file.read_text()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.parametrize("change", [str.upper, lambda t: t[:-1], lambda t: "xx" + t[2:]])
def test_a_token_that_is_a_little_different_opens_nothing(tmp_path: Path, change: object) -> None:
    tokens = Tokens(tmp_path)
    token = tokens.create("Ines")

    assert callable(change)
    assert tokens.check(change(token)) is None


@pytest.mark.parametrize("nonsense", ["", "tl", "tl__", "tl_0_0", "\ud800", "tl_\x00_"])
def test_nonsense_opens_nothing(tmp_path: Path, nonsense: str) -> None:
    tokens = Tokens(tmp_path)
    tokens.create("Ines")

    assert tokens.check(nonsense) is None


def test_a_running_gateway_sees_new_and_revoked_tokens(tmp_path: Path) -> None:
    """Nobody wants to restart the gateway because an agent joins or leaves."""
    running, command_line = Tokens(tmp_path), Tokens(tmp_path)
    assert running.check("tl_x_y") is None

    token = command_line.create("Kim")
    known = running.check(token)
    assert known is not None
    command_line.revoke(known.id)

    assert running.check(token) is None


def test_revoking_what_does_not_exist_is_said(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="token list"):
        Tokens(tmp_path).revoke("nothing")


@pytest.mark.parametrize("name", ["", "  ", "x" * 65, "a\nb"])
def test_a_name_that_cannot_be_shown_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(InvalidRequest):
        Tokens(tmp_path).create(name)


def test_a_damaged_file_is_said_and_not_overwritten(tmp_path: Path) -> None:
    """Tokens that are still good elsewhere must not be lost by making another one."""
    file = tmp_path / "tokens.json"
    file.write_text("{")

    with pytest.raises(ConfigurationError, match="restore it"):
        Tokens(tmp_path).create("Ines")
    assert file.read_text() == "{"


def _create_some(data_dir: Path) -> list[str]:
    return [Tokens(data_dir).create("Ines") for _ in range(5)]


def test_writers_at_the_same_time_lose_nothing(tmp_path: Path) -> None:
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        made = [*pool.map(_create_some, [tmp_path] * 2)]

    tokens = Tokens(tmp_path)
    assert all(tokens.check(token) for some in made for token in some)
    assert len(tokens.list()) == 10


def test_a_token_opens_what_it_was_made_for_until_it_expires(tmp_path: Path) -> None:
    """Whoever lends a program access for a week need not remember to take it back."""
    clock = [datetime(2026, 3, 1, tzinfo=UTC)]
    tokens = Tokens(tmp_path, lambda: clock[0])
    token = tokens.create("Report", scopes_of(["contacts:read"]), lifetime=lifetime_of("7d"))

    info = tokens.check(token)
    clock[0] += timedelta(days=7)

    assert info is not None
    assert (info.may(Scope.CONTACTS_READ), info.may(Scope.CONTACTS_WRITE)) == (True, False)
    assert tokens.check(token) is None


def test_the_last_use_is_known_without_a_write_for_each(tmp_path: Path) -> None:
    """Operators revoke what nobody uses; a write for each request would cost more than it."""
    clock = [datetime(2026, 3, 1, tzinfo=UTC)]
    tokens = Tokens(tmp_path, lambda: clock[0])
    token = tokens.create("Ines")
    tokens.create("Never")
    tokens.check(token)
    written = (tmp_path / "tokens.used.json").stat().st_ino

    for _ in range(100):
        clock[0] += timedelta(seconds=1)
        tokens.check(token)
    still = (tmp_path / "tokens.used.json").stat().st_ino
    clock[0] += timedelta(seconds=USE_SECONDS)
    tokens.check(token)

    assert still == written
    assert [one.used_at for one in Tokens(tmp_path).in_use()] == [clock[0], None]


def test_the_last_use_survives_what_another_process_noted(tmp_path: Path) -> None:
    clock = [datetime(2026, 3, 1, tzinfo=UTC)]
    one, other = (Tokens(tmp_path, lambda: clock[0]) for _ in range(2))
    first, second = one.create("Ines"), one.create("Kim")

    one.check(first)
    other.check(second)

    assert [info.used_at for info in one.in_use()] == [clock[0]] * 2


@pytest.mark.parametrize("words", ["", "d", "0d", "-1d", "90", "90 d", "1.5d", "99999d", "٣d"])
def test_what_is_no_span_of_time_is_refused(words: str) -> None:
    with pytest.raises(InvalidRequest, match="90d"):
        lifetime_of(words)


def test_scopes_are_known_by_name(tmp_path: Path) -> None:
    assert scopes_of(["*"]) == ALL
    with pytest.raises(InvalidRequest, match="conversations:read"):
        scopes_of(["conversation:read"])
    with pytest.raises(InvalidRequest, match="scope"):
        Tokens(tmp_path).create("Ines", frozenset())
