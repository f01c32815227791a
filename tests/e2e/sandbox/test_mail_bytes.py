"""The law of the mail host: FETCH gives back exactly the bytes that were put in."""

import asyncio
import imaplib
import re

import aiosmtplib
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.server import Sandbox

LINE_END = re.compile(rb"\r\n|\r|\n")
"""imaplib itself turns every line end into CRLF before it sends."""
ANY_BYTES = st.binary(min_size=1, max_size=3000)
"""APPEND takes anything, NUL bytes included."""
LINE = st.binary(max_size=200).map(lambda line: line.replace(b"\r", b"").replace(b"\n", b""))
SMTP_LINES = st.lists(LINE | st.sampled_from([b".", b"..", b". x", b"* 1 EXISTS", b"a OK)"]))
"""SMTP takes lines; those that begin with a dot are the ones that get lost."""


@settings(max_examples=25, deadline=None)
@given(content=ANY_BYTES)
def test_fetch_returns_what_append_put_in(content: bytes) -> None:
    asyncio.run(_append_and_fetch(content))


@settings(max_examples=25, deadline=None)
@given(lines=SMTP_LINES.filter(bool))
def test_fetch_returns_what_smtp_put_in(lines: list[bytes]) -> None:
    asyncio.run(_submit_and_fetch(b"".join(line + b"\r\n" for line in lines)))


async def _append_and_fetch(content: bytes) -> None:
    async with Sandbox() as sandbox:
        assert await asyncio.to_thread(_append, sandbox, content) == "OK"
        fetched = await asyncio.to_thread(_fetch, sandbox)
    assert fetched == LINE_END.sub(b"\r\n", content)


async def _submit_and_fetch(content: bytes) -> None:
    async with Sandbox() as sandbox:
        async with aiosmtplib.SMTP(
            hostname="127.0.0.1",
            port=sandbox.smtp_port,
            start_tls=False,
            username=sandbox.mail_user,
            password=sandbox.mail_password,
        ) as client:
            await client.sendmail(sandbox.mail_user, [sandbox.mail_user], content)
        assert await asyncio.to_thread(_fetch, sandbox) == content


def _append(sandbox: Sandbox, content: bytes) -> str:
    with imaplib.IMAP4("127.0.0.1", sandbox.imap_port) as client:
        client.login(sandbox.mail_user, sandbox.mail_password)
        return client.append("INBOX", "", "", content)[0]


def _fetch(sandbox: Sandbox) -> bytes:
    with imaplib.IMAP4("127.0.0.1", sandbox.imap_port) as client:
        client.login(sandbox.mail_user, sandbox.mail_password)
        client.select("INBOX", readonly=True)
        _, (first, *_) = client.fetch("1", "(UID BODY.PEEK[])")
        assert isinstance(first, tuple)
        return first[1]
