"""What a Telegram bot can carry, and nothing that this adapter does not do yet."""

from adapters.telegram.entities import STYLES
from adapters.telegram.settings import TelegramSettings
from core.model.content import MediaKind
from core.ports import Capabilities, TextUnit


def capabilities(settings: TelegramSettings) -> Capabilities:
    return Capabilities(
        text_limit=4096,
        text_unit=TextUnit.UTF16,
        caption_limit=1024,
        styles=STYLES,
        media=frozenset({MediaKind.IMAGE, MediaKind.FILE}),
        media_size_bytes_max=settings.upload_size_bytes_max,
        replies=True,
    )
