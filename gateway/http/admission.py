"""Who is let in: the token in a request, known, in time, and not asking too often."""

import hashlib
import ipaddress
import math
import time
from collections.abc import Callable
from typing import Final, NamedTuple

from core.recent import Recent
from gateway.allowance import Allowances, Drawn
from gateway.http.problems import RequestRefused
from gateway.scopes import Scope
from gateway.tokens import TOKENS_MAX, TokenInfo, Tokens

CHALLENGE: Final = 'Bearer realm="trunkline"'

WRONG_PER_MINUTE: Final = 20
"""Wrong tokens that are looked at from one address. Then only who was let in before is."""

ADDRESSES_MAX: Final = 10_000
"""Addresses whose wrong tokens are counted, and users whose good ones are remembered."""

IPV6_PREFIX: Final = 64
"""What one customer of a provider is given: an address apiece would be no limit."""


class Admitted(NamedTuple):
    token: TokenInfo
    drawn: Drawn


class Admission:
    """One a process. Nobody can keep others out: whoever was let in from an address is let in
    again, however many wrong tokens come from there.
    """

    def __init__(self, tokens: Tokens, clock: Callable[[], float] = time.monotonic) -> None:
        self._tokens = tokens
        self._asked = Allowances[str](TOKENS_MAX, clock)
        self._wrong = Allowances[str](ADDRESSES_MAX, clock)
        self._good = Recent[tuple[str, bytes], None](ADDRESSES_MAX)

    def admit(self, authorization: str, address: str) -> Admitted:
        """By the header and where it comes from. Raises RequestRefused, ConfigurationError."""
        scheme, _, text = authorization.partition(" ")
        if scheme.lower() != "bearer":
            raise _unauthorized()
        info = self._known(text.strip(), _network(address))
        drawn = self._asked.draw(info.id, info.per_minute)
        if not drawn.granted:
            raise _too_many(f"this token may ask {info.per_minute} times a minute", drawn)
        return Admitted(info, drawn)

    def _known(self, token: str, address: str) -> TokenInfo:
        user = address, hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
        if user not in self._good:
            drawn = self._wrong.look(address, WRONG_PER_MINUTE)
            if not drawn.granted:
                raise _too_many("too many wrong tokens came from this address", drawn)
        info = self._tokens.check(token)
        if info is None:
            self._good.take(user)
            self._wrong.draw(address, WRONG_PER_MINUTE)
            raise _unauthorized()
        self._good.note(user, None)
        return info


def require(token: TokenInfo, scope: object) -> None:
    """That the token is good for this. Raises RequestRefused, also if it is no scope."""
    if not isinstance(scope, Scope) or not token.may(scope):
        raise RequestRefused(
            "missing_scope",
            f"the token lacks the scope {scope}",
            {"WWW-Authenticate": f'{CHALLENGE}, error="insufficient_scope", scope="{scope}"'},
        )


def _unauthorized() -> RequestRefused:
    return RequestRefused(
        "unauthorized",
        "the request has no valid token: it is missing, wrong, revoked or expired",
        {"WWW-Authenticate": CHALLENGE},
    )


def _too_many(detail: str, drawn: Drawn) -> RequestRefused:
    seconds = max(1, math.ceil(drawn.wait_seconds))
    headers = {"Retry-After": str(seconds), **drawn.headers}
    return RequestRefused("too_many_requests", f"{detail}: wait {seconds} s", headers)


def _network(address: str) -> str:
    """The address, or of IPv6 the part that a provider gives to one customer."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if found.version == 4:
        return address
    if found.ipv4_mapped:
        return str(found.ipv4_mapped)
    return str(ipaddress.ip_network((found, IPV6_PREFIX), strict=False))
