"""The addresses of files: signed, and good for a while.

https://docs.discord.com/developers/reference#signed-attachment-cdn-urls
"""

import hashlib
import hmac
from collections.abc import Callable
from urllib.parse import quote, urlsplit

from sandbox.discord.messages import StoredFile

CDN = "https://cdn.discordapp.com"
MEDIA = "https://media.discordapp.net"


class Links:
    """Makes and checks addresses. `now` is unix seconds."""

    def __init__(self, key: bytes, now: Callable[[], float], seconds: Callable[[], float]) -> None:
        self._key = key
        self._now = now
        self._seconds = seconds

    def url(self, stored: StoredFile) -> str:
        """Where the file is, from now on for a while."""
        return CDN + self._signed(stored)

    def proxy_url(self, stored: StoredFile) -> str:
        """Where a picture can be asked for in other sizes."""
        return MEDIA + self._signed(stored)

    def valid(self, path: str, ex: str, issued: str, mark: str) -> bool:
        """Whether the address was made here and is not over."""
        try:
            until = int(ex, 16)
        except ValueError:
            return False
        return hmac.compare_digest(mark, self._mark(path, ex, issued)) and self._now() < until

    def _signed(self, stored: StoredFile) -> str:
        path = file_path(stored)
        now = int(self._now())
        ex, issued = f"{now + int(self._seconds()):x}", f"{now:x}"
        return f"{path}?ex={ex}&is={issued}&hm={self._mark(path, ex, issued)}&"

    def _mark(self, path: str, ex: str, issued: str) -> str:
        return hmac.new(self._key, f"{path} {ex} {issued}".encode(), hashlib.sha256).hexdigest()


def file_path(stored: StoredFile) -> str:
    """The address without host and signature."""
    folder = "ephemeral-attachments" if stored.ephemeral else "attachments"
    return f"/{folder}/{stored.channel_id}/{stored.id}/{quote(stored.name)}"


def file_id(url: str) -> int | None:
    """Which file an address names, whether or not it is still good."""
    parts = urlsplit(url).path.split("/")
    known = len(parts) == 5 and parts[1] in ("attachments", "ephemeral-attachments")
    return int(parts[3]) if known and parts[3].isascii() and parts[3].isdigit() else None
