"""The support team's mailbox, and settings that differ from the usual ones."""

import asyncio
from datetime import UTC, datetime

import aiohttp
import msgspec

from adapters.email.settings import EmailSettings, OAuthSettings
from core.model.secret import Secret
from sandbox.mail.mailboxes import INBOX, Folder, StoredMail
from tests.contract.email_harness import EmailHarness
from tests.contract.running import words
from tests.contract.surroundings import Inbox
from tests.rigs.waiting import eventually


def with_imap(host: EmailHarness, **changes: object) -> EmailSettings:
    settings = host.settings()
    return msgspec.structs.replace(settings, imap=msgspec.structs.replace(settings.imap, **changes))


def with_oauth(host: EmailHarness, *, refreshes: bool = True, refresh: str = "") -> EmailSettings:
    """Without any password."""
    settings, client = host.settings(), host.sandbox.world.mail.oauth.client
    token = Secret(refresh or client.refresh_token) if refreshes else None
    return msgspec.structs.replace(
        settings,
        imap=msgspec.structs.replace(settings.imap, password=None),
        smtp=msgspec.structs.replace(settings.smtp, password=None),
        oauth=OAuthSettings(
            token_url=host.sandbox.token_url,
            client_id=client.client_id,
            client_secret=Secret(client.client_secret),
            refresh_token=token,
        ),
    )


def asked(host: EmailHarness) -> int:
    """How often for an access token."""
    return host.sandbox.world.journal.calls["oauth.token"]


def folder(host: EmailHarness, name: str = INBOX) -> Folder:
    found = host.sandbox.world.mail.support.folder(name)
    assert found is not None
    return found


def letter(text: str, *, sender: str = "mei@post.example", extra: str = "") -> bytes:
    """A mail whose Message-ID is its text."""
    name = text.replace(" ", "-")
    return (
        f"From: {sender}\r\nTo: support@acme.example\r\nSubject: A question\r\n"
        f"Message-ID: <{name}@post.example>\r\n{extra}\r\n{text}\r\n"
    ).encode()


def put(
    host: EmailHarness, text: str, *, into: str = INBOX, at: datetime | None = None
) -> StoredMail:
    return folder(host, into).add(letter(text), set(), at or datetime.now(UTC))


async def heard(inbox: Inbox, *texts: str) -> None:
    """These were said, each at least once."""
    await eventually(lambda: set(texts) <= set(map(words, inbox.events)))


async def cut(host: EmailHarness) -> None:
    """The server closes every connection without a word."""
    url = f"{host.sandbox.http_url}/control/mail/cut"
    async with aiohttp.ClientSession() as session, session.post(url, json={}) as answer:
        assert answer.status == 200


async def idling(host: EmailHarness, *, more_than: int = 0) -> None:
    """So many IDLE commands have been seen, and one more."""
    await eventually(lambda: host.sandbox.world.journal.calls["imap.IDLE"] > more_than)


def effects(inbox: Inbox) -> list[tuple[str, str]]:
    """What core would be left with: each claim once, in the order in which it came."""
    return list(dict.fromkeys((event.thread.thread, event.dedup) for event in inbox.events))


async def while_time_passes() -> None:
    """For what must not happen: long enough for it to happen in."""
    await asyncio.sleep(0.3)
