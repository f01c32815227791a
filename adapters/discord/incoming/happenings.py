"""What happened in a channel, of which Discord makes a message though nobody says anything. Pure.

https://docs.discord.com/developers/resources/message#message-object-message-types
"""

from typing import Final

from adapters.discord.incoming.answers import excerpt
from adapters.discord.incoming.cards import words
from adapters.discord.markdown.syntax import Names
from adapters.discord.objects.embed import Embed
from adapters.discord.objects.message import Call, Message
from core.model.event import AccountStatus, Body, MemberChanged

HAPPENINGS: Final = {
    1: ("recipient_added", "somebody was added to the group"),
    2: ("recipient_removed", "somebody left the group or was removed"),
    3: ("call", "a call"),
    4: ("channel_renamed", "the channel has a new name"),
    5: ("channel_icon_changed", "the channel has a new icon"),
    6: ("message_pinned", "a message was pinned"),
    7: ("member_joined", "somebody joined the server"),
    8: ("boosted", "somebody boosted the server"),
    9: ("boosted", "somebody boosted the server to level 1"),
    10: ("boosted", "somebody boosted the server to level 2"),
    11: ("boosted", "somebody boosted the server to level 3"),
    12: ("channel_followed", "news of another channel are repeated here from now on"),
    13: ("stream", "somebody streams"),
    14: ("discovery_disqualified", "the server was removed from Discovery"),
    15: ("discovery_requalified", "the server can be found by Discovery again"),
    16: ("discovery_warned", "the server has not met what Discovery asks for a week"),
    17: ("discovery_warned", "the server has not met what Discovery asks for three weeks"),
    18: ("thread_created", "a thread was begun"),
    21: ("thread_starter", "the thread was begun from a message"),
    22: ("invite_reminder", "Discord suggests to invite people"),
    24: ("automod", "Discord's AutoMod has acted"),
    25: ("role_subscription", "somebody subscribed to a role"),
    26: ("premium_upsell", "Discord offers a premium feature"),
    27: ("stage_started", "a stage began"),
    28: ("stage_ended", "the stage ended"),
    29: ("stage_speaker", "somebody speaks on the stage"),
    30: ("stage_hand_raised", "somebody wants to speak on the stage"),
    31: ("stage_topic", "the stage has a new topic"),
    32: ("application_subscription", "somebody subscribed to an application"),
    36: ("incident_alert_on", "security actions were switched on"),
    37: ("incident_alert_off", "security actions were switched off"),
    38: ("raid_reported", "a raid was reported"),
    39: ("raid_denied", "the report of a raid was a false alarm"),
    44: ("purchase", "somebody bought something"),
    46: ("poll_ended", "a poll has ended"),
    55: ("streaming_upgraded", "streaming in HD was unlocked"),
    63: ("emoji_added", "the server has a new emoji"),
}
"""By a message's type: its stable code, and words."""
_NEVER_TOLD = ("flags", "components", "attachments", "sticker_items", "poll", "message_snapshots")
_JOINED, _ADDED, _REMOVED = 7, 1, 2


def happened(
    message: Message, author: str, embeds: tuple[Embed, ...], text: str, names: Names
) -> Body:
    """`text` is the message's own, read."""
    if message.type == _JOINED:
        return MemberChanged(member=author, change="joined")
    if message.type in (_ADDED, _REMOVED) and message.mentions:
        own = message.mentions[0].id == author
        removed = "left" if own else "removed"
        change = "joined" if message.type == _ADDED else removed
        return MemberChanged(member=message.mentions[0].id, change=change)
    code, what = HAPPENINGS[message.type]
    details = [one for one in (text, *_details(message, embeds, names)) if one]
    return AccountStatus(code=code, text=": ".join((what, "; ".join(details))) if details else what)


def untold(message: Message, embeds: tuple[Embed, ...]) -> tuple[str, ...]:
    """What such a message hardly ever holds."""
    lost = [name for name in _NEVER_TOLD if getattr(message, name)]
    if message.type in (_JOINED, _ADDED, _REMOVED):
        lost += [name for name in ("content", "mentions") if getattr(message, name)]
    for name in ("url", "image", "thumbnail", "video"):
        if any(getattr(one, name) for one in embeds):
            lost.append(f"embeds.{name}")
    return tuple(lost)


def _details(message: Message, embeds: tuple[Embed, ...], names: Names) -> tuple[str, ...]:
    """What there is to say besides that it happened."""
    answered, call = message.referenced_message, message.call
    subscription, purchase = message.role_subscription_data, message.purchase_notification
    about, elsewhere = message.message_reference.message_id, _elsewhere(message)
    return (
        excerpt(answered, names) if answered else "",
        f"message {about}" if about else "",
        f"channel {elsewhere}" if elsewhere else "",
        *(": ".join(filter(None, (one.title, words(one, names)))) for one in embeds),
        _call(call) if call else "",
        purchase.guild_product_purchase.product_name if purchase else "",
        (
            f"{subscription.tier_name}, {subscription.total_months_subscribed} months"
            if subscription
            else ""
        ),
    )


def _elsewhere(message: Message) -> str:
    """The channel that it is about, if not this one."""
    about = message.message_reference.channel_id
    return about if about and about != message.channel_id else ""


def _call(call: Call) -> str:
    """Who took part and, of one that is over, until when."""
    until = f", until {call.ended_timestamp.isoformat()}" if call.ended_timestamp else ""
    return f"with {', '.join(call.participants)}{until}"
