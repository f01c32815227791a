"""One Bot API request: its parameters however they were sent, and its uploaded files."""

from dataclasses import dataclass, field
from typing import Any

from aiohttp import BodyPartReader, web

from sandbox.payload import Json, decode
from sandbox.telegram.refusals import bad_request
from sandbox.telegram.state import Bot


@dataclass(frozen=True, slots=True)
class Upload:
    """A file in a multipart request."""

    name: str
    media_type: str
    content: bytes


@dataclass(slots=True)
class Call:
    """The decoded request. Values are strings (form, query, multipart) or JSON."""

    bot: Bot
    method: str
    fields: Json = field(default_factory=dict)
    uploads: dict[str, Upload] = field(default_factory=dict)

    def text(self, name: str) -> str:
        """The parameter as text, empty when it is missing."""
        value = self.fields.get(name)
        return "" if value is None else str(value)

    def integer(self, name: str, default: int = 0) -> int:
        """The parameter as a whole number."""
        value = self.fields.get(name)
        if value is None or value == "":
            return default
        try:
            return int(value)
        except (TypeError, ValueError, OverflowError) as error:
            raise bad_request(f'field "{name}" must be a valid Number') from error

    def flag(self, name: str) -> bool:
        """The parameter as yes or no."""
        return str(self.fields.get(name, "")).lower() in {"true", "1", "yes"}

    def json_object(self, name: str) -> Json | None:
        """The parameter as a JSON object, None when it is missing."""
        value = self._json(name)
        if value is not None and not isinstance(value, dict):
            raise bad_request(f"object expected as {name.replace('_', ' ')}")
        return value

    def json_objects(self, name: str) -> list[Json] | None:
        """The parameter as an array of JSON objects, None when it is missing."""
        return objects(self._json(name), name)

    def integers(self, name: str) -> list[int]:
        """The parameter as an array of whole numbers, empty when it is missing."""
        value = self._json(name)
        if value is not None and not isinstance(value, list):
            raise bad_request(f"expected an Array of {name}")
        if not all(isinstance(item, int) for item in value or []):
            raise bad_request(f'field "{name}" must be an Array of Number')
        return value or []

    def strings(self, name: str) -> list[str] | None:
        """The parameter as an array of strings, None when it is missing."""
        value = self._json(name)
        return [str(item) for item in value] if isinstance(value, list) else None

    def _json(self, name: str) -> Any:
        value = self.fields.get(name)
        if not isinstance(value, str):
            return value
        if not value:
            return None
        try:
            return decode(value)
        except ValueError as error:
            raise bad_request(f"can't parse {name.replace('_', ' ')} JSON object") from error


def objects(value: Any, name: str) -> list[Json] | None:
    """A decoded value that has to be an array of JSON objects."""
    if value is None:
        return None
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise bad_request(f"expected an Array of {name}")
    return value


async def read_call(request: web.Request, bot: Bot, method: str) -> Call:
    """Decode query, form, JSON or multipart; raises Refusal 400 on anything else."""
    call = Call(bot, method, dict(request.query))
    if request.content_type.startswith("multipart/"):
        await _read_multipart(request, call)
    elif request.content_type == "application/json":
        call.fields.update(await _read_json(request))
    elif request.can_read_body:
        call.fields.update(await request.post())
    return call


async def _read_json(request: web.Request) -> Json:
    body = await request.read()
    if not body:
        return {}
    try:
        fields = decode(body)
    except ValueError as error:
        raise bad_request("can't parse request JSON object") from error
    if not isinstance(fields, dict):
        raise bad_request("can't parse request JSON object")
    return fields


async def _read_multipart(request: web.Request, call: Call) -> None:
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader) or part.name is None:
            raise bad_request("can't parse multipart request")
        if part.filename is None:
            call.fields[part.name] = await part.text()
        else:
            media_type = part.headers.get("Content-Type", "application/octet-stream")
            content = bytes(await part.read(decode=False))
            call.uploads[part.name] = Upload(part.filename, media_type, content)
