"""What receivers of webhooks get, in the description of the API."""

from typing import Any, Final

from litestar.openapi.spec import (
    OpenAPIFormat,
    OpenAPIMediaType,
    OpenAPIResponse,
    OpenAPIType,
    Operation,
    Parameter,
    PathItem,
    Reference,
    RequestBody,
    Schema,
)

from gateway.webhooks.events import MISSED, PING, TYPES

TEXT: Final = Schema(type=OpenAPIType.STRING)
MOMENT: Final = Schema(type=OpenAPIType.STRING, format=OpenAPIFormat.DATE_TIME)

HEADERS: Final = {
    "webhook-id": "The same for every attempt, and never another event's: take each once.",
    "webhook-timestamp": "When it left, in seconds since 1970.",
    "webhook-signature": "`v1,…` for each secret, between spaces, by Standard Webhooks.",
}


def described() -> dict[str, PathItem | Reference]:
    """Type → the request that a receiver gets."""
    missed = _object({"from": MOMENT, "until": MOMENT})
    told: dict[str, PathItem | Reference] = {
        name: _item(name, words, _about()) for name, words in TYPES.items()
    }
    return told | {
        MISSED: _item(MISSED, "What happened in between could not be told.", missed),
        PING: _item(PING, "Somebody tries whether it arrives.", _object({"webhook": TEXT})),
    }


def _item(name: str, words: str, data: Schema) -> PathItem:
    kind = Schema(type=OpenAPIType.STRING, const=name)
    body = _object({"type": kind, "timestamp": MOMENT, "data": data})
    return PathItem(
        post=Operation(
            summary=name,
            description=words,
            tags=["webhooks"],
            parameters=[
                Parameter(
                    name=header, param_in="header", required=True, schema=TEXT, description=of
                )
                for header, of in HEADERS.items()
            ],
            request_body=RequestBody(
                required=True, content={"application/json": OpenAPIMediaType(schema=body)}
            ),
            responses={"2XX": OpenAPIResponse(description="It was taken. Anything else was not.")},
        )
    )


def _about() -> Schema:
    """Of an event in a conversation: what is left out is gone, or the event is of no message."""
    number = Schema(type=OpenAPIType.INTEGER, minimum=0)
    required: dict[str, Schema | Reference] = {"kind": TEXT, "leg": TEXT}
    optional: dict[str, Schema | Reference] = {
        "position": number,
        "conversation": Reference(ref="#/components/schemas/Conversation"),
        "entry": Reference(ref="#/components/schemas/Entry"),
    }
    return _object(required, optional)


def _object(
    required: dict[str, Any], optional: dict[str, Schema | Reference] | None = None
) -> Schema:
    return Schema(
        type=OpenAPIType.OBJECT,
        properties=required | (optional or {}),
        required=list(required),
    )
