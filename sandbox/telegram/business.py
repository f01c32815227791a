"""Bots connected to personal accounts: whose chats they may read, answer in and tidy."""

from sandbox.payload import Json
from sandbox.telegram.call import Call
from sandbox.telegram.refusals import bad_request, forbidden
from sandbox.telegram.state import BusinessConnection, Chat, Message, TelegramState, unix_now
from sandbox.telegram.wire import connection_json

ACTIVE_SECONDS = 24 * 3600
"""How long after a customer's last message a bot may write to them for the owner."""
EDIT_WINDOW_SECONDS = 48 * 3600
DELETED_AT_ONCE_MAX = 100


async def get_business_connection(state: TelegramState, call: Call) -> Json:
    """A `BusinessConnection` object, also of one that has ended."""
    return connection_json(_known(state, call))


async def read_business_message(state: TelegramState, call: Call) -> bool:
    """Mark what the customer wrote, up to this message, as read by the owner."""
    connection = _enabled(state, call, "can_read_messages")
    chat = _chat(state, call, connection)
    last = call.integer("message_id")
    if last not in chat.messages:
        raise bad_request("message to read not found")
    for message in chat.messages.values():
        if message.id <= last and message.sender is not connection.owner:
            message.read = True
    state.changed("telegram.read", chat, last)
    return True


async def delete_business_messages(state: TelegramState, call: Call) -> bool:
    """Delete messages of one chat on behalf of the owner."""
    connection = _enabled(state, call)
    wanted = call.integers("message_ids")
    if not 1 <= len(wanted) <= DELETED_AT_ONCE_MAX:
        raise bad_request("message identifiers are not specified")
    found = [_message(state, connection, number) for number in set(wanted)]
    if len({id(message.chat) for message in found}) > 1:
        raise bad_request("MESSAGE_ID_INVALID")
    if not all(_may_delete(connection, message) for message in found):
        raise bad_request("MESSAGE_DELETE_FORBIDDEN")
    for message in found:
        del message.chat.messages[message.id]
        state.changed("telegram.deleted", message.chat, message.id)
    return True


def named_connection(state: TelegramState, call: Call) -> BusinessConnection | None:
    """The connection on behalf of which the request is made, if it is on behalf of anyone."""
    return _known(state, call) if call.text("business_connection_id") else None


def answerable_chat(state: TelegramState, call: Call, connection: BusinessConnection) -> Chat:
    """The owner's chat that the request names, if the bot may write there now."""
    chat = _chat(state, call, _enabled(state, call, "can_reply"))
    theirs = [one.date for one in chat.messages.values() if one.sender is not connection.owner]
    if not theirs or unix_now() - max(theirs) >= ACTIVE_SECONDS:
        raise bad_request("BUSINESS_PEER_USAGE_MISSING")
    return chat


def may_edit(message: Message, call: Call, connection: BusinessConnection) -> bool:
    """The bot's own always; what the owner wrote, for two days."""
    if message.business_bot is call.bot:
        return True
    fresh = unix_now() - message.date < EDIT_WINDOW_SECONDS
    return message.sender is connection.owner and fresh


def _known(state: TelegramState, call: Call) -> BusinessConnection:
    connection = state.connections.get(call.text("business_connection_id"))
    if connection is None or connection.bot is not call.bot:
        raise bad_request("business connection not found")
    return connection


def _enabled(state: TelegramState, call: Call, right: str | None = None) -> BusinessConnection:
    connection = _known(state, call)
    if not connection.enabled:
        raise bad_request("BUSINESS_CONNECTION_INVALID")
    if right is not None and not connection.rights.get(right):
        raise forbidden("BOT_ACCESS_FORBIDDEN")
    return connection


def _chat(state: TelegramState, call: Call, connection: BusinessConnection) -> Chat:
    chat_id = call.integer("chat_id")
    for chat in state.chats_of(connection.owner):
        if chat.personal and chat.id_for(connection.owner) == chat_id:
            return chat
    raise bad_request("BUSINESS_PEER_INVALID")


def _message(state: TelegramState, connection: BusinessConnection, number: int) -> Message:
    for chat in state.chats_of(connection.owner):
        if chat.personal and number in chat.messages:
            return chat.messages[number]
    raise bad_request("MESSAGE_ID_INVALID")


def _may_delete(connection: BusinessConnection, message: Message) -> bool:
    sent = message.business_bot is connection.bot
    needed = "can_delete_sent_messages" if sent else "can_delete_all_messages"
    return bool(connection.rights.get(needed) or connection.rights.get("can_delete_all_messages"))
