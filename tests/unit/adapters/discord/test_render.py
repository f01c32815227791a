"""Each piece of a message is the one call of Discord's API that shows it."""

import pytest
from msgspec.structs import replace

from adapters.discord.outgoing.nonces import said
from adapters.discord.outgoing.render import render
from adapters.discord.places import place_of
from core.errors import UnsupportedFeature
from core.model.content import (
    Button,
    Buttons,
    Card,
    Location,
    MediaKind,
    Poll,
    PollOption,
    Span,
    Style,
    Text,
)
from tests.unit.adapters.discord.pieces import (
    MESSAGE,
    SETTINGS,
    THREAD,
    body,
    file,
    outbound,
    rendered,
)


def test_a_text_goes_to_its_channel_under_a_nonce_that_is_enforced() -> None:
    """A send that is repeated after a lost answer would arrive twice."""
    call = rendered(Text(text="a *b*", spans=(Span(0, 1, Style.BOLD),)))

    assert (call.method, call.path) == ("POST", "/channels/{channel_id}/messages")
    assert call.ids == {"channel_id": "81002"}
    assert body(call)["content"] == r"**a** \*b\*"
    assert said(body(call)["nonce"]) == (MESSAGE, 0, 0)
    assert body(call)["enforce_nonce"] is True


def test_each_piece_and_each_form_of_it_is_a_send_of_its_own() -> None:
    """The second would be taken for the first, and never be shown."""
    place = place_of(THREAD)
    calls = [
        render(outbound(Text(text="x"), piece=piece), place, SETTINGS, form=form)
        for piece in (0, 1)
        for form in (0, 1)
    ]

    assert len({body(call)["nonce"] for call in calls}) == 4


def test_nothing_that_is_sent_calls_anybody() -> None:
    for call in (rendered(Text(text="@everyone <@1>")), rendered(file()), rendered(card())):
        assert body(call)["allowed_mentions"] == {"parse": [], "replied_user": False}


def test_pictures_of_addresses_are_shown_only_where_that_is_wanted() -> None:
    text = Text(text="see https://acme.example/a")
    wanted = replace(SETTINGS, link_previews=True)

    without = body(rendered(text))
    call = render(outbound(text), place_of(THREAD), wanted)

    assert without["content"] == "see <https://acme.example/a>"
    assert without["flags"] == 1 << 2
    assert body(call)["content"] == "see https://acme.example/a"
    assert "flags" not in body(call)


def test_what_is_sent_silently_makes_no_sound() -> None:
    assert body(rendered(Text(text="x"), silent=True))["flags"] == 1 << 12 | 1 << 2


def test_an_answer_names_what_it_answers_and_arrives_also_if_that_is_gone() -> None:
    call = rendered(Text(text="x"), answers="990")

    reference = {"message_id": "990", "fail_if_not_exists": False}
    assert body(call)["message_reference"] == reference


def test_what_was_answered_elsewhere_is_told_rather_than_refused() -> None:
    call = rendered(Text(text="x"), answers="<mail@acme.example>")

    assert "message_reference" not in body(call)
    assert call.notes == ("which message it answers is not shown: that one is not on Discord",)


def test_files_go_together_with_the_words_of_the_first() -> None:
    call = rendered(replace(file(1), caption="a_b"), file(2), file(3, "1.png"))

    assert body(call)["content"] == r"a\_b"
    assert [upload.name for upload in call.uploads] == ["1.png", "2.png", "3-1.png"]
    assert [one["id"] for one in body(call)["attachments"]] == [0, 1, 2]


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ("plan\r\n v2.pdf", "plan v2.pdf"),
        ("../../etc/passwd", "etc_passwd.png"),
        ("", "file.png"),
        ("x" * 300 + ".pdf", "x" * 96 + ".pdf"),
    ],
)
def test_a_file_has_a_name_that_discord_takes(given: str, sent: str) -> None:
    medium = file()
    attachment = replace(medium.attachment, name=given, media_type="image/png")

    call = rendered(replace(medium, attachment=attachment))

    assert [upload.name for upload in call.uploads] == [sent]


def test_buttons_are_rows_and_give_back_their_keys() -> None:
    rows = ((Button("Yes", "b1"), Button("No", "b2")), (Button("Site", url="https://a.example"),))

    call = rendered(Text(text="Well?"), Buttons(rows=rows))

    first, second = body(call)["components"]
    assert [one["custom_id"] for one in first["components"]] == ["b1", "b2"]
    assert second["components"] == [
        {"type": 2, "style": 5, "label": "Site", "url": "https://a.example"}
    ]


def test_more_rows_than_discord_has_are_filled_up() -> None:
    rows = tuple((Button(str(n), f"b{n}"),) for n in range(25))

    call = rendered(Text(text="Which?"), Buttons(rows=rows))

    assert [len(row["components"]) for row in body(call)["components"]] == [5] * 5


def card() -> Card:
    return Card(title="A *plan*", text="of ours", url="https://a.example", image=file().attachment)


def test_a_card_is_an_embed_with_its_picture() -> None:
    call = rendered(card())

    assert body(call)["embeds"] == [
        {
            "title": r"A \*plan\*",
            "description": "of ours",
            "url": "https://a.example",
            "image": {"url": "attachment://picture.png"},
        }
    ]
    assert "flags" not in body(call)
    assert [upload.sha256 for upload in call.uploads] == [file().attachment.sha256]


def test_a_poll_is_a_poll() -> None:
    options = (PollOption("Mon"), PollOption("Tue"))

    call = rendered(Poll(question="When?", options=options, multiple=True))

    assert body(call)["poll"] == {
        "question": {"text": "When?"},
        "answers": [{"poll_media": {"text": "Mon"}}, {"poll_media": {"text": "Tue"}}],
        "allow_multiselect": True,
        "duration": 168,
        "layout_type": 1,
    }


def test_what_was_not_promised_is_refused_by_name() -> None:
    with pytest.raises(UnsupportedFeature, match="location"):
        rendered(Location(latitude=1, longitude=2))
    with pytest.raises(UnsupportedFeature, match="text and media"):
        rendered(Text(text="x"), file(kind=MediaKind.FILE))
