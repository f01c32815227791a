"""What is said in groups and channels."""

from tests.rigs.telegram.people import (
    ADA,
    AT,
    BO,
    BOT,
    CHANNEL,
    FORUM,
    GROUP,
    Json,
    entity,
    in_group,
    kind,
    message,
    photo,
    private,
)


@kind(30)
def group_text() -> Json:
    return in_group(text="The gate is stuck again", sender_tag="berth 7", sender_boost_count=2)


@kind(8)
def group_mention() -> Json:
    return in_group(
        text="@harbour_support_bot the gate is stuck", entities=[entity("mention", 0, 20)]
    )


@kind(3)
def group_text_mention() -> Json:
    return in_group(
        photo=photo("gate"),
        caption="Harbour, look",
        caption_entities=[entity("text_mention", 0, 7, user=BOT)],
    )


@kind(8)
def topic_text() -> Json:
    created = {**message({}, chat=FORUM, sender=BO), "message_id": 40, "message_thread_id": 40}
    created["forum_topic_created"] = {"name": "Gates", "icon_color": 7322096}
    said = {
        "text": "Which gate?",
        "message_thread_id": 40,
        "is_topic_message": True,
        "reply_to_message": created,
    }
    return {"message": message(said, chat=FORUM, sender=BO)}


@kind(2)
def anonymous_admin() -> Json:
    said = {"sender_chat": GROUP, "author_signature": "keeper", "text": "Closed on Sunday"}
    placeholder = {"id": 1087968824, "is_bot": True, "first_name": "Group"}
    return {"message": message(said, chat=GROUP, sender=placeholder)}


@kind(2)
def automatic_forward() -> Json:
    said = {
        "sender_chat": CHANNEL,
        "is_automatic_forward": True,
        "text": "New opening hours",
        "forward_origin": {"type": "channel", "chat": CHANNEL, "message_id": 18, "date": AT},
    }
    return {
        "message": message(
            said, chat=GROUP, sender={"id": 777000, "is_bot": False, "first_name": "Telegram"}
        )
    }


@kind(1)
def inline_bot_message() -> Json:
    return private(text="A picture of a boat", via_bot=BOT, effect_id="5107", paid_star_count=3)


@kind(1)
def direct_message_to_channel() -> Json:
    chat = {"id": -100199, "type": "supergroup", "title": "News direct", "is_direct_messages": True}
    return {
        "message": message(
            {
                "text": "A question",
                "direct_messages_topic": {"topic_id": 4, "user": ADA},
                "suggested_post_info": {"state": "pending", "send_date": AT},
                "is_paid_post": True,
                "reply_to_checklist_task_id": 3,
            },
            chat=chat,
        )
    }


@kind(1)
def guest_message() -> Json:
    said = {
        "text": "@harbour_support_bot help",
        "guest_query_id": "gq-1",
        "guest_bot_caller_user": BO,
    }
    return {"guest_message": message(said, chat=GROUP, sender=BO)}


@kind(1)
def channel_post() -> Json:
    said = {"text": "Ahoy", "author_signature": "Mo"}
    return {"channel_post": message({**said, "sender_chat": CHANNEL}, chat=CHANNEL, sender=None)}
