"""The pages hang together: what one of them promises, another one has."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from gateway.registry import Kinds
from gateway.settings_file import load

ROOT: Final = Path(__file__).parents[2]
DOCS: Final = ROOT / "docs"
PAGES: Final = [*ROOT.glob("*.md"), *DOCS.rglob("*.md")]
LINK: Final = re.compile(r"\]\(([^)\s]+)\)")
BLOCK: Final = re.compile(r"```(\w*)\n(.*?)```", re.DOTALL)


def _prose(page: Path) -> str:
    return BLOCK.sub("", page.read_text("utf-8"))


def _links(page: Path) -> Iterator[tuple[Path, str]]:
    """-> the file and the heading that each link of ours leads to."""
    for link in LINK.findall(_prose(page)):
        if "://" not in link:
            file, _, heading = link.partition("#")
            yield ((page.parent / file).resolve() if file else page), heading


def _headings(page: Path) -> set[str]:
    """As they are called in links."""
    found = re.findall(r"^#+ (.+)$", _prose(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", one.lower()).replace(" ", "-") for one in found}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    """A newcomer who follows one to nowhere does not come back."""
    for file, heading in _links(page):
        assert file.exists(), f"{page.name}: {file}"
        if heading:
            assert heading in _headings(file), f"{page.name}: {file.name}#{heading}"


def test_the_index_names_every_page() -> None:
    """A page that nobody finds is not there."""
    named = {file for file, _ in _links(DOCS / "README.md")}
    pages = {page for page in DOCS.rglob("*.md") if page.parent != DOCS / "decisions"}

    assert pages - named - {DOCS / "README.md"} == set()
    assert DOCS / "decisions" in named


def test_the_settings_that_are_shown_first_can_be_used(tmp_path: Path) -> None:
    """They are what is copied first."""
    blocks = BLOCK.findall((ROOT / "README.md").read_text("utf-8"))
    (shown,) = [text for kind, text in blocks if kind == "toml"]
    (tmp_path / "trunkline.toml").write_text(shown)
    (tmp_path / "mail-password").write_text("correct horse")

    found = load(tmp_path / "trunkline.toml", environ={"TELEGRAM_TOKEN": "1:a"}, kinds=Kinds())

    assert [channel.kind for channel in found.settings.channels] == ["telegram", "email"]
