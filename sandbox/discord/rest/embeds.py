"""Reads embeds, with Discord's limits on their parts and on all of them together."""

from typing import Any

from sandbox.discord.rest.forms import Form
from sandbox.payload import Json

EMBEDS_MAX = 10
LETTERS_MAX = 6000
FIELDS_MAX = 25
TITLE_MAX, DESCRIPTION_MAX, FOOTER_MAX = 256, 4096, 2048
NAME_MAX, VALUE_MAX = 256, 1024
URL_MAX = 2048
PICTURES = ("image", "thumbnail", "video")


def read_embeds(form: Form) -> list[Json]:
    """The embeds of a message as it will show them."""
    read = [_embed(one) for one in form.forms("embeds", most=EMBEDS_MAX)]
    if sum(_letters(one) for one in read) > LETTERS_MAX:
        words = f"Embed size exceeds maximum size of {LETTERS_MAX}"
        form.complain("embeds", "MAX_EMBED_SIZE_EXCEEDED", words)
    return read


def _embed(form: Form) -> Json:
    embed: Json = {
        "type": "rich",
        "title": form.text("title", most=TITLE_MAX),
        "description": form.text("description", most=DESCRIPTION_MAX),
        "url": form.text("url", most=URL_MAX),
        "timestamp": form.text("timestamp", most=40),
        "color": form.integer("color", most=0xFFFFFF),
        "footer": _named(form.form("footer"), "text", FOOTER_MAX),
        "author": _named(form.form("author"), "name", NAME_MAX),
    }
    for picture in PICTURES:
        embed[picture] = _named(form.form(picture), "url", URL_MAX)
    fields = [_field(one) for one in form.forms("fields", most=FIELDS_MAX)]
    shown = {name: value for name, value in embed.items() if value is not None}
    if len(shown) == 1 and not fields:
        form.complain("description", "BASE_TYPE_REQUIRED", "This field is required")
    return shown | ({"fields": fields} if fields else {})


def _field(form: Form) -> Json:
    return {
        "name": form.text("name", most=NAME_MAX, least=1, required=True),
        "value": form.text("value", most=VALUE_MAX, least=1, required=True),
        "inline": form.flag("inline"),
    }


def _named(form: Form | None, name: str, most: int) -> Json | None:
    """A part that has one text, perhaps with addresses of pictures beside it."""
    if form is None:
        return None
    text = form.text(name, most=most, required=True)
    others = {key: form.text(key, most=URL_MAX) for key in ("url", "icon_url") if key != name}
    return {name: text, **{key: value for key, value in others.items() if value is not None}}


def _letters(embed: Json) -> int:
    texts: list[Any] = [embed.get("title"), embed.get("description")]
    texts += [embed.get("footer", {}).get("text"), embed.get("author", {}).get("name")]
    for field in embed.get("fields", []):
        texts += [field["name"], field["value"]]
    return sum(len(text) for text in texts if text)
