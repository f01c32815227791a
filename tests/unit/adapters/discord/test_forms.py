"""In which plainer form a refused piece goes again, and what the agent is told of it."""

from msgspec.structs import replace

from adapters.discord.outgoing.echoes import Said, is_it
from adapters.discord.outgoing.forms import (
    ANSWERS_NOTHING,
    ANSWERS_UNSEEN,
    BUTTONS_AS_TEXT,
    plainer,
)
from core.model.content import Button, Buttons, Text
from core.model.ids import ConversationId, MessageId, Number, ThreadRef
from core.model.message import Sender, SenderKind
from core.model.outbound import Outbound

INVALID = 50035
ASKED = Outbound(
    thread=ThreadRef(channel="discord", account="main", thread="5"),
    message=MessageId("01J9ZZZZZZZZZZZZZZZZZZZZZZ"),
    parts=(
        Text(text="Which?"),
        Buttons(rows=((Button(label="Yes", value="b1"), Button(label="More", url="https://a.b")),)),
    ),
    sender=Sender(kind=SenderKind.AGENT, id="kim"),
    conversation=ConversationId("c1"),
    number=Number("T-7KQ4-M"),
    answers="77",
)


def test_an_answer_to_what_is_gone_goes_without_it() -> None:
    """Better an answer that names no message than no answer."""
    form = plainer(ASKED, INVALID, {"message_reference": "REPLIES_UNKNOWN_MESSAGE"})

    assert form == (replace(ASKED, answers=""), ANSWERS_NOTHING)


def test_an_answer_where_the_bot_may_not_read_names_the_right_that_it_lacks() -> None:
    form = plainer(ASKED, 160002, {})

    assert form == (replace(ASKED, answers=""), ANSWERS_UNSEEN)


def test_buttons_that_are_not_taken_are_read_as_text() -> None:
    form = plainer(ASKED, INVALID, {"components.0.components.1.url": "URL_TYPE_INVALID_URL"})

    assert form is not None
    assert form[0].parts == (Text(text="Which?\n\n• Yes\n• More: https://a.b"),)
    assert form[1] == BUTTONS_AS_TEXT


def test_no_form_is_tried_twice() -> None:
    """A refusal that stays the same would be asked for without end."""
    piece, forms = ASKED, 0
    wrong = {"message_reference": "", "components.0": "", "content": ""}
    while form := plainer(piece, INVALID, wrong):
        piece, forms = form[0], forms + 1

    assert forms == 2


def test_what_no_form_helps_is_told_as_it_is() -> None:
    assert plainer(ASKED, 50013, {}) is None
    assert plainer(ASKED, INVALID, {"content": "BASE_TYPE_MAX_LENGTH"}) is None


def test_links_that_discord_shows_as_cards_do_not_hide_a_message_of_ours() -> None:
    """It would be sent a second time because Discord made it prettier."""
    said = Said(id="1", content="see https://a.b", embeds=({"title": "A page"},))

    assert is_it(said, {"content": " see https://a.b "}, [])
    assert not is_it(said, {"content": "see https://a.b"}, [12])
    assert not is_it(said, {"content": "see", "embeds": [{"title": "A page"}]}, [])
