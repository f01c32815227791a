"""Where webhooks may go: to the public internet, and to what an operator allows besides.

Whoever may manage webhooks could otherwise have the gateway knock at doors of its own network.
What a name stands for can change at any time, so each address is looked at when a connection is
made to it, not before.
"""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final
from urllib.parse import SplitResult, urlsplit

from core.errors import InvalidRequest

URL_LENGTH_MAX: Final = 2000
PORTS: Final = (80, 443)
PORT_MIN: Final = 1024
"""Ports of other services below it are no business of webhooks, but for those of the web."""

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

REFUSED: Final[tuple[Network, ...]] = tuple(
    map(
        ip_network,
        (
            "0.0.0.0/8",
            "10.0.0.0/8",
            "100.64.0.0/10",  # shared by providers (CGNAT), and used for cloud metadata
            "127.0.0.0/8",
            "169.254.0.0/16",
            "172.16.0.0/12",
            "192.0.0.0/24",
            "192.0.2.0/24",
            "192.31.196.0/24",
            "192.52.193.0/24",
            "192.88.99.0/24",  # 6to4 relays
            "192.168.0.0/16",
            "192.175.48.0/24",
            "198.18.0.0/15",
            "198.51.100.0/24",
            "203.0.113.0/24",
            "224.0.0.0/4",
            "240.0.0.0/4",
        ),
    )
)
PUBLIC_IPV6: Final = IPv6Network("2000::/3")
"""All that is given out to anybody. What is mapped (::ffff:0:0/96) or translated (64:ff9b::/96)
leads to IPv4 addresses, and is outside of it like loopback, link-local and private ones.
"""
REFUSED_IPV6: Final = tuple(
    map(
        IPv6Network,
        (
            "2001::/23",  # protocol assignments, among them Teredo and ORCHID
            "2001:db8::/32",
            "2002::/16",  # 6to4: leads to IPv4 addresses
            "3fff::/20",
        ),
    )
)


def is_public(address: Address) -> bool:
    if isinstance(address, IPv4Address):
        return not any(address in one for one in REFUSED)
    return address in PUBLIC_IPV6 and not any(address in one for one in REFUSED_IPV6)


class Allowed:
    """What an operator allows: `hosts` are names, addresses, or networks such as 10.20.0.0/16.

    Raises ValueError for what is none of these.
    """

    def __init__(self, hosts: Sequence[str] = (), *, http: bool = False) -> None:
        self._http = http
        self._networks = tuple(found for one in hosts if (found := _network(one)))
        self._names = {one.lower().rstrip(".") for one in hosts if not _network(one)}
        for name in self._names:
            if not name or not name.isascii() or set(name) & set("/:@ "):
                raise ValueError(f'"{name}" is no host, address or network such as 10.20.0.0/16')

    def connects(self, host: str, address: str) -> bool:
        """Whether a connection to the address, for a URL of this host, may be opened."""
        if self._names_host(host):
            return True
        try:
            found = ip_address(address.partition("%")[0])
        except ValueError:
            return False
        return self._holds(found) or is_public(found)

    def checked(self, url: str) -> str:
        """A URL that may be an endpoint's, as far as it can be told from it. Raises InvalidRequest.

        The message holds nothing of the URL: it may be a secret.
        """
        if len(url) > URL_LENGTH_MAX or not url.isascii() or not url.isprintable() or " " in url:
            raise InvalidRequest(
                f"a URL has at most {URL_LENGTH_MAX} printable ASCII characters and no spaces;"
                " write names in other alphabets as xn--..."
            )
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError as error:
            raise InvalidRequest("this is no URL: write it as https://host/path") from error
        self._check(parts, port)
        return url

    def _check(self, parts: SplitResult, port: int | None) -> None:
        host = parts.hostname or ""
        address = _literal(host)
        own = self._names_host(host) or (address is not None and self._holds(address))
        if parts.scheme != "https" and not (parts.scheme == "http" and (self._http or own)):
            raise InvalidRequest(
                "webhooks go to https:// addresses; an operator can set webhooks.allow_http, or"
                " name the host in webhooks.allow_hosts"
            )
        if not host or "@" in parts.netloc or "\\" in parts.netloc or parts.fragment:
            raise InvalidRequest("a webhook's URL names a host, and no user, password or fragment")
        if address is None and _looks_numeric(host):
            raise InvalidRequest("write an address in full, such as 198.51.100.7, or a name")
        if port is not None and not own and port not in PORTS and port < PORT_MIN:
            raise InvalidRequest(f"webhooks go to the ports 80, 443, and from {PORT_MIN} on")
        if address is not None and not own and not is_public(address):
            raise InvalidRequest(
                "this address is of a private or special network; an operator can name it in"
                " webhooks.allow_hosts"
            )

    def _names_host(self, host: str) -> bool:
        return host.lower().rstrip(".") in self._names

    def _holds(self, address: Address) -> bool:
        return any(address in one for one in self._networks)


def _network(text: str) -> Network | None:
    try:
        return ip_network(text)
    except ValueError:
        return None


def _literal(host: str) -> Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None


def _looks_numeric(host: str) -> bool:
    """Old spellings of IPv4 addresses: 2130706433, 127.1, 0x7f000001, 0177.0.0.1."""
    last = host.rstrip(".").rpartition(".")[2].lower()
    return last.isdigit() or last.startswith("0x")
