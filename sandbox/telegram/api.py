"""The Bot API over HTTP: /bot<token>/<method> and /file/bot<token>/<path>."""

import re
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from sandbox.payload import Json, encode
from sandbox.spoiling import deliver
from sandbox.telegram import account, business, changing, chats, reactions, sending, topics, updates
from sandbox.telegram.call import Call, read_call
from sandbox.telegram.contents import READERS
from sandbox.telegram.failing import fail_before
from sandbox.telegram.queue import PLATFORM
from sandbox.telegram.refusals import Refusal, not_found, unauthorized
from sandbox.telegram.state import Bot, TelegramState
from sandbox.world import World

Method = Callable[[TelegramState, Call], Awaitable[object]]

METHODS: dict[str, Method] = {
    "getMe": account.get_me,
    "setMyCommands": account.set_my_commands,
    "getMyCommands": account.get_my_commands,
    "getFile": account.get_file,
    "getUpdates": updates.get_updates,
    "setWebhook": updates.set_webhook,
    "deleteWebhook": updates.delete_webhook,
    "getWebhookInfo": updates.get_webhook_info,
    "sendMessage": sending.send_message,
    **dict.fromkeys(READERS, sending.send_content),
    "sendMediaGroup": sending.send_media_group,
    "sendChatAction": sending.send_chat_action,
    "editMessageText": changing.edit_message_text,
    "deleteMessage": changing.delete_message,
    "editMessageCaption": changing.edit_message_caption,
    "editMessageMedia": changing.edit_message_media,
    "editMessageReplyMarkup": changing.edit_message_reply_markup,
    "deleteMessages": changing.delete_messages,
    "setMessageReaction": reactions.set_message_reaction,
    "answerCallbackQuery": changing.answer_callback_query,
    "createForumTopic": topics.create_forum_topic,
    "editForumTopic": topics.edit_forum_topic,
    "closeForumTopic": topics.close_forum_topic,
    "reopenForumTopic": topics.reopen_forum_topic,
    "deleteForumTopic": topics.delete_forum_topic,
    "getBusinessConnection": business.get_business_connection,
    "readBusinessMessage": business.read_business_message,
    "deleteBusinessMessages": business.delete_business_messages,
    "getChat": chats.get_chat,
    "getChatMember": chats.get_chat_member,
}
CANONICAL = {name.lower(): name for name in METHODS}
SENDS = re.compile(r"send(?!ChatAction)|editMessage|copyMessage|forwardMessage")
"""Methods that leave something on a phone, which the journal keeps."""


class BotApi:
    """Answers Bot API requests from the world."""

    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self) -> list[web.RouteDef]:
        """The addresses, below which everything is Telegram's."""
        return [
            web.route("*", "/bot{token:[^/]+}/{method}", self.handle),
            web.get("/file/bot{token:[^/]+}/{path:.+}", self.download),
        ]

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer one method call, or fail as a fault says."""
        asked = request.match_info["method"]
        method = CANONICAL.get(asked.lower(), asked)
        self._world.journal.count(PLATFORM, method)
        target = None
        try:
            call = await read_call(request, self._bot(request), method)
            target = call.text("chat_id") or None
            fault = self._world.faults.take(PLATFORM, method, target)
            if fault is not None and (broken := await fail_before(fault, request)) is not None:
                return broken
            self._check_flood(call)
            answer: Json = {"ok": True, "result": await self._perform(call)}
        except Refusal as refusal:
            self._world.journal.refuse(PLATFORM, method, target, refusal.code)
            return _refused(refusal)
        return await deliver(fault, request, encode(answer).encode(), "application/json")

    async def download(self, request: web.Request) -> web.StreamResponse:
        """Hand out a file's bytes under the path that getFile named."""
        self._world.journal.count(PLATFORM, "download")
        try:
            self._bot(request)
            fault = self._world.faults.take(PLATFORM, "download")
            if fault is not None and (broken := await fail_before(fault, request)) is not None:
                return broken
            content = self._stored(request.match_info["path"])
        except Refusal as refusal:
            return _refused(refusal)
        return await deliver(fault, request, content, "application/octet-stream")

    def _stored(self, path: str) -> bytes:
        for stored in self._world.telegram.files.values():
            if stored.path == path:
                return stored.content
        raise not_found()

    def _check_flood(self, call: Call) -> None:
        telegram = self._world.telegram
        limits = telegram.settings.flood
        telegram.flood.check(limits, call.method, call.bot.id, call.text("chat_id"))

    def _bot(self, request: web.Request) -> Bot:
        bot = self._world.telegram.bot_by_token(request.match_info["token"])
        if bot is None:
            raise unauthorized()
        return bot

    async def _perform(self, call: Call) -> object:
        method = METHODS.get(call.method)
        if method is None:
            raise not_found()
        result = await method(self._world.telegram, call)
        if SENDS.match(call.method):
            self._note(call.method, result)
        return result

    def _note(self, method: str, result: Any) -> None:
        for message in result if isinstance(result, list) else [result]:
            chat_id = message["chat"]["id"]
            self._world.journal.accept(
                PLATFORM,
                method,
                target=str(chat_id),
                ref=f"{chat_id}:{message['message_id']}",
                text=message.get("text") or message.get("caption") or "",
            )


def _refused(refusal: Refusal) -> web.Response:
    headers = {}
    if "retry_after" in refusal.parameters:
        headers["Retry-After"] = str(refusal.parameters["retry_after"])
    return web.json_response(refusal.body(), status=refusal.code, headers=headers, dumps=encode)
