"""Messages in words: formatted, answering, forwarded, edited."""

from tests.rigs.telegram.people import (
    AT,
    BO,
    BOT,
    CHANNEL,
    GROUP,
    Json,
    entity,
    kind,
    message,
    photo,
    private,
)

LINK = "Is this the tracking page? harbour.example/t/77 or write to mo@harbour.example, please"


@kind(420)
def text() -> Json:
    return private(text="Where is my parcel? It was due on Monday, order 10293.")


@kind(60)
def text_of_premium() -> Json:
    return {
        "message": message(
            {"text": "Thanks!", "is_from_offline": True},
            sender={**BO, "added_to_attachment_menu": True},
        )
    }


@kind(60)
def text_with_link() -> Json:
    return private(
        text=LINK,
        entities=[entity("url", 27, 20), entity("email", 60, 18)],
        link_preview_options={"is_disabled": True, "url": "https://harbour.example/t/77"},
    )


@kind(30)
def text_with_every_entity() -> Json:
    return private(
        text="👨‍👩‍👧 bold italic under strike spoil code "
        "pre quote long @bo Bo #tag $USD /help +4940555 end",
        entities=[
            entity("custom_emoji", 0, 8, custom_emoji_id="5368324170671202286"),
            entity("bold", 9, 4),
            entity("italic", 9, 11),
            entity("underline", 21, 5),
            entity("strikethrough", 27, 6),
            entity("spoiler", 34, 5),
            entity("code", 40, 4),
            entity("pre", 45, 3, language="python"),
            entity("blockquote", 49, 5),
            entity("expandable_blockquote", 55, 4),
            entity("mention", 60, 3),
            entity("text_mention", 64, 2, user=BO),
            entity("hashtag", 67, 4),
            entity("cashtag", 72, 4),
            entity("bot_command", 77, 5),
            entity("phone_number", 83, 8),
            entity("text_link", 9, 4, url="https://harbour.example/"),
        ],
    )


@kind(2)
def text_with_date() -> Json:
    when = entity("date_time", 8, 8, unix_time=AT, date_time_format="wDT")
    return private(text="Is that tomorrow at ten?", entities=[when])


@kind(12)
def command() -> Json:
    return private(text="/status 10293", entities=[entity("bot_command", 0, 7)])


@kind(12)
def start_with_payload() -> Json:
    return private(text="/start order-77", entities=[entity("bot_command", 0, 6)])


# --- what is answered and forwarded


@kind(40)
def reply() -> Json:
    answered = message({"text": "It arrives tomorrow. " * 12, "entities": [entity("bold", 0, 2)]})
    return private(text="Are you sure?", reply_to_message={**answered, "from": BOT})


@kind(5)
def reply_with_quote() -> Json:
    answered = message({"photo": photo("label"), "caption": "It arrives tomorrow, by noon."})
    return private(
        text="By noon?",
        reply_to_message={**answered, "from": BOT, "message_id": 300},
        quote={
            "text": "by noon",
            "position": 21,
            "is_manual": True,
            "entities": [entity("bold", 0, 2)],
        },
    )


@kind(2)
def external_reply() -> Json:
    return private(
        text="What about this?",
        external_reply={
            "origin": {
                "type": "channel",
                "chat": CHANNEL,
                "message_id": 17,
                "author_signature": "Mo",
                "date": AT - 3600,
            },
            "chat": CHANNEL,
            "message_id": 17,
            "photo": photo("news"),
            "has_media_spoiler": True,
            "link_preview_options": {"is_disabled": True},
        },
    )


@kind(1)
def reply_to_story() -> Json:
    return private(text="Nice!", reply_to_story={"chat": CHANNEL, "id": 8})


@kind(8)
def forward_of_user() -> Json:
    return private(
        text="See what they wrote",
        forward_origin={"type": "user", "sender_user": BO, "date": AT - 60},
        forward_from=BO,
        forward_date=AT - 60,
    )


@kind(4)
def forward_of_hidden_user() -> Json:
    return private(
        text="See what they wrote",
        forward_origin={"type": "hidden_user", "sender_user_name": "Mo R.", "date": AT - 60},
        forward_sender_name="Mo R.",
        forward_date=AT - 60,
    )


@kind(2)
def forward_of_chat() -> Json:
    return private(
        text="From the board",
        forward_origin={
            "type": "chat",
            "sender_chat": GROUP,
            "author_signature": "chair",
            "date": AT - 60,
        },
    )


@kind(4)
def forward_of_channel() -> Json:
    return private(
        photo=photo("notice"),
        forward_origin={
            "type": "channel",
            "chat": CHANNEL,
            "message_id": 17,
            "author_signature": "Mo",
            "date": AT - 60,
        },
        forward_from_chat=CHANNEL,
        forward_from_message_id=17,
        forward_signature="Mo",
        forward_date=AT - 60,
        reply_markup={"inline_keyboard": [[{"text": "Site", "url": "https://harbour.example"}]]},
    )


# --- edits


@kind(15)
def edited_text() -> Json:
    return {"edited_message": message({"text": "order 10294", "edit_date": AT + 60})}


@kind(2)
def edited_caption() -> Json:
    said = {"photo": photo("dent"), "caption": "The dents", "edit_date": AT + 60}
    return {"edited_message": message(said)}


@kind(4)
def moved_live_location() -> Json:
    where = {"latitude": 53.5441, "longitude": 9.967, "live_period": 900, "heading": 91}
    return {"edited_message": message({"location": where, "edit_date": AT + 30})}


@kind(1)
def edited_channel_post() -> Json:
    said = {"text": "Ahoy!", "sender_chat": CHANNEL, "edit_date": AT + 9}
    return {"edited_channel_post": message(said, chat=CHANNEL, sender=None)}
