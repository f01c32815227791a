"""Where on Telegram a thread is, and which message a remote id names. Pure.

A thread is `<chat>`, `<chat>/<topic>`, or `<chat>/b<connection>`: a private chat of somebody who
let the bot answer for them (a business connection). A message is `<chat>:<message>`.
"""

import re

import msgspec

_BUSINESS = "b"
_NUMBER = re.compile(r"[0-9]{1,18}")


class Place(msgspec.Struct, frozen=True):
    """`topic` and `connection` are empty for none; a chat never has both."""

    chat: str
    topic: str = ""
    connection: str = ""

    @property
    def group(self) -> bool:
        return self.chat.startswith("-")


def place_of(thread: str) -> Place:
    chat, _, within = thread.partition("/")
    if within.startswith(_BUSINESS):
        return Place(chat, connection=within.removeprefix(_BUSINESS))
    return Place(chat, topic=within)


def message_of(remote: str) -> tuple[str, int] | None:
    """The chat and the number of a message; None for what is none of Telegram's."""
    chat, _, number = remote.rpartition(":")
    if not chat or not _NUMBER.fullmatch(number):
        return None
    return chat, int(number)


def remote_of(chat: str, number: int) -> str:
    return f"{chat}:{number}"
