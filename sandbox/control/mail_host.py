"""Control of the mail host: what its operator does, what it is like, what it is restored to.

POST /control/mail/cut       {address?}    closes IMAP (and, without address, SMTP) connections
POST /control/mail/renumber  {address?, folder="INBOX"}    new UIDVALIDITY and UIDs, connections cut
POST /control/mail/settings  {saves_sent?, authserv_id?, adds_results?,
                              smtp?: {mechanisms?, without?, starttls?, size_bytes_max?,
                                      recipients_max?, greylist_seconds?, greylist_attempts?,
                                      idle_seconds?, mails_per_connection_max?},
                              imap?: {mechanisms?, without?, login_disabled?, idle_seconds?,
                                      unsolicited?}}       -> all: sandbox/mail/settings.py
GET  /control/mail/certificate             PEM of what to trust when "starttls" is "own"
POST /control/mail/folders   {address?, folder, use=""}    a new one, with a use such as "\\Junk"
POST /control/mail/put       {address?, folder="INBOX", content (base64), at? (ISO 8601),
                              flags?: []}                  -> {uid}: a mail with any INTERNALDATE
POST /control/mail/move      {address?, folder="INBOX", uid, to}   by another program -> {uid}
POST /control/mail/copy      {address?, folder="INBOX", uid, to}   -> {uid}
POST /control/mail/remove    {address?, folder="INBOX", uid}       expunged by another program
POST /control/mail/flag      {address?, folder="INBOX", uid, flags: []}   all its flags from now on
POST /control/mail/skip      {address?, folder="INBOX", count}     a gap in the UIDs
POST /control/mail/backup    {address?, folder="INBOX"}            remembers the folder as it is
POST /control/mail/restore   {address?, folder="INBOX"}            back to that: UIDs go backwards
                                                           under the same UIDVALIDITY; cut

`address` is the support team's unless given.
"""

from dataclasses import asdict, fields, replace
from datetime import datetime
from typing import Any, TypeVar

from aiohttp import web

from sandbox.control.reading import Fields, answer, read_fields
from sandbox.errors import ActError, UnknownThing
from sandbox.imap.server import ImapServer
from sandbox.mail.mailboxes import INBOX, Folder, Mailbox, StoredMail
from sandbox.mail.settings import ImapSettings, SmtpSettings
from sandbox.payload import Json
from sandbox.smtp.server import SubmissionServer
from sandbox.world import World

STARTTLS = ("", "refused", "own", "other")
Part = TypeVar("Part", SmtpSettings, ImapSettings)


class MailHostControl:
    """Translates control requests into what happens to the mail host."""

    def __init__(self, world: World, imap: ImapServer, smtp: SubmissionServer) -> None:
        self._mail = world.mail
        self._imap = imap
        self._smtp = smtp
        self._backups: dict[tuple[str, str], Folder] = {}

    def routes(self) -> list[web.RouteDef]:
        """The addresses of this part."""
        acts = (
            self.cut,
            self.renumber,
            self.settings,
            self.folders,
            self.put,
            self.move,
            self.copy,
            self.remove,
            self.flag,
            self.skip,
            self.backup,
            self.restore,
        )
        shown = web.get("/control/mail/certificate", self.certificate)
        return [shown, *(web.post(f"/control/mail/{act.__name__}", act) for act in acts)]

    async def certificate(self, _request: web.Request) -> web.Response:
        """What a client has to trust."""
        return web.Response(text=self._mail.certificates.own.pem)

    async def cut(self, request: web.Request) -> web.Response:
        """Close connections."""
        address = (await read_fields(request)).text_or_none("address")
        count = self._imap.cut(address) + (self._smtp.cut() if address is None else 0)
        return answer({"cut": count})

    async def renumber(self, request: web.Request) -> web.Response:
        """Change a folder's UIDVALIDITY."""
        mailbox, folder = self._place(await read_fields(request))
        folder.renumber()
        self._imap.cut(mailbox.address)
        return answer({"uid_validity": folder.uid_validity})

    async def settings(self, request: web.Request) -> web.Response:
        """Change what the host is like."""
        wanted, now = await read_fields(request), self._mail.settings
        smtp = _changed(now.smtp, wanted.object_or_none("smtp"))
        imap = _changed(now.imap, wanted.object_or_none("imap"))
        now.saves_sent = wanted.flag("saves_sent", default=now.saves_sent)
        now.authserv_id = wanted.text("authserv_id", now.authserv_id)
        now.adds_results = wanted.flag("adds_results", default=now.adds_results)
        now.smtp, now.imap = smtp, imap
        return answer(
            {
                "saves_sent": now.saves_sent,
                "authserv_id": now.authserv_id,
                "adds_results": now.adds_results,
                "smtp": _view(smtp),
                "imap": _view(imap),
            }
        )

    async def folders(self, request: web.Request) -> web.Response:
        """Create a folder."""
        wanted = await read_fields(request)
        mailbox = self._mailbox(wanted)
        folder = self._mail.add_folder(mailbox, wanted.text("folder"), wanted.text("use", ""))
        return answer({"folder": folder.name, "uid_validity": folder.uid_validity})

    async def put(self, request: web.Request) -> web.Response:
        """Put a mail there, as old as one likes."""
        wanted = await read_fields(request)
        _, folder = self._place(wanted)
        flags = set(wanted.texts("flags", required=False))
        mail = folder.add(wanted.content("content"), flags, _time(wanted.text_or_none("at")))
        return answer({"uid": mail.uid})

    async def move(self, request: web.Request) -> web.Response:
        """Move a mail to another folder, where it has another UID."""
        wanted = await read_fields(request)
        copied = self._copied(wanted)
        _, folder = self._place(wanted)
        folder.remove(_mail(folder, wanted))
        return answer({"uid": copied.uid})

    async def copy(self, request: web.Request) -> web.Response:
        """Copy a mail to another folder."""
        return answer({"uid": self._copied(await read_fields(request)).uid})

    async def remove(self, request: web.Request) -> web.Response:
        """Expunge a mail."""
        wanted = await read_fields(request)
        _, folder = self._place(wanted)
        folder.remove(_mail(folder, wanted))
        return answer({})

    async def flag(self, request: web.Request) -> web.Response:
        """Set a mail's flags."""
        wanted = await read_fields(request)
        _, folder = self._place(wanted)
        mail = _mail(folder, wanted)
        mail.flags = set(wanted.texts("flags"))
        return answer({"flags": sorted(mail.flags)})

    async def skip(self, request: web.Request) -> web.Response:
        """Leave a gap in the UIDs."""
        wanted = await read_fields(request)
        _, folder = self._place(wanted)
        folder.skip(wanted.integer("count"))
        return answer({"next_uid": folder.next_uid})

    async def backup(self, request: web.Request) -> web.Response:
        """Remember a folder as it is."""
        mailbox, folder = self._place(await read_fields(request))
        self._backups[mailbox.address, folder.name] = folder.snapshot()
        return answer({"mails": len(folder.messages), "next_uid": folder.next_uid})

    async def restore(self, request: web.Request) -> web.Response:
        """Make a folder what it was at the last backup."""
        mailbox, folder = self._place(await read_fields(request))
        backup = self._backups.get((mailbox.address, folder.name))
        if backup is None:
            raise ActError(f"no backup of {folder.name!r}; make one first")
        folder.restore(backup)
        self._imap.cut(mailbox.address)
        return answer({"mails": len(folder.messages), "next_uid": folder.next_uid})

    def _mailbox(self, wanted: Fields) -> Mailbox:
        address = wanted.text("address", self._mail.support.address)
        mailbox = self._mail.mailboxes.get(address)
        if mailbox is None:
            raise UnknownThing(f"no mailbox {address!r}")
        return mailbox

    def _place(self, wanted: Fields, name: str = "folder") -> tuple[Mailbox, Folder]:
        mailbox = self._mailbox(wanted)
        folder = mailbox.folder(wanted.text(name, INBOX if name == "folder" else None))
        if folder is None:
            raise UnknownThing(f"no such folder; there are {', '.join(mailbox.folders)}")
        return mailbox, folder

    def _copied(self, wanted: Fields) -> StoredMail:
        _, source = self._place(wanted)
        _, target = self._place(wanted, "to")
        mail = _mail(source, wanted)
        return target.add(mail.raw, mail.flags, mail.at)


def _mail(folder: Folder, wanted: Fields) -> StoredMail:
    uid = wanted.integer("uid")
    for mail in folder.messages:
        if mail.uid == uid:
            return mail
    raise UnknownThing(f"no mail {uid} in {folder.name!r}")


def _time(text: str | None) -> datetime | None:
    """An ISO time with its zone; raises ActError."""
    try:
        at = datetime.fromisoformat(text) if text else None
    except ValueError as error:
        raise ActError("'at' must be a time such as 2026-11-22T10:00:00+00:00") from error
    if at is not None and at.tzinfo is None:
        raise ActError("'at' needs a zone, for example +00:00")
    return at


def _changed(settings: Part, body: Json | None) -> Part:
    """The settings with the fields that are given; raises ActError for what they cannot be."""
    wanted = Fields(body or {})
    unknown = set(body or {}) - {field.name for field in fields(settings)}
    if unknown:
        raise ActError(f"no such setting: {', '.join(sorted(unknown))}")
    values: dict[str, Any] = {name: _value(settings, name, wanted) for name in body or {}}
    return replace(settings, **values)


def _value(settings: Part, name: str, wanted: Fields) -> object:
    """Read a field as what it is now."""
    match getattr(settings, name):
        case bool():
            return wanted.flag(name)
        case int():
            return wanted.integer(name)
        case str():
            return _starttls(wanted.text(name))
        case float() as now:
            return wanted.number(name, now)
        case tuple():
            return tuple(text.upper() for text in wanted.texts(name))
        case _:
            return frozenset(text.upper() for text in wanted.texts(name))


def _starttls(text: str) -> str:
    if text not in STARTTLS:
        raise ActError(f"'starttls' must be one of {', '.join(map(repr, STARTTLS))}")
    return text


def _view(settings: SmtpSettings | ImapSettings) -> Json:
    return asdict(settings) | {"without": sorted(settings.without)}
