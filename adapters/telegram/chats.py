"""Chats that have moved: a group that becomes a supergroup goes on under another id.

Its thread keeps the old id, so that the conversation goes on, too: what leaves is translated to
the new id, what arrives back to the old one. The sender learns of a move by a refused call, the
receiver by a message that tells it.
"""

import msgspec

from core.ports import Checkpoints
from core.recent import Recent

_CHECKPOINT = "migrations"
KEPT_MAX = 100
"""The newest so many moves are kept; more would not fit into a checkpoint."""

REMEMBERED_MAX = 20_000
"""Groups, topics and albums that are known of late, in memory only: after a restart a reaction to
an older message of a forum is told without its place.
"""

_SUPERGROUP = "-100"
"""What the ids of supergroups begin with: nothing else is what a chat may have become."""

Moves = dict[str, str]
_decode = msgspec.json.Decoder(Moves).decode


class Chats:
    """The moved chats of one account, shared by its sender and its receiver."""

    def __init__(self, checkpoints: Checkpoints) -> None:
        self._checkpoints = checkpoints
        self._moves: Moves = {}
        self._saved: Moves = {}
        self._met = Recent[str, bool](REMEMBERED_MAX)
        self.origins: dict[int, int] = {}
        """Of a chat that was another before: that one, after which its threads are named."""

    def current(self, chat: str) -> str:
        """Where to write what is meant for this chat."""
        return self._moves.get(chat, chat)

    async def load(self) -> None:
        """Recall what was learnt before. Raises StoreError."""
        self._saved = _decode(await self._checkpoints.load(_CHECKPOINT) or "{}")
        for old, new in self._saved.items():
            self._remember(old, new)

    async def recognise(self, chat: str) -> bool:
        """Whether a chat that is new to this process is one that has moved: another process may
        have been told. Raises StoreError.
        """
        if not chat.startswith(_SUPERGROUP) or chat in self._met:
            return False
        await self.load()
        self._met.note(chat, True)
        return int(chat) in self.origins

    async def learn(self, old: str, new: str) -> None:
        """Remember a move, first in this process, then for good. Raises StoreError."""
        if self._saved.get(old) == new:
            return
        self._remember(old, new)
        await self.load()  # what another process has learnt meanwhile
        self._remember(old, new)
        newest = dict(list(self._moves.items())[-KEPT_MAX:])
        await self._checkpoints.save(_CHECKPOINT, msgspec.json.encode(newest).decode())
        self._saved = newest

    def _remember(self, old: str, new: str) -> None:
        self._moves.pop(old, None)
        self._moves[old] = new
        self.origins[int(new)] = int(old)
