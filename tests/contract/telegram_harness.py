"""The Bot API of the sandbox, and customers with phones."""

from contextlib import AbstractAsyncContextManager
from dataclasses import replace

from adapters.telegram.adapter import open_adapter
from adapters.telegram.settings import TelegramSettings
from core.model.content import MediaKind, Style
from core.model.secret import Secret
from core.ports import Adapter, Surroundings
from sandbox.faults import Fault, Kind
from sandbox.payload import Json
from sandbox.server import Sandbox
from sandbox.telegram.phone import Saying
from sandbox.telegram.state import Chat, Message
from tests.contract.cells import Cell
from tests.contract.harness import BOLD, LARGE, Got, Person, Trouble
from tests.contract.surroundings import Lent

STYLES = {
    "bold": Style.BOLD,
    "italic": Style.ITALIC,
    "underline": Style.UNDERLINE,
    "strikethrough": Style.STRIKE,
    "spoiler": Style.SPOILER,
    "code": Style.CODE,
    "pre": Style.PRE,
    "blockquote": Style.QUOTE,
    "text_link": Style.LINK,
}
KINDS = {"photo": MediaKind.IMAGE, "document": MediaKind.FILE} | {
    kind.value: kind for kind in MediaKind
}
SENT: dict[Cell, tuple[str, Json]] = {
    Cell.VOICE: ("voice", {}),
    Cell.PLACE: ("location", {"latitude": 53.5436, "longitude": 9.9669}),
    Cell.CARD: (
        "contact",
        {"first_name": "Pier", "last_name": "Lab", "phone_number": "+49401"},
    ),
}
RETRY_AFTER_SECONDS = 7
ANY = "*"
FAULTS = {
    Trouble.BUSY: Fault("telegram", ANY, Kind.RATE_LIMIT, retry_after=RETRY_AFTER_SECONDS),
    Trouble.REFUSED: Fault("telegram", ANY, Kind.BLOCKED),
    Trouble.SILENT: Fault("telegram", ANY, Kind.DROP_AFTER),
}


class TelegramHarness:
    channel = "telegram"
    people_can = frozenset(Cell) - {Cell.COPY, Cell.TYPING, Cell.READ, Cell.DELIVERED}
    text_length_max = 3900
    retry_after_seconds: float | None = float(RETRY_AFTER_SECONDS)
    tells_kinds = True

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox

    def settings(self, token: str | None = None) -> TelegramSettings:
        """Impatient: what takes seconds between servers takes fractions here."""
        return TelegramSettings(
            token=Secret(token or self.sandbox.bot_token),
            api_url=self.sandbox.http_url,
            poll_timeout_seconds=1,
            request_timeout_seconds=5,
            back_off_seconds_min=0.02,
            back_off_seconds_max=0.1,
        )

    async def begin(self, lent: Lent) -> None:
        """Updates wait for whoever asks for them."""

    def person(self, key: str) -> Person:
        found = self.sandbox.world.person(key)
        return Person(key, str(found.telegram_id), found.name)

    def adapter(self, surroundings: Surroundings) -> AbstractAsyncContextManager[Adapter]:
        return open_adapter(self.settings(), surroundings)

    def locked_out(self, surroundings: Surroundings) -> AbstractAsyncContextManager[Adapter]:
        return open_adapter(self.settings("1:not_the_token"), surroundings)

    def write(self, who: Person, text: str, *, after: str = "") -> str:
        del after  # a chat is one thread
        message = self.sandbox.phone.say(who.key, text)
        return f"{message.chat.id}:{message.id}"

    def write_file(self, who: Person, name: str, content: bytes) -> None:
        self.sandbox.phone.send_file(who.key, content, name, saying=Saying(text="See the file."))

    def write_poison(self, who: Person) -> None:
        del who
        self.sandbox.world.telegram.bots[0].push_as_is({"message": "no object at all"})

    def answer(self, who: Person, remote: str, text: str) -> None:
        reply_to = int(remote.partition(":")[2])
        self.sandbox.phone.say(who.key, Saying(text=text, reply_to=reply_to))

    def does(self, who: Person, cell: Cell, remote: str = "", *, undone: bool = False) -> None:
        if remote:
            self._does_to(who, cell, int(remote.partition(":")[2]), undone=undone)
        elif cell in SENT:
            kind, value = SENT[cell]
            self.sandbox.phone.send(who.key, kind, value=value)
        elif cell is Cell.FORMAT:
            bold = {"type": "bold", "offset": len("😀 😀 ") + 2, "length": len(BOLD) + 1}
            saying = Saying(text=f"😀 😀 {BOLD} it is", entities=[bold])
            self.sandbox.phone.say(who.key, saying)
        elif cell is Cell.ALBUM:
            self.sandbox.phone.album(who.key, ["photo", "video", "photo"])
        elif cell is Cell.DELETE:
            self._takes_back(who)
        else:
            self._writes_in_group(who, cell)

    def _does_to(self, who: Person, cell: Cell, number: int, *, undone: bool) -> None:
        phone = self.sandbox.phone
        match cell:
            case Cell.EDIT:
                phone.edit(who.key, None, number, "Tomorrow.")
            case Cell.REACTION:
                phone.react(who.key, None, number, None if undone else "👍")
            case Cell.QUOTE:
                phone.say(who.key, Saying(text="That one", reply_to=number, quote=LARGE))
            case Cell.BUTTONS:
                phone.tap(who.key, None, number, "b0")
            case other:
                raise NotImplementedError(other)

    def _takes_back(self, who: Person) -> None:
        """Telegram tells of it in the chats of business accounts alone."""
        owner = self.sandbox.world.person("amara")
        self.sandbox.phone.connect_business(owner.key)
        saying = Saying(text="My card is 4711", chat_id=owner.telegram_id)
        message = self.sandbox.phone.say(who.key, saying)
        self.sandbox.phone.delete(who.key, owner.telegram_id, message.id)

    def _writes_in_group(self, who: Person, cell: Cell) -> None:
        phone = self.sandbox.phone
        group = self._group() or phone.create_group("Pier", ["mei", "jonas"], forum=True)
        topic = None
        if cell is Cell.THREAD:
            topic = phone.open_topic(who.key, group.id, f"Topic {len(group.topics)}")
        text = f"thread {len(group.topics)}"
        phone.say(who.key, Saying(text=text, chat_id=group.id, thread_id=topic))

    def _group(self) -> Chat | None:
        chats = self.sandbox.world.telegram.chats
        return next((chat for chat in chats if chat.title == "Pier"), None)

    def threads(self, who: Person) -> list[list[str]]:
        del who
        group = self._group()
        said: dict[int, list[str]] = {topic: [] for topic in (group.topics if group else ())}
        for message in group.messages.values() if group else ():
            if message.text and message.thread_id:
                said[message.thread_id].append(message.text)
        return list(said.values())

    def received(self, who: Person) -> list[Got]:
        bot = self.sandbox.world.telegram.bots[0]
        chat = self.sandbox.world.telegram.find_chat(bot, int(who.remote))
        return [_got(m) for m in chat.messages.values() if m.sender is bot] if chat else []

    def reaction(self, who: Person, remote: str) -> str:
        bot = self.sandbox.world.telegram.bots[0]
        chat = self.sandbox.world.telegram.private_chat(self.sandbox.world.person(who.key), bot)
        message = chat.messages[int(remote.partition(":")[2])]
        return "".join(str(shown["emoji"]) for shown in message.reactions.get(bot.id, []))

    def saw_typing(self, who: Person) -> bool:
        changes = self.sandbox.world.feed.since(0)
        return any(one.person == who.key and one.about.get("action") == "typing" for one in changes)

    def trouble(self, kind: Trouble) -> None:
        self.sandbox.world.faults.add(replace(FAULTS[kind]))


def _got(message: Message) -> Got:
    styled: dict[Style, tuple[str, ...]] = {}
    for entity in message.entities:
        style = STYLES.get(str(entity["type"]))
        if style is not None:
            styled[style] = (*styled.get(style, ()), _covered(message.text, entity))
    file = message.file
    return Got(
        text=message.text,
        answers=_remote(message.chat, message.reply_to) if message.reply_to else "",
        quotes=str(message.quote["text"]) if message.quote else "",
        styled=styled,
        files=((file.name, file.content),) if file else (),
        kind=KINDS[message.kind] if file else None,
        album=message.media_group_id or "",
        buttons=_labels(message.reply_markup),
        place=_place(message),
        card=_card(message),
        silent=message.silent,
    )


def _labels(markup: Json | None) -> tuple[tuple[str, ...], ...]:
    rows = (markup or {}).get("inline_keyboard", [])
    return tuple(tuple(str(button["text"]) for button in row) for row in rows)


def _place(message: Message) -> tuple[float, float] | None:
    if message.content is None or message.kind != "location":
        return None
    return message.content.value["latitude"], message.content.value["longitude"]


def _card(message: Message) -> tuple[str, str] | None:
    if message.content is None or message.kind != "contact":
        return None
    return message.content.value["first_name"], message.content.value["phone_number"]


def _covered(text: str, entity: Json) -> str:
    """Entities count UTF-16 units."""
    units = text.encode("utf-16-le")
    start = 2 * int(str(entity["offset"]))
    return units[start : start + 2 * int(str(entity["length"]))].decode("utf-16-le")


def _remote(chat: Chat, message: Message) -> str:
    return f"{chat.id}:{message.id}"
