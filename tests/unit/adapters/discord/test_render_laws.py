"""Whatever agents write: each piece of its plan is one call within Discord's limits, and nothing
of it is lost.
"""

import re
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from adapters.discord.capabilities import capabilities
from adapters.discord.markdown.reading import read
from adapters.discord.outgoing.calls import Call
from core.model.content import (
    Attachment,
    Button,
    Buttons,
    Card,
    Media,
    MediaKind,
    Part,
    Poll,
    PollOption,
    Span,
    Style,
    Text,
)
from core.model.ids import AttachmentId
from core.rules.degrade import plan
from tests.unit.adapters.discord.pieces import SETTINGS, body, file, rendered

PROMISED = capabilities(SETTINGS)
HARD = [
    "*",
    "_",
    "`",
    "\\",
    "||",
    "> ",
    "\n",
    "- ",
    "word ",
    "x",
    "👍🏽",
    "https://a.example/b ",
    "#",
]
HARD += ["[a](https://b.example)", "@everyone ", "~", "e\u0301", "<@1>", "1. ", "\n\n"]
TEXTS = st.lists(st.sampled_from(HARD) | st.text(min_size=1, max_size=3), min_size=1, max_size=12)
LONG_URL = "https://a.example/" + "b" * 1980
STYLES = [*Style]


@st.composite
def texts(draw: st.DrawFn) -> Text:
    """Up to a few times as long as a message, most of it in need of a backslash."""
    text = "".join(draw(TEXTS)) * draw(st.sampled_from([1, 1, 40, 400]))
    text = text[:4500]
    ends = st.integers(0, len(text))
    found = draw(st.lists(st.tuples(ends, ends, st.sampled_from(STYLES)), max_size=6))
    urls = st.sampled_from(["https://c.example/d", "https://c.example/(d)", LONG_URL])
    spans = [
        Span(min(a, b), abs(a - b), style, draw(urls) if style is Style.LINK else "")
        for a, b, style in found
        if a != b
    ]
    return Text(text=text, spans=tuple(spans))


@given(texts())
@example(Text(text="*" * 2000))
@example(Text(text="*" * 5000, spans=(Span(0, 5000, Style.CODE),)))
@example(Text(text="a `` ` ``` b\n" * 400, spans=(Span(0, 5200, Style.CODE),)))
@example(Text(text="ab", spans=(Span(0, 2, Style.LINK, LONG_URL),)))
@example(Text(text="x\n" * 1500, spans=(Span(0, 3000, Style.QUOTE),)))
@example(Text(text="👍" * 2000))
@example(Text(text="e" + "\u0301" * 2500))
@example(Text(text=LONG_URL * 2))
@example(Text(text="`" * 1990, spans=(Span(0, 1990, Style.PRE),)))
@example(Text(text="~" * 800, spans=(Span(36, 315, Style.LINK, LONG_URL),)))
def test_no_text_is_too_long_for_discord_and_no_character_is_lost(text: Text) -> None:
    """What agents write would be refused, or end in the middle: backslashes count, too."""
    if not text.text.strip():
        return
    found = plan((text,), PROMISED)

    contents = [body(rendered(*piece))["content"] for piece in found.pieces]

    assert all(0 < len(content) <= 2000 for content in contents)
    pieces = [part.text for (part,) in found.pieces if isinstance(part, Text)]
    assert [read(content)[0] for content in contents] == pieces
    shown = "".join(_unnumbered(pieces))
    if not any("written out" in note or "link" in note for note in found.fallbacks):
        assert _bare(shown) == _bare(text.text)


@pytest.mark.parametrize("count", [2, 10, 11, 25])
def test_no_file_of_many_is_left_out(count: int) -> None:
    files = tuple(file(number) for number in range(1, count + 1))

    calls = [rendered(*piece) for piece in plan(files, PROMISED).pieces]

    sent = [upload.sha256 for call in calls for upload in call.uploads]
    assert sent == [one.attachment.sha256 for one in files]
    assert len(calls) == -(-count // 10)


def test_files_that_are_too_much_for_one_request_go_in_several() -> None:
    """Discord refuses a request of more than 25 MiB, whatever each of its files has."""
    size = 9 * 1024 * 1024
    files = tuple(
        Media(media=MediaKind.FILE, attachment=_stored(number, size)) for number in range(5)
    )

    pieces = plan(files, PROMISED).pieces

    assert [len(piece) for piece in pieces] == [2, 2, 1]


WORDS = st.text(min_size=1, max_size=90).map(str.strip).filter(bool)
PARTS: st.SearchStrategy[Part] = st.one_of(
    st.builds(Text, text=WORDS),
    st.builds(
        Media,
        media=st.sampled_from(MediaKind),
        attachment=st.builds(lambda size: _stored(1, size), st.sampled_from([10, 9_000_000])),
        caption=st.sampled_from(["", "words", "*" * 1500]),
    ),
    st.lists(
        st.lists(st.builds(Button, label=WORDS, value=WORDS), min_size=1, max_size=9).map(tuple),
        min_size=1,
        max_size=7,
    ).map(lambda rows: Buttons(rows=tuple(rows))),
    st.builds(
        Card,
        title=st.sampled_from(["", "A card", "*" * 200]),
        text=st.sampled_from(["", "words", "_" * 3000]),
        url=st.sampled_from(["", "https://a.example", "mailto:a@b.example"]),
        image=st.sampled_from([None, file().attachment]),
    ),
    st.builds(
        Poll,
        question=WORDS,
        options=st.lists(st.builds(PollOption, text=WORDS), min_size=1, max_size=12).map(tuple),
        closed=st.booleans(),
    ),
)


@given(st.lists(PARTS, min_size=1, max_size=8))
def test_every_piece_of_every_plan_is_a_call_that_discord_takes(parts: list[Part]) -> None:
    if all(isinstance(part, Card) and not (part.title + part.text + part.url) for part in parts):
        return
    for piece in plan(tuple(parts), PROMISED).pieces:
        call = rendered(*piece)

        said = body(call)
        assert {"content", "embeds", "poll", "attachments"} & said.keys()
        assert len(said.get("content", "")) <= 2000
        assert said["allowed_mentions"] == {"parse": [], "replied_user": False}
        _check_rows(said.get("components", []))
        _check_embeds(said.get("embeds", []))
        _check_files(call)


def _check_rows(rows: list[dict[str, Any]]) -> None:
    assert len(rows) <= 5
    assert all(1 <= len(row["components"]) <= 5 for row in rows)
    buttons = [one for row in rows for one in row["components"]]
    assert all(1 <= len(one["label"]) <= 80 for one in buttons)
    keys = [one["custom_id"] for one in buttons if "custom_id" in one]
    assert len(keys) == len(set(keys))


def _check_embeds(embeds: list[dict[str, Any]]) -> None:
    for embed in embeds:
        assert len(embed.get("title", "")) <= 256
        assert len(embed.get("description", "")) <= 4096
        assert len(embed.get("title", "")) + len(embed.get("description", "")) <= 6000


def _check_files(call: Call) -> None:
    named = body(call).get("attachments", [])
    assert [one["filename"] for one in named] == [upload.name for upload in call.uploads]
    assert len(named) == len({one["filename"] for one in named}) <= 10


def _stored(number: int, size: int) -> Attachment:
    identifier = AttachmentId(f"a{number}")
    return Attachment(id=identifier, sha256=f"{number:064x}", size_bytes=size, name="a.bin")


def _unnumbered(pieces: list[str]) -> list[str]:
    heads = [re.match(rf"\({n}/{len(pieces)}\) ", one) for n, one in enumerate(pieces, 1)]
    if len(pieces) < 4 or not all(heads):
        return pieces
    return [one[head.end() :] for one, head in zip(pieces, heads, strict=True) if head]


def _bare(text: str) -> str:
    return "".join(text.split())
