"""What a Discord bot can carry, and nothing that this adapter does not do."""

from typing_extensions import override

from adapters.discord.markdown.writing import STYLES, write
from adapters.discord.outgoing.limits import TEXT_MAX, takes_buttons, takes_card, takes_poll
from adapters.discord.settings import DiscordSettings
from core.model.capabilities import Capabilities, Level, Resend
from core.model.content import Buttons, Card, MediaKind, Part, Poll, Text

REQUEST_SIZE_BYTES_MAX = 25 * 1024 * 1024
_AROUND_FILES_BYTES = 64 * 1024
"""What else is in a request besides its files."""

FILES = frozenset(
    {MediaKind.IMAGE, MediaKind.VIDEO, MediaKind.ANIMATION, MediaKind.AUDIO, MediaKind.FILE}
)
"""All are files to Discord, which shows each as what it is."""


class DiscordCapabilities(Capabilities, frozen=True, kw_only=True):
    @override
    def written(self, text: Text) -> str:
        return write(text.text, text.spans)

    @override
    def carries(self, part: Part) -> bool:
        match part:
            case Card():
                return takes_card(part, self.media_size_bytes_max)
            case Poll():
                return takes_poll(part)
            case Buttons():
                return takes_buttons(part)
            case _:
                return True


def capabilities(settings: DiscordSettings) -> Capabilities:
    return DiscordCapabilities(
        text_limit=TEXT_MAX,
        caption_limit=TEXT_MAX,
        styles=STYLES,
        link_schemes=frozenset({"http", "https"}),
        media=FILES,
        media_size_bytes_max=settings.upload_size_bytes_max,
        album=10,
        album_kinds=(FILES,),
        album_size_bytes_max=REQUEST_SIZE_BYTES_MAX - _AROUND_FILES_BYTES,
        parts={"card": Level.NATIVE, "poll": Level.NATIVE},
        buttons=25,
        replies=True,
        edits=True,
        deletes=True,
        reactions=True,
        typing=True,
        silent=True,
        resend=Resend.SAME_KEY,
    )
