"""Control of access by token.

GET    /control/oauth          -> {token_url, client_id, client_secret, refresh_token, address,
                                   expires_seconds, rotates}: what a gateway is configured with
POST   /control/oauth          {expires_seconds?, rotates?}   how tokens are given out from now
POST   /control/oauth/expire   every access token is no good any more -> {expired}
POST   /control/oauth/revoke   nor is the refresh token -> {refresh_token}: consented to anew

Mechanisms without passwords: POST /control/mail/settings {"imap": {"mechanisms": ["XOAUTH2"],
"login_disabled": true}, "smtp": {"mechanisms": ["XOAUTH2"]}}.
"""

from collections.abc import Callable
from dataclasses import asdict

from aiohttp import web

from sandbox.control.reading import answer, read_fields
from sandbox.world import World


class OAuthControl:
    """Translates control requests into what the provider does with its tokens."""

    def __init__(self, world: World, token_url: Callable[[], str]) -> None:
        self._oauth = world.mail.oauth
        self._token_url = token_url

    def routes(self) -> list[web.RouteDef]:
        """The addresses of this part."""
        return [
            web.get("/control/oauth", self.about),
            web.post("/control/oauth", self.change),
            web.post("/control/oauth/expire", self.expire),
            web.post("/control/oauth/revoke", self.revoke),
        ]

    async def about(self, _request: web.Request) -> web.Response:
        """What a gateway is configured with."""
        return answer({"token_url": self._token_url(), **asdict(self._oauth.client)})

    async def change(self, request: web.Request) -> web.Response:
        """How tokens are given out from now on."""
        fields, client = await read_fields(request), self._oauth.client
        self._oauth.change(
            fields.number("expires_seconds", client.expires_seconds),
            rotates=fields.flag("rotates", default=client.rotates),
        )
        return await self.about(request)

    async def expire(self, _request: web.Request) -> web.Response:
        """Let the access tokens end."""
        return answer({"expired": self._oauth.expire()})

    async def revoke(self, _request: web.Request) -> web.Response:
        """Take the consent back, and give it again."""
        return answer({"refresh_token": self._oauth.revoke()})
