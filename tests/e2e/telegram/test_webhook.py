"""Telegram calls us: only Telegram is heard, and it is told 200 when what it brought is stored."""

import asyncio
import logging
import random
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import psutil
import pytest
from redis import Redis

from adapters.telegram.adapter import open_adapter
from adapters.telegram.line.webhook import secret_token
from core.errors import ConfigurationError
from sandbox.faults import Fault, Kind
from sandbox.payload import encode
from sandbox.server import Sandbox
from tests.e2e.telegram.hook_rig import PATH, SECRET, Hook, hooked, update
from tests.e2e.telegram.rig import Core, receiving, settings
from tests.rigs.redis_server import RedisServer
from tests.rigs.waiting import PATIENCE_SECONDS, eventually

MIB = 1024 * 1024


@pytest.fixture(scope="module")
def server() -> Iterator[RedisServer]:
    with RedisServer() as running:
        yield running


@pytest.fixture
async def hook(sandbox: Sandbox, server: RedisServer, tmp_path: Path) -> AsyncIterator[Hook]:
    with Redis.from_url(server.url) as redis:
        redis.flushall()
    async with hooked(sandbox, server, tmp_path) as running:
        yield running


async def test_what_customers_write_arrives_by_webhook(hook: Hook) -> None:
    hook.sandbox.phone.say("mei", "one")
    hook.sandbox.phone.say("mei", "two")

    await eventually(lambda: heard(hook, ["one", "two"]))
    await eventually(lambda: not list(hook.sandbox.world.telegram.bots[0].updates))


async def test_registering_names_the_address_the_secret_and_the_kinds_of_update(
    hook: Hook,
) -> None:
    registered = hook.registered

    assert registered
    assert (registered.url, registered.max_connections) == (hook.url, 40)
    assert len(hook.secret) == 43
    kinds = hook.sandbox.world.telegram.bots[0].allowed_updates
    assert kinds is not None
    assert kinds >= {"message", "my_chat_member"}


@pytest.mark.parametrize("secret", ["", "wrong", "ü", "x" * 5000], ids=["none", "", "odd", "long"])
async def test_without_the_secret_nothing_is_read(hook: Hook, secret: str) -> None:
    """Else anybody could write in a customer's name."""
    headers = {SECRET.encode(): secret.encode()} if secret else {}

    answer = await hook.http.post(PATH, content=encode(update(1, "forged")), headers=headers)

    assert answer.status_code == 403
    assert await hook.heard() == []


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "HEAD", "OPTIONS"])
async def test_other_methods_are_refused(hook: Hook, method: str) -> None:
    answer = await hook.http.request(method, PATH, headers={SECRET: hook.secret})

    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")


async def test_an_inbox_that_there_is_not_has_no_address(hook: Hook) -> None:
    answer = await hook.http.post("/hooks/other", content=b"{}", headers={SECRET: hook.secret})

    assert answer.status_code == 404


async def test_an_inbox_that_polls_takes_no_calls(hook: Hook, sandbox: Sandbox, core: Core) -> None:
    async with open_adapter(
        settings(sandbox.http_url, sandbox.bot_token), core.surroundings()
    ) as polling:
        hook.rig.adapters["main"] = polling

        assert await hook.post(update(1, "forged")) == 404


async def test_a_replayed_call_has_no_second_effect(hook: Hook) -> None:
    statuses = [await hook.post(update(9, "once")) for _ in range(3)]
    statuses += await asyncio.gather(*(hook.post(update(9, "once")) for _ in range(20)))

    assert set(statuses) == {200}
    assert await hook.heard() == ["once"]


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"null", b"[]", b'{"update_id":"x"}', b"\xff\xfe", b"[" * 100_000],
    ids=["empty", "half", "null", "list", "no id", "bytes", "deep"],
)
async def test_what_cannot_be_read_is_set_aside_and_not_asked_for_again(
    hook: Hook, body: bytes
) -> None:
    """Telegram repeats what is refused, and holds back what comes after it."""
    assert await hook.post(body) == 200

    assert [payload for _, payload, _ in hook.core.quarantined] == [body]


@pytest.mark.parametrize("announced", [True, False], ids=["announced", "chunked"])
async def test_a_body_of_10_mb_is_refused_and_never_held(hook: Hook, announced: bool) -> None:
    """Whoever knows the secret could fill the memory otherwise, and so could a proxy."""
    sent = 0

    async def chunks() -> AsyncIterator[bytes]:
        nonlocal sent
        for _ in range(160):
            sent += 65536
            yield b"x" * 65536

    headers = {SECRET: hook.secret}
    if announced:
        headers["content-length"] = str(160 * 65536)
    process = psutil.Process()
    before = process.memory_info().rss

    for _ in range(10):
        answer = await hook.http.post(PATH, content=chunks(), headers=headers)
        assert answer.status_code == 413

    assert process.memory_info().rss - before < 6 * MIB
    assert await hook.post(update(1, "next")) == 200


async def test_a_call_with_the_wrong_secret_costs_no_memory_either(hook: Hook) -> None:
    before = psutil.Process().memory_info().rss

    answers = await asyncio.gather(*(hook.post(b"x" * MIB, secret="wrong") for _ in range(10)))

    assert set(answers) == {403}
    assert psutil.Process().memory_info().rss - before < 30 * MIB


async def test_while_the_store_is_away_telegram_is_asked_to_come_again(
    hook: Hook, server: RedisServer
) -> None:
    server.kill()
    try:
        assert await hook.post(update(1, "later")) == 503
    finally:
        server.start()

    await eventually(lambda: taken(hook, update(1, "later")))
    assert await hook.heard() == ["later"]


async def test_while_the_gateway_ends_or_the_inbox_is_down_telegram_is_asked_to_come_again(
    hook: Hook,
) -> None:
    hook.rig.healthy = False
    answer = await hook.http.post(PATH, content=b"{}", headers={SECRET: hook.secret})

    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) >= 1
    hook.rig.healthy = True
    assert await hook.post(update(1, "now")) == 200


async def test_what_comes_for_one_chat_at_the_same_time_is_all_stored(hook: Hook) -> None:
    texts = [f"{n}" for n in range(1, 101)]

    statuses = await asyncio.gather(
        *(hook.post(update(n, text)) for n, text in enumerate(texts, 1))
    )

    assert set(statuses) == {200}
    assert sorted(await hook.heard()) == sorted(texts)


@pytest.mark.parametrize(
    "fault",
    [
        Fault("telegram", "webhook", Kind.DROP_AFTER, count=3),
        Fault("telegram", "webhook", Kind.DROP_BEFORE, count=3),
    ],
    ids=lambda fault: str(fault.kind),
)
async def test_calls_that_break_off_are_repeated_and_count_once(hook: Hook, fault: Fault) -> None:
    hook.sandbox.world.telegram.settings = type(hook.sandbox.world.telegram.settings)(
        webhook_retry_seconds=0.05, webhook_retry_seconds_max=0.1
    )
    hook.sandbox.world.faults.add(fault)
    for n in range(5):
        hook.sandbox.phone.say("mei", f"{n}")

    await eventually(lambda: heard(hook, ["0", "1", "2", "3", "4"]))
    await eventually(lambda: not list(hook.sandbox.world.telegram.bots[0].updates))
    assert await hook.heard() == ["0", "1", "2", "3", "4"]


async def test_bodies_that_were_tampered_with_never_break_anything(
    hook: Hook, caplog: pytest.LogCaptureFixture
) -> None:
    """A payload that nobody thought of must not stop the inbox, or Telegram repeats it all day."""
    caplog.set_level(logging.INFO)
    chance = random.Random(20_260_101)
    bodies = [
        mutated(chance, encode(update(n, "hello 🙂 /start @bot")).encode()) for n in range(2000)
    ]
    room = asyncio.Semaphore(8)

    async def post(body: bytes) -> int:
        async with room:
            return await hook.post(body)

    statuses = await asyncio.gather(*(post(body) for body in bodies))

    assert set(statuses) == {200}
    assert await hook.heard()
    assert hook.core.quarantined
    assert not [r.getMessage() for r in caplog.records if r.exc_info or r.levelno >= logging.ERROR]
    assert not [reason for *_, reason in hook.core.quarantined if "mistake" in reason]


async def test_a_webhook_that_somebody_changed_is_registered_again_and_told_of(
    sandbox: Sandbox, server: RedisServer, tmp_path: Path
) -> None:
    async with hooked(sandbox, server, tmp_path, webhook_check_seconds=0.1) as hook:
        bot = sandbox.world.telegram.bots[0]
        stranger = "http://127.0.0.1:9/secret-path"
        assert hook.registered
        bot.webhook = type(hook.registered)(stranger, "theirs", 40)

        await eventually(lambda: hook.registered is not None and hook.registered.url == hook.url)

        [told] = [text for text in hook.core.remarks if "set to 127.0.0.1" in text]
        assert "another program has this token" in told
        assert "secret-path" not in told
        await eventually(lambda: hook.core.remarks[-1] == "")


async def test_calls_that_do_not_get_through_are_told_of(
    sandbox: Sandbox, server: RedisServer, tmp_path: Path
) -> None:
    async with hooked(sandbox, server, tmp_path, webhook_check_seconds=0.1) as hook:
        hook.rig.healthy = False
        sandbox.phone.say("mei", "hello")

        await eventually(lambda: any("could not deliver" in text for text in hook.core.remarks))

        [told, *_] = [text for text in hook.core.remarks if "could not deliver" in text]
        assert "503" in told
        assert hook.url in told


@pytest.mark.parametrize(
    ("url", "remedy"),
    [
        ("", r"set public_url in \[web\], or mode to \"polling\""),
        ("http://support.example.com/hooks/main", "https addresses only"),
        ("https://support.example.com/hooks/main", "Telegram does not take"),
    ],
    ids=["none", "not https", "refused"],
)
async def test_an_address_that_telegram_cannot_use_is_told_with_the_remedy(
    sandbox: Sandbox, core: Core, url: str, remedy: str
) -> None:
    options = settings(sandbox.http_url, sandbox.bot_token, mode="webhook")
    async with open_adapter(options, core.surroundings(url)) as adapter:
        with pytest.raises(ConfigurationError, match=remedy):
            await asyncio.wait_for(adapter.run(core.deliver), PATIENCE_SECONDS)


async def test_at_the_end_the_webhook_stays_and_whoever_polls_later_deletes_it(
    hook: Hook, sandbox: Sandbox, core: Core
) -> None:
    """What customers write between two runs waits at Telegram."""
    bot = sandbox.world.telegram.bots[0]
    core.blobs.notes = hook.core.blobs.notes
    options = settings(sandbox.http_url, sandbox.bot_token)
    async with open_adapter(options, core.surroundings()) as polling, receiving(polling, core):
        await eventually(lambda: bot.webhook is None)
        sandbox.phone.say("mei", "by poll")
        await eventually(lambda: core.texts == ["by poll"])


async def test_no_secret_is_ever_told(hook: Hook, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    await hook.post(b"{", secret="wrong")
    await hook.post(b"{")
    secrets = (hook.secret, secret_token(b"k" * 32), hook.sandbox.bot_token.partition(":")[2])

    ours = [r.getMessage() for r in caplog.records if not r.name.startswith(("aiohttp", "hpack"))]
    told = [*ours, *hook.core.remarks, *(reason for *_, reason in hook.core.quarantined)]
    assert told
    assert not [line for line in told for secret in secrets if secret in line]


async def heard(hook: Hook, texts: list[str]) -> bool:
    return await hook.heard() == texts


async def taken(hook: Hook, body: object) -> bool:
    return await hook.post(body) == 200


def mutated(chance: random.Random, body: bytes) -> bytes:
    """Bytes changed, cut, doubled, moved."""
    text = bytearray(body)
    for _ in range(chance.randint(1, 4)):
        at, other = sorted((chance.randrange(len(text) + 1), chance.randrange(len(text) + 1)))
        match chance.randrange(5):
            case 0 if text:
                text[at % len(text)] = chance.randrange(256)
            case 1:
                del text[at:other]
            case 2:
                text[at:at] = text[at:other]
            case 3:
                text[at:at] = chance.choice([b"null", b"{", b"]", b'"', b"-1e999", b"9" * 40])
            case _:
                text[at:other] = bytes(chance.randrange(256) for _ in range(3))
    return bytes(text)
