"""Stored values come back as they were, or not at all."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import StoreError
from core.model.codec import FORMAT, decoder, encode
from core.model.content import Location, Part, Poll, PollOption, Span, Style, Text
from core.model.event import Inbound
from core.model.ids import MessageId
from core.model.message import Direction, Message, Sender, SenderKind
from tests.rigs.events import says, thread

read_message = decoder(Message)
words = st.text(max_size=20)
parts = st.one_of(
    st.builds(Text, text=words, spans=st.just((Span(0, 1, Style.BOLD),))),
    st.builds(Location, latitude=st.floats(-90, 90), longitude=st.floats(-180, 180)),
    st.builds(Poll, question=words, options=st.just((PollOption("a", 2),))),
)
messages = st.builds(
    Message,
    id=words.map(MessageId),
    direction=st.sampled_from(Direction),
    sender=st.builds(Sender, kind=st.sampled_from(SenderKind), id=words),
    at=st.datetimes(timezones=st.just(UTC)),
    parts=st.lists(parts, max_size=3).map(tuple),
    refs=st.lists(words, max_size=3).map(tuple),
)


@given(message=messages)
def test_a_message_comes_back_as_it_was(message: Message) -> None:
    assert read_message(encode(message)) == message


def test_an_event_comes_back_as_it_was() -> None:
    said = says(thread("ada"), "ada", "hello")

    assert decoder(Inbound)(encode(said)) == said


def test_every_blob_begins_with_its_format() -> None:
    assert encode(says(thread("ada"), "ada", "hello"))[:1] == FORMAT


@given(blob=st.binary(max_size=40))
def test_other_bytes_are_refused_and_never_guessed_at(blob: bytes) -> None:
    with pytest.raises(StoreError):
        read_message(blob)


@given(message=messages, cut=st.integers(1, 60))
def test_a_damaged_blob_is_refused(message: Message, cut: int) -> None:
    with pytest.raises(StoreError):
        read_message(encode(message)[:-cut])


def test_a_newer_format_names_what_to_do() -> None:
    with pytest.raises(StoreError, match="run the version of Trunkline that wrote it"):
        read_message(b"\x02" + encode(says(thread("ada"), "ada", "x"))[1:])


def test_a_moment_without_a_zone_is_no_moment() -> None:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    said = Message(
        id=MessageId("01J"),
        direction=Direction.IN,
        sender=Sender(kind=SenderKind.CONTACT, id="x"),
        at=at,
        parts=(),
    )

    assert read_message(encode(said)).at.utcoffset() is not None


def test_a_part_is_told_apart_by_its_tag() -> None:
    part: Part = Text(text="x")

    assert b"text" in encode(part)
