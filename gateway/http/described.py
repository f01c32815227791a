"""The description of the API, finished: what holds of every operation is said in one place."""

from typing import Any, Final

from litestar import Litestar
from litestar.connection import Request
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.types import Method
from typing_extensions import override

from gateway.http.auth import api_handlers
from gateway.http.problems import described
from gateway.scopes import ALLOWS, Scope

Json = dict[str, Any]

TAGS: Final = {
    "conversations": "What was said: read, answered, noted, sorted, joined.",
    "people": "Who said it: contacts, links between their identities, blocks.",
    "attachments": "Files, in both directions.",
    "channels": "The inboxes, how they are, and what each can carry.",
    "live": "What happens, as it happens.",
    "webhooks": "Other programs, told of what happens.",
    "search": "What was said, found again.",
    "operation": "What an operator looks at and revives.",
}
BODY: Final = (413, 415)
"""What only a request with a body can be refused for."""

FILE: Final = {
    "description": "The file itself, of any type.",
    "required": True,
    "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
}

_METHODS: Final = frozenset({"get", "post", "put", "patch", "delete"})


class Description(JsonRenderPlugin):
    """Serves the document as `finished` leaves it."""

    @override
    def render(self, request: Request[Any, Any, Any], openapi_schema: Json) -> bytes:
        return super().render(request, finished(openapi_schema, request.app))


def operation_id(handler: HTTPRouteHandler, _method: Method, _path: object) -> str:
    """The name that a generated client gives to the call."""
    return handler.handler_name


def finished(document: Json, app: Litestar) -> Json:
    """The same document, with what Litestar cannot know."""
    scopes = {handler.handler_name: handler.opt["scope"] for _, handler in api_handlers(app)}
    operations = [one for path in document["paths"].values() for one in _operations(path)]
    for operation in operations:
        _finish(operation, scopes.get(operation["operationId"]))
    for name, schema in document["components"]["schemas"].items():
        if name.endswith("Request"):
            schema["additionalProperties"] = False
    used = {tag for operation in operations for tag in operation.get("tags", ())}
    tags = [{"name": name, "description": text} for name, text in TAGS.items() if name in used]
    lines = "\n".join(f"- `{scope}`: {text}" for scope, text in ALLOWS.items())
    about = f"{document['info']['description']}\n\nScopes of a token:\n\n{lines}"
    return document | {"tags": tags, "info": document["info"] | {"description": about}}


def _operations(path: Json) -> list[Json]:
    return [operation for method, operation in path.items() if method in _METHODS]


def _finish(operation: Json, scope: Scope | None) -> None:
    if scope:
        operation["security"] = [{"token": [scope]}]
    words = operation["operationId"].replace("_", " ")
    operation["summary"] = words[:1].upper() + words[1:]
    responses = operation["responses"]
    if "requestBody" in operation:
        responses |= {str(status): described(status) for status in BODY}
    if operation["operationId"] == "upload":  # it is read as a stream, so no parameter says it
        operation["requestBody"] = FILE
        responses["413"] = described(413)
    for status in ("429", "503"):
        if status in responses:
            responses[status]["headers"] = {
                "Retry-After": {
                    "description": "Seconds to wait.",
                    "schema": {"type": "integer", "minimum": 1},
                }
            }
    operation["responses"] = dict(sorted(responses.items()))
