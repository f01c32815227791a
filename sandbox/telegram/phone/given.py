"""What persons have on their phones to send: files, places, questions, as small real examples."""

from collections.abc import Callable
from dataclasses import dataclass

from sandbox.errors import ActError
from sandbox.images import image_size
from sandbox.payload import Json
from sandbox.telegram.contents import poll_value
from sandbox.telegram.images import acceptable
from sandbox.telegram.kinds import MEDIA, STICKER
from sandbox.telegram.samples import SAMPLES, png
from sandbox.telegram.state import Content, TelegramState
from sandbox.telegram.wire import content_json

PLACE: Json = {"latitude": 52.520008, "longitude": 13.404954}


@dataclass(frozen=True, slots=True)
class Given:
    """A file that a person has on their phone."""

    content: bytes
    name: str
    media_type: str = "application/octet-stream"


def content_of(state: TelegramState, kind: str, file: Given | None, value: Json) -> Content:
    """The content of a message of any kind; raises ActError for one that there is not."""
    if kind in MEDIA:
        return medium(state, kind, file, value)
    if kind not in VALUES:
        raise ActError(f"no kind {kind!r}; there are {', '.join([*MEDIA, *VALUES])}")
    return Content(kind=kind, value=VALUES[kind](state, value))


def medium(state: TelegramState, kind: str, file: Given | None, value: Json) -> Content:
    """A medium from the file, or from the example of its kind."""
    sample = SAMPLES[kind]
    given = file or Given(sample.content, sample.name, sample.media_type)
    size = image_size(given.content) if kind == "photo" else None
    if kind == "photo" and (size is None or not acceptable(size)):
        raise ActError("a photo has to be a PNG, GIF or JPEG of a usual shape")
    stored = state.add_file(kind, given.content, given.name, given.media_type, size)
    own = STICKER if kind == "sticker" else {}
    return Content(kind=kind, value=own | sample.facts | value, file=stored)


def _poll(state: TelegramState, value: Json) -> Json:
    options = [str(option) for option in value.get("options", ("Morning", "Evening"))]
    question = str(value.get("question", "When may we come?"))
    return poll_value(state.next_number(), question, options)


def _game(state: TelegramState, value: Json) -> Json:
    picture = state.add_file("photo", png(320, 180), "game.png", "image/png", (320, 180))
    sample: Json = {
        "title": "Hinge Hero",
        "description": "Hang the doors before the clock runs out",
    }
    return sample | content_json(Content(kind="photo", file=picture)) | value


VALUES: dict[str, Callable[[TelegramState, Json], Json]] = {
    "location": lambda _state, value: PLACE | value,
    "venue": lambda _state, value: {
        "location": PLACE,
        "title": "Acme Hinges",
        "address": "1 Door Street",
        **value,
    },
    "contact": lambda _state, value: {
        "phone_number": "+15550100",
        "first_name": "Noor",
        "last_name": "Haddad",
        **value,
    },
    "poll": _poll,
    "dice": lambda state, value: {"emoji": "🎲", "value": state.throw(6)} | value,
    "game": _game,
}
"""Contents without a file: their examples, changed by what is given."""
