"""Which hosts are this machine."""

import ipaddress


def is_loopback(host: str) -> bool:
    """True for the names and addresses of this machine only."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
