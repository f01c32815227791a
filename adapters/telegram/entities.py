"""Telegram's formatting: entities, counted in UTF-16 units, to spans and back.

Each kind of entity has one form as a span and comes back from it as it was. What a reader can see
in the text itself (an address, a number) becomes a link that works elsewhere, too.
"""

import re
from collections.abc import Callable, Iterable

from adapters.telegram.objects.common import MentionedUser, MessageEntity, PlainEntity
from core.model.content import Span, Style
from core.rules.text import Utf16Offsets

_STYLES = {
    "bold": Style.BOLD,
    "italic": Style.ITALIC,
    "underline": Style.UNDERLINE,
    "strikethrough": Style.STRIKE,
    "spoiler": Style.SPOILER,
    "code": Style.CODE,
    "pre": Style.PRE,
    "blockquote": Style.QUOTE,
    "expandable_blockquote": Style.QUOTE,
    "url": Style.LINK,
    "email": Style.LINK,
    "phone_number": Style.LINK,
    "text_link": Style.LINK,
    "mention": Style.MENTION,
    "text_mention": Style.MENTION,
    "hashtag": Style.HASHTAG,
    "cashtag": Style.HASHTAG,
    "bot_command": Style.COMMAND,
    "custom_emoji": Style.EMOJI,
}
_TYPES = {
    Style.BOLD: "bold",
    Style.ITALIC: "italic",
    Style.UNDERLINE: "underline",
    Style.STRIKE: "strikethrough",
    Style.SPOILER: "spoiler",
    Style.CODE: "code",
    Style.COMMAND: "bot_command",
}
STYLES = frozenset(_STYLES.values())
"""What Telegram can show."""

_PERSON, _EMOJI = re.compile(r"[0-9]{1,16}"), re.compile(r"[0-9]{1,19}")
"""Their ids. Telegram refuses a whole message for one that it cannot read."""
_EXPANDABLE = "expandable"
_CASHTAG = "cashtag"


def to_spans(
    text: str, entities: tuple[PlainEntity, ...]
) -> tuple[tuple[Span, ...], tuple[str, ...]]:
    """The spans in the entities' order, and the kinds of entities that have no style."""
    if not entities:
        return (), ()
    offsets = None if text.isascii() else Utf16Offsets(text)
    spans, lost = [], []
    for entity in entities:
        kind, start, end = entity.type, entity.offset, entity.offset + entity.length
        if offsets:
            start, end = offsets.from_utf16(start), offsets.from_utf16(end)
        end = min(end, len(text))
        style = _STYLES.get(kind)
        if style is None or start >= end:
            lost.append(kind)
        else:
            value = _VALUES[kind](entity, text[start:end]) if kind in _VALUES else ""
            spans.append(Span(start, end - start, style, value))
    return tuple(spans), tuple(lost)


def to_entities(text: str, spans: Iterable[Span]) -> tuple[MessageEntity, ...]:
    """The entities of all spans that Telegram can show, in the spans' order."""
    offsets = Utf16Offsets(text)
    entities = []
    for span in spans:
        start = offsets.to_utf16(span.start)
        length = offsets.to_utf16(span.end) - start
        entity = _entity(span, start, length, text[span.start : span.end])
        if entity is not None:
            entities.append(entity)
    return tuple(entities)


def _mentioned(entity: PlainEntity) -> str:
    user = entity.user if isinstance(entity, MessageEntity) else None
    return str(user.id) if user else ""


def _entity(span: Span, start: int, length: int, covered: str) -> MessageEntity | None:
    match span.style:
        case Style.LINK:
            return _link(span.value, start, length, covered)
        case Style.MENTION if _PERSON.fullmatch(span.value):
            return MessageEntity("text_mention", start, length, user=MentionedUser(int(span.value)))
        case Style.MENTION:
            return MessageEntity("mention", start, length)
        case Style.PRE:
            return MessageEntity("pre", start, length, language=span.value)
        case Style.EMOJI if _EMOJI.fullmatch(span.value):
            return MessageEntity("custom_emoji", start, length, custom_emoji_id=span.value)
        case Style.QUOTE:
            expandable = "expandable_" if span.value == _EXPANDABLE else ""
            return MessageEntity(f"{expandable}blockquote", start, length)
        case Style.HASHTAG:
            tag = "cashtag" if span.value == _CASHTAG else "hashtag"
            return MessageEntity(tag, start, length)
        case _ if span.style in _TYPES:
            return MessageEntity(_TYPES[span.style], start, length)
        case _:
            return None


def _link(address: str, start: int, length: int, covered: str) -> MessageEntity:
    """A link whose text is its address was one that Telegram found by itself."""
    if address in (covered, f"http://{covered}"):
        return MessageEntity("url", start, length)
    if address == f"mailto:{covered}":
        return MessageEntity("email", start, length)
    if address == f"tel:{covered}":
        return MessageEntity("phone_number", start, length)
    return MessageEntity("text_link", start, length, url=address)


_VALUES: dict[str, Callable[[PlainEntity, str], str]] = {
    "text_link": lambda entity, _: entity.url,
    "url": lambda _, covered: covered if "://" in covered else f"http://{covered}",
    "email": lambda _, covered: f"mailto:{covered}",
    "phone_number": lambda _, covered: f"tel:{covered}",
    "text_mention": lambda entity, _: _mentioned(entity),
    "bot_command": lambda _, covered: covered.partition("@")[0].removeprefix("/"),
    "pre": lambda entity, _: entity.language,
    "custom_emoji": lambda entity, _: entity.custom_emoji_id,
    "expandable_blockquote": lambda _, __: _EXPANDABLE,
    "cashtag": lambda _, __: _CASHTAG,
}
"""What a span says besides its style, of an entity and the text that it covers."""
