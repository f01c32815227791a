"""Embeds, as cards: those of bots and webhooks, not what Discord shows of a link's page. Pure."""

from adapters.discord.incoming.attachments import Origin, picture
from adapters.discord.markdown.reading import read
from adapters.discord.markdown.syntax import Names
from adapters.discord.objects.embed import Embed
from core.model.content import Card

_WRITTEN = "rich"
"""The type of what somebody composed; every other one Discord has made of a link."""


def is_written(embed: Embed) -> bool:
    return embed.type == _WRITTEN


def card(embed: Embed, origin: Origin, names: Names) -> Card:
    shown = embed.image or embed.thumbnail
    return Card(
        title=embed.title or "",
        text=words(embed, names),
        url=embed.url or "",
        image=picture(shown, origin) if shown else None,
    )


def words(embed: Embed, names: Names) -> str:
    """All that it says besides its title, a line each."""
    author = embed.author.name if embed.author else ""
    provider = embed.provider.name if embed.provider else ""
    footer = embed.footer.text if embed.footer else ""
    at = embed.timestamp.isoformat() if embed.timestamp else ""
    lines = (
        provider,
        author,
        read(embed.description or "", names)[0],
        *(f"{one.name}: {read(one.value, names)[0]}" for one in embed.fields),
        footer,
        at,
    )
    return "\n".join(line for line in lines if line)


def untold(embed: Embed) -> tuple[str, ...]:
    """The fields that found no place."""
    shown = embed.image or embed.thumbnail
    lost = ["video"] if embed.video else []
    if embed.image and embed.thumbnail:
        lost.append("thumbnail")
    if shown and not (shown.proxy_url or shown.url):
        lost.append("image")
    if shown and (shown.width or shown.height):
        lost += (
            ["image.width", "image.height"]
            if embed.image
            else ["thumbnail.width", "thumbnail.height"]
        )
    return tuple(lost)
