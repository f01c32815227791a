"""From one planned piece of a message to the one call of Discord's API that sends it. Pure."""

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any, Final

import msgspec

from adapters.discord.markdown.writing import write
from adapters.discord.outgoing.buttons import PER_ROW_MAX, button, row
from adapters.discord.outgoing.calls import MESSAGES, NOBODY_IS_CALLED, Call, Upload
from adapters.discord.outgoing.limits import label_of
from adapters.discord.outgoing.nonces import nonce_of
from adapters.discord.places import Place, is_snowflake
from adapters.discord.settings import DiscordSettings
from core.errors import UnsupportedFeature
from core.model.content import Attachment, Button, Buttons, Card, Media, Part, Poll, Text
from core.model.outbound import Outbound

SUPPRESS_EMBEDS: Final = 1 << 2
SUPPRESS_NOTIFICATIONS: Final = 1 << 12

_ROWS_MAX: Final = 5
_NAME_LENGTH_MAX: Final = 100
_NO_ANSWER: Final = "which message it answers is not shown: that one is not on Discord"
_NAMELESS: Final = "file"
_ENDINGS: Final = {
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/gif": ".gif",
    "image/webp": ".webp",
    "video/mp4": ".mp4",
    "audio/ogg": ".ogg",
    "audio/mpeg": ".mp3",
    "application/pdf": ".pdf",
    "text/plain": ".txt",
}
"""Discord shows a file as what its name says."""


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """What a message shows, and the files that it brings."""

    body: dict[str, Any]
    uploads: tuple[Upload, ...] = ()


def render(outbound: Outbound, place: Place, settings: DiscordSettings, *, form: int = 0) -> Call:
    """`form` counts up when the same piece is sent in a plainer form.

    Raises UnsupportedFeature for a piece that `capabilities` does not promise.
    """
    shown = content(outbound.parts, settings)
    reply, notes = _reply(outbound.answers)
    body = shown.body | reply
    if outbound.silent:
        body["flags"] = body.get("flags", 0) | SUPPRESS_NOTIFICATIONS
    body["nonce"] = nonce_of(outbound.message, outbound.piece, form)
    body["enforce_nonce"] = True
    return Call(
        method="POST",
        path=MESSAGES,
        ids={"channel_id": place.channel},
        body=body,
        uploads=shown.uploads,
        notes=notes,
    )


def content(parts: tuple[Part, ...], settings: DiscordSettings) -> Shown:
    """What the parts of one message say. Raises UnsupportedFeature."""
    body: dict[str, Any] = {"allowed_mentions": NOBODY_IS_CALLED}
    if components := _components(parts):
        body["components"] = components
    match [part for part in parts if not isinstance(part, Buttons)]:
        case [Text() as text]:
            return Shown(body=body | _text(text, settings))
        case [Card() as card]:
            return _card(card, body)
        case [Poll() as poll]:
            return Shown(body=body | {"poll": _poll(poll, settings)})
        case [*files] if files and all(isinstance(one, Media) for one in files):
            return _files(tuple(one for one in files if isinstance(one, Media)), body, settings)
        case others:
            raise UnsupportedFeature(
                f"Discord cannot send {_kinds(others)} in one message; nothing of it was sent"
            )


def _text(text: Text, settings: DiscordSettings) -> dict[str, Any]:
    written = {"content": write(text.text, text.spans, previews=settings.link_previews)}
    return written if settings.link_previews else written | {"flags": SUPPRESS_EMBEDS}


def _files(media: tuple[Media, ...], body: dict[str, Any], settings: DiscordSettings) -> Shown:
    """The words of the first are those of the message."""
    words = Text(text=media[0].caption, spans=media[0].spans)
    uploads = _named_apart(tuple(one.attachment for one in media))
    said = _text(words, settings) if words.text else {}
    return Shown(body=body | said | {"attachments": _attachments(uploads)}, uploads=uploads)


def _card(card: Card, body: dict[str, Any]) -> Shown:
    embed: dict[str, Any] = {}
    if card.title:
        embed["title"] = write(card.title, ())
    if card.text:
        embed["description"] = write(card.text, ())
    if card.url:
        embed["url"] = card.url
    uploads: tuple[Upload, ...] = ()
    if card.image:
        name = f"picture{_ENDINGS.get(card.image.media_type, '.png')}"
        uploads = (Upload(sha256=card.image.sha256, name=name),)
        embed["image"] = {"url": f"attachment://{name}"}
        body = body | {"attachments": _attachments(uploads)}
    return Shown(body=body | {"embeds": [embed]}, uploads=uploads)


def _poll(poll: Poll, settings: DiscordSettings) -> dict[str, Any]:
    answers = [{"poll_media": {"text": option.text.strip()}} for option in poll.options]
    return {
        "question": {"text": poll.question.strip()},
        "answers": answers,
        "allow_multiselect": poll.multiple,
        "duration": settings.poll_hours,
        "layout_type": 1,
    }


def _attachments(uploads: Iterable[Upload]) -> list[dict[str, Any]]:
    return [{"id": number, "filename": one.name} for number, one in enumerate(uploads)]


def _named_apart(attachments: tuple[Attachment, ...]) -> tuple[Upload, ...]:
    """Each file under a name that no other has and that says what it is."""
    names: list[str] = []
    for number, attachment in enumerate(attachments):
        name = _file_name(attachment)
        names.append(f"{number + 1}-{name}" if name in names else name)
    return tuple(
        Upload(sha256=attachment.sha256, name=name)
        for attachment, name in zip(attachments, names, strict=True)
    )


def _file_name(attachment: Attachment) -> str:
    """As it was called, as far as that is one line and no path."""
    kind = attachment.media_type or attachment.declared_type
    named = attachment.name.replace("/", "_").replace("\\", "_")
    name = " ".join("".join(one if one.isprintable() else " " for one in named).split())
    name = name.strip("._") or _NAMELESS
    stem, dot, ending = name.rpartition(".")
    if not dot or not stem:
        name, ending = f"{name}{_ENDINGS.get(kind, '')}", ""
    if len(name) > _NAME_LENGTH_MAX:
        tail = f".{ending}" if 0 < len(ending) < 10 else ""
        name = f"{name[: _NAME_LENGTH_MAX - len(tail)]}{tail}"
    return name


def _components(parts: Iterable[Part]) -> list[dict[str, Any]]:
    """Rows as they were given, if Discord has room for them; else as full as they can be."""
    given = [one for part in parts if isinstance(part, Buttons) for one in part.rows if one]
    rows = [some for one in given for some in _in_rows(one)]
    if len(rows) > _ROWS_MAX:
        rows = list(_in_rows(tuple(chain.from_iterable(given))))
    return [row(button(label_of(one), one.value, one.url) for one in buttons) for buttons in rows]


def _in_rows(buttons: tuple[Button, ...]) -> Iterator[tuple[Button, ...]]:
    for start in range(0, len(buttons), PER_ROW_MAX):
        yield buttons[start : start + PER_ROW_MAX]


def _reply(answers: str) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Which message is answered; it may be gone by now, the answer must arrive all the same."""
    if not answers:
        return {}, ()
    if not is_snowflake(answers):
        return {}, (_NO_ANSWER,)
    return {"message_reference": {"message_id": answers, "fail_if_not_exists": False}}, ()


def _kinds(parts: Iterable[Part]) -> str:
    return " and ".join(str(part.__struct_config__.tag) for part in parts) or "nothing"
