"""How the mailbox's servers prove who they are."""

import ssl
from functools import cache

from core.errors import ConfigurationError


@cache
def client_context(ca_file: str) -> ssl.SSLContext:
    """Verifies certificate and name, by the system's authorities or by those in `ca_file`. Made
    once: loading the authorities takes tens of milliseconds. Raises ConfigurationError.
    """
    try:
        return ssl.create_default_context(cafile=ca_file or None)
    except OSError as error:
        raise ConfigurationError(
            f'the certificates in "ca_file" ({ca_file}) cannot be loaded '
            f"({type(error).__name__}): name a readable file of certificates as PEM"
        ) from error
