"""Invented messages that hold more than words: files, stickers, cards, polls, forwards, layouts."""

from typing import Any

from tests.rigs.discord.people import (
    BO,
    EARLIER,
    FILE,
    GENERAL,
    GUILD,
    HOOK,
    LATER,
    MESSAGE,
    OF_GUILD,
    SUPPORT,
    Json,
    attachment,
    bo,
    in_guild,
    kind,
    mentioned,
    message,
    user,
)
from tests.rigs.discord.places import thread


@kind(30)
def picture() -> Json:
    shown = attachment(
        width=1280,
        height=960,
        placeholder="WAgGFwR4eHiAeIiHeIeIeHh4",
        placeholder_version=1,
        description="the torn label",
        flags=0,
    )
    return message(content="look at this", attachments=[shown])


@kind(10)
def several_files() -> Json:
    files = [
        attachment("SPOILER_label.png", width=20, height=30, flags=8),
        attachment("invoice_____.pdf", content_type="application/pdf", title="invoice äöü"),
        attachment("wave.gif", content_type="image/gif", width=9, height=8, flags=32),
        attachment("depot.mp4", content_type="video/mp4", width=640, height=480, duration_secs=4.2),
        attachment("bell.ogg", content_type="audio/ogg", duration_secs=2.5),
        attachment("data.bin", content_type=None),
    ]
    for number, file in enumerate(files):
        file["id"] = str(int(FILE) + number)
    return message(attachments=files)


@kind(10)
def voice() -> Json:
    spoken = attachment(
        "voice-message.ogg", content_type="audio/ogg", duration_secs=3.6, waveform="AAEDBwUC"
    )
    return message(flags=8192, attachments=[spoken])


@kind(3)
def clip() -> Json:
    film = attachment(
        "clip.mp4",
        content_type="video/mp4",
        flags=1,
        clip_created_at=LATER,
        clip_participants=[bo()],
        application=application(),
        ephemeral=True,
        original_content_type="video/quicktime",
    )
    return message(attachments=[film])


@kind(10)
def sticker() -> Json:
    items = [
        {"id": "749052944682582036", "name": "Sea", "format_type": 1},
        {"id": "749052944682582037", "name": "Wave", "format_type": 2},
        {"id": "749052944682582038", "name": "Gull", "format_type": 3},
        {"id": "749052944682582039", "name": "Crane", "format_type": 4},
    ]
    return message(sticker_items=items, stickers=items[:1])


@kind(10)
def card() -> Json:
    """Of a webhook."""
    author = user(HOOK, "Parcel tracker", None, bot=True, discriminator="0000")
    return in_guild(author, webhook_id=HOOK, application_id="1180011223344556655", embeds=[embed()])


@kind(3)
def card_with_a_thumbnail() -> Json:
    author = user(HOOK, "Parcel tracker", None, bot=True, discriminator="0000")
    small = {"type": "rich", "title": "Depot", "thumbnail": shown("depot.png")}
    return in_guild(author, webhook_id=HOOK, embeds=[small])


@kind(20)
def link_with_its_page() -> Json:
    """What a person's link leads to, looked up by Discord: even in what looks like a card."""
    return message(content="see https://shop.example/77", embeds=[embed(type="article"), embed()])


@kind(5)
def poll() -> Json:
    return in_guild(poll=asked())


@kind(3, "MESSAGE_UPDATE")
def poll_over() -> Json:
    counts = [{"id": 1, "count": 4, "me_voted": False}, {"id": 2, "count": 7, "me_voted": False}]
    return in_guild(poll=asked(results={"is_finalized": True, "answer_counts": counts}))


@kind(5)
def forward() -> Json:
    passed_on = {
        "type": 0,
        "timestamp": LATER,
        "edited_timestamp": None,
        "mentions": [mentioned(bo())],
        "mention_roles": [],
        "flags": 0,
        "embeds": [embed()],
        "content": f"the parcel of <@{BO}> is here",
        "components": [],
        "attachments": [attachment()],
        "sticker_items": [{"id": "749052944682582036", "name": "Sea", "format_type": 1}],
    }
    whence = {"type": 1, "message_id": EARLIER, "channel_id": GENERAL, "guild_id": GUILD}
    return message(
        flags=16384, message_reference=whence, message_snapshots=[{"message": passed_on}]
    )


@kind(3)
def layout() -> Json:
    """A message that is laid out in components, of another application."""
    author = user("1180011223344556699", "weather", None, bot=True, discriminator="1234")
    return in_guild(author, flags=32768, components=laid_out())


@kind(5)
def offers() -> Json:
    author = user("1180011223344556699", "weather", None, bot=True, discriminator="1234")
    return in_guild(author, content="Choose", components=[row(), menu(), people_menu()])


@kind(2)
def activity() -> Json:
    return message(
        activity={"type": 3, "party_id": "spotify:7"},
        application=application(),
        application_id=HOOK,
    )


@kind(2)
def answer_of_a_command() -> Json:
    author = user("1180011223344556699", "weather", None, bot=True, discriminator="1234")
    asked_by = {
        "id": EARLIER,
        "type": 2,
        "user": bo(),
        "authorizing_integration_owners": {"0": GUILD},
    }
    return in_guild(
        author,
        type=20,
        content="12 degrees",
        application_id="1180011223344556699",
        webhook_id="1180011223344556699",
        interaction={"id": EARLIER, "type": 2, "name": "weather", "user": bo()},
        interaction_metadata=asked_by,
        resolved={"users": {BO: bo()}},
    )


@kind(2)
def with_a_thread() -> Json:
    return in_guild(
        content="a long story",
        flags=32,
        thread=thread(MESSAGE, "a long story"),
        reactions=[{"emoji": {"id": None, "name": "👍"}, "count": 2, "me": False}],
        pinned=True,
    )


@kind(1)
def with_what_nobody_knows() -> Json:
    said = message(content="hi", telepathy={"strength": 7}, aura=None)
    said["author"]["mood"] = "fine"
    said["attachments"] = [attachment(smell="sea")]
    return said


@kind(1)
def of_a_new_type() -> Json:
    return message(type=977, content="something new")


def application() -> Json:
    return {"id": HOOK, "name": "Harbour Master", "description": "sails", "icon": None}


def embed(**more: Any) -> Json:
    return {
        "type": "rich",
        "url": "https://shop.example/77",
        "title": "Order 77",
        "description": "left the **depot**",
        "color": 3447003,
        "timestamp": LATER,
        "fields": [{"name": "Weight", "value": "2 kg", "inline": True}],
        "author": {
            "name": "Parcel tracker",
            "url": "https://shop.example",
            "icon_url": "https://shop.example/i.png",
        },
        "provider": {"name": "Shop", "url": "https://shop.example"},
        "image": shown("parcel.png"),
        "thumbnail": shown("small.png"),
        "video": shown("film.mp4"),
        "footer": {
            "text": "shown by Shop",
            "icon_url": "https://shop.example/f.png",
            "proxy_icon_url": "https://images-ext-1.discordapp.net/f",
        },
        **more,
    }


def shown(name: str) -> Json:
    return {
        "url": f"https://shop.example/{name}",
        "proxy_url": f"https://images-ext-1.discordapp.net/external/k3/https/shop.example/{name}",
        "width": 64,
        "height": 48,
        "content_type": "image/png",
        "placeholder": "WAgGFwR4",
        "placeholder_version": 1,
        "flags": 1,
    }


def asked(**more: Any) -> Json:
    return {
        "question": {"text": "When shall we deliver?"},
        "answers": [
            {
                "answer_id": 1,
                "poll_media": {"text": "Morning", "emoji": {"id": None, "name": "🌅"}},
            },
            {
                "answer_id": 2,
                "poll_media": {
                    "text": "Evening",
                    "emoji": {"id": OF_GUILD, "name": "moon", "animated": True},
                },
            },
        ],
        "expiry": LATER,
        "allow_multiselect": True,
        "layout_type": 1,
        "results": {
            "is_finalized": False,
            "answer_counts": [{"id": 1, "count": 3, "me_voted": False}],
        },
        **more,
    }


def row() -> Json:
    buttons = [
        {
            "type": 2,
            "id": 2,
            "style": 1,
            "label": "Yes",
            "custom_id": "b0",
            "emoji": {"id": None, "name": "✅"},
        },
        {
            "type": 2,
            "id": 3,
            "style": 5,
            "label": "Shop",
            "url": "https://shop.example",
            "disabled": True,
        },
    ]
    return {"type": 1, "id": 1, "components": buttons}


def menu() -> Json:
    options = [
        {"label": "Small", "value": "s", "description": "up to 2 kg", "default": True},
        {"label": "Large", "value": "l", "emoji": {"id": None, "name": "📦"}},
    ]
    select = {
        "type": 3,
        "id": 5,
        "custom_id": "size",
        "placeholder": "How large?",
        "min_values": 1,
        "max_values": 2,
        "options": options,
    }
    return {"type": 1, "id": 4, "components": [select]}


def people_menu() -> Json:
    select = {
        "type": 5,
        "id": 7,
        "custom_id": "who",
        "placeholder": "Who?",
        "default_values": [{"id": BO, "type": "user"}],
        "disabled": True,
    }
    return {"type": 1, "id": 6, "components": [select]}


def laid_out() -> list[Json]:
    stored = {
        "id": "9180011223344556700",
        "url": f"https://cdn.discordapp.com/attachments/{SUPPORT}/{FILE}/depot.png?ex=66f1",
        "proxy_url": f"https://media.discordapp.net/attachments/{SUPPORT}/{FILE}/depot.png?ex=66f1",
        "width": 320,
        "height": 200,
        "content_type": "image/png",
        "attachment_id": FILE,
    }
    section = {
        "type": 9,
        "id": 2,
        "components": [{"type": 10, "id": 3, "content": "**Depot** is open"}],
        "accessory": {
            "type": 11,
            "id": 4,
            "media": stored,
            "description": "the depot",
            "spoiler": True,
        },
    }
    gallery = {
        "type": 12,
        "id": 5,
        "items": [
            {"media": {**stored, "attachment_id": None}, "description": "inside", "spoiler": True}
        ],
    }
    file = {
        "type": 13,
        "id": 6,
        "file": {**stored, "content_type": "application/pdf"},
        "name": "plan.pdf",
        "size": 911,
        "spoiler": True,
    }
    line = {"type": 14, "id": 7, "divider": True, "spacing": 2}
    inner = [section, gallery, file, line, row()]
    return [
        {"type": 17, "id": 1, "accent_color": 3447003, "spoiler": True, "components": inner},
        {"type": 99, "id": 9, "label": "of a new kind"},
    ]
