"""Where on Telegram a thread is, and which message a remote id names. Pure.

A thread is `<chat>`, or within it: `<chat>/<topic>` of a forum, `<chat>/d<topic>` of a channel's
direct messages, which is private, or `<chat>/b<connection>`, a private chat of somebody who let the
bot answer for them (a business connection). A message is `<chat>:<message>`.
"""

import re

import msgspec

_BUSINESS, _DIRECT = "b", "d"
_NUMBER = re.compile(r"[0-9]{1,18}")


class Place(msgspec.Struct, frozen=True):
    """`topic`, `direct` (with whom a channel exchanges messages) and `connection` are empty for
    none; there is never more than one.
    """

    chat: str
    topic: str = ""
    connection: str = ""
    direct: str = ""

    @property
    def thread(self) -> str:
        return f"{self.chat}/{self.within}" if self.within else self.chat

    @property
    def within(self) -> str:
        """What tells it apart from the chat's other threads."""
        if self.connection:
            return _BUSINESS + self.connection
        return _DIRECT + self.direct if self.direct else self.topic

    @property
    def group(self) -> bool:
        return self.chat.startswith("-")


def place_of(thread: str) -> Place:
    chat, _, within = thread.partition("/")
    if within.startswith(_BUSINESS):
        return Place(chat, connection=within.removeprefix(_BUSINESS))
    if within.startswith(_DIRECT):
        return Place(chat, direct=within.removeprefix(_DIRECT))
    return Place(chat, topic=within)


def message_of(remote: str) -> tuple[str, int] | None:
    """The chat and the number of a message; None for what is none of Telegram's."""
    chat, _, number = remote.rpartition(":")
    if not chat or not _NUMBER.fullmatch(number):
        return None
    return chat, int(number)


def remote_of(chat: str, number: int) -> str:
    return f"{chat}:{number}"
