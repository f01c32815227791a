"""Answers that no emulator of Telegram would give: garbage, floods, redirects."""

import traceback
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from adapters.telegram.adapter import open_adapter
from core.errors import PermanentDeliveryError, TemporaryDeliveryError, UnknownOutcome
from core.model.content import Attachment, Text
from core.model.ids import AttachmentId
from tests.e2e.telegram.rig import Core, outbound, running, settings
from tests.rigs.waiting import eventually

Answer = Callable[[str, dict[str, str]], web.Response]
ME = b'{"ok":true,"result":{"id":1,"is_bot":true,"first_name":"B","username":"b_bot"}}'


@asynccontextmanager
async def serving(answer: Answer) -> AsyncIterator[str]:
    """A server that answers each method call as told; -> its address."""

    async def handle(request: web.Request) -> web.Response:
        form = {name: str(value) for name, value in (await request.post()).items()}
        return answer(request.path.rpartition("/")[2], form)

    application = web.Application()
    application.router.add_route("*", "/{path:.*}", handle)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


def text_update(update_id: int, text: str) -> bytes:
    return (
        b'{"update_id":%d,"message":{"message_id":%d,"date":1,"chat":{"id":7,"type":"private"},'
        b'"from":{"id":7,"is_bot":false,"first_name":"A"},"text":"%s"}}'
        % (update_id, update_id, text.encode())
    )


@pytest.mark.parametrize(
    "poison",
    [
        b'{"update_id":2,"message":{"text":"\x00 broken',
        b'{"update_id":2,"x":' + b"[" * 50_000 + b"]" * 50_000 + b"}",
        b'{"update_id":2,"x":"' + b"x" * 200_000 + b'"}',
    ],
    ids=["broken", "deep", "too long"],
)
async def test_one_update_that_spoils_the_whole_answer_is_set_aside(
    core: Core, poison: bytes
) -> None:
    updates = {1: text_update(1, "one"), 2: poison, 3: text_update(3, "three")}

    def answer(method: str, form: dict[str, str]) -> web.Response:
        if method == "getMe":
            return web.Response(body=ME)
        offset, limit = int(form["offset"]), int(form["limit"])
        waiting = [body for number, body in updates.items() if number >= offset][:limit]
        return web.Response(body=b'{"ok":true,"result":[' + b",".join(waiting) + b"]}")

    async with serving(answer) as url:
        options = settings(url, "1:x", poll_size_bytes_max=150_000)
        async with running(core, options):
            await eventually(lambda: core.texts[:2] == ["one", "three"])

    assert b'"update_id":2' in core.quarantined[0][1]


async def test_a_page_instead_of_updates_is_waited_out(core: Core) -> None:
    pages = iter([b"<html>maintenance</html>"] * 3)

    def answer(method: str, form: dict[str, str]) -> web.Response:
        if method == "getMe":
            return web.Response(body=ME)
        page = next(pages, None)
        good = b'{"ok":true,"result":[' + text_update(4, "back") + b"]}"
        return web.Response(body=good if page is None else page)

    async with serving(answer) as url, running(core, settings(url, "1:x")):
        await eventually(lambda: "back" in core.texts)

    assert core.quarantined == []


async def test_updates_without_an_id_do_not_make_a_hot_loop(core: Core) -> None:
    asked = 0

    def answer(method: str, form: dict[str, str]) -> web.Response:
        nonlocal asked
        asked += 1
        body = ME if method == "getMe" else b'{"ok":true,"result":[{"message":{}}]}'
        return web.Response(body=body)

    options_changes: dict[str, object] = {
        "back_off_seconds_min": 60.0,
        "back_off_seconds_max": 60.0,
    }
    async with serving(answer) as url, running(core, settings(url, "1:x", **options_changes)):
        await eventually(lambda: len(core.quarantined) == 1)

    assert asked == 2


@pytest.mark.parametrize(
    ("response", "error", "code"),
    [
        (lambda: web.Response(body=b"<html>ok</html>"), UnknownOutcome, "unknown"),
        (lambda: web.Response(body=b'{"ok":true,"result":true}'), UnknownOutcome, "unknown"),
        (lambda: web.Response(status=409, body=b"{}"), TemporaryDeliveryError, "unreachable"),
        (
            lambda: web.Response(status=302, headers={"Location": "/x"}),
            TemporaryDeliveryError,
            "unreachable",
        ),
        (lambda: web.Response(status=413), PermanentDeliveryError, "too_large"),
        (
            lambda: web.json_response(
                {"ok": False, "parameters": {"migrate_to_chat_id": -100987}}, status=400
            ),
            PermanentDeliveryError,
            "migrated",
        ),
        (
            lambda: web.json_response(
                {"ok": False, "description": "Too Many Requests"}, status=429
            ),
            TemporaryDeliveryError,
            "rate_limited",
        ),
    ],
)
async def test_an_odd_answer_to_a_send_is_told_apart(
    core: Core,
    response: Callable[[], web.Response],
    error: type[Exception],
    code: str,
) -> None:
    async with (
        serving(lambda _method, _form: response()) as url,
        open_adapter(settings(url, "1:x"), core.surroundings()) as adapter,
    ):
        with pytest.raises(error) as caught:
            await adapter.send(outbound("7", Text(text="hi")))

    assert getattr(caught.value, "code", "") == code
    if code == "migrated":
        assert "-100987" in str(caught.value)


async def test_a_server_that_echoes_the_address_does_not_make_us_tell_the_token(
    core: Core,
) -> None:
    """Proxies tell what they could not reach, and the address holds the token."""

    def answer(method: str, form: dict[str, str]) -> web.Response:
        told = {"ok": False, "description": f"Bad Request: POST /bot4711:s3cr3t/{method}"}
        return web.json_response(told, status=400)

    async with (
        serving(answer) as url,
        open_adapter(settings(url, "4711:s3cr3t"), core.surroundings()) as adapter,
    ):
        with pytest.raises(PermanentDeliveryError, match="<token>/sendMessage") as caught:
            await adapter.send(outbound("7", Text(text="hi")))

    assert "s3cr3t" not in "".join(traceback.format_exception(caught.value))


async def test_a_download_that_is_longer_than_announced_is_stopped(core: Core) -> None:
    def answer(method: str, form: dict[str, str]) -> web.Response:
        if method == "getFile":
            return web.json_response({"ok": True, "result": {"file_path": "f", "file_size": 1}})
        return web.Response(body=bytes(5000))

    wanted = Attachment(id=AttachmentId("a1"), remote="f")
    async with (
        serving(answer) as url,
        open_adapter(
            settings(url, "1:x", download_size_bytes_max=2000), core.surroundings()
        ) as adapter,
    ):
        with pytest.raises(Exception, match="larger than the 2000 bytes"):
            _ = [chunk async for chunk in adapter.fetch(wanted)]


async def test_a_download_that_ends_too_early_is_no_file(core: Core) -> None:
    """A proxy that drops the connection must not make half a picture count as the whole."""

    def answer(method: str, form: dict[str, str]) -> web.Response:
        if method == "getFile":
            return web.json_response({"ok": True, "result": {"file_path": "f", "file_size": 6000}})
        return web.Response(body=bytes(5000))

    wanted = Attachment(id=AttachmentId("a1"), remote="f")
    async with (
        serving(answer) as url,
        open_adapter(settings(url, "1:x"), core.surroundings()) as adapter,
    ):
        with pytest.raises(TemporaryDeliveryError, match="only 5000 of 6000 bytes"):
            _ = [chunk async for chunk in adapter.fetch(wanted)]
