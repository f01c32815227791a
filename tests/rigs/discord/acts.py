"""Invented events besides messages: reactions, deletions, presses, threads, members, guilds."""

from tests.rigs.discord.people import (
    ADA,
    AT,
    BO,
    BOT,
    CATEGORY,
    DIRECT,
    EARLIER,
    GENERAL,
    GUILD,
    LATER,
    MESSAGE,
    OF_GUILD,
    SUPPORT,
    THREAD,
    Json,
    ada,
    bo,
    bot,
    in_guild,
    kind,
    member,
    mentioned,
    message,
)
from tests.rigs.discord.places import channel, guild, thread
from tests.rigs.discord.things import embed, row

_WHERE = {"channel_id": SUPPORT, "guild_id": GUILD}
_THUMB = {"id": None, "name": "👍"}
_WAVE = {"id": OF_GUILD, "name": "wave", "animated": True}


@kind(20, "MESSAGE_REACTION_ADD")
def reaction() -> Json:
    return {"user_id": ADA, "message_id": MESSAGE, **_WHERE, **_reacting(), "emoji": _THUMB}


@kind(5, "MESSAGE_REACTION_ADD")
def super_reaction() -> Json:
    burst = {"burst": True, "burst_colors": ["#3f2c1d"], "type": 1}
    return {"user_id": ADA, "message_id": MESSAGE, **_WHERE, **_reacting(), "emoji": _WAVE, **burst}


@kind(5, "MESSAGE_REACTION_ADD")
def reaction_to_us() -> Json:
    where = {"channel_id": GENERAL, "guild_id": GUILD}
    return {"user_id": ADA, "message_id": EARLIER, **where, **_reacting(BOT), "emoji": _THUMB}


@kind(5, "MESSAGE_REACTION_ADD")
def reaction_of_ours() -> Json:
    return {
        "user_id": BOT,
        "message_id": MESSAGE,
        **_WHERE,
        "emoji": _THUMB,
        "burst": False,
        "type": 0,
    }


@kind(10, "MESSAGE_REACTION_REMOVE")
def reaction_taken_back() -> Json:
    where = {"channel_id": DIRECT}
    return {
        "user_id": ADA,
        "message_id": MESSAGE,
        **where,
        "emoji": _WAVE,
        "burst": False,
        "type": 0,
    }


@kind(2, "MESSAGE_REACTION_REMOVE_ALL")
def reactions_gone() -> Json:
    return {"message_id": MESSAGE, **_WHERE}


@kind(2, "MESSAGE_REACTION_REMOVE_EMOJI")
def reactions_of_an_emoji_gone() -> Json:
    return {"message_id": MESSAGE, **_WHERE, "emoji": _WAVE}


@kind(10, "MESSAGE_DELETE")
def deletion() -> Json:
    return {"id": MESSAGE, "channel_id": DIRECT}


@kind(5, "MESSAGE_DELETE")
def deletion_somewhere() -> Json:
    return {"id": MESSAGE, "channel_id": GENERAL, "guild_id": GUILD}


@kind(2, "MESSAGE_DELETE_BULK")
def deletion_in_bulk() -> Json:
    return {"ids": [EARLIER, MESSAGE], **_WHERE}


@kind(100, "TYPING_START")
def typing() -> Json:
    return {"user_id": ADA, "timestamp": 1790000000, "channel_id": DIRECT}


@kind(50, "TYPING_START")
def typing_in_public() -> Json:
    said = {"user_id": BO, "timestamp": 1790000000, **_WHERE}
    return {**said, "member": {**member("Bo L."), "user": bo()}}


@kind(2, "MESSAGE_POLL_VOTE_ADD")
def vote() -> Json:
    return {"user_id": ADA, "message_id": MESSAGE, **_WHERE, "answer_id": 2}


@kind(2, "MESSAGE_POLL_VOTE_REMOVE")
def vote_taken_back() -> Json:
    return {"user_id": ADA, "message_id": MESSAGE, "channel_id": DIRECT, "answer_id": 1}


@kind(10, "INTERACTION_CREATE")
def press() -> Json:
    return {
        **_interaction(3),
        "channel_id": DIRECT,
        "channel": {"id": DIRECT, "type": 1},
        "user": ada(),
        "data": {"id": 2, "custom_id": "b0", "component_type": 2},
        "message": message(bot(), id=EARLIER, content="Is it torn?", components=[row()]),
    }


@kind(3, "INTERACTION_CREATE")
def choice_of_a_menu() -> Json:
    options = [{"label": "Small", "value": "s"}, {"label": "Large", "value": "l"}]
    select = {"type": 3, "id": 2, "custom_id": "size", "options": options}
    said = in_guild(bot(), id=EARLIER, components=[{"type": 1, "id": 1, "components": [select]}])
    return {
        **_interaction(3),
        **_WHERE,
        "channel": {"id": SUPPORT, "type": 0, "guild_id": GUILD},
        "member": {**member("Bo L."), "user": bo(), "permissions": "2248473465835073"},
        "data": {"id": 2, "custom_id": "size", "component_type": 3, "values": ["l"]},
        "message": said,
    }


@kind(3, "INTERACTION_CREATE")
def command() -> Json:
    data = {"id": EARLIER, "name": "ticket", "type": 1}
    return {**_interaction(2), "channel_id": DIRECT, "user": ada(), "data": data}


@kind(2, "THREAD_CREATE")
def thread_begun() -> Json:
    return thread("6180011223344556699", "Torn parcel", newly_created=True)


@kind(1, "THREAD_CREATE")
def thread_let_into() -> Json:
    return thread(THREAD, "Lost parcel", member={"flags": 1, "join_timestamp": AT})


@kind(2, "THREAD_UPDATE")
def thread_renamed_and_closed() -> Json:
    state = {"archived": True, "locked": True, "archive_timestamp": LATER}
    return thread(THREAD, "Found parcel", thread_metadata=state)


@kind(1, "THREAD_UPDATE")
def thread_as_it_was() -> Json:
    return thread(THREAD, "Lost parcel")


@kind(1, "THREAD_DELETE")
def thread_deleted() -> Json:
    return {"id": THREAD, "guild_id": GUILD, "parent_id": SUPPORT, "type": 11}


@kind(1, "CHANNEL_DELETE")
def channel_deleted() -> Json:
    return channel(SUPPORT, "support", parent_id=CATEGORY)


@kind(2, "THREAD_MEMBERS_UPDATE")
def thread_members() -> Json:
    came = {"id": THREAD, "user_id": BO, "join_timestamp": LATER, "flags": 0}
    us = {"id": THREAD, "user_id": BOT, "join_timestamp": LATER, "flags": 0}
    change = {"added_members": [came, us], "removed_member_ids": [ADA], "member_count": 3}
    return {"id": THREAD, "guild_id": GUILD, **change}


@kind(2, "GUILD_MEMBER_REMOVE")
def member_left() -> Json:
    return {"guild_id": GUILD, "user": ada()}


@kind(1, "GUILD_CREATE")
def guild_joined() -> Json:
    return {"id": "4180011223344556699", "name": "Lighthouse", "unavailable": False}


@kind(1, "GUILD_CREATE")
def guild_known() -> Json:
    return guild()


@kind(1, "GUILD_DELETE")
def guild_left() -> Json:
    return {"id": GUILD}


@kind(1, "GUILD_DELETE")
def guild_out_of_reach() -> Json:
    return {"id": GUILD, "unavailable": True}


@kind(1, "TELEPATHY_START")
def of_a_new_kind() -> Json:
    return {"user_id": ADA, "strength": 7}


@kind(3, "PRESENCE_UPDATE")
def of_no_interest() -> Json:
    return {"user": {"id": ADA}, "status": "online", "guild_id": GUILD}


@kind(2)
def joined() -> Json:
    return in_guild(type=7)


@kind(1)
def added_to_a_group() -> Json:
    return in_guild(type=1, mentions=[mentioned(bo())])


@kind(1)
def pinned() -> Json:
    return in_guild(type=6, message_reference={"message_id": EARLIER, **_WHERE})


@kind(1)
def boosted() -> Json:
    return in_guild(type=9, content="3")


@kind(1)
def called() -> Json:
    return message(type=3, call={"participants": [ADA, BOT], "ended_timestamp": LATER})


@kind(1)
def thread_announced() -> Json:
    about = {"channel_id": THREAD, "guild_id": GUILD}
    return in_guild(type=18, content="Lost parcel", message_reference=about)


@kind(1)
def thread_starter() -> Json:
    about = {"message_id": THREAD, **_WHERE}
    return in_guild(
        channel=THREAD,
        channel_type=11,
        type=21,
        message_reference=about,
        referenced_message=in_guild(id=THREAD, content="My parcel is lost"),
    )


@kind(1)
def subscribed() -> Json:
    data = {
        "role_subscription_listing_id": "9180011223344556800",
        "tier_name": "Crew",
        "total_months_subscribed": 4,
        "is_renewal": True,
    }
    return in_guild(type=25, role_subscription_data=data)


@kind(1)
def poll_result() -> Json:
    fields = [
        {"name": "poll_question_text", "value": "When shall we deliver?", "inline": False},
        {"name": "victor_answer_votes", "value": "7", "inline": False},
        {"name": "victor_answer_text", "value": "Evening", "inline": False},
    ]
    result = {"type": "poll_result", "fields": fields}
    return in_guild(type=46, message_reference={"message_id": EARLIER, **_WHERE}, embeds=[result])


@kind(1)
def automod() -> Json:
    return in_guild(type=24, embeds=[embed(type="auto_moderation_message")])


@kind(1)
def bought() -> Json:
    product = {"listing_id": "9180011223344556801", "product_name": "A chart of the harbour"}
    return in_guild(type=44, purchase_notification={"type": 0, "guild_product_purchase": product})


def _reacting(author: str = BO) -> Json:
    who = {"member": {**member("Ada Q."), "user": ada()}, "message_author_id": author}
    return {**who, "burst": False, "type": 0}


def _interaction(kind: int) -> Json:
    return {
        "id": "9180011223344556900",
        "application_id": BOT,
        "type": kind,
        "token": "aW50ZXJhY3Rpb246invented",
        "version": 1,
        "locale": "en-GB",
        "attachment_size_limit": 10485760,
    }
