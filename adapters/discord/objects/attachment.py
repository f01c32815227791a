"""Files, stickers and emojis of messages."""

from adapters.discord.objects.fields import ABSENT, Copy, Count, Flags, Lost, Read, Snowflake

STICKER_FORMATS = {1: "png", 2: "png", 3: "json", 4: "gif"}
"""By `format_type`: png, animated png, Lottie, gif."""


class Attachment(Read, frozen=True, kw_only=True):
    """Its address is signed and ends within a day, so it is known by its id (see `remotes`)."""

    id: Snowflake
    filename: str = ""
    size: Count | None = None
    url: Copy = ABSENT
    proxy_url: Copy = ABSENT
    width: Count | None = None
    height: Count | None = None
    duration_secs: float | None = None
    waveform: Lost = None
    description: str | None = None
    content_type: str | None = None
    content_scan_version: Copy = ABSENT
    """Discord's own housekeeping."""
    original_content_type: Lost = None
    ephemeral: Lost = None
    flags: Flags | None = None
    placeholder: Copy = ABSENT
    """A blurred form of the picture."""
    placeholder_version: Copy = ABSENT
    title: str | None = None
    application: Lost = None
    clip_created_at: Lost = None
    clip_participants: Lost = None


class StickerItem(Read, frozen=True, kw_only=True):
    id: Snowflake
    name: str = ""
    format_type: int = 1


class Emoji(Read, frozen=True, kw_only=True):
    """Of Unicode (`id` None) or of a guild."""

    id: Snowflake | None = None
    name: str | None = None
    animated: Lost = None

    @property
    def shown(self) -> str:
        """The character; of a guild's own `name:id`, as Discord's API takes it."""
        return f"{self.name or ''}:{self.id}" if self.id else self.name or ""


class NamedEmoji(Read, frozen=True, kw_only=True):
    """One that is only shown beside words."""

    id: Lost = None
    name: str | None = None
    animated: Lost = None

    @property
    def words(self) -> str:
        """As people write it."""
        return f":{self.name or ''}:" if self.id else self.name or ""
