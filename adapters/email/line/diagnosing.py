"""Looks at a mailbox on its servers, and at what our domain says of mail in our name. Nothing is
read, sent or changed.
"""

from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Final

from adapters.email.account import Account
from adapters.email.line.broken import CannotOpen, ConnectionBroken
from adapters.email.line.keys import Keys
from adapters.email.line.oauth import Tokens
from adapters.email.line.session import Session, open_session
from adapters.email.line.smtp import Pool
from adapters.email.settings import EmailSettings, Tls
from core.errors import ConfigurationError, DeliveryError, mistake
from core.ports import Finding

LOCAL: Final = ("localhost", "127.0.0.1", "::1")


async def diagnose(
    settings: EmailSettings, account: Account, pool: Pool, tokens: Tokens | None
) -> tuple[Finding, ...]:
    return (
        *await _imap(settings, tokens),
        *await _smtp(settings, pool),
        *await _domain(settings, account.domain),
    )


async def _imap(settings: EmailSettings, tokens: Tokens | None) -> list[Finding]:
    imap = settings.imap
    found = list(encryption("IMAP encryption", imap.host, imap.tls))
    try:
        async with open_session(imap, tokens) as session:
            found.append(Finding(subject="IMAP login", ok=True, text=f"as {imap.user}"))
            found += [one async for one in _folders(settings, session)]
            found.append(_idle(session))
    except (DeliveryError, ConfigurationError) as error:
        remedy = "set imap.user and imap.password, or [channel.oauth], to what the provider takes"
        found.append(Finding(subject="IMAP login", ok=False, text=str(error), remedy=remedy))
    except ConnectionBroken as error:
        remedy = "look whether this machine reaches the server: imap.host, imap.port, imap.tls"
        found.append(Finding(subject="IMAP login", ok=False, text=str(error), remedy=remedy))
    return found


async def _folders(settings: EmailSettings, session: Session) -> AsyncIterator[Finding]:
    imap = settings.imap
    wanted = {imap.folder: "imap.folder", **dict.fromkeys(imap.folders, "imap.folders")}
    if isinstance(imap.junk, str):
        wanted[imap.junk] = "imap.junk"
    for name, setting in wanted.items():
        try:
            await session.select(name)
        except CannotOpen:
            remedy = f"make it, or correct {setting}"
            text = f"there is no folder {name}"
            yield Finding(subject="folder", ok=False, text=text, remedy=remedy)
        else:
            yield Finding(subject="folder", ok=True, text=name)


def _idle(session: Session) -> Finding:
    if session.can_idle:
        return Finding(subject="IDLE", ok=True, text="new mail is pushed")
    return Finding(
        subject="IDLE",
        ok=None,
        text="the server does not push new mail: it is asked every imap.poll_seconds",
        remedy="lower imap.poll_seconds if that is too slow",
    )


async def _smtp(settings: EmailSettings, pool: Pool) -> list[Finding]:
    smtp = settings.smtp
    found = list(encryption("SMTP encryption", smtp.host, smtp.tls))
    who = f"as {smtp.user}" if smtp.user else "without a login, as smtp.user is not set"
    try:
        await pool.look()
    except (DeliveryError, ConfigurationError) as error:
        remedy = "correct smtp.host, smtp.port, smtp.tls, smtp.user or smtp.password"
        return [*found, Finding(subject="SMTP login", ok=False, text=str(error), remedy=remedy)]
    return [*found, Finding(subject="SMTP login", ok=True, text=who)]


def encryption(subject: str, host: str, tls: Tls) -> Iterator[Finding]:
    if tls == "none" and host not in LOCAL:
        text = f"none: password and mails go to {host} for everybody to read"
        remedy = 'set tls to "tls" or "starttls"'
        yield Finding(subject=subject, ok=False, text=text, remedy=remedy)


async def _domain(settings: EmailSettings, domain: str) -> tuple[Finding, ...]:
    selector = settings.dkim
    dkim = f"{selector.selector}._domainkey.{selector.domain}" if selector else ""
    dmarc = f"_dmarc.{domain}"
    try:
        records = await Keys(settings.trust).records(filter(None, (domain, dmarc, dkim)))
    except Exception as error:  # noqa: BLE001 - a look must not end with it
        return (Finding(subject="DNS", ok=None, text=f"could not be asked ({mistake(error)})"),)
    return tuple(published(records, domain, dmarc, dkim))


def published(
    records: Mapping[str, str | None], domain: str, dmarc: str, dkim: str
) -> Iterator[Finding]:
    """What receivers find of our domain. `dkim` empty: we do not sign."""
    wanted = {
        "SPF": (domain, "v=spf1", "who may send in its name"),
        "DMARC": (dmarc, "v=dmarc1", "what is to become of mail that is not ours"),
    }
    if dkim:
        wanted["DKIM"] = (dkim, "", "the public half of dkim.key")
    for subject, (name, begins, means) in wanted.items():
        record = records.get(name)
        if record is None:
            text, remedy = f"nobody answered for {name}", "look at this machine's name servers"
            yield Finding(subject=subject, ok=None, text=text, remedy=remedy)
        elif record and record.lower().startswith(begins):
            yield Finding(subject=subject, ok=True, text=f"{name} has a record")
        else:
            text = f"{name} has no such record: mail in our name may be taken for spam"
            yield Finding(subject=subject, ok=None, text=text, remedy=f"publish {means}")
    if not dkim:
        text = "signed by the mail server, if at all"
        yield Finding(subject="DKIM", ok=True, text=text)
