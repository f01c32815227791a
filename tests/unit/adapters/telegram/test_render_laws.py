"""Whatever agents write: each piece of its plan is one call that Telegram takes."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.telegram.capabilities import capabilities
from adapters.telegram.outgoing.calls import Call
from adapters.telegram.outgoing.media import ALBUM_KINDS
from adapters.telegram.settings import TelegramSettings
from core.model.content import (
    Attachment,
    Button,
    Buttons,
    ContactCard,
    Location,
    Media,
    MediaKind,
    Part,
    Span,
    Style,
    Text,
)
from core.model.ids import AttachmentId
from core.model.secret import Secret
from core.rules.degrade import plan
from tests.unit.adapters.telegram.pieces import rendered

PROMISED = capabilities(TelegramSettings(token=Secret("1:x")))
WORDS = st.text(min_size=1, max_size=40).map(str.strip).filter(bool)
TYPES = {"document": MediaKind.FILE, "photo": MediaKind.IMAGE}


@st.composite
def texts(draw: st.DrawFn) -> tuple[str, tuple[Span, ...]]:
    text = draw(WORDS) * draw(st.sampled_from([1, 1, 5, 120]))
    ends = st.integers(0, len(text))
    styles = st.sampled_from([Style.BOLD, Style.LINK, Style.PRE, Style.HEADING, Style.MENTION])
    found = draw(st.lists(st.tuples(ends, ends, styles), max_size=12))
    spans = (
        Span(min(a, b), abs(a - b), style, "https://acme.example" if style is Style.LINK else "")
        for a, b, style in found
        if a != b
    )
    return text, tuple(spans) * draw(st.sampled_from([1, 1, 20]))


@st.composite
def media(draw: st.DrawFn) -> Media:
    caption, spans = draw(st.one_of(st.just(("", ())), texts()))
    size = draw(st.sampled_from([2000, 10_000_001]))
    attachment = Attachment(id=AttachmentId("a1"), sha256="ab" * 32, size_bytes=size)
    kind = draw(st.sampled_from(MediaKind))
    return Media(media=kind, attachment=attachment, caption=caption, spans=spans, seconds=7.6)


def buttons() -> st.SearchStrategy[Buttons]:
    button = st.builds(Button, label=WORDS, value=WORDS)
    rows = st.lists(st.lists(button, min_size=1, max_size=12).map(tuple), min_size=1, max_size=12)
    return rows.map(lambda found: Buttons(rows=tuple(found)))


PARTS: st.SearchStrategy[Part] = st.one_of(
    texts().map(lambda found: Text(text=found[0], spans=found[1])),
    media(),
    media(),
    buttons(),
    st.builds(
        Location,
        latitude=st.floats(-90, 90),
        longitude=st.floats(-180, 180),
        title=st.one_of(st.just(""), WORDS),
        live_seconds=st.sampled_from([0, 900]),
    ),
    st.builds(ContactCard, name=WORDS, phone=st.sampled_from(["", "+49 40 1"])),
)


@given(st.lists(PARTS, min_size=1, max_size=14))
def test_every_piece_of_every_plan_is_a_call_within_telegrams_limits(parts: list[Part]) -> None:
    for piece in plan(tuple(parts), PROMISED).pieces:
        call = rendered(*piece)

        assert _units(call.fields.get("text", "")) <= 4096
        assert _units(call.fields.get("caption", "")) <= 1024
        for name in ("entities", "caption_entities"):
            assert len(json.loads(call.fields.get(name, "[]"))) <= 100
        _check_keyboard(call)
        _check_album(call)


def _check_keyboard(call: Call) -> None:
    keyboard = json.loads(call.fields.get("reply_markup", '{"inline_keyboard":[]}'))
    rows = keyboard["inline_keyboard"]
    assert sum(len(row) for row in rows) <= 100
    assert all(1 <= len(row) <= 8 for row in rows)
    data = [button["callback_data"] for row in rows for button in row]
    assert all(1 <= len(key.encode()) <= 64 for key in data)


def _check_album(call: Call) -> None:
    if call.method != "sendMediaGroup":
        return
    assert "reply_markup" not in call.fields
    album = json.loads(call.fields["media"])
    assert 2 <= len(album) <= 10
    assert [one["media"] for one in album] == [f"attach://{one.field}" for one in call.uploads]
    kinds = {TYPES.get(one["type"]) or MediaKind(one["type"]) for one in album}
    assert any(kinds <= allowed for allowed in ALBUM_KINDS)
    assert all(_units(one.get("caption", "")) <= 1024 for one in album)


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


@pytest.mark.parametrize("count", [2, 10, 11, 25])
def test_no_file_of_many_is_left_out(count: int) -> None:
    files = tuple(
        Media(
            media=MediaKind.IMAGE,
            attachment=Attachment(id=AttachmentId(f"a{n}"), sha256=f"{n:064x}", size_bytes=n),
        )
        for n in range(1, count + 1)
    )

    calls = [rendered(*piece) for piece in plan(files, PROMISED).pieces]

    sent = [upload.sha256 for call in calls for upload in call.uploads]
    assert sent == [one.attachment.sha256 for one in files]
    assert len(calls) == -(-count // 10)
