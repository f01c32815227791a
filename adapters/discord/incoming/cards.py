"""Embeds, as cards: those of bots and webhooks, not what Discord shows of a link's page. Pure."""

from typing import Final

from adapters.discord.incoming.attachments import Origin, is_copied, picture
from adapters.discord.incoming.reading import Reads, Told
from adapters.discord.markdown.reading import read
from adapters.discord.markdown.syntax import Names
from adapters.discord.objects.embed import Embed
from adapters.discord.objects.message import Cards, Message
from core.model.content import Card, Style

_WRITTEN = "rich"
"""The type of what somebody composed; every other one Discord has made of a link."""
_NONE: Final = (b"[]", b"null")
_read_cards = Reads(Cards)


def has_embeds(message: Message) -> bool:
    return bytes(message.embeds) not in _NONE


def embeds_of(message: Message) -> tuple[tuple[Embed, ...], Told]:
    """And what is lost of them. Raises MalformedPayload."""
    if not has_embeds(message):
        return (), ()
    found, lost = _read_cards(b'{"embeds":%b}' % bytes(message.embeds))
    return found.embeds, lost


def is_written(embed: Embed) -> bool:
    return embed.type == _WRITTEN


def card(embed: Embed, origin: Origin, names: Names) -> Card:
    shown = embed.image or embed.thumbnail
    return Card(
        title=_plain(embed.title or "", names),
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
        _plain(embed.description or "", names),
        *(f"{_plain(one.name, names)}: {_plain(one.value, names)}" for one in embed.fields),
        footer,
        at,
    )
    return "\n".join(line for line in lines if line)


def _plain(markdown: str, names: Names) -> str:
    """Without its styles, but with the addresses that the words of a link do not say."""
    text, spans = read(markdown, names)
    for span in reversed(spans):
        if span.style is Style.LINK and text[span.start : span.end] != span.value:
            text = f"{text[: span.end]} ({span.value}){text[span.end :]}"
    return text


def untold(embed: Embed) -> tuple[str, ...]:
    """The fields that found no place."""
    shown = embed.image or embed.thumbnail
    lost = ["video"] if embed.video else []
    if embed.image and embed.thumbnail:
        lost.append("thumbnail")
    if shown and not is_copied(shown):
        lost.append("image")
    if shown and (shown.width or shown.height):
        lost += (
            ["image.width", "image.height"]
            if embed.image
            else ["thumbnail.width", "thumbnail.height"]
        )
    return tuple(lost)
