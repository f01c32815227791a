"""The one name for what JSON objects are made of, and how they are written."""

import json
from typing import Any

Json = dict[str, Any]
"""A JSON object on its way in or out. Kept whole: the sandbox passes on what it does not know."""


def encode(value: object) -> str:
    """Write `value` as compact JSON, other scripts readable."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def decode(text: str | bytes) -> Any:
    """Read JSON; raises ValueError when it is not."""
    return json.loads(text)
