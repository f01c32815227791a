"""From nothing to settings that are right: init, check, config show, completion."""

import json
import os
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

from gateway.shown_settings import MASKED
from gateway.tokens import Tokens
from tests.rigs.terminal import PROGRAM, ROOT, on_a_terminal, run

TOKEN = "6104882371:AAE-invented-by-the-tests-000000000"
TELEGRAM = ("init", "--yes", "--channel", "telegram", "--secret-file", "-", "--agent", "Kim")


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_script_makes_an_installation_that_is_right(tmp_path: Path) -> None:
    """Whoever sets up twenty machines answers no questions; the token comes by stdout alone."""
    made = run(tmp_path, *TELEGRAM, given=TOKEN)
    checked = run(tmp_path, "check", "--json")

    assert made.returncode == 0, made.stderr
    info = Tokens(tmp_path / "data").check(made.stdout.strip())
    assert info
    assert info.name == "Kim"
    assert json.loads(checked.stdout) == {"ok": True, "faults": [], "warnings": []}
    assert (tmp_path / "secrets" / "telegram").read_text() == TOKEN + "\n"
    assert (_mode(tmp_path / "secrets"), _mode(tmp_path / "secrets" / "telegram")) == (0o700, 0o600)
    assert TOKEN not in (tmp_path / "trunkline.toml").read_text() + made.stdout + made.stderr


def test_init_overwrites_nothing(tmp_path: Path) -> None:
    """An installation that is in use would lose its settings, or its bot's token."""
    run(tmp_path, *TELEGRAM, given=TOKEN)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}

    again = run(tmp_path, *TELEGRAM, given="another")

    assert again.returncode == 2
    assert "nothing is overwritten" in again.stderr
    assert {path: path.read_bytes() for path in before} == before


def test_init_asks_on_a_terminal(tmp_path: Path) -> None:
    """Four questions, the secret unseen, and what to do next."""
    answers = ['Mei\'s "Shop"', "email", "help@example.org", "correct horse", "Kim"]

    code, shown = on_a_terminal(tmp_path, "init", typed=answers)
    listed = run(tmp_path, "config", "show", "--set", "--json")

    assert code == 0, shown
    assert "correct horse" not in shown
    assert "Next: trunkline doctor, then trunkline up" in shown
    found = {row["key"]: row["value"] for row in json.loads(listed.stdout)}
    assert found["app.name"] == 'Mei\'s "Shop"'
    assert found["channel.mail.imap.host"] == "imap.example.org"
    assert found["channel.mail.smtp.password"] == MASKED


def test_init_does_not_wait_for_somebody_who_is_not_there(tmp_path: Path) -> None:
    """A script that forgot --yes would hang."""
    asked = run(tmp_path, "init")

    assert asked.returncode == 2
    assert "--yes" in asked.stderr
    assert not list(tmp_path.iterdir())


def test_config_show_says_where_each_value_comes_from(tmp_path: Path) -> None:
    """Which of three places won is the first question when a setting has no effect."""
    run(tmp_path, *TELEGRAM, given=TOKEN)
    environ = {"TRUNKLINE_LIMITS__LIVE_MAX": "7000"}

    told = run(tmp_path, "config", "show", "--json", environ=environ)

    rows = {row["key"]: (row["value"], row["origin"]) for row in json.loads(told.stdout)}
    assert rows["limits.live_max"] == (7000, "TRUNKLINE_LIMITS__LIVE_MAX")
    assert rows["channel.telegram.token"] == (MASKED, "trunkline.toml:23")
    assert rows["workers.lease_seconds"] == (15.0, "default")
    assert TOKEN not in told.stdout


def test_check_tells_every_fault_with_its_place_and_its_remedy(tmp_path: Path) -> None:
    """One at a time means as many rounds as there are faults."""
    run(tmp_path, *TELEGRAM, given=TOKEN)
    with (tmp_path / "trunkline.toml").open("a") as file:
        file.write('grups = "all"\n[web2]\n')

    told = run(tmp_path, "check", "--json")
    plain = run(tmp_path, "check")

    assert (told.returncode, plain.returncode) == (2, 2)
    faults = json.loads(told.stdout)["faults"]
    assert [fault.partition(": ")[0] for fault in faults] == [
        "trunkline.toml:26",
        "trunkline.toml:27",
    ]
    assert 'did you mean "groups"?' in faults[0]
    assert plain.stdout == ""


def test_check_warns_of_a_secret_that_others_can_read(tmp_path: Path) -> None:
    """Everybody with an account on the machine could answer in our name."""
    run(tmp_path, *TELEGRAM, given=TOKEN)
    (tmp_path / "secrets" / "telegram").chmod(0o644)
    (tmp_path / "data").chmod(0o755)

    told = run(tmp_path, "check", "--json")

    assert told.returncode == 0
    secret, data = json.loads(told.stdout)["warnings"]
    assert "mode 644): chmod 600 it" in secret
    assert "mode 755): chmod 700 it" in data


def test_check_finds_a_data_directory_that_cannot_be_written(tmp_path: Path) -> None:
    """The gateway would not start, at night."""
    run(tmp_path, *TELEGRAM, given=TOKEN)
    (tmp_path / "trunkline.toml").write_text('[app]\ndata_dir = "secrets/telegram/data"\n')

    told = run(tmp_path, "check")

    assert told.returncode == 2
    assert "secrets/telegram is no directory" in told.stderr


def test_a_list_is_a_table_on_a_terminal_and_lines_elsewhere(tmp_path: Path) -> None:
    """People read columns, `cut` reads tabs."""
    run(tmp_path, *TELEGRAM, given=TOKEN)

    code, shown = on_a_terminal(tmp_path, "token", "list")
    piped = run(tmp_path, "token", "list")

    assert code == 0
    assert "Used (UTC)" in shown
    assert "Used (UTC)" not in piped.stdout
    assert piped.stdout.split("\t")[1:3] == ["Kim", "everything"]


def test_a_command_says_its_own_words_and_no_log_lines(tmp_path: Path) -> None:
    """An operator would read of servers and indices between the lines that they asked for; without
    colours, where they want none.
    """
    shown = [
        on_a_terminal(tmp_path, "gaps"),
        on_a_terminal(tmp_path, "-v", "gaps", environ={"NO_COLOR": "1"}),
    ]

    assert shown[0] == (0, "Nothing is known to be missing.\r\n")
    assert "embedded redis started" in shown[1][1]
    assert "\x1b" not in shown[1][1]


def test_an_empty_answer_is_refused_before_it_is_a_message(tmp_path: Path) -> None:
    """A script whose variable is empty would leave a failed message with a customer."""
    told = run(tmp_path, "send", "T-7KQ4-M", " ")

    assert told.returncode == 2
    assert "nothing to send" in told.stderr


@pytest.mark.skipif(shutil.which("bash") is None, reason="no bash")
@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("trunkline do", {"doctor"}),
        ("trunkline token re", {"revoke"}),
        ("trunkline up --on", {"--only"}),
        ("trunkline completion ", {"bash", "zsh", "fish"}),
    ],
)
def test_bash_completes_commands_and_options(
    tmp_path: Path, typed: str, expected: set[str]
) -> None:
    """Nobody remembers thirty words."""
    script = f"""
eval "$(trunkline completion bash)"
COMP_WORDS=({typed if not typed.endswith(" ") else typed + '""'})
COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))
_trunkline_completion trunkline
printf '%s\\n' "${{COMPREPLY[@]}}"
"""
    path = f"{PROGRAM.parent}:{os.environ['PATH']}"

    told = subprocess.run(
        ["bash", "--norc", "-c", script],
        cwd=tmp_path,
        env={"PATH": path, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=30,
    )

    assert set(told.stdout.split()) == expected, told.stderr


def test_a_token_opens_what_it_was_made_for(tmp_path: Path) -> None:
    """Scopes are typed as the API calls them."""
    made = run(tmp_path, "token", "new", "reports", "--scope", "conversations:read")

    info = Tokens(tmp_path / "data").check(made.stdout.strip())
    assert info, made.stderr
    assert [str(scope) for scope in info.scopes] == ["conversations:read"]
