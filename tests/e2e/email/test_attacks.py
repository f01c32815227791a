"""Over the wire: what a leaked address, a guess and a hostile name come to."""

import re
from random import Random

from msgspec.structs import replace

from adapters.email.adapter import open_adapter
from core.model.content import Text
from core.model.event import Inbound
from tests.contract.email_harness import EmailHarness
from tests.contract.harness import Person
from tests.contract.running import receiving, reply_to
from tests.contract.surroundings import Inbox, Lent
from tests.e2e.email.test_copies import mails
from tests.rigs.waiting import eventually

SEED = 20_251_121
GUESSES = 200
HEAD_END = b"\r\n\r\n"


async def test_a_signed_address_leads_back_and_lets_nobody_else_in(
    host: EmailHarness, lent: Lent, mei: Person
) -> None:
    """The customer's program cites nothing; a stranger has got hold of the address."""
    eve, inbox = host.person("jonas"), Inbox()
    settings = replace(host.settings(), plus_address=True)
    async with open_adapter(settings, lent.surroundings) as adapter, receiving(adapter, inbox):
        host.write(mei, "Where is it?")
        await eventually(lambda: len(inbox.events) == 1)
        question = inbox.events[0]
        await adapter.send(reply_to(question, Text(text="On its way")))
        [answer] = mails(host, mei)
        ours = str(answer["Reply-To"])

        write(host, mei, ours, "Thank you!")
        write(host, eve, ours, "Send it to me instead.")
        await eventually(lambda: len(inbox.events) == 3)

    thanks, intruder = by_sender(inbox, mei)[-1], by_sender(inbox, eve)[0]
    assert re.fullmatch(r"[^@+]+\+[0-9a-f]{16}\.[a-z2-7]{16}@[^@]+", ours)
    assert thanks.thread == question.thread
    assert intruder.exchange == question.exchange
    assert intruder.thread != question.thread


async def test_guesses_are_mails_like_any_other(
    host: EmailHarness, lent: Lent, mei: Person
) -> None:
    """Each is its own thread of the one who guesses: nothing is let in, nothing stops."""
    eve, inbox, chance = host.person("jonas"), Inbox(), Random(SEED)
    async with host.adapter(lent.surroundings) as adapter, receiving(adapter, inbox):
        host.write(mei, "Where is it?")
        await eventually(lambda: len(inbox.events) == 1)
        question = inbox.events[0]
        local, _, domain = host.sandbox.support_address.partition("@")
        for _ in range(GUESSES):
            guess = "".join(chance.choices("abcdefghijklmnopqrstuvwxyz234567", k=16))
            write(host, eve, f"{local}+{question.exchange}.{guess}@{domain}", "Let me in.")
        await eventually(lambda: len(inbox.events) == 1 + GUESSES)

    guesses = by_sender(inbox, eve)
    assert len({event.thread for event in guesses}) == GUESSES
    assert question.exchange not in {event.exchange for event in guesses}


async def test_what_a_customer_calls_himself_adds_no_header_to_our_answer(
    host: EmailHarness, lent: Lent, mei: Person
) -> None:
    """Encoded line ends are decoded on the way in; on the way out they would be headers."""
    inbox = Inbox()
    name = f"=?utf-8?q?Mei=0D=0ABcc:_eve=40evil.example?= <{mei.remote}>"
    raw = (
        f"From: {name}\r\nSubject: =?utf-8?q?Hi=0D=0ABcc:_eve=40evil.example=0D=0A=0D=0AHello?=\r\n"
        "Message-ID: <a@post.example>\r\nReferences: <b@x\r\n Bcc:eve@evil.example>\r\n"
        "\r\nHello\r\n"
    )
    async with host.adapter(lent.surroundings) as adapter, receiving(adapter, inbox):
        host.sandbox.mail_programs.send_raw(mei.key, raw.encode())
        await eventually(lambda: len(inbox.events) == 1)
        await adapter.send(reply_to(inbox.events[0], Text(text="Hello")))

    [answer] = mails(host, mei)
    assert answer["Bcc"] is None
    assert answer["To"] == mei.remote
    assert b"\r\nBcc" not in answer.as_bytes().partition(HEAD_END)[0]


def write(host: EmailHarness, who: Person, to: str, text: str) -> None:
    """A mail that cites nothing."""
    raw = f"From: {who.remote}\r\nTo: {to}\r\nSubject: Hello\r\n\r\n{text} {to}\r\n"
    host.sandbox.mail_programs.send_raw(who.key, raw.encode(), [to])


def by_sender(inbox: Inbox, who: Person) -> list[Inbound]:
    return [event for event in inbox.events if event.actor.remote == who.remote]
