"""What is no message: presses, reactions, members, business accounts, what a chat says itself."""

from tests.rigs.telegram.people import (
    ADA,
    AT,
    BASIC_GROUP,
    BO,
    BOT,
    CHANNEL,
    CONNECTION,
    FORUM,
    GROUP,
    OWNER,
    PRIVATE,
    Json,
    in_group,
    kind,
    message,
    photo,
    private,
)
from tests.rigs.telegram.things import game

KEYBOARD: Json = {
    "inline_keyboard": [
        [{"text": "Yes", "callback_data": "yes"}, {"text": "No", "callback_data": "no"}],
        [{"text": "Our site", "url": "https://harbour.example"}],
    ]
}


def _pressed(**where: object) -> Json:
    return {
        "callback_query": {
            "id": "4382bfdwdsb323b2d9",
            "from": ADA,
            "chat_instance": "-3823",
            "data": "yes",
            **where,
        }
    }


@kind(30)
def button() -> Json:
    offered = {**message({"text": "Did it arrive?", "reply_markup": KEYBOARD}), "from": BOT}
    return _pressed(message=offered)


@kind(1)
def button_of_inaccessible_message() -> Json:
    return _pressed(message={"chat": PRIVATE, "message_id": 300, "date": 0})


@kind(1)
def button_of_inline_message() -> Json:
    return _pressed(inline_message_id="AgAAAIM")


@kind(1)
def game_button() -> Json:
    pressed = _pressed(message={**game()["message"], "from": BOT})
    del pressed["callback_query"]["data"]
    pressed["callback_query"]["game_short_name"] = "dock"
    return pressed


@kind(12)
def reaction() -> Json:
    return {
        "message_reaction": {
            "chat": PRIVATE,
            "message_id": 311,
            "user": ADA,
            "date": AT,
            "old_reaction": [],
            "new_reaction": [
                {"type": "emoji", "emoji": "👍"},
                {"type": "custom_emoji", "custom_emoji_id": "5368"},
                {"type": "paid"},
            ],
        }
    }


@kind(2)
def reaction_taken_back() -> Json:
    return {
        "message_reaction": {
            "chat": GROUP,
            "message_id": 311,
            "actor_chat": GROUP,
            "date": AT,
            "old_reaction": [{"type": "emoji", "emoji": "👍"}],
            "new_reaction": [],
        }
    }


@kind(1)
def reaction_counts() -> Json:
    return {
        "message_reaction_count": {
            "chat": CHANNEL,
            "message_id": 17,
            "date": AT,
            "reactions": [
                {"type": {"type": "emoji", "emoji": "👍"}, "total_count": 3},
                {"type": {"type": "custom_emoji", "custom_emoji_id": "5368"}, "total_count": 1},
            ],
        }
    }


# --- members


def _membership(chat: Json, who: Json, before: Json, now: Json, **more: object) -> Json:
    return {
        "chat": chat,
        "from": who,
        "date": AT,
        "old_chat_member": before,
        "new_chat_member": now,
        **more,
    }


@kind(4)
def blocked() -> Json:
    before = {"user": BOT, "status": "member"}
    now = {"user": BOT, "status": "kicked", "until_date": 0}
    return {"my_chat_member": _membership(PRIVATE, ADA, before, now)}


@kind(1)
def made_administrator() -> Json:
    rights = {
        "can_be_edited": False,
        "can_manage_chat": True,
        "can_change_info": False,
        "can_delete_messages": True,
        "can_invite_users": True,
        "can_restrict_members": False,
        "can_pin_messages": True,
        "can_manage_topics": True,
        "can_promote_members": False,
        "can_manage_video_chats": True,
        "can_post_stories": False,
        "can_edit_stories": False,
        "can_delete_stories": False,
        "is_anonymous": False,
        "custom_title": "desk",
    }
    before = {"user": BOT, "status": "member"}
    now = {"user": BOT, "status": "administrator", **rights}
    return {"my_chat_member": _membership(GROUP, BO, before, now)}


@kind(3)
def joined_by_link() -> Json:
    link = {
        "invite_link": "https://t.me/+abc",
        "creator": BO,
        "creates_join_request": False,
        "is_primary": False,
        "is_revoked": False,
        "name": "poster",
    }
    before, now = {"user": ADA, "status": "left"}, {"user": ADA, "status": "member", "tag": "new"}
    change = _membership(GROUP, ADA, before, now, invite_link=link, via_join_request=True)
    return {"chat_member": change}


@kind(1)
def banned_member() -> Json:
    before = {"user": ADA, "status": "member"}
    now = {"user": ADA, "status": "kicked", "until_date": AT + 99}
    return {"chat_member": _membership(GROUP, BO, before, now)}


@kind(2)
def new_members() -> Json:
    return in_group(new_chat_members=[ADA, OWNER], new_chat_participant=ADA, new_chat_member=ADA)


@kind(1)
def left_member() -> Json:
    return in_group(left_chat_member=ADA, left_chat_participant=ADA)


# --- business accounts


def _business(sender: Json, **said: object) -> Json:
    return message({"business_connection_id": CONNECTION, **said}, sender=sender)


@kind(40)
def business_text() -> Json:
    return {"business_message": _business(ADA, text="Are you open on Sunday?")}


@kind(10)
def business_text_of_owner() -> Json:
    return {"business_message": _business(OWNER, text="From ten on.")}


@kind(10)
def business_text_of_ours() -> Json:
    return {"business_message": _business(OWNER, text="From ten.", sender_business_bot=BOT)}


@kind(1)
def business_text_of_other_bot() -> Json:
    other = {"id": 99, "is_bot": True, "first_name": "Other", "username": "other_bot"}
    return {"business_message": _business(OWNER, text="Hi", sender_business_bot=other)}


@kind(2)
def edited_business_text() -> Json:
    return {"edited_business_message": _business(OWNER, text="From nine on.", edit_date=AT + 5)}


@kind(2)
def deleted_business_messages() -> Json:
    gone = {"business_connection_id": CONNECTION, "chat": PRIVATE, "message_ids": [310, 311]}
    return {"deleted_business_messages": gone}


@kind(1)
def business_connection() -> Json:
    return {
        "business_connection": {
            "id": CONNECTION,
            "user": OWNER,
            "user_chat_id": OWNER["id"],
            "date": AT,
            "is_enabled": True,
            "rights": {"can_reply": True, "can_read_messages": True, "can_edit_bio": False},
        }
    }


# --- what a chat says of itself


@kind(1)
def group_became_supergroup() -> Json:
    return {"message": message({"migrate_to_chat_id": -1001881240099}, chat=BASIC_GROUP, sender=BO)}


@kind(1)
def supergroup_was_group() -> Json:
    return in_group(migrate_from_chat_id=-44120077)


@kind(1)
def pinned() -> Json:
    return in_group(pinned_message={**message({"text": "Rules"}, chat=GROUP), "message_id": 9})


@kind(1)
def new_title() -> Json:
    return in_group(new_chat_title="Harbour people")


@kind(1)
def new_photo() -> Json:
    return in_group(new_chat_photo=photo("group"))


@kind(1)
def topic_created() -> Json:
    said = {
        "forum_topic_created": {
            "name": "Gates",
            "icon_color": 7322096,
            "icon_custom_emoji_id": "5368",
        },
        "message_thread_id": 40,
        "is_topic_message": True,
    }
    return {"message": message(said, chat=FORUM, sender=BO)}


@kind(1)
def topic_renamed() -> Json:
    said = {
        "forum_topic_edited": {"name": "Doors", "icon_custom_emoji_id": "5369"},
        "message_thread_id": 40,
        "is_topic_message": True,
    }
    return {"message": message(said, chat=FORUM, sender=BO)}


@kind(1)
def topic_closed() -> Json:
    said = {"forum_topic_closed": {}, "message_thread_id": 40, "is_topic_message": True}
    return {"message": message(said, chat=FORUM, sender=BO)}


@kind(1)
def video_chat_planned() -> Json:
    return in_group(video_chat_scheduled={"start_date": AT + 3600})


@kind(1)
def video_chat_ended() -> Json:
    return in_group(video_chat_ended={"duration": 61})


@kind(1)
def video_chat_invited() -> Json:
    return in_group(video_chat_participants_invited={"users": [ADA]})


@kind(1)
def deletion_timer() -> Json:
    return in_group(message_auto_delete_timer_changed={"message_auto_delete_time": 86400})


@kind(1)
def boost() -> Json:
    return in_group(boost_added={"boost_count": 2})


@kind(1)
def owner_changed() -> Json:
    return in_group(chat_owner_changed={"new_owner": ADA})


@kind(1)
def came_near() -> Json:
    near = {"traveler": ADA, "watcher": BO, "distance": 40}
    return in_group(proximity_alert_triggered=near)


@kind(1)
def paid() -> Json:
    return private(
        successful_payment={
            "currency": "EUR",
            "total_amount": 4500,
            "invoice_payload": "berth-7",
            "telegram_payment_charge_id": "tg1",
            "provider_payment_charge_id": "pr1",
            "order_info": {"name": "Ada"},
        }
    )


@kind(1)
def poll_option_added() -> Json:
    return in_group(
        poll_option_added={"option_persistent_id": "c", "option_text": "Sunday"},
    )


@kind(1)
def website_connected() -> Json:
    return private(connected_website="harbour.example")


@kind(1)
def write_access_allowed() -> Json:
    return private(write_access_allowed={"from_request": True, "web_app_name": "berths"})


# --- what is not asked for, but may come


@kind(1)
def join_request() -> Json:
    asked = {"chat": GROUP, "from": ADA, "user_chat_id": ADA["id"], "date": AT, "bio": "Sailor"}
    return {"chat_join_request": asked}


@kind(1)
def inline_query() -> Json:
    return {"inline_query": {"id": "77", "from": ADA, "query": "berth", "offset": ""}}


@kind(1)
def poll_answer() -> Json:
    answer = {"poll_id": "5368", "user": ADA, "option_ids": [1], "option_persistent_ids": ["b"]}
    return {"poll_answer": answer}


@kind(1)
def unheard_of_update() -> Json:
    return {"telepathy": {"from": ADA, "chat": PRIVATE, "date": AT, "thought": {"words": "hm"}}}


@kind(1)
def unheard_of_content() -> Json:
    return private(hologram={"file_id": "H1", "depth": 7}, caption="Turn it")
