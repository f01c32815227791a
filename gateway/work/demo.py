"""The real gateway and the real adapters against emulated platforms."""

import asyncio
import os
import signal
import tempfile
from pathlib import Path

import click

from adapters.discord.settings import CommunitySettings, DiscordSettings
from adapters.email.settings import EmailSettings, ImapSettings, SmtpSettings, TrustSettings
from adapters.telegram.settings import TelegramSettings
from core.errors import ConfigurationError
from core.model.secret import Secret
from gateway.app import Options, Running, run_gateway
from gateway.commands.output import Asked
from gateway.logs import set_up_logs
from gateway.scopes import ALL
from gateway.settings import AppSettings, ChannelSettings, Settings, WebhookSettings, WebSettings
from gateway.work.common import run_loop
from sandbox.server import Sandbox

AGENT = "Kim"
SUPPORT_CHANNELS = ("support", "questions")
MANAGERS = "Community managers"


def demo(asked: Asked, port: int, sandbox_port: int, seconds: float | None) -> None:
    set_up_logs(verbose=asked.verbose, terse=True)
    with tempfile.TemporaryDirectory(prefix="trunkline-demo-") as data_dir:
        run_loop(_demo(Path(data_dir), port, sandbox_port, seconds))


async def _demo(data_dir: Path, port: int, sandbox_port: int, seconds: float | None) -> None:
    try:
        sandbox = await Sandbox(http_port=sandbox_port).__aenter__()
    except OSError as error:
        raise ConfigurationError(
            f"port {sandbox_port} is taken: choose another one with --sandbox-port"
        ) from error
    try:
        if seconds is not None:
            loop = asyncio.get_running_loop()
            loop.call_later(seconds, os.kill, os.getpid(), signal.SIGTERM)
        settings = _settings(data_dir, port, sandbox)
        options = Options(frame_ancestors=sandbox.http_url)
        await run_gateway(settings, os.environ, lambda one: _announce(one, sandbox), options)
    finally:
        await sandbox.__aexit__(None, None, None)


def _settings(data_dir: Path, port: int, sandbox: Sandbox) -> Settings:
    user, password = sandbox.mail_user, Secret(sandbox.mail_password)
    imap = ImapSettings(
        host=sandbox.host, port=sandbox.imap_port, user=user, password=password, tls="none"
    )
    smtp = SmtpSettings(
        host=sandbox.host, port=sandbox.smtp_port, user=user, password=password, tls="none"
    )
    telegram = TelegramSettings(token=Secret(sandbox.bot_token), api_url=sandbox.http_url)
    email = EmailSettings(
        address=sandbox.support_address,
        name="Acme Support",
        imap=imap,
        smtp=smtp,
        trust=TrustSettings(
            authserv_ids=(sandbox.authserv_id,), nameservers=(sandbox.name_server,)
        ),
    )
    return Settings(
        base=data_dir,
        app=AppSettings(name="Acme Support", data_dir=str(data_dir)),
        web=WebSettings(bind=f"127.0.0.1:{port}"),
        webhooks=WebhookSettings(allow_hosts=("127.0.0.1", "localhost")),
        channels=(
            ChannelSettings(id="tg-demo", kind="telegram", adapter=telegram),
            ChannelSettings(id="mail-demo", kind="email", adapter=email),
            ChannelSettings(id="discord-demo", kind="discord", adapter=_discord(sandbox)),
        ),
    )


def _discord(sandbox: Sandbox) -> DiscordSettings:
    """Questions in #support and in the forum are for us; who may moderate is a manager."""
    guild = sandbox.world.discord.guild
    channels = [one for one in guild.channels.values() if one.name in SUPPORT_CHANNELS]
    managers = [role for role in guild.roles.values() if role.name == MANAGERS]
    return DiscordSettings(
        token=Secret(sandbox.discord_token),
        support_channels=tuple(str(channel.id) for channel in channels),
        community=CommunitySettings(manager_roles=tuple(str(role.id) for role in managers)),
        route_to=sandbox.discord_route,
        authority=str(sandbox.discord_authority),
    )


def _announce(running: Running, sandbox: Sandbox) -> None:
    sandbox.agent_url = f"{running.url}/#token={running.desk.tokens.create(AGENT, ALL)}"
    click.echo()
    click.echo("  Trunkline demo: emulated platforms, nothing leaves this machine.")
    click.echo()
    click.echo(f"  Customers and agent, side by side   {sandbox.page_url}")
    click.echo(f"  Agent page alone                    {sandbox.agent_url}")
    click.echo()
    click.echo("  Write as a customer on the left, answer and search as the agent on the right.")
    click.echo("  The token also opens the API, with webhooks to this machine: docs/api.md.")
    click.echo("  Ctrl+C ends it; everything is thrown away.")
