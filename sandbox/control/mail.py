"""Control of the mail side: be a person with a mail program. The host is mail_host.py.

POST /control/mail/send      {person, text, subject?, to: [address]?, cc?, html?, in_reply_to?,
                              references?, verified=true, forged=false, signed=false,
                              attachments: [{name, content (base64), media_type?}]?}
                                                                       -> {message_id}
POST /control/mail/raw       {person, content (base64), to?}          bytes sent exactly as they are
GET  /control/mail/seen/<person>         -> {address, mails: [{folder, uid, at, flags, from, to,
                              cc, subject, message_id, in_reply_to, references, text, html,
                              envelope_from, ...}]}
GET  /control/mail/mailboxes/<address>    the same for any address, the support team's for example
GET  /control/mail/seen/<person>/<folder>/<uid>/raw      -> the bytes
GET  /control/mail/seen/<person>/<folder>/<uid>/files/<n> -> an attachment's bytes
"""

from aiohttp import web

from sandbox.control.reading import Fields, answer, read_fields
from sandbox.errors import ActError, UnknownThing
from sandbox.mail.mailboxes import StoredMail
from sandbox.mail.programs import Enclosure, Letter, MailPrograms, attachment
from sandbox.payload import Json
from sandbox.world import World


class MailControl:
    """Translates control requests into acts in mail programs."""

    def __init__(self, world: World) -> None:
        self._programs = MailPrograms(world)

    def routes(self) -> list[web.RouteDef]:
        """The addresses of this part."""
        base = "/control/mail"
        one = f"{base}/seen/{{person}}/{{folder}}/{{uid:[0-9]+}}"
        return [
            web.post(f"{base}/send", self.send),
            web.post(f"{base}/raw", self.send_raw),
            web.get(f"{base}/seen/{{person}}", self.seen),
            web.get(f"{base}/mailboxes/{{address}}", self.mailbox),
            web.get(f"{one}/raw", self.raw),
            web.get(f"{one}/files/{{position:[0-9]+}}", self.file),
        ]

    async def send(self, request: web.Request) -> web.Response:
        """Send a mail as a person."""
        fields = await read_fields(request)
        message_id = self._programs.send(fields.text("person"), _letter(fields))
        return answer({"message_id": message_id})

    async def send_raw(self, request: web.Request) -> web.Response:
        """Send bytes as a person."""
        fields = await read_fields(request)
        self._programs.send_raw(
            fields.text("person"), fields.content("content"), fields.texts("to", required=False)
        )
        return answer({})

    async def seen(self, request: web.Request) -> web.Response:
        """Everything in a person's mailbox."""
        return _mailbox_answer(
            self._programs, self._programs.mailbox(request.match_info["person"]).address
        )

    async def mailbox(self, request: web.Request) -> web.Response:
        """Everything in any mailbox."""
        return _mailbox_answer(self._programs, request.match_info["address"])

    async def raw(self, request: web.Request) -> web.Response:
        """A mail's bytes."""
        return _download(self._mail(request).raw, "message.eml")

    async def file(self, request: web.Request) -> web.Response:
        """An attachment's bytes."""
        found = attachment(self._mail(request), int(request.match_info["position"]))
        if found is None:
            raise UnknownThing("no such attachment")
        return _download(found, "attachment")

    def _mail(self, request: web.Request) -> StoredMail:
        folder = self._programs.mailbox(request.match_info["person"]).folder(
            request.match_info["folder"]
        )
        uid = int(request.match_info["uid"])
        for mail in folder.messages if folder else []:
            if mail.uid == uid:
                return mail
        raise UnknownThing(f"no mail {uid}")


def _letter(fields: Fields) -> Letter:
    return Letter(
        text=fields.text("text"),
        subject=fields.text("subject", ""),
        to=fields.texts("to", required=False),
        cc=fields.texts("cc", required=False),
        html=fields.text_or_none("html"),
        in_reply_to=fields.text_or_none("in_reply_to"),
        references=fields.texts("references", required=False),
        enclosures=[_enclosure(one) for one in fields.objects_or_none("attachments") or []],
        verified=fields.flag("verified", default=True),
        forged=fields.flag("forged"),
        signed=fields.flag("signed"),
    )


def _enclosure(body: Json) -> Enclosure:
    fields = Fields(body)
    name = fields.text("name")
    if not name:
        raise ActError("an attachment needs a name")
    return Enclosure(name, fields.content("content"), fields.text("media_type", ""))


def _mailbox_answer(programs: MailPrograms, address: str) -> web.Response:
    return answer({"address": address, "mails": programs.read(address)})


def _download(content: bytes, name: str) -> web.Response:
    """Always as a download: the sandbox's own origin never renders what somebody sent."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return web.Response(body=content, headers=headers, content_type="application/octet-stream")
