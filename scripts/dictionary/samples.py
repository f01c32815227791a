"""Messages as logs hold them, made up: every shape that an adapter or an agent writes, about what
people write to a support desk, in several languages.
"""

import hashlib
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from ulid import ULID

from core.model.content import (
    Attachment,
    AttachmentState,
    Button,
    Buttons,
    Choice,
    ContactCard,
    Location,
    Media,
    MediaKind,
    Part,
    Span,
    Style,
    System,
    Text,
)
from core.model.conversation import Priority, Status
from core.model.ids import AttachmentId, MessageId
from core.model.message import (
    Audience,
    Automatic,
    Change,
    ChangeKind,
    Direction,
    Message,
    Quote,
    Reaction,
    Recipient,
    RecipientRole,
    Revision,
    Sender,
    SenderKind,
    SenderLevel,
)

PHRASES: Final = {
    path.stem: tuple(path.read_text(encoding="utf-8").splitlines())
    for path in sorted((Path(__file__).parent / "phrases").glob("*.txt"))
}
"""By language, a sentence a line."""

ENGLISH: Final = 8
"""So much likelier English is than any other language."""
WEIGHTS: Final = tuple(ENGLISH if language == "en" else 1 for language in PHRASES)
BEGAN: Final = datetime(2026, 1, 1, tzinfo=UTC)
YEAR_SECONDS: Final = 365 * 86400
NAMES: Final = tuple(
    "Anna Ben Carla Daniel Elena Felix Grace Hugo Ines Jan Kim Laura Marco Nina Omar".split()  # noqa: SIM905 - to be read
)
FAMILIES: Final = tuple(
    "Garcia Ivanov Kim Khan Müller Nguyen Rossi Santos Silva Smith Tanaka Wang".split()  # noqa: SIM905 - likewise
)
HOSTS: Final = ("gmail.com", "outlook.com", "yahoo.com", "example.com", "example.org", "icloud.com")
EMOJI: Final = "👍❤🔥🎉😊😢🙏👌"


class Writer:
    """Every message is by somebody else and at another time. One chance, so always the same."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance

    def messages(self, number: int) -> Iterator[Message]:
        chat = (self.telegram, self.discord, self.reply, self.reply)
        rare = (self.mail, self.media, self.line, self.note, self.changed, self.change, self.choice)
        for n in range(number):
            shapes = rare if n % 4 == 3 else chat
            yield self._chance.choice(shapes)()

    # --- shapes

    def telegram(self) -> Message:
        who = self._digits(9, 10)
        refs = (f"{who}:{self._digits(1, 6)}",)
        return self._customer(f"telegram:{self._account('telegram')}:{who}", refs, whole=True)

    def discord(self) -> Message:
        who = self._snowflake()
        sender = f"discord:{self._account('discord')}:{who}"
        audience = self._chance.choice(tuple(Audience))
        return self._customer(sender, (self._snowflake(),), audience=audience)

    def mail(self) -> Message:
        name, address = self._person()
        return Message(
            id=self._id(),
            direction=Direction.IN,
            sender=Sender(
                kind=SenderKind.CONTACT,
                id=f"email:{self._account('email')}:{address}",
                name=name,
                level=self._chance.choice((SenderLevel.VERIFIED, SenderLevel.UNVERIFIED)),
                evidence=f"dkim=pass header.d={address.rpartition('@')[2]}; spf=pass; dmarc=pass",
            ),
            at=self._at(whole=True),
            received_at=self._at(),
            parts=(Text(text=self._text(6), html=self._hash()),),
            refs=(f"<{self._hash()[:24]}@{self._chance.choice(HOSTS)}>",),
            subject=f"Re: {self._text(1)[:60]}",
            answers=Quote(remote=f"<{self._hash()[:24]}@{self._chance.choice(HOSTS)}>"),
            recipients=(Recipient(address=self._person()[1], name=name, role=RecipientRole.CC),),
            automatic=self._chance.choice((Automatic.NO, Automatic.NO, Automatic.REPLY)),
            lost=("quoted text",) if self._maybe() else (),
        )

    def reply(self) -> Message:
        return Message(
            id=self._id(),
            direction=Direction.OUT,
            sender=self._agent(),
            at=self._at(),
            parts=(Text(text=self._text()),),
            audience=self._chance.choice((Audience.PRIVATE, Audience.PRIVATE, Audience.GROUP)),
        )

    def note(self) -> Message:
        return Message(
            id=self._id(),
            direction=Direction.NOTE,
            sender=self._agent(),
            at=self._at(),
            parts=(Text(text=self._text()),),
        )

    def media(self) -> Message:
        chance, who = self._chance, self._digits(9, 10)
        kind = chance.choice(tuple(MediaKind))
        name, declared = chance.choice(
            (
                ("photo.jpg", "image/jpeg"),
                ("Screenshot_2026.png", "image/png"),
                ("invoice.pdf", "application/pdf"),
                ("voice.ogg", "audio/ogg"),
                ("video.mp4", "video/mp4"),
                ("sticker.webp", "image/webp"),
            )
        )
        attachment = Attachment(
            id=AttachmentId(self._id()),
            name=name,
            declared_type=declared,
            media_type=declared,
            size_bytes=chance.randrange(10_000_000),
            sha256=self._hash(),
            remote=f"AgACAgIAAxkBAAI{self._hash()[:40]}",
            state=AttachmentState.STORED,
        )
        part = Media(
            media=kind,
            attachment=attachment,
            caption=self._text(1) if self._maybe() else "",
            width=1280,
            height=960,
            seconds=float(chance.randrange(60)),
        )
        sender = f"telegram:{self._account('telegram')}:{who}"
        return self._customer(sender, (f"{who}:{self._digits(1, 6)}",), part)

    def line(self) -> Message:
        chance, name = self._chance, self._person()[0].lower()
        part = chance.choice(
            (
                *(System(code="status", text=one) for one in Status),
                *(System(code="priority", text=one) for one in Priority),
                System(code="assigned", text=name),
                System(code="tags", text="refund, delivery, billing, urgent"),
                System(code="snoozed", text=self._at(whole=True).isoformat(timespec="seconds")),
                System(code="woken"),
                System(code="continued", text="goes on in private as T-7KQ4-M"),
                System(code="link", text="linked by an agent"),
                System(code="member_joined", text=name),
                System(code="spam"),
            )
        )
        return Message(
            id=MessageId(f"{self._id()}.{self._id()}-{chance.randrange(16)}"),
            direction=Direction.ACTIVITY,
            sender=chance.choice((self._agent(), Sender(kind=SenderKind.SYSTEM, id="trunkline"))),
            at=self._at(),
            parts=(part,),
        )

    def changed(self) -> Message:
        who = self._digits(9, 10)
        sender, refs = (
            f"telegram:{self._account('telegram')}:{who}",
            (f"{who}:{self._digits(1, 6)}",),
        )
        text = Text(text=self._text(), spans=(Span(0, 5, Style.BOLD), Span(7, 20, Style.LINK, URL)))
        return self._customer(
            sender,
            refs,
            text,
            rev=1,
            history=(Revision(parts=(Text(text=self._text()),), until=self._at()),),
            reactions=(Reaction(by=who, emoji=self._chance.choice(EMOJI), at=self._at()),),
            answers=Quote(remote=f"{who}:{self._digits(1, 6)}", message=self._id()),
            language=self._chance.choice(tuple(PHRASES)),
        )

    def change(self) -> Message:
        kind = self._chance.choice(tuple(ChangeKind))
        position = self._chance.randrange(1, 60)
        return Message(
            id=self._id(),
            direction=Direction.ACTIVITY,
            sender=self._agent(),
            at=self._at(),
            parts=(Text(text=self._text()),) if kind is ChangeKind.EDIT else (),
            change=Change(kind=kind, message=self._id(), position=position),
        )

    def choice(self) -> Message:
        chance, who = self._chance, self._digits(9, 10)
        labels = chance.sample(("Yes", "No", "Track my order", "Talk to an agent", "Back"), 2)
        if self._maybe():
            rows = (tuple(Button(label=one, value=one.lower()) for one in labels),)
            parts: tuple[Part, ...] = (Text(text=self._text()), Buttons(rows=rows))
            return Message(
                id=self._id(),
                direction=Direction.OUT,
                sender=Sender(kind=SenderKind.BOT, id="bot:welcome", name="Assistant"),
                at=self._at(),
                parts=parts,
            )
        part = chance.choice(
            (
                Choice(value=labels[0].lower(), label=labels[0]),
                Location(latitude=chance.uniform(-60, 60), longitude=chance.uniform(-180, 180)),
                ContactCard(name=self._person()[0], phone=f"+{self._digits(10, 12)}"),
            )
        )
        return self._customer(f"telegram:{self._account('telegram')}:{who}", (), part)

    # --- what they consist of

    def _customer(
        self,
        sender: str,
        refs: tuple[str, ...],
        part: Part | None = None,
        *,
        whole: bool = False,
        **more: object,
    ) -> Message:
        """`whole`: its platform tells time in seconds."""
        fields: dict[str, object] = {
            "id": self._id(),
            "direction": Direction.IN,
            "sender": Sender(kind=SenderKind.CONTACT, id=sender, name=self._person()[0]),
            "at": self._at(whole=whole),
            "received_at": self._at(),
            "parts": (part or Text(text=self._text()),),
            "refs": refs,
        }
        return Message(**(fields | more))  # type: ignore[arg-type]

    def _agent(self) -> Sender:
        name = self._chance.choice(NAMES)
        return Sender(kind=SenderKind.AGENT, id=f"agent:{name.lower()}", name=name)

    def _person(self) -> tuple[str, str]:
        """Name and address."""
        first, family = self._chance.choice(NAMES), self._chance.choice(FAMILIES)
        return f"{first} {family}", f"{first}.{family}@{self._chance.choice(HOSTS)}".lower()

    def _account(self, channel: str) -> str:
        return self._chance.choice(("main", "support", "bot", channel))

    def _text(self, sentences: int = 2) -> str:
        (said,) = self._chance.choices(tuple(PHRASES.values()), WEIGHTS)
        many = self._chance.randrange(1, sentences + 1)
        return " ".join(self._chance.sample(said, min(many, len(said))))

    def _at(self, *, whole: bool = False) -> datetime:
        at = BEGAN + timedelta(seconds=self._chance.uniform(0, YEAR_SECONDS))
        return at.replace(microsecond=0) if whole else at

    def _id(self) -> MessageId:
        at, noise = self._at(), self._chance.randbytes(10)
        return MessageId(str(ULID(round(at.timestamp() * 1000).to_bytes(6, "big") + noise)))

    def _digits(self, least: int, most: int) -> str:
        length = self._chance.randint(least, most)
        return str(self._chance.randrange(10 ** (length - 1), 10**length))

    def _snowflake(self) -> str:
        return str(self._chance.randrange(10**17, 14 * 10**17))

    def _hash(self) -> str:
        return hashlib.sha256(self._chance.randbytes(8)).hexdigest()

    def _maybe(self) -> bool:
        return self._chance.random() < 0.5


URL: Final = "https://www.example.com/"
