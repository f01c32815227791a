"""The command line as a whole: every command is there, reads alike and comes at once."""

import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from gateway.cli import COMMANDS, Commands, main

HEAVY = ("redis", "litestar", "telegram", "discord", "aiohttp", "structlog", "rich", "asyncio")


def _command(name: str) -> click.Command:
    assert isinstance(main, Commands)
    found = main.get_command(click.Context(main), name)
    assert found is not None
    return found


@pytest.mark.parametrize("name", COMMANDS)
def test_help_says_of_a_command_what_the_command_says_of_itself(name: str) -> None:
    """The list is written down apart, so that nothing has to be imported for it."""
    text = (_command(name).help or "").split("\n\n")[0]

    assert " ".join(text.split()) == COMMANDS[name]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_helps(name: str) -> None:
    """Whoever does not know what to type asks for help first."""
    told = CliRunner().invoke(main, [name, "--help"])

    assert told.exit_code == 0
    assert f"Usage: main {name}" in told.stdout


def test_a_command_that_is_mistyped_is_told_with_the_one_that_was_meant() -> None:
    """At three in the morning."""
    told = CliRunner().invoke(main, ["restroe", "backup.tar.zst"])

    assert told.exit_code == 2
    assert "did you mean restore?" in told.stderr


@pytest.mark.parametrize("words", [["--help"], ["up", "--help"], ["check"]])
def test_what_needs_no_server_imports_none(words: list[str], tmp_path: Path) -> None:
    """These feel instant: they are what one types while something is wrong."""
    (tmp_path / "trunkline.toml").write_text('[[channel]]\nid="tg"\nkind="telegram"\ntoken="1:a"\n')
    script = (
        "import sys\nfrom gateway.cli import main\n"
        f"try: main({words!r})\nfinally: print([one for one in {HEAVY!r} if one in sys.modules])"
    )

    told = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        env={"PYTHONPATH": str(Path.cwd())},
        capture_output=True,
        text=True,
        timeout=30,
    )

    assert told.stdout.splitlines()[-1] == "[]", told.stderr
