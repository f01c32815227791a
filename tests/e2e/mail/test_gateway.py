"""The whole gateway as a process between real mail servers, killed between two questions."""

import json
from collections.abc import AsyncIterator
from itertools import count
from pathlib import Path

import pytest

from core.model.message import DeliveryState
from tests.e2e.mail.test_channel import content, mails, newest, write
from tests.rigs.api import Api, api
from tests.rigs.gateway import Gateway, secret
from tests.rigs.mailports import HOST, PASSWORD
from tests.rigs.mailserver import MailServer
from tests.rigs.waiting import eventually

numbers = count()


@pytest.fixture
def support(mail: MailServer) -> str:
    return mail.address(f"desk{next(numbers)}")


@pytest.fixture
async def gateway(mail: MailServer, support: str, tmp_path: Path) -> AsyncIterator[Gateway]:
    async with Gateway(tmp_path, inbox(mail, support, tmp_path)) as running:
        yield running


@pytest.fixture
async def agent(gateway: Gateway) -> AsyncIterator[Api]:
    async with api(gateway.url, gateway.token) as signed_in:
        yield signed_in


async def test_a_mail_is_answered_over_a_crash_of_the_gateway(
    mail: MailServer, support: str, gateway: Gateway, agent: Api
) -> None:
    """Every mail is there once and in one conversation, every answer arrives once and threaded."""
    await write(mail, "paula", support, "Where is it?")
    number = await only_conversation(agent)
    first = await agent.settled(await agent.reply(number, "On its way"))
    question = (await agent.entries(number))[0].message.refs[0]
    answer = await newest(mail, "paula", answers=question)

    await gateway.kill()
    answered = str(answer["Message-ID"])
    await write(mail, "paula", support, "Thank you!", in_reply_to=answered)
    gateway.start()
    await gateway.ready()
    await eventually(lambda: has_heard(agent, number, ["Where is it?", "Thank you!"]))
    second = await agent.settled(await agent.reply(number, "You are welcome"))

    states = [one.delivery.state for one in (first, second) if one.delivery]
    assert states == [DeliveryState.SENT, DeliveryState.SENT]
    last = (await agent.entries(number))[2].message.refs[0]
    goodbye = await newest(mail, "paula", answers=last)
    assert content(goodbye) == "You are welcome"
    assert answered in goodbye["References"]
    received = mails(mail, mail.address("paula"))
    assert [content(one) for one in received] == ["On its way", "You are welcome"]


def inbox(mail: MailServer, support: str, directory: Path) -> str:
    password = secret(directory, "mail-password", PASSWORD)
    return f"""
[[channel]]
id = "mail"
kind = "email"
address = "{support}"
[channel.imap]
host = "{HOST}"
port = {mail.ports.imaps}
ca_file = {json.dumps(str(mail.certificate))}
user = "{support}"
password = {password}
reconnect_seconds_min = 0.1
reconnect_seconds_max = 0.5
[channel.smtp]
host = "{HOST}"
port = {mail.ports.submission}
ca_file = {json.dumps(str(mail.certificate))}
user = "{support}"
password = {password}
"""


async def only_conversation(agent: Api) -> str:
    found: list[str] = []

    async def has_come() -> bool:
        found[:] = [one.number for one in await agent.conversations()]
        return len(found) == 1

    await eventually(has_come)
    return found[0]


async def has_heard(agent: Api, number: str, texts: list[str]) -> bool:
    return [text.strip() for text in await agent.heard(number)] == texts
