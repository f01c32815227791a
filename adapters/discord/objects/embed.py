"""Embeds: the cards of bots and webhooks, and what Discord shows of the pages behind links."""

from adapters.discord.objects.fields import ABSENT, Copy, Count, Lost, Read, Time

UNFURLED = frozenset({"link", "article", "image", "video", "gifv"})
"""What Discord itself makes of a link in the text, for everybody but bots and webhooks."""


class EmbedMedia(Read, frozen=True, kw_only=True):
    url: str = ""
    proxy_url: str = ""
    width: Count | None = None
    height: Count | None = None
    content_type: str | None = None
    placeholder: Copy = ABSENT
    """A blurred form of the picture."""
    placeholder_version: Copy = ABSENT
    description: Lost = None
    flags: Lost = None
    content_scan_metadata: Copy = ABSENT
    """Discord's own housekeeping."""


class EmbedField(Read, frozen=True, kw_only=True):
    name: str = ""
    value: str = ""
    inline: Lost = None


class EmbedAuthor(Read, frozen=True, kw_only=True):
    name: str = ""
    url: Lost = None
    icon_url: Lost = None
    proxy_icon_url: Copy = ABSENT


class EmbedFooter(Read, frozen=True, kw_only=True):
    text: str = ""
    icon_url: Lost = None
    proxy_icon_url: Copy = ABSENT


class EmbedProvider(Read, frozen=True, kw_only=True):
    name: str = ""
    url: Lost = None


class Embed(Read, frozen=True, kw_only=True):
    type: str = "rich"
    url: str | None = None
    title: str | None = None
    description: str | None = None
    color: Lost = None
    timestamp: Time | None = None
    fields: tuple[EmbedField, ...] = ()
    author: EmbedAuthor | None = None
    provider: EmbedProvider | None = None
    image: EmbedMedia | None = None
    thumbnail: EmbedMedia | None = None
    video: EmbedMedia | None = None
    footer: EmbedFooter | None = None
    flags: Lost = None
    components: Lost = None
    reference_id: Copy = ABSENT
    content_scan_version: Copy = ABSENT
    id: Copy = ABSENT
