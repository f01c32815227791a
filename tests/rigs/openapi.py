"""Whether an answer is as an OpenAPI 3.1 description says: the part of JSON Schema that it uses."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

Json = dict[str, Any]
KINDS: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "array": (list,),
    "object": (dict,),
    "null": (type(None),),
}


class Description:
    """A description of an API."""

    def __init__(self, whole: Json) -> None:
        self._whole = whole

    @classmethod
    def load(cls, path: str | Path) -> Self:
        return cls(json.loads(Path(path).read_text("utf-8")))

    def operation(self, method: str, path: str) -> Json | None:
        """What is said of a route, None when it is not described; names in braces do not count."""
        wanted = _nameless(path)
        for known, operations in self._whole["paths"].items():
            if _nameless(known) == wanted:
                found: Json | None = operations.get(method.lower())
                return found
        return None

    def complaints(self, method: str, path: str, status: int, body: Any) -> list[str]:
        """What is wrong with an answer of a route that is described."""
        operation = self.operation(method, path) or {"responses": {}}
        responses = operation["responses"]
        response = responses.get(str(status)) or responses.get(f"{status // 100}XX")
        if response is None:
            return [f"status {status} is none of {', '.join(responses)}"]
        content = self._resolved(response).get("content")
        if content is None:
            return [] if body is None else ["there should be no body"]
        return list(self._wrong(content["application/json"]["schema"], body, "$"))

    def wrong(self, schema: Json, value: Any) -> list[str]:
        """What is wrong with a value of a schema of this description."""
        return list(self._wrong(schema, value, "$"))

    def _resolved(self, schema: Json) -> Json:
        while "$ref" in schema:
            target = self._whole
            for step in schema["$ref"].removeprefix("#/").split("/"):
                target = target[step]
            schema = target
        return schema

    def _wrong(self, schema: Json, value: Any, at: str) -> Iterator[str]:
        schema = self._resolved(schema)
        kinds = schema.get("type", [])
        kinds = [kinds] if isinstance(kinds, str) else kinds
        if kinds and not any(_is(value, kind) for kind in kinds):
            yield f"{at} is {value!r:.60}, not {' or '.join(kinds)}"
            return
        if value is None and "null" in kinds:
            return
        if "const" in schema and value != schema["const"]:
            yield f"{at} is {value!r:.60}, not {schema['const']!r}"
        if "enum" in schema and value not in schema["enum"]:
            yield f"{at} is {value!r:.60}, none of {schema['enum']}"
        for part in schema.get("allOf", []):
            yield from self._wrong(part, value, at)
        for some in ("oneOf", "anyOf"):
            yield from self._wrong_in_each(schema.get(some, []), value, at)
        yield from _wrong_of_itself(schema, value, at)
        yield from self._wrong_within(schema, value, at)

    def _wrong_in_each(self, choices: list[Json], value: Any, at: str) -> Iterator[str]:
        """The complaints of the choice that fits best, unless one fits."""
        found = [list(self._wrong(one, value, at)) for one in choices]
        if found and all(found):
            yield from min(found, key=_farthest)

    def _wrong_within(self, schema: Json, value: Any, at: str) -> Iterator[str]:
        if isinstance(value, list):
            for number, element in enumerate(value):
                yield from self._wrong(schema.get("items", {}), element, f"{at}[{number}]")
        if isinstance(value, dict):
            for name in schema.get("required", []):
                if name not in value:
                    yield f"{at}.{name} is missing"
            known = schema.get("properties", {})
            others = schema.get("additionalProperties")
            for name, element in value.items():
                inner = known.get(name, others if isinstance(others, dict) else {})
                yield from self._wrong(inner, element, f"{at}.{name}")


def _wrong_of_itself(schema: Json, value: Any, at: str) -> Iterator[str]:
    if isinstance(value, str | list | dict):
        least = schema.get("minLength" if isinstance(value, str) else "minItems", 0)
        most = schema.get("maxLength" if isinstance(value, str) else "maxItems", len(value))
        if not least <= len(value) <= most:
            yield f"{at} has {len(value)} elements, not {least} to {most}"
    if isinstance(value, str) and not re.search(schema.get("pattern", ""), value):
        yield f"{at} is {value!r:.60}, not like {schema['pattern']}"
    if isinstance(value, int | float) and not isinstance(value, bool):
        least, most = schema.get("minimum", value), schema.get("maximum", value)
        if not least <= value <= most:
            yield f"{at} is {value}, not {least} to {most}"


def _is(value: Any, kind: str) -> bool:
    if isinstance(value, bool):
        return kind == "boolean"
    whole = isinstance(value, float) and value.is_integer() and kind == "integer"
    return whole or isinstance(value, KINDS[kind])


def _farthest(complaints: list[str]) -> tuple[int, int]:
    """Few complaints, deep inside: that choice was meant."""
    return len(complaints), -max(one.count(".") for one in complaints)


def _nameless(path: str) -> str:
    return re.sub(r"\{\w+\}", "{}", path)
