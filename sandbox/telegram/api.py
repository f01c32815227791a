"""The Bot API over HTTP: /bot<token>/<method> and /file/bot<token>/<path>."""

import asyncio
from collections.abc import Awaitable, Callable
from http import HTTPStatus

from aiohttp import web

from sandbox.faults import Fault, Kind
from sandbox.payload import Json, encode
from sandbox.telegram import account, changing, sending, updates
from sandbox.telegram.call import Call, read_call
from sandbox.telegram.refusals import (
    Refusal,
    conflict,
    forbidden,
    not_found,
    too_many_requests,
    unauthorized,
)
from sandbox.telegram.state import Bot, TelegramState
from sandbox.world import World

PLATFORM = "telegram"
HTML_ERROR = "<html><head><title>{0}</title></head><body><h1>{0}</h1><hr>nginx</body></html>"
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
    "sendDocument": sending.send_document,
    "sendPhoto": sending.send_photo,
    "sendChatAction": sending.send_chat_action,
    "editMessageText": changing.edit_message_text,
    "deleteMessage": changing.delete_message,
    "setMessageReaction": changing.set_message_reaction,
    "answerCallbackQuery": changing.answer_callback_query,
    "createForumTopic": changing.create_forum_topic,
}
CANONICAL = {name.lower(): name for name in METHODS}
JOURNALLED = frozenset({"sendMessage", "sendDocument", "sendPhoto", "editMessageText"})


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
        try:
            call = await read_call(request, self._bot(request), method)
            fault = self._world.faults.take(PLATFORM, method, call.text("chat_id") or None)
            if fault is not None and (broken := _fail_before(fault, request)) is not None:
                return broken
            answer: Json = {"ok": True, "result": await self._perform(call)}
        except Refusal as refusal:
            return _refused(refusal)
        if fault is not None:
            await _fail_after(fault, request)
        return web.json_response(answer, dumps=encode)

    async def download(self, request: web.Request) -> web.StreamResponse:
        """Hand out a file's bytes under the path that getFile named."""
        self._world.journal.count(PLATFORM, "download")
        try:
            self._bot(request)
            fault = self._world.faults.take(PLATFORM, "download")
            if fault is not None and (broken := _fail_before(fault, request)) is not None:
                return broken
        except Refusal as refusal:
            return _refused(refusal)
        path = request.match_info["path"]
        for stored in self._world.telegram.files.values():
            if stored.path == path:
                return web.Response(body=stored.content, content_type="application/octet-stream")
        return _refused(not_found())

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
        if call.method in JOURNALLED and isinstance(result, dict):
            self._note(call.method, result)
        return result

    def _note(self, method: str, message: Json) -> None:
        chat_id = message["chat"]["id"]
        self._world.journal.accept(
            PLATFORM,
            method,
            target=str(chat_id),
            ref=f"{chat_id}:{message['message_id']}",
            text=message.get("text") or message.get("caption") or "",
        )


def _fail_before(fault: Fault, request: web.Request) -> web.StreamResponse | None:
    """Fail without effect; None when the fault comes after the effect."""
    match fault.kind:
        case Kind.RATE_LIMIT:
            raise too_many_requests(fault.retry_after)
        case Kind.UNAUTHORISED:
            raise unauthorized()
        case Kind.BLOCKED:
            raise forbidden("bot was blocked by the user")
        case Kind.CONFLICT:
            raise conflict(updates.OTHER_POLLER)
        case Kind.SERVER_ERROR if not fault.html:
            raise Refusal(fault.status, HTTPStatus(fault.status).phrase)
        case Kind.SERVER_ERROR:
            page = HTML_ERROR.format(f"{fault.status} {HTTPStatus(fault.status).phrase}")
            return web.Response(status=fault.status, text=page, content_type="text/html")
        case Kind.DROP_BEFORE:
            return _hang_up(request)
        case _:
            return None


async def _fail_after(fault: Fault, request: web.Request) -> None:
    if fault.kind is Kind.DROP_AFTER:
        _hang_up(request)
    elif fault.kind is Kind.SLOW_AFTER:
        await asyncio.sleep(fault.seconds)


def _hang_up(request: web.Request) -> web.StreamResponse:
    """Close the connection now; what is written afterwards reaches nobody."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


def _refused(refusal: Refusal) -> web.Response:
    headers = {}
    if "retry_after" in refusal.parameters:
        headers["Retry-After"] = str(refusal.parameters["retry_after"])
    return web.json_response(refusal.body(), status=refusal.code, headers=headers, dumps=encode)
