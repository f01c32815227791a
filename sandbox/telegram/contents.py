"""What a send method holds besides text, read from its request: a table of readers."""

import math
from collections.abc import Callable
from functools import partial

from sandbox.payload import Json
from sandbox.telegram.call import Call
from sandbox.telegram.entities import utf16_length
from sandbox.telegram.files import StoredFile
from sandbox.telegram.kinds import MEDIA, MEDIA_METHODS, STICKER
from sandbox.telegram.refusals import bad_request
from sandbox.telegram.state import Content, TelegramState
from sandbox.telegram.uploads import given_file

DICE = {"🎲": 6, "🎯": 6, "🎳": 6, "🏀": 5, "⚽": 5, "🎰": 64}
LIVE_PERIOD_SECONDS = range(60, 86_401)
LIVE_FOREVER = 0x7FFFFFFF
QUESTION_LENGTH_MAX = 300
OPTIONS_MAX = 12
OPTION_LENGTH_MAX = 100
Reader = Callable[[TelegramState, Call], Content]


def media(state: TelegramState, call: Call, kind: str) -> Content:
    """Media whose parameter is named as its kind."""
    stored = given_file(state, call, kind, kind, call.text(kind))
    return media_content(stored, kind, call)


def media_content(stored: StoredFile, asked: str, call: Call) -> Content:
    """The content that the file makes; what Telegram cannot show as asked is a document."""
    if stored.kind != asked:
        return Content(kind=stored.kind, file=stored)
    numbers = {name: call.integer(name, value) for name, value in MEDIA[asked].numbers.items()}
    texts = {name: call.text(name) for name in MEDIA[asked].texts if call.text(name)}
    own: Json = dict(STICKER) if asked == "sticker" else {}
    return Content(kind=asked, value=own | numbers | texts, file=stored)


def location(_state: TelegramState, call: Call) -> Content:
    """A point on the map, live when it has a `live_period`."""
    place = _place(call)
    period = call.integer("live_period")
    if period:
        if period not in LIVE_PERIOD_SECONDS and period != LIVE_FOREVER:
            raise bad_request("wrong live location period specified")
        place["live_period"] = period
    return Content(kind="location", value=place)


def venue(_state: TelegramState, call: Call) -> Content:
    """A point on the map with a name and an address."""
    named = {name: call.text(name) for name in ("title", "address")}
    for name, value in named.items():
        if not value:
            raise bad_request(f'parameter "{name}" is required')
    return Content(kind="venue", value={"location": _place(call), **named})


def contact(_state: TelegramState, call: Call) -> Content:
    """Somebody's telephone number."""
    if not call.text("phone_number"):
        raise bad_request("contact phone number must be non-empty")
    if not call.text("first_name"):
        raise bad_request("contact first name must be non-empty")
    names = ("phone_number", "first_name", "last_name", "vcard")
    return Content(
        kind="contact", value={name: call.text(name) for name in names if call.text(name)}
    )


def poll(state: TelegramState, call: Call) -> Content:
    """A question with answers to choose from."""
    question = call.text("question")
    if not question:
        raise bad_request("poll question must be non-empty")
    if utf16_length(question) > QUESTION_LENGTH_MAX:
        raise bad_request("poll question length must not exceed 300")
    options = _options(call)
    asked: Json = poll_value(state.next_number(), question, options)
    if call.text("type"):
        asked["type"] = call.text("type")
    if call.text("is_anonymous"):
        asked["is_anonymous"] = call.flag("is_anonymous")
    asked["allows_multiple_answers"] = call.flag("allows_multiple_answers")
    return Content(kind="poll", value=asked)


def dice(state: TelegramState, call: Call) -> Content:
    """A throw; Telegram decides how it falls."""
    emoji = call.text("emoji") or "🎲"
    if emoji not in DICE:
        raise bad_request("wrong dice emoji specified")
    return Content(kind="dice", value={"emoji": emoji, "value": state.throw(DICE[emoji])})


READERS: dict[str, Reader] = {
    **{method: partial(media, kind=kind) for method, kind in MEDIA_METHODS.items()},
    "sendLocation": location,
    "sendVenue": venue,
    "sendContact": contact,
    "sendPoll": poll,
    "sendDice": dice,
}


def poll_value(poll_id: str, question: str, options: list[str]) -> Json:
    """A `Poll` that nobody has answered."""
    return {
        "id": poll_id,
        "question": question,
        "options": [
            {"persistent_id": str(number), "text": option, "voter_count": 0}
            for number, option in enumerate(options)
        ],
        "total_voter_count": 0,
        "is_closed": False,
        "is_anonymous": True,
        "type": "regular",
        "allows_multiple_answers": False,
        "allows_revoting": True,
        "members_only": False,
    }


def _options(call: Call) -> list[str]:
    options = call.json_objects("options") or []
    texts = [str(option.get("text", "")) for option in options]
    if not texts:
        raise bad_request("poll must have at least one option")
    if len(texts) > OPTIONS_MAX:
        raise bad_request(f"poll can't have more than {OPTIONS_MAX} options")
    if not all(texts):
        raise bad_request("poll options must be non-empty")
    if any(utf16_length(text) > OPTION_LENGTH_MAX for text in texts):
        raise bad_request(f"poll options length must not exceed {OPTION_LENGTH_MAX}")
    return texts


def _place(call: Call) -> Json:
    return {
        "latitude": _degrees(call, "latitude", 90),
        "longitude": _degrees(call, "longitude", 180),
    }


def _degrees(call: Call, name: str, most: int) -> float:
    try:
        value = float(call.text(name))
    except ValueError as error:
        raise bad_request(f'parameter "{name}" must be a valid Number') from error
    if not math.isfinite(value) or abs(value) > most:
        raise bad_request("wrong location specified")
    return value
