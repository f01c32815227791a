"""New settings for a gateway that runs: SIGHUP."""

import signal
from pathlib import Path

from gateway.locks import held
from sandbox.server import Sandbox
from tests.rigs.api import Api, api
from tests.rigs.customer import Customer
from tests.rigs.gateway import MAIL, TELEGRAM, Gateway, channels, secret
from tests.rigs.waiting import eventually

THANKS = '[channel.acknowledge]\ntext = "Thanks, {number}"\n'


async def test_new_settings_are_taken_while_it_runs(sandbox: Sandbox, tmp_path: Path) -> None:
    """A text is put right, or a token renewed, without an outage of the other inboxes; and of what
    has to wait for a restart whoever asks is told.
    """
    mei = Customer(sandbox, "mei")
    before = channels(sandbox, tmp_path)
    async with Gateway(tmp_path, before) as gateway, api(gateway.url, gateway.token) as agent:
        bot, mailbox = before.split("[[channel]]")[1:]
        text = gateway.settings.read_text().removesuffix(before)
        changed = bot.replace("0.5", "0.6") + THANKS
        waits = "[limits]\nlive_max = 7777\n"
        gateway.settings.write_text(f"{text}{waits}[[channel]]{changed}[[channel]]{mailbox}")

        gateway.signal(signal.SIGHUP)
        await eventually(lambda: _settings_say(agent, "waits for a restart: limits.live_max"))
        await gateway.ready()
        mei.says("Is the text there?")
        await eventually(lambda: len(mei.answers) == 1)

        assert mei.answers[0].text.startswith("Thanks, T-")
        await eventually(lambda: _have_begun_anew(agent, {TELEGRAM: 1, MAIL: 0}))


async def test_broken_settings_change_nothing(sandbox: Sandbox, tmp_path: Path) -> None:
    """A typing mistake costs no message; it is told of until the settings are right again."""
    mei = Customer(sandbox, "mei")
    settings = channels(sandbox, tmp_path)
    async with Gateway(tmp_path, settings) as gateway, api(gateway.url, gateway.token) as agent:
        good = gateway.settings.read_text()
        gateway.settings.write_text(good + "\n[chanel]\n")

        gateway.signal(signal.SIGHUP)
        await eventually(lambda: _settings_say(agent, 'unknown key "chanel"'))
        mei.says("Still there?")
        await eventually(lambda: _somebody_wrote(agent))
        gateway.settings.write_text(good)
        gateway.signal(signal.SIGHUP)
        await eventually(lambda: _settings_are_in_force(agent))

        restarts = [one.restarts for one in (await agent.health()).inboxes]
        assert restarts == [0, 0]


async def test_a_refused_token_is_renewed_at_once(sandbox: Sandbox, tmp_path: Path) -> None:
    """Whoever renews it does not wait for the pause to end."""
    settings = channels(sandbox, tmp_path)
    token = (tmp_path / f"{TELEGRAM}-token").read_text()
    async with Gateway(tmp_path, settings) as gateway:
        secret(tmp_path, f"{TELEGRAM}-token", "1:refused-by-the-tests-aaaaaaaaaaaaaaaaaaaa")
        gateway.signal(signal.SIGHUP)
        await eventually(lambda: _is(gateway, "paused"))

        (tmp_path / f"{TELEGRAM}-token").write_text(token)
        gateway.signal(signal.SIGHUP)

        await eventually(lambda: _is(gateway, "running"))


async def test_a_gateway_that_is_told_while_it_starts_runs_with_the_new_settings(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    """Whoever reloads all processes ends none that is just being started anew."""
    gateway = Gateway(tmp_path, channels(sandbox, tmp_path), is_executed=True)
    gateway.data_dir.mkdir(mode=0o700)
    async with held(gateway.data_dir / "redis.lock", timeout_seconds=1):  # so far it may come
        gateway.start()
        await eventually((gateway.data_dir / "redis.users").exists)
        gateway.signal(signal.SIGHUP)
    await gateway.ready()
    await eventually(lambda: "settings taken" in gateway.log.read_text())
    assert await gateway.stop() == 0


async def _have_begun_anew(agent: Api, times: dict[str, int]) -> bool:
    """An inbox counts when its old adapter is closed, which may be after the new text is said."""
    return {one.account: one.restarts for one in (await agent.health()).inboxes} == times


async def _is(gateway: Gateway, state: str) -> bool:
    return await gateway.inbox_state(TELEGRAM) == state


async def _settings_say(agent: Api, text: str) -> bool:
    return text in (await agent.health()).settings


async def _settings_are_in_force(agent: Api) -> bool:
    return not (await agent.health()).settings


async def _somebody_wrote(agent: Api) -> bool:
    return bool(await agent.all_conversations())
