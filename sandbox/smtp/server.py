"""The SMTP port."""

from functools import partial

from sandbox.listener import Listener
from sandbox.smtp.connection import Connection
from sandbox.world import World

LINE_BYTES_MAX = 1024 * 1024
"""What is read at once; a longer line ends the connection."""


class SubmissionServer(Listener[Connection]):
    """Takes mail inside its `async with` block, where `port` is the real one."""

    def __init__(self, world: World, host: str, port: int) -> None:
        super().__init__(host, port, partial(Connection, world), line_bytes_max=LINE_BYTES_MAX)

    def cut(self) -> int:
        """Close every connection without a word; returns how many."""
        return self._cut(self._connections)
