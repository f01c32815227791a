"""Finding what a Bot API request names: the chat, the message, the topic."""

import re

from sandbox.payload import Json
from sandbox.telegram.business import answerable_chat, named_connection
from sandbox.telegram.call import Call, objects
from sandbox.telegram.entities import checked
from sandbox.telegram.quotes import bots_quote
from sandbox.telegram.refusals import Refusal, bad_request, forbidden
from sandbox.telegram.state import Chat, Message, TelegramState

GENERAL_TOPIC = 1
CHAT_ID = re.compile(r"-?[0-9]{1,16}")


def open_chat(state: TelegramState, call: Call) -> Chat:
    """The chat that the request names, if the bot may write there."""
    connection = named_connection(state, call)
    if connection is not None:
        return answerable_chat(state, call, connection)
    chat = known_chat(state, call)
    if chat.blocked:
        raise forbidden("bot was blocked by the user")
    if call.bot in chat.removed_bots:
        raise forbidden(f"bot was kicked from the {chat.kind} chat")
    if chat.migrated_to is not None:
        raise Refusal(
            400,
            "Bad Request: group chat was upgraded to a supergroup chat",
            {"migrate_to_chat_id": chat.migrated_to.id},
        )
    return chat


def known_chat(state: TelegramState, call: Call) -> Chat:
    """The chat that the request names."""
    name = call.text("chat_id")
    if not name:
        raise bad_request("chat_id is empty")
    chat = state.find_chat(call.bot, int(name)) if CHAT_ID.fullmatch(name) else None
    if chat is None:
        raise bad_request("chat not found")
    return chat


def named_message(chat: Chat, call: Call, purpose: str) -> Message:
    """The message that the request names; `purpose` completes Telegram's words "message to ..."."""
    message_id = call.integer("message_id")
    if message_id <= 0:
        raise bad_request("message identifier is not specified")
    message = chat.messages.get(message_id)
    if message is None:
        raise bad_request(f"message to {purpose} not found")
    return message


def answered_message(chat: Chat, call: Call) -> tuple[Message | None, Json | None]:
    """The message that the request replies to, and the part of it that is quoted."""
    reply = call.json_object("reply_parameters") or {}
    message_id = reply.get("message_id") or call.integer("reply_to_message_id")
    if not message_id:
        return None, None
    if not isinstance(message_id, int):
        raise bad_request("can't parse reply parameters JSON object")
    message = chat.messages.get(message_id)
    lenient = reply.get("allow_sending_without_reply") or call.flag("allow_sending_without_reply")
    if message is None and not lenient:
        raise bad_request("message to be replied not found")
    return message, _quote(message, reply) if message and reply.get("quote") else None


def _quote(message: Message, reply: Json) -> Json:
    hint = reply.get("quote_position")
    entities = objects(reply.get("quote_entities"), "quote_entities") or []
    hint = hint if isinstance(hint, int) else 0
    return bots_quote(message, str(reply["quote"]), hint, checked(str(reply["quote"]), entities))


def named_topic(chat: Chat, call: Call) -> int | None:
    """The forum topic that the request names."""
    thread_id = call.integer("message_thread_id")
    if not thread_id or (chat.forum and thread_id == GENERAL_TOPIC):
        return None
    if thread_id not in chat.topics:
        raise bad_request("message thread not found")
    if chat.topics[thread_id].closed and call.bot not in chat.admin_bots:
        raise bad_request("TOPIC_CLOSED")
    return thread_id
