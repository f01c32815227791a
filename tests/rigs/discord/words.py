"""Invented messages of words: plain, styled, answered, edited, in all kinds of places."""

from typing import Any

from tests.rigs.discord.people import (
    ADA,
    BOT,
    BOT_ROLE,
    DIRECT,
    EARLIER,
    GENERAL,
    GUILD,
    HOOK,
    LATER,
    MESSAGE,
    OF_GUILD,
    POST,
    SECRET,
    SUPPORT,
    THREAD,
    Json,
    bo,
    bot,
    in_guild,
    kind,
    member,
    mentioned,
    message,
    user,
)


@kind(300)
def direct() -> Json:
    return message(content="Where is my parcel? It was due on Monday.")


@kind(250)
def public() -> Json:
    return in_guild(content="Is the harbour office open today?")


@kind(60)
def chatter() -> Json:
    return in_guild(bo(), GENERAL, content="what a lovely morning")


@kind(40)
def styled() -> Json:
    text = "**Urgent**: see `ORDER-77` and <https://shop.example/77>\n> the label is ||torn||"
    return message(content=text)


@kind(30)
def naming_the_bot() -> Json:
    return in_guild(
        channel=GENERAL, content=f"<@{BOT}> can you help?", mentions=[mentioned(bot(), "Harbour")]
    )


@kind(5)
def naming_its_role() -> Json:
    return in_guild(channel=GENERAL, content=f"<@&{BOT_ROLE}> please", mention_roles=[BOT_ROLE])


@kind(5)
def holding_a_keyword() -> Json:
    return in_guild(channel=GENERAL, content="I want a Refund, now")


@kind(10)
def naming_everybody_and_places() -> Json:
    text = f"@everyone <#{GENERAL}> <:wave:{OF_GUILD}> <t:1790000000:R>"
    return in_guild(content=text, mention_everyone=True)


@kind(40)
def answering_us() -> Json:
    return in_guild(
        channel=GENERAL,
        type=19,
        content="yes, that one",
        mentions=[mentioned(bot())],
        message_reference=reference(channel=GENERAL),
        referenced_message=message(bot(), id=EARLIER, content="Do you mean order 77?"),
    )


@kind(10)
def answering_another() -> Json:
    return message(
        type=19,
        content="and this",
        message_reference={"type": 0, "message_id": EARLIER, "channel_id": DIRECT},
        referenced_message=message(id=EARLIER, content="first of all: " + "word " * 60),
    )


@kind(3)
def answering_what_is_gone() -> Json:
    return message(
        type=19,
        content="never mind",
        message_reference={"type": 0, "message_id": EARLIER, "channel_id": DIRECT},
        referenced_message=None,
    )


@kind(20)
def in_a_thread() -> Json:
    return in_guild(channel=THREAD, channel_type=11, content="still no parcel", position=7)


@kind(10)
def in_a_post() -> Json:
    """The first message of a forum post has the post's own id."""
    return in_guild(channel=POST, channel_type=11, id=POST, content="My parcel is torn", position=0)


@kind(5)
def in_a_private_thread() -> Json:
    return in_guild(channel=SECRET, channel_type=12, content="my address is Quay 5")


@kind(5)
def with_everything_lost() -> Json:
    """What people decorate themselves with, and the model has no place for."""
    author = user(
        ADA,
        "ada_quill",
        "Ada Quill",
        banner="b1946ac92492d2347c6235b4d2611184",
        accent_color=1752220,
        banner_color="#1abc9c",
        flags=64,
        primary_guild={"identity_guild_id": GUILD, "identity_enabled": True, "tag": "HARB"},
        clan={"identity_guild_id": GUILD, "identity_enabled": True, "tag": "HARB"},
        avatar_decoration_data={"asset": "a_fed43ab12698df65", "sku_id": "1144058522808614923"},
        collectibles={"nameplate": {"asset": "nameplates/sky/", "label": "SKY"}},
        display_name_styles={"colors": [1752220], "font_id": 3, "effect_id": 2},
    )
    own = member(
        "Ada Q.",
        premium_since="2026-01-01T00:00:00.000000+00:00",
        communication_disabled_until="2026-09-22T00:00:00.000000+00:00",
        avatar="c4ca4238a0b923820dcc509a6f75849b",
        banner="c81e728d9d4c2f636f067f89cc14862c",
        flags=2,
        avatar_decoration_data={"asset": "a_949a575b693c81ce", "sku_id": "1144058522808614900"},
    )
    return in_guild(author, content="hi", member=own, tts=True)


@kind(5)
def of_a_webhook() -> Json:
    author = user(HOOK, "Parcel tracker", None, bot=True, discriminator="0000")
    said = in_guild(author, content="Order 77 left the depot", webhook_id=HOOK, application_id=None)
    del said["member"]
    return said


@kind(5)
def of_another_bot() -> Json:
    author = user("1180011223344556699", "weather", None, bot=True, discriminator="1234")
    return in_guild(author, content="Storm from the west")


@kind(20)
def of_ours() -> Json:
    return message(bot(), content="It left this morning.", nonce="ours:01J00000000000000000000001")


@kind(3)
def withheld() -> Json:
    """Without the Message Content intent."""
    return in_guild()


@kind(20, "MESSAGE_UPDATE")
def edited() -> Json:
    return message(content="Where is my parcel 77?", edited_timestamp=LATER)


@kind(5, "MESSAGE_UPDATE")
def edited_in_public() -> Json:
    return in_guild(content="Is the office open on Sunday?", edited_timestamp=LATER, flags=32)


@kind(20, "MESSAGE_UPDATE")
def unfurled() -> Json:
    """Discord has looked at the page behind a link."""
    page = {"type": "link", "url": "https://shop.example/77", "title": "Order 77"}
    return message(content="https://shop.example/77", embeds=[page])


@kind(5, "MESSAGE_UPDATE")
def unfurled_in_part() -> Json:
    """The former form, with nothing but what was found."""
    page = {"type": "link", "url": "https://shop.example/77", "title": "Order 77"}
    return {"id": MESSAGE, "channel_id": SUPPORT, "guild_id": GUILD, "embeds": [page]}


def reference(message_id: str = EARLIER, channel: str = SUPPORT, **more: Any) -> Json:
    return {
        "type": 0,
        "message_id": message_id,
        "channel_id": channel,
        "guild_id": GUILD,
        **more,
    }
