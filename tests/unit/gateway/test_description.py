"""The description of the API says of bodies what is taken of them: no less, and no more."""

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from gateway.http.app import description

Json = dict[str, Any]

DOCUMENT = description()
SCHEMAS = DOCUMENT["components"]["schemas"]


def referred(schema: Any) -> Iterator[str]:
    """Names of the schemas that are part of this one."""
    if isinstance(schema, list):
        for one in schema:
            yield from referred(one)
    if isinstance(schema, dict):
        if "$ref" in schema:
            name = schema["$ref"].rpartition("/")[2]
            yield name
            yield from referred(SCHEMAS[name])
        for one in schema.values():
            yield from referred(one)


def bodies() -> set[str]:
    operations = (one for path in DOCUMENT["paths"].values() for one in path.values())
    return {name for one in operations for name in referred(one.get("requestBody", {}))}


def below(kind: type[msgspec.Struct]) -> Iterator[type[msgspec.Struct]]:
    for child in kind.__subclasses__():
        yield child
        yield from below(child)


STRUCTS = {one.__name__: one for one in below(msgspec.Struct) if one.__module__ != __name__}
OBJECTS = sorted(name for name in bodies() if "properties" in SCHEMAS[name])


def says_null(schema: Json) -> bool:
    kinds = schema.get("type", [])
    choices = (*schema.get("oneOf", ()), *schema.get("anyOf", ()))
    return "null" in ([kinds] if isinstance(kinds, str) else kinds) or any(map(says_null, choices))


def takes_null(field: type[Any]) -> bool:
    try:
        msgspec.convert(None, field)
    except msgspec.ValidationError:
        return False
    return True


@pytest.mark.parametrize("name", OBJECTS)
def test_a_body_takes_what_its_description_says(name: str) -> None:
    """A client that was generated from it would send what is refused."""
    struct, schema = STRUCTS[name], SCHEMAS[name]

    fields = {field.encode_name: takes_null(field.type) for field in msgspec.structs.fields(struct)}

    assert {field: says_null(said) for field, said in schema["properties"].items()} == fields
    assert struct.__struct_config__.forbid_unknown_fields
    assert schema["additionalProperties"] is False


def test_every_body_is_looked_at() -> None:
    assert {"ReplyRequest", "ButtonRequest", "TriageRequest", "WebhookRequest"} <= set(OBJECTS)
