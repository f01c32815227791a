"""Access by token: what the provider's token endpoint gives out, and what the mail host takes."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass

from sandbox.errors import ActError

REFUSED_CHALLENGE = b'{"status":"400","schemes":"Bearer","scope":"https://mail.sandbox.test/"}'
"""What a server sends when a token is no good, before it refuses."""
TOKEN_DIGITS = 32
TOKENS_MAX = 10_000


class Refused(Exception):
    """A grant is refused: an error code of RFC 6749 section 5.2, and words for people."""

    def __init__(self, code: str, words: str) -> None:
        super().__init__(words)
        self.code = code


@dataclass(slots=True)
class Client:
    """An application that the provider knows, and whose mailbox it may read."""

    client_id: str
    client_secret: str
    address: str
    refresh_token: str
    expires_seconds: float = 3600.0
    rotates: bool = False
    """True: each use of the refresh token gives a new one, and the old one is no good any more."""


@dataclass(frozen=True, slots=True)
class Grant:
    """What the token endpoint answers. `refresh_token` is None when the old one stays good."""

    access_token: str
    expires_seconds: float
    refresh_token: str | None = None


@dataclass(frozen=True, slots=True)
class _Access:
    address: str
    until: float


class OAuth:
    """The tokens of the world. `now` (unix seconds) decides when they expire."""

    def __init__(self, rng: random.Random, address: str, now: Callable[[], float] = time.time):
        self._rng, self._now = rng, now
        self._accesses: dict[str, _Access] = {}
        self.client = Client("sandbox-client", self._invent("cs"), address, self._invent("rt"))

    def grant(self, form: dict[str, str]) -> Grant:
        """Answer a token request; raises Refused."""
        client = self.client
        if (form.get("client_id"), form.get("client_secret")) != (
            client.client_id,
            client.client_secret,
        ):
            raise Refused("invalid_client", "Client authentication failed.")
        match form.get("grant_type"):
            case "client_credentials":
                return self._access(client)
            case "refresh_token" if form.get("refresh_token") == client.refresh_token:
                return self._refreshed(client)
            case "refresh_token":
                raise Refused("invalid_grant", "Token has been expired or revoked.")
            case _:
                raise Refused("unsupported_grant_type", "Use refresh_token or client_credentials.")

    def address_of(self, token: str) -> str | None:
        """Whose mailbox a token opens, None when it is no good or no longer."""
        access = self._accesses.get(token)
        return access.address if access and access.until > self._now() else None

    def expire(self) -> int:
        """Let every access token be no good from now on; returns how many there were."""
        count = len(self._accesses)
        self._accesses.clear()
        return count

    def revoke(self) -> str:
        """Take the consent back: refresh and access tokens are no good. Returns what a person
        would paste into a gateway after consenting again.
        """
        self.expire()
        self.client.refresh_token = self._invent("rt")
        return self.client.refresh_token

    def change(self, expires_seconds: float, *, rotates: bool) -> None:
        """How long tokens given from now on live, and whether refresh tokens change by use."""
        if expires_seconds <= 0:
            raise ActError("'expires_seconds' must be more than 0")
        self.client.expires_seconds, self.client.rotates = expires_seconds, rotates

    def _refreshed(self, client: Client) -> Grant:
        if not client.rotates:
            return self._access(client)
        client.refresh_token = self._invent("rt")
        return self._access(client, client.refresh_token)

    def _access(self, client: Client, refresh_token: str | None = None) -> Grant:
        token = self._invent("at")
        while len(self._accesses) >= TOKENS_MAX:
            del self._accesses[next(iter(self._accesses))]
        self._accesses[token] = _Access(client.address, self._now() + client.expires_seconds)
        return Grant(token, client.expires_seconds, refresh_token)

    def _invent(self, prefix: str) -> str:
        return f"{prefix}-sandbox-{self._rng.randrange(16**TOKEN_DIGITS):0{TOKEN_DIGITS}x}"


def read_xoauth2(answer: bytes) -> tuple[str, str]:
    """(user, token) of an XOAUTH2 answer: "user=" and "auth=Bearer " between bytes 01."""
    fields = dict(
        part.partition("=")[::2] for part in answer.decode("utf-8", "replace").split("\x01")
    )
    scheme, _, token = fields.get("auth", "").partition(" ")
    return fields.get("user", ""), token if scheme.lower() == "bearer" else ""
