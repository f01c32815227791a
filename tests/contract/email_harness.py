"""The mail host of the sandbox, and customers with mail programs."""

import email
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from email.message import EmailMessage, Message
from email.policy import default
from itertools import takewhile

from selectolax.lexbor import LexborHTMLParser

from adapters.email.adapter import open_adapter
from adapters.email.settings import EmailSettings, ImapSettings, SmtpSettings
from core.model.content import Style
from core.model.secret import Secret
from core.ports import Adapter, Surroundings
from sandbox.faults import Fault, Kind
from sandbox.mail.bounces import Fate, bounce
from sandbox.mail.bounces import Style as BounceStyle
from sandbox.mail.mailboxes import INBOX, StoredMail
from sandbox.mail.programs import Enclosure, Letter
from sandbox.server import Sandbox
from tests.contract.cells import Cell
from tests.contract.harness import BOLD, Got, Person, Trouble
from tests.contract.surroundings import Lent

SELECTORS = {
    Style.BOLD: "b",
    Style.ITALIC: "i",
    Style.UNDERLINE: "u",
    Style.STRIKE: "s",
    Style.CODE: "code",
    Style.PRE: "pre",
    Style.QUOTE: "blockquote:not([type])",
    Style.QUOTED_REPLY: "blockquote[type=cite]",
    Style.HEADING: "h3",
    Style.LINK: "a[href]",
}
FAULTS = {
    Trouble.BUSY: Fault("smtp", "DATA", Kind.REPLY, reply="450 4.2.0 Greylisted"),
    Trouble.REFUSED: Fault("smtp", "RCPT", Kind.REPLY, reply="550 5.1.1 User unknown"),
    Trouble.SILENT: Fault("smtp", "DATA", Kind.DROP_AFTER),
}

RECEIPT = """\
From: <{address}>
To: support@acme.example
Subject: Read: your answer
Message-ID: <receipt-1@post.example>
Content-Type: multipart/report; report-type=disposition-notification; boundary="cut"

--cut

Your message was read.

--cut
Content-Type: message/disposition-notification

Final-Recipient: rfc822; {address}
Original-Message-ID: {remote}
Disposition: manual-action/MDN-sent-manually; displayed

--cut--
"""


class EmailHarness:
    channel = "email"
    people_can = frozenset(
        {
            *(Cell.TEXT, Cell.FORMAT, Cell.REPLY, Cell.THREAD, Cell.FILES),
            *(Cell.COPY, Cell.READ, Cell.DELIVERED, Cell.FIRST),
        }
    )
    text_length_max = 200_000
    retry_after_seconds: float | None = None
    tells_kinds = False

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self._threads: dict[str, str] = {}
        """By their subject, what was written in them first."""

    def settings(self, password: str | None = None) -> EmailSettings:
        """Impatient: what takes seconds between servers takes fractions here."""
        host, user = "127.0.0.1", self.sandbox.mail_user
        secret = Secret(password or self.sandbox.mail_password)
        return EmailSettings(
            address=self.sandbox.support_address,
            name="Acme Support",
            imap=ImapSettings(
                host=host,
                port=self.sandbox.imap_port,
                user=user,
                password=secret,
                tls="none",
                command_seconds=5,
                reconnect_seconds_min=0.02,
                reconnect_seconds_max=0.1,
                store_retry_seconds=0.02,
            ),
            smtp=SmtpSettings(
                host=host,
                port=self.sandbox.smtp_port,
                user=user,
                password=secret,
                tls="none",
                command_seconds=5,
                final_dot_seconds=5,
            ),
        )

    async def begin(self, lent: Lent) -> None:
        """Mails wait in their folder."""

    def person(self, key: str) -> Person:
        found = self.sandbox.world.person(key)
        return Person(key, found.address, found.name)

    def adapter(self, surroundings: Surroundings) -> AbstractAsyncContextManager[Adapter]:
        return open_adapter(self.settings(), surroundings)

    def locked_out(self, surroundings: Surroundings) -> AbstractAsyncContextManager[Adapter]:
        return open_adapter(self.settings("not the password"), surroundings)

    def write(self, who: Person, text: str, *, after: str = "") -> str:
        letter = Letter(text=text, subject="A question", in_reply_to=after or None)
        return self.sandbox.mail_programs.send(who.key, letter)

    def write_file(self, who: Person, name: str, content: bytes) -> None:
        enclosure = Enclosure(name, content)
        letter = Letter(text="See the file.", subject="A file", enclosures=[enclosure])
        self.sandbox.mail_programs.send(who.key, letter)

    def write_poison(self, who: Person) -> None:
        self.sandbox.mail_programs.send_raw(who.key, b"\x00\xff\xfe)(*&^ {99999}\r\n\x00" * 50)

    def answer(self, who: Person, remote: str, text: str) -> None:
        self.sandbox.mail_programs.send(who.key, Letter(text=text, in_reply_to=remote))

    def does(self, who: Person, cell: Cell, remote: str = "", *, undone: bool = False) -> None:
        del undone  # nothing is taken back by mail
        programs = self.sandbox.mail_programs
        match cell:
            case Cell.FORMAT:
                html = f"<p>😀 😀 <b>{BOLD}</b> it is</p>"
                programs.send(who.key, Letter(text="", html=html, subject="Bold"))
            case Cell.THREAD:
                topic, said = f"Topic {len(self._threads)}", f"thread {len(self._threads)}"
                self._threads[topic] = said
                programs.send(who.key, Letter(text=said, subject=topic))
            case Cell.COPY:
                also = [self.person("jonas").remote]
                programs.send(who.key, Letter(text="See below.", subject="For two", cc=also))
            case Cell.DELIVERED:
                self._bounces(who, remote)
            case Cell.READ:
                receipt = RECEIPT.format(address=who.remote, remote=remote)
                programs.send_raw(who.key, receipt.replace("\n", "\r\n").encode())
            case other:
                raise NotImplementedError(other)

    def _bounces(self, who: Person, remote: str) -> None:
        """Their host took our mail, and reports later that it has nowhere to put it."""
        inbox = self.sandbox.mail_programs.mailbox(who.key).inbox
        (mail,) = [one for one in inbox.messages if remote.encode() in one.raw]
        fate = Fate(who.remote, words="550 5.1.1 no such mailbox")
        support = self.sandbox.support_address
        report = bounce(
            mail.raw, support, [fate], BounceStyle.STANDARD, "<report-1@mx.post.example>"
        )
        self.sandbox.world.post.carry("", [support], report)

    def threads(self, who: Person) -> list[list[str]]:
        programs, sent = self.sandbox.mail_programs, self._threads
        read = programs.read(self.sandbox.world.person(who.key).address)
        mails = [mail for mail in read if mail["folder"] == INBOX]
        return [
            [said, *(str(mail["text"]).strip() for mail in mails if topic in str(mail["subject"]))]
            for topic, said in sent.items()
        ]

    def received(self, who: Person) -> list[Got]:
        mailbox = self.sandbox.mail_programs.mailbox(who.key)
        return [_got(mail) for mail in mailbox.inbox.messages]

    def reaction(self, who: Person, remote: str) -> str:
        """A mailbox has none."""
        return ""

    def saw_typing(self, who: Person) -> bool:
        return False

    def trouble(self, kind: Trouble) -> None:
        self.sandbox.world.faults.add(replace(FAULTS[kind]))


def _got(mail: StoredMail) -> Got:
    message = email.message_from_bytes(mail.raw, policy=default)
    assert isinstance(message, EmailMessage)
    html = LexborHTMLParser(_body(message, "html"))
    quoted, text = _parted(_body(message, "plain").strip())
    return Got(
        text=text,
        quotes=quoted,
        answers=str(message["In-Reply-To"] or ""),
        styled={
            style: tuple(node.text() for node in html.css(selector))
            for style, selector in SELECTORS.items()
        },
        files=tuple(
            (part.get_filename() or "", _content(part))
            for part in message.walk()
            if part.get_filename()
        ),
    )


def _parted(text: str) -> tuple[str, str]:
    """-> what is quoted above an answer, and the answer."""
    lines = text.split("\n")
    quoted = list(takewhile(lambda line: line.startswith("> "), lines))
    return "\n".join(line[2:] for line in quoted), "\n".join(lines[len(quoted) :]).strip()


def _content(part: Message) -> bytes:
    payload = part.get_payload(decode=True)
    assert isinstance(payload, bytes)
    return payload


def _body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    return str(part.get_content()).replace("\r\n", "\n") if part else ""
