"""The pictures of stickers: small real ones, one for each format."""

from typing import Final

from sandbox.discord.guilds import Sticker
from sandbox.telegram.samples import gif, png

PIXELS: Final = 160
PNG, APNG, LOTTIE, GIF = 1, 2, 3, 4
EXTENSIONS: Final = {PNG: "png", APNG: "png", LOTTIE: "json", GIF: "gif"}
TYPES: Final = {"png": "image/png", "json": "application/json", "gif": "image/gif"}
NO_MOVEMENT: Final = b'{"v":"5.7.0","fr":30,"ip":0,"op":30,"w":160,"h":160,"layers":[]}'


def file_name(sticker: Sticker) -> str:
    """As its address ends: `<id>.<extension>`."""
    return f"{sticker.id}.{EXTENSIONS[sticker.format]}"


def picture(sticker: Sticker) -> bytes:
    """What is at its address."""
    if sticker.format == LOTTIE:
        return NO_MOVEMENT
    return (gif if sticker.format == GIF else png)(PIXELS, PIXELS)
