"""Of a rich message everything that somebody wrote or put into it reaches the agent."""

from typing import Any

import pytest

from adapters.telegram.incoming.rich import DEPTH_MAX
from core.model.content import Location, Media, MediaKind, Part, Span, Style, Text, Unsupported
from core.model.event import MessageCreated
from tests.rigs.telegram.people import message
from tests.unit.adapters.telegram.test_kinds import read

FILE = {"file_id": "f", "file_unique_id": "u", "file_size": 9, "a_new_field": 1}
PLACE = {"latitude": 53.5, "longitude": 9.9, "horizontal_accuracy": 3}


def parts(*blocks: dict[str, Any]) -> tuple[Part, ...]:
    said = message({"rich_message": {"blocks": blocks, "is_rtl": False}})
    (event,) = read({"update_id": 1, "message": said})
    assert isinstance(event.body, MessageCreated)
    assert event.lost == ("message.rich_message",)
    return event.body.parts


def lines(*blocks: dict[str, Any]) -> list[str]:
    (only,) = parts(*blocks)
    assert isinstance(only, Text)
    return only.text.splitlines()


def paragraph(text: object) -> dict[str, Any]:
    return {"type": "paragraph", "text": text}


def test_words_keep_their_formatting() -> None:
    bold = {"type": "bold", "text": ["very ", {"type": "italic", "text": "late"}]}
    link = {"type": "url", "text": "here", "url": "https://harbour.example/1"}

    (text,) = parts({"type": "heading", "text": "👍 Hi", "size": 2}, paragraph([bold, " ", link]))

    assert text == Text(
        text="👍 Hi\nvery late here",
        spans=(
            Span(0, 4, Style.HEADING),
            Span(10, 4, Style.ITALIC),
            Span(5, 9, Style.BOLD),
            Span(15, 4, Style.LINK, "https://harbour.example/1"),
        ),
    )


def test_nothing_written_is_left_out_wherever_it_stands() -> None:
    """A customer's order number may be in a table."""
    said = lines(
        {"type": "details", "summary": "More", "blocks": [paragraph("inside")]},
        {"type": "blockquote", "blocks": [paragraph("quoted")], "credit": "Mo"},
        {"type": "table", "cells": [[{"text": "Order"}, {"text": "77"}]], "caption": "Mine"},
        {"type": "list", "items": [{"label": "1.", "blocks": [paragraph("first")]}]},
        {"type": "list", "items": [{"has_checkbox": True, "blocks": [paragraph("to do")]}]},
        {"type": "mathematical_expression", "expression": "x+1"},
        paragraph([{"type": "custom_emoji", "custom_emoji_id": "5", "alternative_text": "🙂"}]),
        paragraph({"type": "invented_tomorrow", "text": "new"}),
        {"type": "divider"},
    )

    assert said == [
        *("More", "inside", "quoted", "Mo", "Order | 77", "Mine"),
        *("1. first", "☐ to do", "x+1", "🙂", "new"),
    ]


def test_files_and_places_stand_between_the_words() -> None:
    caption = {"text": "the gate", "credit": "Ada"}
    shown = parts(
        paragraph("see"),
        {"type": "photo", "photo": [{**FILE, "width": 9, "height": 9}], "caption": caption},
        {"type": "collage", "blocks": [{"type": "video", "video": {**FILE, "duration": 3}}]},
        {"type": "voice_note", "voice_note": FILE},
        {"type": "map", "location": PLACE, "zoom": 3},
    )

    kinds = [part.media if isinstance(part, Media) else type(part) for part in shown]
    assert kinds == [Text, MediaKind.IMAGE, Text, MediaKind.VIDEO, MediaKind.VOICE, Location]
    assert shown[2] == Text(text="the gate\nAda")


@pytest.mark.parametrize("blocks", [(), ({"type": "divider"},), ({"type": "x", "text": 7},)])
def test_what_says_nothing_is_told_by_its_kind(blocks: tuple[dict[str, Any], ...]) -> None:
    assert parts(*blocks) == (
        Unsupported(platform_kind="rich_message", summary="a richly formatted message"),
    )


def test_nobody_trips_us_up_by_nesting() -> None:
    """One message would stop a whole inbox."""
    text: object = "deep"
    block = paragraph("deep")
    for _ in range(DEPTH_MAX + 5):
        text = {"type": "bold", "text": text}
        block = {"type": "blockquote", "blocks": [block]}

    assert lines(paragraph("seen"), paragraph(text), block) == ["seen"]
