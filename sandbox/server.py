"""The sandbox as a whole: start it, hand its addresses to a gateway, act as its persons."""

import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Self

from sandbox.control.discord import DiscordControl
from sandbox.control.discord_host import DiscordHostControl
from sandbox.control.discord_interactions import DiscordInteractionControl
from sandbox.control.dns import DnsControl
from sandbox.control.faults import FaultControl
from sandbox.control.mail import MailControl
from sandbox.control.mail_habits import MailHabitsControl
from sandbox.control.mail_host import MailHostControl
from sandbox.control.oauth import OAuthControl
from sandbox.control.telegram import TelegramControl
from sandbox.control.telegram_groups import TelegramGroupsControl
from sandbox.control.telegram_host import TelegramHostControl
from sandbox.control.world import WorldControl
from sandbox.discord.app import DiscordApp
from sandbox.discord.cdn import Cdn
from sandbox.discord.edge import Edge, opened
from sandbox.discord.gateway.hub import Gateway
from sandbox.discord.rest.api import RestApi
from sandbox.dns.server import DnsServer
from sandbox.errors import ActError
from sandbox.imap.server import ImapServer
from sandbox.loopback import is_loopback
from sandbox.mail.programs import MailPrograms
from sandbox.mail.token_endpoint import TokenEndpoint
from sandbox.payload import Json
from sandbox.port import HttpPort, Manner, serving
from sandbox.smtp.server import SubmissionServer
from sandbox.telegram.api import BotApi
from sandbox.telegram.host import TelegramHost
from sandbox.telegram.phone import Phone
from sandbox.telegram.settings import TelegramSettings
from sandbox.telegram.webhooks import delivering
from sandbox.web import build_application
from sandbox.world import World


class Sandbox:
    """Emulates the platforms on loopback ports while its `async with` block runs.

    Port 0 picks a free one. The addresses are known inside the block only. `agent_url` is what
    the page shows on its right-hand side; it may be set at any time. `now` (unix seconds) dates
    what a person writes on Telegram and makes its updates grow old. Raises ValueError for a host
    that other machines could reach: the sandbox has no authentication worth the name.
    """

    def __init__(
        self,
        host: str = "127.0.0.1",
        http_port: int = 0,
        smtp_port: int = 0,
        imap_port: int = 0,
        dns_port: int = 0,
        discord_port: int = 0,
        *,
        agent_url: str | None = None,
        seed: int = 0,
        telegram: TelegramSettings | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        if not is_loopback(host):
            raise ValueError(f"the sandbox listens on loopback only, not on {host!r}")
        self.world = World(seed, now)
        self.world.telegram.settings = telegram or TelegramSettings()
        self.phone = Phone(self.world)
        self.telegram_host = TelegramHost(self.world)
        self.discord = DiscordApp(self.world)
        self.discord_gateway = Gateway(self.world)
        self.mail_programs = MailPrograms(self.world)
        self._agent_url = agent_url
        self.host = host
        self.http_port = http_port
        self.smtp_port = smtp_port
        self.imap_port = imap_port
        self.dns_port = dns_port
        self.discord_port = discord_port
        self._edge: Edge | None = None
        self._http: HttpPort | None = None
        self._running = AsyncExitStack()

    async def __aenter__(self) -> Self:
        try:
            await self._start()
        except BaseException:
            await self._running.aclose()
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._running.aclose()

    @property
    def agent_url(self) -> str | None:
        """What the page shows on its right-hand side; a fragment may carry a login."""
        return self._agent_url

    @agent_url.setter
    def agent_url(self, url: str | None) -> None:
        self._agent_url = url
        self.world.feed.publish("agent_url")

    @property
    def http_url(self) -> str:
        """Base of the HTTP port, without a slash at the end."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.http_port}"

    @property
    def page_url(self) -> str:
        """The phone."""
        return f"{self.http_url}/"

    @property
    def telegram_base_url(self) -> str:
        """What goes before "<token>/<method>"."""
        return f"{self.http_url}/bot"

    @property
    def telegram_file_url(self) -> str:
        """What goes before "<token>/<file path>"."""
        return f"{self.http_url}/file/bot"

    @property
    def token_url(self) -> str:
        """Where a gateway exchanges its refresh token for access to the support mailbox."""
        return f"{self.http_url}/oauth/token"

    @property
    def bot_token(self) -> str:
        """The first bot's token, as it is now."""
        return self.world.telegram.bots[0].token

    @property
    def discord_route(self) -> str:
        """Where Discord's names lead: "host:port", over TLS."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.discord_port}"

    @property
    def discord_authority(self) -> str:
        """Path of the PEM file to trust there; raises ActError before the start."""
        if self._edge is None:
            raise ActError("start the sandbox first; its authority is made then")
        return str(self._edge.authority)

    @property
    def discord_token(self) -> str:
        """The first Discord bot's token, as it is now."""
        return self.world.discord.applications[0].token

    @property
    def support_address(self) -> str:
        """The address that customers write to."""
        return self.world.mail.support.address

    @property
    def mail_user(self) -> str:
        """Login of the support mailbox, for IMAP and for submission."""
        return self.support_address

    @property
    def mail_password(self) -> str:
        """Password of every mailbox."""
        return self.world.mail.password

    @property
    def authserv_id(self) -> str:
        """As what the mail host signs its findings about senders."""
        return self.world.mail.settings.authserv_id

    @property
    def name_server(self) -> str:
        """Where senders' keys and policies are asked for."""
        return f"{self.host}:{self.dns_port}"

    def close_for(
        self, seconds: float, *, discord: bool = False, manner: Manner = Manner.REFUSED
    ) -> None:
        """Let the HTTP port be out of reach for so long, or Discord's; raises ActError before the
        start.
        """
        port = self._edge.port if discord and self._edge else self._http
        if port is None:
            raise ActError("start the sandbox first; until then it refuses connections anyway")
        port.close_for(seconds, manner)

    def describe(self) -> Json:
        """What a gateway and a person at the terminal need to know."""
        return {
            "page_url": self.page_url,
            "agent_url": self.agent_url,
            "telegram_base_url": self.telegram_base_url,
            "telegram_file_url": self.telegram_file_url,
            "bot_token": self.bot_token,
            "discord_route": self.discord_route,
            "discord_authority": self.discord_authority,
            "discord_token": self.discord_token,
            "smtp_host": self.host,
            "smtp_port": self.smtp_port,
            "imap_host": self.host,
            "imap_port": self.imap_port,
            "dns_host": self.host,
            "dns_port": self.dns_port,
            "authserv_id": self.authserv_id,
            "mail_user": self.mail_user,
            "mail_password": self.mail_password,
            "support_address": self.support_address,
            "token_url": self.token_url,
        }

    async def _start(self) -> None:
        enter = self._running.enter_async_context
        imap = await enter(ImapServer(self.world, self.host, self.imap_port))
        smtp = await enter(SubmissionServer(self.world, self.host, self.smtp_port))
        names = await enter(DnsServer(self.world, self.host, self.dns_port))
        self.imap_port, self.smtp_port, self.dns_port = imap.port, smtp.port, names.port
        await self._start_discord()
        await self._start_http(imap, smtp)
        await enter(delivering(self.world))

    async def _start_discord(self) -> None:
        routes = [
            *RestApi(self.world).routes(),
            *Cdn(self.world).routes(),
            *self.discord_gateway.routes(),
        ]
        edge = opened(routes, self.host, self.discord_port)
        self._edge = await self._running.enter_async_context(edge)
        self.discord_port = self._edge.port.number
        self._running.callback(self.discord_gateway.end)

    async def _start_http(self, imap: ImapServer, smtp: SubmissionServer) -> None:
        routes = [
            *BotApi(self.world).routes(),
            *TelegramControl(self.world).routes(),
            *TelegramGroupsControl(self.world).routes(),
            *TelegramHostControl(self.world).routes(),
            *DiscordControl(self.discord).routes(),
            *DiscordInteractionControl(self.discord).routes(),
            *DiscordHostControl(self.discord, self.discord_gateway).routes(),
            *MailControl(self.world).routes(),
            *MailHabitsControl(self.world).routes(),
            *MailHostControl(self.world, imap, smtp).routes(),
            *DnsControl(self.world, lambda: (self.host, self.dns_port)).routes(),
            *TokenEndpoint(self.world).routes(),
            *OAuthControl(self.world, lambda: self.token_url).routes(),
            *FaultControl(self.world, self.close_for).routes(),
            *WorldControl(self.world, self.describe).routes(),
        ]
        app = build_application(routes, lambda: self.agent_url)
        port = serving(app, self.host, self.http_port)
        self._http = await self._running.enter_async_context(port)
        self.http_port = self._http.number
