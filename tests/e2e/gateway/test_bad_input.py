"""Bad input and bad luck: told clearly, nothing lost, and everybody else goes on."""

import re

from core.model.message import DeliveryState
from sandbox.faults import Fault, Kind
from sandbox.server import Sandbox
from tests.rigs.api import Api
from tests.rigs.customer import Customer
from tests.rigs.gateway import MAIL, TELEGRAM, Gateway
from tests.rigs.waiting import eventually


async def test_a_malformed_update_is_set_aside_and_the_next_still_comes(
    gateway: Gateway, agent: Api, sandbox: Sandbox
) -> None:
    sandbox.phone.inject({"message": {"message_id": "three"}})

    Customer(sandbox, "mei").says("After it")

    await heard_on(agent, TELEGRAM, ["After it"])
    assert [b'"three"' in one for one in set_aside(gateway, TELEGRAM)] == [True]


async def test_a_mail_that_cannot_be_had_is_set_aside_and_the_next_still_comes(
    gateway: Gateway, agent: Api, sandbox: Sandbox
) -> None:
    """The connection breaks whenever it is asked for, even for its beginning only; then the mailbox
    goes on without it.
    """
    sandbox.world.faults.add(Fault("imap", "FETCH", Kind.CUT, count=0, after_bytes=5_000))
    Customer(sandbox, "mei").writes("I am poison. " * 500, subject="Poison")
    Customer(sandbox, "jonas").writes("And I am not", subject="Cure")

    await eventually(lambda: len(set_aside(gateway, MAIL)) == 1)

    await heard_on(agent, MAIL, ["And I am not"])


async def test_bytes_that_are_hardly_a_mail_are_shown_as_what_they_are(
    agent: Api, sandbox: Sandbox
) -> None:
    sandbox.mail_programs.send_raw("mei", b"\xff\xfeFrom\0: =?utf-7?b?\r\n--cut\r\n\xed\xa0\x80")
    Customer(sandbox, "jonas").writes("A mail", subject="A mail")

    await eventually(lambda: has_open(agent, 2))


async def test_a_revoked_token_pauses_its_inbox_only(
    gateway: Gateway, agent: Api, sandbox: Sandbox
) -> None:
    """Mail goes on, agents are told which inbox and why, and no log shows the token."""
    token = sandbox.bot_token
    sandbox.phone.bot().revoke()

    async def is_paused() -> bool:
        return await gateway.inbox_state(TELEGRAM) == "paused"

    await eventually(is_paused)
    Customer(sandbox, "mei").writes("By mail then", subject="Hello")
    await heard_on(agent, MAIL, ["By mail then"])

    status, told = await gateway.health()
    assert status == 200
    assert not any(one.reason for one in told.inboxes), "anybody may ask /readyz"
    health = await agent.health()
    reasons = {one.account: one.reason for one in health.inboxes}
    assert reasons[MAIL] == ""
    assert "@BotFather" in reasons[TELEGRAM]
    log = gateway.log.read_text()
    assert token.partition(":")[2] not in log + str(health)
    assert sandbox.mail_password not in log


async def test_a_reply_to_somebody_who_blocked_the_bot_has_failed(
    agent: Api, sandbox: Sandbox
) -> None:
    """The agent is told why, and what comes next in other chats is sent."""
    mei, jonas = Customer(sandbox, "mei"), Customer(sandbox, "jonas")
    mei.says("Leave me alone")
    jonas.says("Hello")
    await eventually(lambda: has_open(agent, 2))
    numbers = {one.legs[0].author_name: one.number for one in await agent.conversations()}
    sandbox.phone.block("mei")

    refused = await agent.settled(await agent.reply(numbers["Mei Tan"], "Sorry"))
    sent = await agent.settled(await agent.reply(numbers["Jonas Keller"], "Hello"))

    assert refused.delivery is not None
    assert refused.delivery.state is DeliveryState.FAILED
    assert "blocked" in refused.delivery.reason
    assert sent.delivery is not None
    assert sent.delivery.state is DeliveryState.SENT


async def test_a_second_gateway_is_told_who_owns_the_data(gateway: Gateway) -> None:
    done = await gateway.command("up", "--bind", "127.0.0.1:0")

    assert done.returncode == 2
    assert f"belongs to the gateway with pid {gateway.pid}" in done.stderr
    assert (await gateway.health())[0] == 200


async def heard_on(agent: Api, account: str, texts: list[str]) -> None:
    """Once an inbox has this and nothing else."""

    async def has_come() -> bool:
        found = [
            one for one in await agent.conversations() if one.legs[0].thread.account == account
        ]
        heard = [text for one in found for text in await agent.heard(one.number)]
        return [text.strip() for text in heard] == texts

    await eventually(has_come)


async def has_open(agent: Api, count: int) -> bool:
    return len(await agent.conversations()) == count


def set_aside(gateway: Gateway, account: str) -> list[bytes]:
    """The payloads that an inbox could not take; each has its reason beside it."""
    found = sorted((gateway.data_dir / "quarantine" / account).glob("*.payload"))
    assert all(re.search(r"\w", one.with_suffix(".reason").read_text()) for one in found)
    return [one.read_bytes() for one in found]
