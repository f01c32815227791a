"""Carries mail from those who send to those who receive, and lets these act by habit."""

from collections.abc import Callable, Sequence
from email.utils import getaddresses

from sandbox.mail.habits import Arrived, Habit, Outgoing, act
from sandbox.mail.headers import header_values
from sandbox.mail.mailboxes import MailState, canonical
from sandbox.mail.results import results_line, stamped

HOPS_MAX = 5
"""How far mail goes that mail causes: two mailboxes that answer each other stop then."""


class Post:
    """`name_of` gives the name of a mailbox's owner, by their key."""

    def __init__(self, mail: MailState, name_of: Callable[[str | None], str]) -> None:
        self.habits: dict[str, Habit] = {}
        """By the mailbox's address."""
        self._mail = mail
        self._name_of = name_of

    def carry(self, sender: str, recipients: Sequence[str], raw: bytes, hops: int = 0) -> None:
        """Deliver to every recipient, none of whom is refused. `sender` is the envelope's."""
        for address in recipients:
            self._mail.deliver(address, raw, sender)
        for address in recipients if hops < HOPS_MAX else ():
            self._react(canonical(address), sender, raw, hops)

    def _react(self, address: str, sender: str, raw: bytes, hops: int) -> None:
        habit = self.habits.get(address)
        if habit is None:
            return
        name = self._name_of(self._mail.mailboxes[address].owner)
        sent = act(habit, Arrived(address, name, sender, raw))
        if sent is not None:
            habit.acted += 1
            self.send(sent, hops + 1)

    def send(self, sent: Outgoing, hops: int = 0) -> None:
        """Carry what a host or a habit made, as far as it can be; the receiving host vouches."""
        settings = self._mail.settings
        raw = sent.raw
        if settings.adds_results:
            author = _author(raw)
            line = results_line(settings.authserv_id, sent.verdicts, sent.sender, author)
            raw = stamped(raw, line)
        reached = [one for one in sent.recipients if self._mail.refusal(one) is None]
        self.carry(sent.sender, reached, raw, hops)


def _author(raw: bytes) -> str:
    return next((address for _, address in getaddresses(header_values(raw, "From"))), "")
