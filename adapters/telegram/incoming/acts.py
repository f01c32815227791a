"""What people do besides writing (press, react, join, connect, delete), to events. Pure."""

from adapters.telegram.incoming.envelope import (
    Envelope,
    chat_actor,
    platform,
    public_name,
    remote,
    within,
)
from adapters.telegram.incoming.messages import as_staff, business_customer, customer_of
from adapters.telegram.objects.update import (
    BusinessConnection,
    BusinessDeletion,
    CallbackQuery,
    FormerMembership,
    Keyboard,
    Membership,
    MembershipChange,
    OwnMembership,
    OwnMembershipChange,
    Reaction,
    ReactionCounts,
    ReactionType,
)
from adapters.telegram.places import Place, place_of
from adapters.telegram.settings import GroupPolicy
from core.model.event import (
    AccountStatus,
    ActionInvoked,
    Actor,
    Inbound,
    MemberChanged,
    MessageDeleted,
    Reacted,
)

_GONE = frozenset({"left", "kicked"})
_MEMBER = "member"
_PAID = "⭐"


def button_pressed(query: CallbackQuery, _field: str, envelope: Envelope) -> tuple[Inbound, ...]:
    """A button is ours and so is the press, whatever is wanted of the group."""
    value = query.data or query.game_short_name
    if not (message := query.message):
        on = f"inline:{query.inline_message_id}" if query.inline_message_id else ""
        return (
            envelope.around(
                ActionInvoked(value=value, on=on),
                thread=str(query.from_.id),
                actor=envelope.actor(query.from_),
                at=0,
                chat=None,
            ),
        )
    actor, customer = envelope.actor(query.from_), customer_of(message, query.from_, envelope)
    return (
        envelope.around(
            ActionInvoked(
                value=value,
                label=_label(message.reply_markup, value),
                on=remote(message.chat, message.message_id),
            ),
            thread=envelope.thread(message.chat.id, within(message, message.direct_messages_topic)),
            actor=as_staff(actor) if customer else actor,
            at=0,
            chat=message.chat,
            customer=customer,
            private=message.direct_messages_topic is not None,
        ),
    )


def reacted(reaction: Reaction, field: str, envelope: Envelope) -> tuple[Inbound, ...]:
    chat = reaction.chat
    if chat.type != "private" and envelope.reader.groups is GroupPolicy.NONE:
        return ()
    emojis = tuple(_emoji(kind) for kind in reaction.new_reaction)
    known = remote(chat, reaction.message_id)
    thread = envelope.thread(chat.id, envelope.reader.topics.get(known, ""))
    return (
        envelope.around(
            Reacted(remote=known, emojis=emojis),
            thread=thread,
            actor=_reacting(reaction, envelope),
            at=reaction.date,
            chat=chat,
            private=bool(place_of(thread).direct),
            lost=envelope.lost + public_name(chat, field),
        ),
    )


def reactions_counted(
    counts: ReactionCounts, field: str, envelope: Envelope
) -> tuple[Inbound, ...]:
    """Where reactions are anonymous they are nobody's: only how many there are is told."""
    chat = counts.chat
    counted = ", ".join(f"{_emoji(one.type)} {one.total_count}" for one in counts.reactions)
    where = remote(chat, counts.message_id)
    return (
        envelope.around(
            AccountStatus(code=field, text=f"reactions to {where}: {counted or 'none'}"),
            thread=envelope.thread(chat.id),
            actor=platform(),
            at=counts.date,
            chat=chat,
            lost=envelope.lost + public_name(chat, field),
        ),
    )


def own_membership(
    change: OwnMembershipChange, field: str, envelope: Envelope
) -> tuple[Inbound, ...]:
    """The bot's own place in a chat has changed. In a private chat that is being blocked or not."""
    now = change.new_chat_member
    if change.chat.type == "private":
        code = "blocked" if _is_gone(now) else "unblocked"
    elif _is_gone(now):
        code = "removed"
    else:
        code = "joined" if _is_gone(change.old_chat_member) else "rights_changed"
    return (_of_membership(AccountStatus(code=code, text=now.status), change, field, envelope),)


def member_changed(change: MembershipChange, field: str, envelope: Envelope) -> tuple[Inbound, ...]:
    if envelope.reader.groups is GroupPolicy.NONE:
        return ()
    before, now = change.old_chat_member, change.new_chat_member
    member = now.user.id
    kind = _change(before, now, by_self=member == change.from_.id)
    lost = () if now.status in (_MEMBER, *_GONE) else (f"{field}.new_chat_member.status",)
    body = MemberChanged(member=str(member), change=kind)
    return (_of_membership(body, change, field, envelope, lost),)


def business_connection(
    connection: BusinessConnection, _field: str, envelope: Envelope
) -> tuple[Inbound, ...]:
    """Said in the owner's own chat with the bot. The text is the connection and what it allows."""
    rights = sorted(name for name, granted in connection.rights.items() if granted)
    code = "business_connected" if connection.is_enabled else "business_disconnected"
    return (
        envelope.around(
            AccountStatus(code=code, text=" ".join((connection.id, *rights))),
            thread=str(connection.user_chat_id),
            actor=envelope.actor(connection.user),
            at=connection.date,
            chat=None,
        ),
    )


def deleted(deletion: BusinessDeletion, _field: str, envelope: Envelope) -> tuple[Inbound, ...]:
    """Either side of a business chat may have deleted them: Telegram does not say."""
    chat, connection = deletion.chat, deletion.business_connection_id
    return tuple(
        envelope.around(
            MessageDeleted(remote=remote(chat, message_id)),
            thread=envelope.thread(chat.id, Place("", connection=connection).within),
            actor=platform(),
            at=0,
            chat=chat,
            customer=business_customer(chat),
            part=part,
        )
        for part, message_id in enumerate(deletion.message_ids)
    )


def _of_membership(
    body: AccountStatus | MemberChanged,
    change: OwnMembershipChange | MembershipChange,
    field: str,
    envelope: Envelope,
    lost: tuple[str, ...] = (),
) -> Inbound:
    return envelope.around(
        body,
        thread=envelope.thread(change.chat.id),
        actor=envelope.actor(change.from_),
        at=change.date,
        chat=change.chat,
        lost=envelope.lost + lost + public_name(change.chat, field),
    )


def _is_gone(member: OwnMembership | Membership | FormerMembership) -> bool:
    """Who is restricted may be in the chat or not."""
    return member.status in _GONE or not member.is_member


def _change(before: FormerMembership, now: Membership, *, by_self: bool) -> str:
    if _is_gone(now):
        if now.status == "kicked":
            return "banned"
        return "left" if by_self else "removed"
    if _is_gone(before):
        return "joined"
    return f"now_{now.status}"


def _reacting(reaction: Reaction, envelope: Envelope) -> Actor:
    if reaction.user:
        return envelope.actor(reaction.user)
    return chat_actor(reaction.actor_chat) if reaction.actor_chat else platform()


def _emoji(kind: ReactionType) -> str:
    if kind.custom_emoji_id:
        return f"custom:{kind.custom_emoji_id}"
    return kind.emoji or (_PAID if kind.type == "paid" else kind.type)


def _label(keyboard: Keyboard | None, data: str) -> str:
    rows = keyboard.inline_keyboard if keyboard else ()
    return next((b.text for row in rows for b in row if data and b.callback_data == data), "")
