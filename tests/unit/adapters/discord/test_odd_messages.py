"""Messages as they are seldom: news of other channels, answers with markup, cards without pictures,
nothing where something should be.
"""

import itertools
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from adapters.discord.incoming.normalise import normalise
from core.model.content import Card, Forward, Media, Text, Unsupported
from core.model.event import Inbound, MessageCreated
from core.model.message import Quote
from tests.rigs.discord.events import reader
from tests.rigs.discord.people import (
    BO,
    DIRECT,
    EARLIER,
    HOOK,
    Json,
    attachment,
    in_guild,
    mentioned,
    message,
    user,
)

RECEIVED_AT = datetime(2026, 9, 21, 15, 0, tzinfo=UTC)
ELSEWHERE = "8180011223344556601"


def heard(data: Json) -> Inbound:
    numbers = itertools.count(1)
    encoded = msgspec.json.encode(data)
    new_id = (f"id{number}" for number in numbers).__next__
    (event,) = normalise("MESSAGE_CREATE", encoded, reader(), RECEIVED_AT, new_id, mark="s.7")
    return event


def said(data: Json) -> MessageCreated:
    body = heard(data).body
    assert isinstance(body, MessageCreated)
    return body


def of_a_bot(**fields: Any) -> Json:
    author = user(HOOK, "Parcel tracker", None, bot=True, discriminator="0000")
    return in_guild(author, webhook_id=HOOK, **fields)


def test_news_of_a_followed_channel_are_passed_on_and_answer_nothing() -> None:
    """Agents would look for the message that they seem to answer, which is in another guild."""
    origin = {"type": 0, "message_id": EARLIER, "channel_id": ELSEWHERE, "guild_id": ELSEWHERE}

    news = said(of_a_bot(content="Version 2 is out", flags=2, message_reference=origin))

    assert news.answers is None
    assert news.forward == Forward(remote=EARLIER)


def test_what_is_answered_is_shown_as_discord_shows_it() -> None:
    """Agents would read asterisks, and an id where somebody's name stood."""
    before = message(id=EARLIER, content=f"**Ask** <@{BO}>", mentions=[mentioned(user(BO, "bo"))])
    origin = {"type": 0, "message_id": EARLIER, "channel_id": DIRECT}

    answer = said(
        message(type=19, content="I did", message_reference=origin, referenced_message=before)
    )

    assert answer.answers == Quote(remote=EARLIER, text="Ask @bo")


@pytest.mark.parametrize("embeds", [[5], [{"type": 7}], {"novel": True}, None])
def test_what_discord_made_of_a_link_never_hides_what_a_person_sent(embeds: Any) -> None:
    """The customer's picture would be set aside for something that nobody reads."""
    data = message(content="here it is", attachments=[attachment()], embeds=embeds)

    words, picture = said(data).parts

    assert words == Text(text="here it is")
    assert isinstance(picture, Media)


def test_a_card_says_where_its_links_lead() -> None:
    """The agent reads "the label", and the customer asks about the address behind it."""
    text = "Print [the label](https://shop.example/77) or <https://shop.example>"
    fields = [{"name": "**State**", "value": "[sent](https://post.example/77)"}]

    (shown,) = said(
        of_a_bot(embeds=[{"title": "*Parcel*", "description": text, "fields": fields}])
    ).parts

    assert shown == Card(
        title="Parcel",
        text="Print the label (https://shop.example/77) or https://shop.example\n"
        "State: sent (https://post.example/77)",
    )


def test_a_picture_that_cannot_be_fetched_is_named() -> None:
    """It would be missing without a word."""
    picture = {"url": "attachment://lost.png"}
    gallery = {"type": 12, "items": [{"media": picture, "description": "the torn label"}]}
    file = {"type": 13, "file": picture, "name": "lost.png"}

    on_card = heard(of_a_bot(embeds=[{"title": "Parcel", "image": picture}]))
    laid_out = said(of_a_bot(flags=32768, components=[gallery, file]))

    assert "embeds.image" in on_card.lost
    assert laid_out.parts == (
        Unsupported(platform_kind="media", summary="a file that cannot be fetched: the torn label"),
        Unsupported(platform_kind="media", summary="a file that cannot be fetched: lost.png"),
    )


def test_what_is_left_of_an_empty_message_is_named() -> None:
    """Discord shows there what a link led to."""
    assert "embeds" in heard(of_a_bot(content="", embeds=[{"type": "image"}])).lost


@pytest.mark.parametrize("name", ["attachments", "mentions", "embeds", "flags", "sticker_items"])
def test_a_field_that_holds_nothing_is_as_good_as_none(name: str) -> None:
    """One null too many, and a customer's message would be set aside as unreadable."""
    data = message(content="hello", components=[{"type": 1, "components": None}]) | {name: None}

    assert said(data).parts[0] == said(message(content="hello")).parts[0]
