"""Whatever an agent sends arrives as what it is; what cannot arrives in another form, visibly."""

import pytest

from adapters.telegram.adapter import TelegramAdapter
from core.model.content import (
    Button,
    Buttons,
    ContactCard,
    Location,
    MediaKind,
    Part,
    Span,
    Style,
    Text,
)
from sandbox.server import Sandbox
from sandbox.telegram.samples import png
from sandbox.telegram.state import Topic
from tests.e2e.telegram.phone import MEI, received, remote, stored
from tests.e2e.telegram.rig import Core, outbound
from tests.rigs.files import real_file

HERE = Location(latitude=53.5436, longitude=9.9669)


@pytest.fixture(autouse=True)
def _mei_has_written(sandbox: Sandbox) -> None:
    """A bot may only answer."""
    sandbox.phone.say("mei", "hi")


@pytest.mark.parametrize("kind", MediaKind)
async def test_a_file_of_each_kind_arrives_as_what_it_is(
    sandbox: Sandbox, core: Core, adapter: TelegramAdapter, kind: MediaKind
) -> None:
    receipt = await adapter.send(outbound(MEI, stored(core, kind)))

    (message,) = received(sandbox)
    names = {MediaKind.IMAGE: "photo", MediaKind.FILE: "document"}
    assert message.kind == names.get(kind, kind.value)
    assert message.file is not None
    assert message.file.content == real_file(kind).content
    assert receipt.remotes == (remote(message),)
    assert receipt.notes == ()


async def test_what_is_known_of_a_film_goes_with_it(
    sandbox: Sandbox, core: Core, adapter: TelegramAdapter
) -> None:
    film = stored(
        core,
        MediaKind.VIDEO,
        width=640,
        height=480,
        seconds=7.6,
        caption="look",
        spans=(Span(0, 4, Style.BOLD),),
    )
    await adapter.send(outbound(MEI, film))

    (message,) = received(sandbox)
    assert message.content is not None
    assert message.content.value == {"width": 640, "height": 480, "duration": 8}
    assert message.text == "look"
    assert message.entities == [{"type": "bold", "offset": 0, "length": 4}]


@pytest.mark.parametrize(
    "kinds",
    [
        (MediaKind.IMAGE, MediaKind.VIDEO, MediaKind.IMAGE),
        (MediaKind.FILE,) * 10,
        (MediaKind.AUDIO, MediaKind.AUDIO),
    ],
    ids=["seen", "files", "heard"],
)
async def test_an_album_arrives_as_one_with_its_files_in_order(
    sandbox: Sandbox, core: Core, adapter: TelegramAdapter, kinds: tuple[MediaKind, ...]
) -> None:
    """Its ids are needed one by one: to change its caption, to take it back."""
    contents = [real_file(kind).content + bytes([number]) for number, kind in enumerate(kinds)]
    files = [
        stored(core, kind, content=content, caption="all of it" if not number else "")
        for number, (kind, content) in enumerate(zip(kinds, contents, strict=True))
    ]

    receipt = await adapter.send(outbound(MEI, *files, answers=f"{MEI}:1"))

    messages = received(sandbox)
    assert [message.file.content for message in messages if message.file] == contents
    assert receipt.remotes == tuple(remote(message) for message in messages)
    assert len({message.media_group_id for message in messages} - {None}) == 1
    assert [message.text for message in messages] == ["all of it"] + [""] * (len(kinds) - 1)
    assert messages[0].reply_to is not None
    assert receipt.notes == ()


@pytest.mark.parametrize(
    ("part", "kind", "shown"),
    [
        (HERE, "location", {"latitude": 53.5436, "longitude": 9.9669}),
        (
            Location(latitude=53.5436, longitude=9.9669, title="Pier 3", address="Hafenstr. 1"),
            "venue",
            {
                "location": {"latitude": 53.5436, "longitude": 9.9669},
                "title": "Pier 3",
                "address": "Hafenstr. 1",
            },
        ),
        (
            ContactCard(name="Pier Lab", phone="+49 40 1", vcard="BEGIN:VCARD\nEND:VCARD"),
            "contact",
            {
                "phone_number": "+49 40 1",
                "first_name": "Pier Lab",
                "vcard": "BEGIN:VCARD\nEND:VCARD",
            },
        ),
    ],
)
async def test_a_place_and_a_person_arrive_as_themselves(
    sandbox: Sandbox, adapter: TelegramAdapter, part: Part, kind: str, shown: dict[str, object]
) -> None:
    receipt = await adapter.send(outbound(MEI, part))

    (message,) = received(sandbox)
    assert message.content is not None
    assert (message.kind, message.content.value) == (kind, shown)
    assert receipt.notes == ()


async def test_a_live_location_is_a_place_and_the_agent_hears_it(
    sandbox: Sandbox, adapter: TelegramAdapter
) -> None:
    live = Location(latitude=53.5436, longitude=9.9669, live_seconds=900)

    receipt = await adapter.send(outbound(MEI, live))

    (message,) = received(sandbox)
    assert message.content is not None
    assert "live_period" not in message.content.value
    assert receipt.notes == ("a live location is sent as the place where it is now",)


async def test_buttons_can_be_pressed(sandbox: Sandbox, adapter: TelegramAdapter) -> None:
    rows = ((Button(label="Yes", value="k1"), Button(label="No", value="k2")),)

    await adapter.send(outbound(MEI, Text(text="Sure?"), Buttons(rows=rows)))

    (message,) = received(sandbox)
    sandbox.phone.tap("mei", None, message.id, "k2")
    *_, pressed = sandbox.world.telegram.bots[0].updates
    assert pressed.body["callback_query"]["data"] == "k2"


async def test_a_silent_message_makes_no_sound(sandbox: Sandbox, adapter: TelegramAdapter) -> None:
    await adapter.send(outbound(MEI, Text(text="at night"), silent=True))
    await adapter.send(outbound(MEI, Text(text="by day")))

    assert [message.silent for message in received(sandbox)] == [True, False]


async def test_a_topic_is_answered_in_the_topic(
    sandbox: Sandbox, core: Core, adapter: TelegramAdapter
) -> None:
    forum = sandbox.phone.create_group("Harbour", ["mei"], forum=True)
    forum.topics[40] = Topic("Cranes")

    await adapter.send(outbound(f"{forum.id}/40", Text(text="here")))
    await adapter.send(outbound(f"{forum.id}/40", stored(core, MediaKind.VOICE)))
    await adapter.send(outbound(f"{forum.id}", Text(text="and here")))

    assert [message.thread_id for message in received(sandbox, str(forum.id))] == [40, 40, None]


# --- in another form


async def test_a_picture_that_is_no_photo_arrives_as_a_file(
    sandbox: Sandbox, core: Core, adapter: TelegramAdapter
) -> None:
    """At once, and the agent hears it: better than an answer that never comes."""
    drawing = stored(core, MediaKind.IMAGE, content=b"<svg/>", caption="the plan")

    receipt = await adapter.send(outbound(MEI, drawing))

    (message,) = received(sandbox)
    assert message.file is not None
    assert (message.kind, message.file.content, message.text) == ("document", b"<svg/>", "the plan")
    assert receipt.remotes == (remote(message),)
    assert receipt.notes == (
        "a picture is sent as a file: Telegram cannot show this one as a photo",
    )


async def test_an_album_with_such_a_picture_arrives_as_files(
    sandbox: Sandbox, core: Core, adapter: TelegramAdapter
) -> None:
    photo = stored(core, MediaKind.IMAGE, content=png(3, 4))
    drawing = stored(core, MediaKind.IMAGE, content=b"<svg/>")

    receipt = await adapter.send(outbound(MEI, photo, drawing))

    assert [message.kind for message in received(sandbox)] == ["document", "document"]
    assert len(receipt.notes) == 1


@pytest.mark.parametrize(
    ("kind", "note"),
    [
        (MediaKind.VOICE, "a voice message is sent as an audio file"),
        (MediaKind.VIDEO_NOTE, "a video note is sent as a video"),
    ],
)
async def test_who_takes_no_voice_messages_still_hears_us(
    sandbox: Sandbox, core: Core, adapter: TelegramAdapter, kind: MediaKind, note: str
) -> None:
    sandbox.phone.forbid_voice("mei")

    receipt = await adapter.send(outbound(MEI, stored(core, kind)))

    (message,) = received(sandbox)
    assert message.file is not None
    assert message.file.content == real_file(kind).content
    assert message.kind != kind
    assert receipt.notes[0].startswith(note)


async def test_what_telegram_does_not_play_is_told_to_be_a_file(
    sandbox: Sandbox, core: Core, adapter: TelegramAdapter
) -> None:
    film = stored(core, MediaKind.VIDEO, content=b"RIFF....AVI LIST")

    receipt = await adapter.send(outbound(MEI, film))

    assert received(sandbox)[0].kind == "document"
    assert receipt.notes == ("Telegram shows a video as a file",)


# --- a group that moves


async def test_a_group_that_became_a_supergroup_is_answered_where_it_is_now(
    sandbox: Sandbox, core: Core, adapter: TelegramAdapter
) -> None:
    """At once and once: the call to the old chat was refused."""
    old = sandbox.telegram_host.create_basic_group("Harbour", ["mei"])
    new = sandbox.telegram_host.migrate_group(old.id)

    first = await adapter.send(outbound(str(old.id), Text(text="one")))
    second = await adapter.send(outbound(str(old.id), Text(text="two"), answers=first.remotes[0]))

    one, two = received(sandbox, str(new.id))
    assert [one.text, two.text] == ["one", "two"]
    assert (first.remotes, second.remotes) == ((remote(one),), (remote(two),))
    assert two.reply_to is one
    assert sandbox.world.journal.calls["telegram.sendMessage"] == 3
    assert core.blobs.notes == {"migrations": f'{{"{old.id}":"{new.id}"}}'}
    assert adapter.budgets(outbound(str(old.id)).thread) == adapter.budgets(
        outbound(str(new.id)).thread
    )
