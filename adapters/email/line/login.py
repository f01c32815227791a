"""How we tell a mail server who we are: by password or by an access token."""

import base64
import re
from collections.abc import Collection
from typing import Any, Protocol

from adapters.email.line.broken import ConnectionBroken
from adapters.email.line.oauth import Tokens, TokenUnavailable
from adapters.email.settings import ImapSettings
from core.errors import AuthenticationError, ConfigurationError

NOT_NOW = re.compile(
    rb"\[(?:UNAVAILABLE|INUSE|LIMIT|SERVERBUG|CONTACTADMIN)\]"
    rb"|too many simultaneous|server unavailable|not connected",
    re.IGNORECASE,
)
"""A refusal that says nothing about the login itself. Large providers word it without a code."""

SHORT = re.compile(r"[\x20-\x7e]*")


class Talks(Protocol):
    async def __call__(self, name: str, *words: str, replies: tuple[bytes, ...] = ()) -> Any: ...


class LoggingIn:
    """One login on one connection."""

    def __init__(self, settings: ImapSettings, tokens: Tokens | None, talk: Talks) -> None:
        self._settings = settings
        self._tokens = tokens
        self._talk = talk

    async def run(self, offered: Collection[str]) -> None:
        """Raises AuthenticationError when it is refused, ConnectionBroken when it is not for now,
        ConfigurationError when it cannot be tried.
        """
        if self._tokens is not None:
            await self._by_token(self._tokens, offered)
        else:
            await self._by_password(offered)

    async def _by_token(self, tokens: Tokens, offered: Collection[str]) -> None:
        """With a second token if the first is refused: it may have been withdrawn."""
        if offered and "AUTH=XOAUTH2" not in offered:
            raise ConfigurationError(
                f"{self._settings.host} takes no access tokens (XOAUTH2): set imap.password"
                " instead of oauth"
            )
        for attempt in range(2):
            try:
                token = await tokens.token()
            except TokenUnavailable as error:
                raise ConnectionBroken(str(error)) from error
            said = f"user={self._settings.user}\1auth=Bearer {token}\1\1".encode()
            response = await self._sasl("XOAUTH2", said, offered)
            if response.result == "OK":
                return
            self._not_now(response)
            tokens.refused(token)
            if attempt:
                raise AuthenticationError(
                    f"{self._settings.host} refuses the access token for {self._settings.user!r}:"
                    " grant oauth.client_id the use of IMAP for this mailbox, then renew"
                    " oauth.refresh_token"
                )

    async def _by_password(self, offered: Collection[str]) -> None:
        settings = self._settings
        user = settings.user
        password = settings.password.reveal() if settings.password else ""
        if re.search(r"[\x00\r\n]", user + password):
            raise ConfigurationError("imap.user and imap.password may not hold line breaks")
        by_login = "LOGINDISABLED" not in offered and _is_short(user, password)
        if "AUTH=PLAIN" in offered and ("SASL-IR" in offered or not by_login):
            said = f"\0{user}\0{password}".encode()
            response = await self._sasl("PLAIN", said, offered)
        elif "LOGINDISABLED" in offered:
            raise ConfigurationError(
                f"{settings.host} takes no password on this connection: set imap.tls, or oauth"
            )
        else:
            response = await self._talk("LOGIN", _quoted(user), _quoted(password))
        if response.result != "OK":
            self._not_now(response)
            raise AuthenticationError(
                f"IMAP login of {user!r} on {settings.host} was refused: renew imap.password"
            )

    async def _sasl(self, mechanism: str, said: bytes, offered: Collection[str]) -> Any:
        """With the answer at once where that is offered (RFC 4959). A refused token makes the
        server ask once more; an empty line lets it go on to its refusal.
        """
        encoded = base64.b64encode(said)
        if "SASL-IR" in offered:
            return await self._talk("AUTHENTICATE", mechanism, encoded.decode())
        return await self._talk("AUTHENTICATE", mechanism, replies=(encoded,))

    def _not_now(self, response: Any) -> None:
        if response.result != "NO" or NOT_NOW.search(bytes(response.lines[-1])):
            raise ConnectionBroken(f"{self._settings.host} takes no logins at the moment")


def _is_short(*words: str) -> bool:
    """Whether they can be quoted strings (RFC 3501: ASCII)."""
    return all(SHORT.fullmatch(word) for word in words)


def _quoted(word: str) -> str:
    escaped = word.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
