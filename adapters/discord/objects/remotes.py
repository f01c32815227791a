"""What an attachment of ours is called on Discord, so that its bytes can be had at any time.

Addresses of files are signed and end within a day, and the same file has another one each time it
is told of. So an attachment is called by where it is, and asked for anew when it is fetched.
"""

import re

import msgspec

_STORED = re.compile(
    r"https://(?:cdn\.discordapp\.com|media\.discordapp\.net)"
    r"/(?:ephemeral-)?attachments/[0-9]{1,20}/([0-9]{1,20})/"
)
_REMOTE = re.compile(r"(?:file:([0-9]+)/([0-9]+)/([0-9]+)|sticker:([0-9]+\.[a-z]+)|link:(https.*))")


class FileOf(msgspec.Struct, frozen=True):
    """A file that Discord stores: the message, in any part of which it may be, tells its present
    address, in which `/<file>/` stands.
    """

    channel: str
    message: str
    file: str

    @property
    def remote(self) -> str:
        return f"file:{self.channel}/{self.message}/{self.file}"


class StickerFile(msgspec.Struct, frozen=True):
    """`<id>.<extension>`."""

    name: str

    @property
    def remote(self) -> str:
        return f"sticker:{self.name}"

    @property
    def url(self) -> str:
        """Of those there is one address for ever; moving pictures have another host."""
        if self.name.endswith(".gif"):
            return f"https://media.discordapp.net/stickers/{self.name}"
        return f"https://cdn.discordapp.com/stickers/{self.name}"


class LinkedFile(msgspec.Struct, frozen=True):
    """Discord's own copy of a picture from elsewhere."""

    url: str

    @property
    def remote(self) -> str:
        return f"link:{self.url}"


Remote = FileOf | StickerFile | LinkedFile


def remote_of(text: str) -> Remote | None:
    """What an `Attachment.remote` of this adapter means; None for any other text."""
    if not (found := _REMOTE.fullmatch(text)):
        return None
    channel, message, file, sticker, url = found.groups()
    if sticker:
        return StickerFile(sticker)
    return LinkedFile(url) if url else FileOf(channel, message, file)


def file_at(url: str) -> str:
    """The id of the file at an address of Discord's; empty for any other address."""
    found = _STORED.match(url)
    return found[1] if found else ""
