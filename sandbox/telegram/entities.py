"""Message entities. Offsets and lengths count UTF-16 code units, as on Telegram."""

import re

from sandbox.payload import Json
from sandbox.telegram.refusals import bad_request

KINDS = frozenset(
    [
        "mention",
        "hashtag",
        "cashtag",
        "bot_command",
        "url",
        "email",
        "phone_number",
        "bold",
        "italic",
        "underline",
        "strikethrough",
        "spoiler",
        "blockquote",
        "expandable_blockquote",
        "code",
        "pre",
        "text_link",
        "text_mention",
        "custom_emoji",
    ]
)
NEEDS = {"text_link": "url", "text_mention": "user", "custom_emoji": "custom_emoji_id"}
ENTITIES_MAX = 100
LINK_SCHEMES = frozenset(["http", "https", "tg", "ton", "tonsite"])
DETECTED = re.compile(
    r"(?P<email>[\w.+-]+@[\w-]+(?:\.[\w-]+)+)"
    r"|(?P<url>https?://[^\s<>\"]+[^\s<>\".,;:!?)])"
    r"|(?P<bot_command>(?<![\w/])/[a-zA-Z0-9_]{1,32}(?:@\w+)?)"
    r"|(?P<mention>(?<!\w)@[a-zA-Z]\w{4,31})"
)


def utf16_length(text: str) -> int:
    """How many UTF-16 code units the text takes."""
    return len(text) + sum(character > "\uffff" for character in text)


def checked(text: str, entities: list[Json]) -> list[Json]:
    """The entities, sorted as Telegram returns them; refuses what Telegram refuses."""
    for entity in entities:
        _check_shape(entity)
    borders = _borders(text)
    for entity in entities:
        _check_bounds(entity, utf16_length(text), borders)
    kept = [entity for entity in entities if entity["length"] > 0]
    return sorted(kept, key=lambda entity: (entity["offset"], -entity["length"]))


def kept(entities: list[Json]) -> list[Json]:
    """Without the links that Telegram drops in silence, and without what is beyond its limit."""
    return [entity for entity in entities if _usable(entity)][:ENTITIES_MAX]


def _usable(entity: Json) -> bool:
    scheme, colon, _ = str(entity.get("url", "")).partition(":")
    bare = not colon or not scheme.isalpha()
    return entity["type"] != "text_link" or bare or scheme.lower() in LINK_SCHEMES


def detected(text: str) -> list[Json]:
    """What Telegram recognises by itself: links, addresses, commands, mentions."""
    return [
        {
            "type": str(match.lastgroup),
            "offset": utf16_length(text[: match.start()]),
            "length": utf16_length(match.group()),
        }
        for match in DETECTED.finditer(text)
    ]


def trimmed(text: str, entities: list[Json]) -> tuple[str, list[Json]]:
    """Telegram cuts white space off both ends; entities move and shrink with the text."""
    left = utf16_length(text) - utf16_length(text.lstrip())
    kept = text.strip()
    end = utf16_length(kept)
    moved: list[Json] = []
    for entity in entities:
        start = max(entity["offset"] - left, 0)
        stop = min(entity["offset"] + entity["length"] - left, end)
        if stop > start:
            moved.append(entity | {"offset": start, "length": stop - start})
    return kept, moved


def _check_shape(entity: Json) -> None:
    if str(entity.get("type")) not in KINDS:
        raise bad_request("can't parse MessageEntity: Unsupported type specified")
    for name in ("offset", "length"):
        if not isinstance(entity.get(name), int):
            raise bad_request(f"can't parse MessageEntity: Can't find field \"{name}\"")
    needed = NEEDS.get(entity["type"])
    if needed and needed not in entity:
        raise bad_request(f"can't parse MessageEntity: Can't find field \"{needed}\"")


def _check_bounds(entity: Json, length: int, borders: set[int]) -> None:
    start, stop = entity["offset"], entity["offset"] + entity["length"]
    if start < 0 or entity["length"] < 0:
        raise bad_request(f"receive invalid entity offset {start} or length {entity['length']}")
    if start > length:
        raise bad_request(f"entity begins after the end of the text at UTF-16 offset {start}")
    if stop > length:
        raise bad_request(
            f"entity beginning at UTF-16 offset {start} ends after the end of the text"
            f" at UTF-16 offset {stop}"
        )
    if start not in borders:
        raise bad_request(f"entity begins in a middle of a UTF-16 symbol at byte offset {start}")
    if stop not in borders:
        raise bad_request(
            f"entity beginning at UTF-16 offset {start} ends in a middle of a UTF-16 symbol"
            f" at byte offset {stop}"
        )


def _borders(text: str) -> set[int]:
    """The offsets at which a character begins or the text ends."""
    offset, borders = 0, {0}
    for character in text:
        offset += 2 if character > "\uffff" else 1
        borders.add(offset)
    return borders
