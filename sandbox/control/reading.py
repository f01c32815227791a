"""Reading control requests: JSON bodies with named, typed fields and plain-worded errors."""

import base64
import binascii

from aiohttp import web

from sandbox.errors import ActError
from sandbox.payload import Json, decode, encode


class Fields:
    """The fields of a request body. Every reader raises ActError with the field's name."""

    def __init__(self, body: Json) -> None:
        self._body = body

    def names(self) -> list[str]:
        """The fields that are there."""
        return list(self._body)

    def like(self, name: str, usual: float) -> float:
        """A flag or a number, whichever `usual` is; whole numbers stay whole."""
        if isinstance(usual, bool):
            return self.flag(name)
        return self.integer(name) if isinstance(usual, int) else self.number(name, usual)

    def text(self, name: str, default: str | None = None) -> str:
        """A string; required when it has no default."""
        value = self._body.get(name, default)
        if not isinstance(value, str):
            raise ActError(f"{name!r} must be a string")
        return value

    def text_or_none(self, name: str) -> str | None:
        """A string, or None when it is missing or null."""
        return None if self._body.get(name) is None else self.text(name)

    def integer(self, name: str, default: int | None = None) -> int:
        """A whole number; required when it has no default."""
        value = self.integer_or_none(name)
        if value is None:
            value = default
        if value is None:
            raise ActError(f"{name!r} must be a whole number")
        return value

    def integer_or_none(self, name: str) -> int | None:
        """A whole number, or None when it is missing or null."""
        value = self._body.get(name)
        if value is not None and (not isinstance(value, int) or isinstance(value, bool)):
            raise ActError(f"{name!r} must be a whole number")
        return value

    def number(self, name: str, default: float) -> float:
        """A number."""
        value = self._body.get(name, default)
        if not isinstance(value, int | float):
            raise ActError(f"{name!r} must be a number")
        return float(value)

    def flag(self, name: str, *, default: bool = False) -> bool:
        """True or false."""
        value = self._body.get(name, default)
        if not isinstance(value, bool):
            raise ActError(f"{name!r} must be true or false")
        return value

    def object_or_none(self, name: str) -> Json | None:
        """A JSON object, or None when it is missing or null."""
        value = self._body.get(name)
        if value is not None and not isinstance(value, dict):
            raise ActError(f"{name!r} must be an object")
        return value

    def objects_or_none(self, name: str) -> list[Json] | None:
        """A list of JSON objects, or None when it is missing or null."""
        value = self._body.get(name)
        if value is None:
            return None
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            raise ActError(f"{name!r} must be a list of objects")
        return value

    def texts(self, name: str, *, required: bool = True) -> list[str]:
        """A list of strings; one that is not required may be missing, and is then empty."""
        value = self._body.get(name)
        if value is None and not required:
            return []
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise ActError(f"{name!r} must be a list of strings")
        return value

    def integers(self, name: str) -> list[int]:
        """A list of whole numbers."""
        value = self._body.get(name)
        if not isinstance(value, list) or not all(type(item) is int for item in value):
            raise ActError(f"{name!r} must be a list of whole numbers")
        return value

    def content(self, name: str) -> bytes:
        """Bytes, as base64."""
        try:
            return base64.b64decode(self.text(name), validate=True)
        except binascii.Error as error:
            raise ActError(f"{name!r} must be base64") from error


async def read_fields(request: web.Request) -> Fields:
    """The JSON object in the body; only application/json, which no foreign page can post."""
    if request.content_type != "application/json":
        raise ActError("send application/json")
    try:
        body = decode(await request.read())
    except ValueError as error:
        raise ActError("the body is not JSON") from error
    if not isinstance(body, dict):
        raise ActError("the body must be a JSON object")
    return Fields(body)


def answer(value: object, status: int = 200) -> web.Response:
    """A JSON answer."""
    return web.json_response(value, status=status, dumps=encode)
