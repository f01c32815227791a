"""Control of what mailboxes do by themselves, and of reports about mail.

GET    /control/mail/habits            -> {address: {kind, acted, ...}}
POST   /control/mail/habits            {person or address, kind, text?, recipients?: [address],
                                        limit=100 (0: always), rewrites=true, style?, action?,
                                        status?, words?}          kinds: sandbox/mail/habits.py
DELETE /control/mail/habits[/<address>]  lets all mailboxes, or one, do nothing again
POST   /control/mail/bounce            {message_id, fates?: [{recipient, action="failed",
                                        status="5.1.1", words?}], style="standard", to?}
                                       a report about a mail that was taken, to its envelope sender
                                       or `to`                    styles: sandbox/mail/bounces.py
"""

from collections.abc import Iterator
from dataclasses import asdict
from email.utils import make_msgid
from enum import StrEnum
from typing import TypeVar

from aiohttp import web

from sandbox.control.reading import Fields, answer, read_fields
from sandbox.errors import ActError, UnknownThing
from sandbox.mail.bounces import DAEMON, Action, Fate, Style, bounce
from sandbox.mail.habits import LIMIT, Habit, HabitKind, Outgoing
from sandbox.mail.headers import header_values
from sandbox.mail.mailboxes import StoredMail, canonical
from sandbox.world import World

PASSES_ON = (HabitKind.FORWARD, HabitKind.LIST)
Choice = TypeVar("Choice", bound=StrEnum)


class MailHabitsControl:
    """Translates control requests into habits and reports."""

    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self) -> list[web.RouteDef]:
        """The addresses of this part."""
        base = "/control/mail/habits"
        return [
            web.get(base, self.habits),
            web.post(base, self.add),
            web.delete(base, self.clear),
            web.delete(f"{base}/{{address}}", self.clear),
            web.post("/control/mail/bounce", self.bounce),
        ]

    async def habits(self, _request: web.Request) -> web.Response:
        """What mailboxes do, and how often they did."""
        habits = self._world.post.habits
        return answer({address: asdict(habit) for address, habit in habits.items()})

    async def add(self, request: web.Request) -> web.Response:
        """Let a mailbox do something from now on, instead of what it did."""
        fields = await read_fields(request)
        person = fields.text_or_none("person")
        address = self._world.person(person).address if person else fields.text("address")
        habit = _habit(fields)
        for one in (address, *habit.recipients):
            if refusal := self._world.mail.refusal(one):
                raise ActError(refusal)
        mailbox = self._world.mail.host(address)
        self._world.post.habits[mailbox.address] = habit
        return answer({"address": mailbox.address, **asdict(habit)}, status=201)

    async def clear(self, request: web.Request) -> web.Response:
        """Let one or all do nothing again."""
        address = request.match_info.get("address")
        if address is None:
            self._world.post.habits.clear()
        else:
            self._world.post.habits.pop(canonical(address), None)
        return answer({})

    async def bounce(self, request: web.Request) -> web.Response:
        """Report about a mail."""
        fields = await read_fields(request)
        message_id = fields.text("message_id")
        address, mail = next(self._received(message_id), (None, None))
        if address is None or mail is None:
            raise UnknownThing(f"nobody received a mail {message_id!r}")
        bodies = fields.objects_or_none("fates") or [{"recipient": address}]
        fates = [_fate(Fields(body), Fields(body).text("recipient")) for body in bodies]
        to = fields.text("to", mail.sender)
        if refusal := self._world.mail.refusal(to):
            raise ActError(refusal)
        own_id = make_msgid(domain=DAEMON.partition("@")[2])
        report = bounce(
            mail.raw, to, fates, _choice(fields, "style", Style, Style.STANDARD), own_id
        )
        self._world.post.send(Outgoing("", [to], report))
        return answer({"message_id": own_id})

    def _received(self, message_id: str) -> Iterator[tuple[str, StoredMail]]:
        for mailbox in self._world.mail.mailboxes.values():
            for mail in mailbox.inbox.messages:
                if message_id in header_values(mail.raw, "Message-ID"):
                    yield mailbox.address, mail


def _habit(fields: Fields) -> Habit:
    kind = _choice(fields, "kind", HabitKind)
    recipients = tuple(fields.texts("recipients", required=False))
    if bool(recipients) != (kind in PASSES_ON):
        raise ActError(f"'recipients' go with {', '.join(PASSES_ON)}, and these need some")
    return Habit(
        kind=kind,
        text=fields.text("text", "I am out of the office."),
        recipients=recipients,
        limit=fields.integer("limit", LIMIT),
        rewrites=fields.flag("rewrites", default=True),
        style=_choice(fields, "style", Style, Style.STANDARD),
        fate=_fate(fields, ""),
    )


def _fate(fields: Fields, recipient: str) -> Fate:
    action = _choice(fields, "action", Action, Action.FAILED)
    status = fields.text("status", "4.4.1" if action is Action.DELAYED else "5.1.1")
    words = "451 4.4.1 No answer from host" if action is Action.DELAYED else f"550 {status} Refused"
    return Fate(recipient, action, status, fields.text("words", words))


def _choice(
    fields: Fields, name: str, choices: type[Choice], default: Choice | None = None
) -> Choice:
    try:
        return choices(fields.text(name, default))
    except ValueError as error:
        raise ActError(f"{name!r} must be one of {', '.join(choices)}") from error
