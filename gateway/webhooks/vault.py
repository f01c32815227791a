"""Endpoints' secrets as they lie on disk: encrypted, of no use without the installation's key."""

import hashlib
import hmac
from typing import TYPE_CHECKING, Final

from core.errors import ConfigurationError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE_BYTES: Final = 12


class Vault:
    """`key` has 32 bytes. A secret opens for the endpoint that it was locked for, and no other."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def make(self, endpoint: str, asked: str) -> tuple[bytes, bytes]:
        """A secret, and the same locked; both are always the same for the same `asked`, so that
        asking again makes no other.
        """
        named = f"{endpoint}\0{asked}".encode()
        secret = hmac.digest(self._key, b"secret\0" + named, hashlib.sha256)
        nonce = hmac.digest(self._key, b"nonce\0" + named, hashlib.sha256)[:NONCE_BYTES]
        return secret, nonce + self._cipher().encrypt(nonce, secret, endpoint.encode())

    def open(self, locked: bytes, endpoint: str) -> bytes:
        """Raises ConfigurationError."""
        from cryptography.exceptions import InvalidTag

        nonce, text = locked[:NONCE_BYTES], locked[NONCE_BYTES:]
        try:
            return self._cipher().decrypt(nonce, text, endpoint.encode())
        except InvalidTag as error:
            raise ConfigurationError(
                f"the secret of webhook {endpoint} cannot be read: secret.key is another one than"
                " when it was made; restore that file, or rotate the secret"
            ) from error

    def _cipher(self) -> "AESGCM":
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        return AESGCM(self._key)
