"""How the mailbox's servers prove who they are."""

import ssl
from functools import cache


@cache
def client_context(ca_file: str) -> ssl.SSLContext:
    """Verifies certificate and name, by the system's authorities or by those in `ca_file`. Made
    once: loading the authorities takes tens of milliseconds.
    """
    return ssl.create_default_context(cafile=ca_file or None)
