"""What a Telegram bot can carry, and nothing that this adapter does not do."""

from adapters.telegram.entities import STYLES
from adapters.telegram.outgoing.media import ALBUM_KINDS
from adapters.telegram.settings import TelegramSettings
from core.model.capabilities import Capabilities, Level, TextUnit
from core.model.content import MediaKind


def capabilities(settings: TelegramSettings) -> Capabilities:
    return Capabilities(
        text_limit=4096,
        text_unit=TextUnit.UTF16,
        caption_limit=1024,
        styles=STYLES,
        spans_max=100,
        link_schemes=frozenset({"http", "https", "tg"}),
        media=frozenset(MediaKind),
        media_size_bytes_max=settings.upload_size_bytes_max,
        album=10,
        album_kinds=ALBUM_KINDS,
        parts={"location": Level.NATIVE, "contact_card": Level.NATIVE},
        buttons=100,
        replies=True,
        quotes=True,
        edits=True,
        deletes=True,
        reactions=True,
        typing=True,
        silent=True,
    )
