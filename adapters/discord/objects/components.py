"""Components: rows of buttons and menus, and messages that are laid out in them."""

from adapters.discord.objects.attachment import NamedEmoji
from adapters.discord.objects.fields import ABSENT, Copy, Count, Lost, Read, Snowflake

ROW, BUTTON, STRING_SELECT, TEXT_INPUT = 1, 2, 3, 4
SELECTS = frozenset({3, 5, 6, 7, 8})
SECTION, TEXT, THUMBNAIL, GALLERY, FILE, SEPARATOR, CONTAINER = 9, 10, 11, 12, 13, 14, 17


class UnfurledMedia(Read, frozen=True, kw_only=True):
    id: Copy = ABSENT
    url: str = ""
    proxy_url: str = ""
    width: Count | None = None
    height: Count | None = None
    content_type: str | None = None
    attachment_id: Snowflake | None = None
    placeholder: Copy = ABSENT
    placeholder_version: Copy = ABSENT
    content_scan_metadata: Copy = ABSENT
    source_metadata: Copy = ABSENT
    loading_state: Copy = ABSENT
    flags: Lost = None


class GalleryItem(Read, frozen=True, kw_only=True):
    media: UnfurledMedia
    description: str | None = None
    spoiler: Lost = None


class SelectOption(Read, frozen=True, kw_only=True):
    label: str = ""
    value: str = ""
    description: Lost = None
    emoji: Lost = None
    default: Lost = None


class Component(Read, frozen=True, kw_only=True):
    """Of any kind. `id` is its number within the message."""

    type: int = 0
    id: Copy = ABSENT
    custom_id: str | None = None
    style: Lost = None
    label: str | None = None
    disabled: Lost = None
    emoji: NamedEmoji | None = None
    url: str | None = None
    sku_id: Lost = None
    placeholder: str | None = None
    min_values: Lost = None
    max_values: Lost = None
    required: Lost = None
    options: tuple[SelectOption, ...] = ()
    default_values: Lost = None
    channel_types: Lost = None
    components: "tuple[Component, ...]" = ()
    accessory: "Component | None" = None
    content: str = ""
    media: UnfurledMedia | None = None
    description: str | None = None
    spoiler: Lost = None
    items: tuple[GalleryItem, ...] = ()
    file: UnfurledMedia | None = None
    name: str | None = None
    size: Count | None = None
    divider: Lost = None
    spacing: Lost = None
    accent_color: Lost = None
    value: str | None = None
    min_length: Lost = None
    max_length: Lost = None
