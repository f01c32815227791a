"""Access by token: the token endpoint, and both ports with what it gave out."""

import asyncio
import base64
import imaplib
import smtplib
from typing import Any

import aioimaplib  # type: ignore[import-untyped]
import pytest

from sandbox.server import Sandbox
from tests.e2e.sandbox.bare import connected
from tests.e2e.sandbox.rig import Wire


@pytest.mark.parametrize("grant", ["refresh_token", "client_credentials"])
async def test_a_token_opens_the_mailbox(sandbox: Sandbox, wire: Wire, grant: str) -> None:
    """As the gateway does it with a large provider."""
    _, given = await _token(wire, grant_type=grant)
    client = aioimaplib.IMAP4("127.0.0.1", sandbox.imap_port, timeout=5)
    await client.wait_hello_from_server()

    answer = await client.xoauth2(sandbox.mail_user, given["access_token"])
    selected = await client.select("INBOX")
    await client.logout()

    assert (answer.result, selected.result) == ("OK", "OK")
    assert (given["token_type"], given["expires_in"]) == ("Bearer", 3600)


async def test_the_standard_library_gets_in_too(sandbox: Sandbox, wire: Wire) -> None:
    """imaplib answers a challenge, smtplib sends the answer along."""
    _, given = await _token(wire)
    sasl = f"user={sandbox.mail_user}\x01auth=Bearer {given['access_token']}\x01\x01"

    def drive() -> tuple[str, int]:
        with imaplib.IMAP4("127.0.0.1", sandbox.imap_port) as reading:
            opened = reading.authenticate("XOAUTH2", lambda _: sasl.encode())[0]
        with smtplib.SMTP("127.0.0.1", sandbox.smtp_port) as sending:
            sending.ehlo()
            code, _ = sending.auth("XOAUTH2", lambda _=None: sasl)
        return opened, code

    assert await asyncio.to_thread(drive) == ("OK", 235)


async def test_submission_explains_a_bad_token_too(sandbox: Sandbox) -> None:
    async with connected(sandbox.smtp_port) as line:
        await line.reply("EHLO here")
        challenge = await line.reply(f"AUTH XOAUTH2 {_sasl(sandbox, 'no-token')}")
        refused = await line.reply("")

    assert challenge.startswith("334 ")
    assert b'"status":"400"' in base64.b64decode(challenge.removeprefix("334 "))
    assert refused.startswith("535 5.7.8")


async def test_a_bad_token_is_answered_by_a_challenge_first(sandbox: Sandbox) -> None:
    """The answer is only refused once the client has taken the explanation."""
    async with connected(sandbox.imap_port) as line:
        await line.say(f"a AUTHENTICATE XOAUTH2 {_sasl(sandbox, 'no-token')}")
        challenge = await line.line()
        refused = await line.ask("", tag="a")

    assert b'"status":"400"' in base64.b64decode(challenge.removeprefix(b"+ "))
    assert refused == b"a NO [AUTHENTICATIONFAILED] Authentication failed.\r\n"


async def test_tokens_expire_and_can_be_taken_back(sandbox: Sandbox, wire: Wire) -> None:
    await wire.post("/oauth", expires_seconds=1800)
    _, given = await _token(wire)

    opens = await _opens(sandbox, given["access_token"])
    ended = await wire.post("/oauth/expire")
    opens_then = await _opens(sandbox, given["access_token"])
    old = (await wire.get("/oauth"))["refresh_token"]
    await wire.post("/oauth/revoke")
    status, refused = await _token(wire, refresh_token=old)

    assert (given["expires_in"], ended, opens, opens_then) == (1800, {"expired": 1}, True, False)
    assert (status, refused["error"]) == (400, "invalid_grant")
    assert (await _token(wire))[0] == 200


async def test_a_token_ends_by_the_clock() -> None:
    now = [1000.0]
    async with Sandbox(now=lambda: now[0]) as sandbox, Wire.of(sandbox) as wire:
        await wire.post("/oauth", expires_seconds=60)
        _, given = await _token(wire)
        before = await _opens(sandbox, given["access_token"])
        now[0] += 61

        assert (before, await _opens(sandbox, given["access_token"])) == (True, False)


async def test_refresh_tokens_can_rotate(wire: Wire) -> None:
    """Each is good once: a gateway that loses the new one is locked out."""
    await wire.post("/oauth", rotates=True)
    old = (await wire.get("/oauth"))["refresh_token"]

    _, given = await _token(wire, refresh_token=old)
    status, _ = await _token(wire, refresh_token=old)

    assert given["refresh_token"] != old
    assert status == 400
    assert (await _token(wire, refresh_token=given["refresh_token"]))[0] == 200


@pytest.mark.parametrize(
    ("fault", "status", "told"),
    [
        ({"kind": "server_error", "status": 503}, 503, '{"error":"server_error"'),
        ({"kind": "server_error", "html": True}, 502, "<html>"),
        ({"kind": "rate_limit", "retry_after": 7}, 429, '{"error":"slow_down"'),
        ({"kind": "blocked"}, 400, '{"error":"invalid_grant"'),
        ({"kind": "unauthorised"}, 401, '{"error":"invalid_client"'),
        ({"kind": "garbled"}, 200, '{"access_token":'),
        ({"kind": "trickle", "seconds": 0.1}, 200, '{"access_token":'),
    ],
)
async def test_the_token_endpoint_fails_as_told(
    wire: Wire, fault: dict[str, Any], status: int, told: str
) -> None:
    await wire.post("/faults", platform="oauth", method="token", **fault)

    form = await _form(wire)
    async with wire.http.post(wire.sandbox.token_url, data=form) as response:
        text = await response.text()

    assert (response.status, text[: len(told)]) == (status, told)
    assert response.headers.get("Retry-After") == ("7" if status == 429 else None)
    assert (await _token(wire))[0] == 200


async def test_a_wrong_secret_is_refused(wire: Wire) -> None:
    status, refused = await _token(wire, client_secret="wrong")

    assert (status, refused["error"]) == (401, "invalid_client")


async def test_a_provider_may_take_no_passwords_at_all(sandbox: Sandbox, wire: Wire) -> None:
    await wire.post("/mail/settings", imap={"mechanisms": ["XOAUTH2"], "login_disabled": True})
    _, given = await _token(wire)

    async with connected(sandbox.imap_port) as line:
        told = await line.ask("c CAPABILITY")
        refused = await line.ask(f"l LOGIN {sandbox.mail_user} {sandbox.mail_password}")

    assert b"AUTH=XOAUTH2 LOGINDISABLED" in told
    assert b"AUTH=PLAIN" not in told
    assert refused.startswith(b"l NO [PRIVACYREQUIRED]")
    assert await _opens(sandbox, given["access_token"])


async def _form(wire: Wire, **changes: str) -> dict[str, str]:
    about = await wire.get("/oauth")
    known = ("client_id", "client_secret", "refresh_token")
    return {name: about[name] for name in known} | {"grant_type": "refresh_token"} | changes


async def _token(wire: Wire, **changes: str) -> tuple[int, dict[str, Any]]:
    form = await _form(wire, **changes)
    async with wire.http.post(wire.sandbox.token_url, data=form) as response:
        return response.status, await response.json()


async def _opens(sandbox: Sandbox, token: str) -> bool:
    """One whole exchange, by the challenge; true when the mailbox is open."""
    async with connected(sandbox.imap_port) as line:
        await line.say("a AUTHENTICATE XOAUTH2")
        await line.line()
        await line.say(_sasl(sandbox, token))
        told = await line.line()
        if told.startswith(b"+ "):
            told = await line.ask("", tag="a")
    return told.startswith(b"a OK")


def _sasl(sandbox: Sandbox, token: str) -> str:
    sasl = f"user={sandbox.mail_user}\x01auth=Bearer {token}\x01\x01"
    return base64.b64encode(sasl.encode()).decode()
