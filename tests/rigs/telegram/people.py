"""Who and where, and how an update is built: what all invented updates are made of."""

from collections.abc import Callable
from typing import Any, Final

Json = dict[str, Any]

BOT_ID: Final = 7018245630
BOT_NAME: Final = "harbour_support_bot"
AT: Final = 1_790_000_000
CONNECTION: Final = "aBcD1234_connection"

BOT: Final[Json] = {
    "id": BOT_ID,
    "is_bot": True,
    "first_name": "Harbour Support",
    "username": BOT_NAME,
}
ADA: Final[Json] = {
    "id": 6204417731,
    "is_bot": False,
    "first_name": "Ada",
    "last_name": "Quill",
    "username": "ada_quill",
    "language_code": "en",
}
BO: Final[Json] = {"id": 5118820964, "is_bot": False, "first_name": "Bo", "is_premium": True}
OWNER: Final[Json] = {
    "id": 5550010002,
    "is_bot": False,
    "first_name": "Ottilie",
    "username": "otti",
}
PRIVATE: Final[Json] = {
    "id": 6204417731,
    "type": "private",
    "first_name": "Ada",
    "last_name": "Quill",
    "username": "ada_quill",
}
GROUP: Final[Json] = {"id": -1001881240077, "type": "supergroup", "title": "Harbour tenants"}
FORUM: Final[Json] = {
    "id": -1001881240088,
    "type": "supergroup",
    "title": "Harbour forum",
    "username": "harbour_forum",
    "is_forum": True,
}
BASIC_GROUP: Final[Json] = {
    "id": -44120077,
    "type": "group",
    "title": "Harbour neighbours",
    "all_members_are_administrators": True,
}
CHANNEL: Final[Json] = {
    "id": -1001550001111,
    "type": "channel",
    "title": "Harbour news",
    "username": "harbour_news",
}

Build = Callable[[], Json]
BUILDERS: Final[dict[str, tuple[int, Build]]] = {}
"""Each kind's weight, in thousandths of a support bot's traffic, and its update without the id."""


def kind(weight: int) -> Callable[[Build], Build]:
    """Register a builder under its function's name."""

    def register(build: Build) -> Build:
        BUILDERS[build.__name__] = (weight, build)
        return build

    return register


def message(said: Json, *, chat: Json = PRIVATE, sender: Json | None = ADA) -> Json:
    who = {"from": sender} if sender else {}
    return {"message_id": 312, **who, "chat": chat, "date": AT, **said}


def private(**said: Any) -> Json:
    return {"message": message(said)}


def in_group(**said: Any) -> Json:
    return {"message": message(said, chat=GROUP, sender=BO)}


def photo(name: str, *, width: int = 1280, height: int = 960) -> list[Json]:
    """Three sizes, the largest last, as Telegram lists them."""
    return [
        {
            "file_id": f"AgACAgIAAxkBAAI-{name}-{step}-kQADMBoAAjk2BA",
            "file_unique_id": f"AQAD{name}{step}",
            "file_size": 90412 // step**2,
            "width": width // step,
            "height": height // step,
        }
        for step in (14, 4, 1)
    ]


def file(name: str, **more: Any) -> Json:
    return {
        "file_id": f"BQACAgIAAxkBAAI-{name}-kQADMBoAAjk2BA",
        "file_unique_id": f"AgAD{name}",
        "file_size": 48211,
        **more,
    }


def with_thumbnail(name: str, **more: Any) -> Json:
    """Telegram sends the thumbnail under its former name, too."""
    small = photo(name)[0]
    return file(name, thumbnail=small, thumb=small, **more)


def entity(kind: str, offset: int, length: int, **more: Any) -> Json:
    return {"type": kind, "offset": offset, "length": length, **more}
