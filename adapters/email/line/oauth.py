"""Access tokens for mailboxes that take no password: asked for, kept, renewed in time.

One source serves IMAP and SMTP. A refresh token that the provider has replaced is kept, encrypted,
in the account's checkpoints: the one in the settings may be worth nothing from then on.
"""

import asyncio
import base64
import hmac
import re
import time
from hashlib import sha256
from typing import Any, Final

import aiohttp
import msgspec
import structlog
from cryptography.fernet import Fernet, InvalidToken

from adapters.email.settings import OAuthSettings
from core.errors import AuthenticationError, InvalidRequest, StoreError
from core.ports import Checkpoints

CHECKPOINT: Final = "oauth"
EARLY_SECONDS: Final = 120.0
"""A token is replaced so long before it expires: a login with it may take its time."""

LIFE_SECONDS: Final = 3600.0
"""Of a token whose provider does not say."""

ANSWER_SECONDS: Final = 20.0
ANSWER_BYTES_MAX: Final = 64 * 1024
REFUSED: Final = frozenset(
    {
        *("invalid_grant", "invalid_client", "unauthorized_client", "invalid_scope"),
        *("invalid_request", "unsupported_grant_type", "interaction_required", "access_denied"),
    }
)
"""RFC 6749 5.2: asking again changes nothing."""

SPENT: Final = "invalid_grant"
REMEDIES: Final = {
    SPENT: "sign in again and renew oauth.refresh_token",
    "interaction_required": "sign in again and renew oauth.refresh_token",
    "invalid_client": "renew oauth.client_secret",
    "invalid_scope": "correct oauth.scope",
}

log = structlog.get_logger()


class TokenUnavailable(Exception):
    """There is no token for now; later there may be."""


class _Kept(msgspec.Struct, frozen=True, kw_only=True):
    """What replaced the refresh token whose hash is `instead_of`."""

    instead_of: str
    refresh_token: str


class Tokens:
    """The tokens of one mailbox; inside `async with`."""

    def __init__(
        self, settings: OAuthSettings, account: str, checkpoints: Checkpoints, secret: bytes
    ) -> None:
        self._settings = settings
        self._account = account
        self._checkpoints = checkpoints
        key = hmac.digest(secret, b"refresh token", "sha256")
        self._fernet = Fernet(base64.urlsafe_b64encode(key))
        self._asking = asyncio.Lock()
        self._token = ""
        self._until = 0.0
        self._unkept = ""
        """A refresh token that has replaced another, as long as it is not stored."""
        self._instead_of = ""

    async def token(self) -> str:
        """One that is good for at least a while. Raises AuthenticationError when the provider
        refuses for good, TokenUnavailable when it cannot be asked.
        """
        async with self._asking:
            if time.monotonic() >= self._until:
                await self._renew()
            if self._unkept:
                await self._keep()
            return self._token

    def refused(self, token: str) -> None:
        """This token opened nothing: the next one asked for is another."""
        if token == self._token:
            self._until = 0.0

    async def _renew(self) -> None:
        configured = self._settings.refresh_token
        grant = await self._grant()
        status, said = await self._ask(grant)
        if said.get("error") == SPENT and (newer := await self._grant()) != grant:
            # Another process has used it meanwhile, and left what replaced it.
            status, said = await self._ask(newer)
        token = said.get("access_token")
        if status != 200 or not isinstance(token, str) or not token:
            raise self._failure(status, said)
        life = said.get("expires_in")
        try:
            seconds = float(life) if life is not None else LIFE_SECONDS
        except (TypeError, ValueError):
            seconds = LIFE_SECONDS
        self._token = token
        # Half of a very short life, so that it is used at all.
        self._until = time.monotonic() + max(seconds - EARLY_SECONDS, seconds / 2)
        replaced = said.get("refresh_token")
        if isinstance(replaced, str) and configured is not None:
            self._unkept, self._instead_of = replaced, _digest(configured.reveal())

    async def _grant(self) -> dict[str, str]:
        settings = self._settings
        fields = {"client_id": settings.client_id, "scope": settings.scope}
        if settings.client_secret is not None:
            fields["client_secret"] = settings.client_secret.reveal()
        if settings.refresh_token is None:
            fields["grant_type"] = "client_credentials"
        else:
            fields["grant_type"] = "refresh_token"
            fields["refresh_token"] = await self._refresh_token(settings.refresh_token.reveal())
        return {name: value for name, value in fields.items() if value}

    async def _ask(self, fields: dict[str, str]) -> tuple[int, dict[str, Any]]:
        """-> (HTTP status, what the JSON says)."""
        try:
            async with (
                asyncio.timeout(ANSWER_SECONDS),
                aiohttp.ClientSession() as http,
                http.post(
                    self._settings.token_url,
                    data=fields,
                    headers={"Accept": "application/json"},
                    allow_redirects=False,
                ) as answer,
            ):
                body = await _read(answer.content)
                said = msgspec.json.decode(body) if body else {}
                return answer.status, said if isinstance(said, dict) else {}
        except msgspec.DecodeError:
            return 0, {}
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            # Without the cause: it may show the request.
            raise TokenUnavailable(
                f"oauth.token_url does not answer ({type(error).__name__})"
            ) from None

    def _failure(self, status: int, said: dict[str, Any]) -> Exception:
        code = str(said.get("error", ""))
        if status in range(400, 500) and status != 429 and code in REFUSED:
            # The description may quote what was sent; Microsoft's own number helps and does not.
            number = re.search(r"\bAADSTS\d{1,9}\b", str(said.get("error_description", "")))
            shown = f"{code}, {number[0]}" if number else code
            remedy = REMEDIES.get(code, "check the settings of oauth")
            return AuthenticationError(f"oauth.token_url refuses ({shown}): {remedy}")
        return TokenUnavailable(f"oauth.token_url gave no token (HTTP {status})")

    async def _refresh_token(self, configured: str) -> str:
        """The newest: the configured one, unless that has been replaced since, perhaps by another
        process.
        """
        if self._unkept:
            return self._unkept
        try:
            stored = await self._checkpoints.load(CHECKPOINT)
        except StoreError as error:
            raise TokenUnavailable("the kept refresh token cannot be read now") from error
        if not stored:
            return configured
        try:
            kept = msgspec.json.decode(self._fernet.decrypt(stored), type=_Kept)
        except (InvalidToken, msgspec.DecodeError):
            log.warning("the kept refresh token is not ours", account=self._account)
            return configured
        return kept.refresh_token if kept.instead_of == _digest(configured) else configured

    async def _keep(self) -> None:
        """If the store takes it not now, it is offered again at the next use."""
        kept = _Kept(instead_of=self._instead_of, refresh_token=self._unkept)
        sealed = self._fernet.encrypt(msgspec.json.encode(kept)).decode()
        try:
            await self._checkpoints.save(CHECKPOINT, sealed)
            self._unkept = ""
        except (StoreError, InvalidRequest) as error:
            log.warning("refresh token not kept", account=self._account, why=str(error))


async def _read(content: aiohttp.StreamReader) -> bytes:
    """All of it, in however many pieces it comes; no more than any answer has."""
    body = b""
    while len(body) < ANSWER_BYTES_MAX and (piece := await content.read(ANSWER_BYTES_MAX)):
        body += piece
    return body


def _digest(token: str) -> str:
    return sha256(token.encode()).hexdigest()[:32]
