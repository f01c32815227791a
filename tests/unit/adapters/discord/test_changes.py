"""What is on Discord already is changed by one call, which has one effect however often."""

import pytest

from adapters.discord.outgoing import changes
from adapters.discord.places import place_of
from core.errors import UnsupportedFeature
from core.model.content import Button, Buttons, Card, Poll, PollOption, Text
from tests.unit.adapters.discord.pieces import SETTINGS, THREAD, body, file, outbound

PLACE = place_of(THREAD)
IDS = {"channel_id": "81002", "message_id": "990"}


def test_an_edit_says_the_new_words_and_calls_nobody() -> None:
    call = changes.edit(outbound(Text(text="a_b @here")), PLACE, "990", SETTINGS)

    assert (call.method, call.ids) == ("PATCH", IDS)
    assert body(call)["content"] == r"a\_b \@here"
    assert body(call)["components"] == body(call)["embeds"] == []
    assert body(call)["allowed_mentions"] == {"parse": [], "replied_user": False}
    assert "nonce" not in body(call)


def test_an_edit_keeps_its_buttons() -> None:
    parts = (Text(text="Well?"), Buttons(rows=((Button("Yes", "b1"),),)))

    call = changes.edit(outbound(*parts), PLACE, "990", SETTINGS)

    assert body(call)["components"][0]["components"][0]["custom_id"] == "b1"


def test_the_words_of_files_change_and_the_files_stay() -> None:
    """An edit that names attachments takes away all others."""
    call = changes.edit(outbound(file()), PLACE, "990", SETTINGS)

    assert "attachments" not in body(call)
    assert call.uploads == ()
    assert body(call)["content"] == ""


def test_a_card_is_changed_with_its_picture() -> None:
    call = changes.edit(outbound(Card(title="B", image=file().attachment)), PLACE, "990", SETTINGS)

    assert body(call)["embeds"][0]["title"] == "B"
    assert len(call.uploads) == len(body(call)["attachments"]) == 1


def test_the_picture_of_a_card_goes_with_the_card() -> None:
    """It would stay below the words that took its place."""
    call = changes.edit(outbound(Text(text="Sold out")), PLACE, "990", SETTINGS)

    assert body(call)["attachments"] == []


def test_a_card_is_shown_where_a_text_was() -> None:
    """A text goes without the cards of its links; that Discord would hide this one, too."""
    call = changes.edit(outbound(Card(title="B")), PLACE, "990", SETTINGS)

    assert body(call)["flags"] == 0


def test_a_poll_cannot_be_changed_and_it_is_said_why() -> None:
    poll = Poll(question="?", options=(PollOption("a"),))

    with pytest.raises(UnsupportedFeature, match="make another one"):
        changes.edit(outbound(poll), PLACE, "990", SETTINGS)


@pytest.mark.parametrize("remote", ["", "<mail@acme.example>", "99999999999999999999999"])
def test_what_is_no_message_on_discord_cannot_be_changed(remote: str) -> None:
    """It would become part of an address of the API."""
    for call in (changes.deletion, changes.message):
        with pytest.raises(UnsupportedFeature, match="no message on Discord"):
            call(PLACE, remote)


@pytest.mark.parametrize(
    ("emoji", "name"),
    [("👍", "👍"), ("wave:5", "wave:5"), ("<:wave:5>", "wave:5"), ("<a:spin:6>", "spin:6")],
)
def test_an_emoji_of_a_guild_is_named_with_its_id(emoji: str, name: str) -> None:
    given, taken = changes.react(PLACE, "990", emoji), changes.unreact(PLACE, "990", emoji)

    assert (given.method, given.ids) == ("PUT", IDS | {"emoji": name})
    assert (taken.method, taken.ids) == ("DELETE", IDS | {"emoji": name})


def test_of_the_reactions_to_a_message_ours_are_known() -> None:
    reactions = [
        {"emoji": {"id": None, "name": "👍"}, "count": 2, "me": True},
        {"emoji": {"id": "5", "name": "wave"}, "count": 1, "me": True},
        {"emoji": {"id": None, "name": "👎"}, "count": 1, "me": False},
    ]

    assert changes.own_reactions({"reactions": reactions}) == ("👍", "wave:5")
    assert changes.own_reactions({}) == ()


def test_that_we_write_is_shown_in_the_channel() -> None:
    call = changes.typing(PLACE)

    assert (call.method, call.path, call.body) == ("POST", "/channels/{channel_id}/typing", None)
