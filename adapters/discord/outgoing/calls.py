"""One call of Discord's API, as a value."""

from typing import Any, Final

import msgspec

CHANNEL: Final = "/channels/{channel_id}"
MESSAGES: Final = CHANNEL + "/messages"
MESSAGE: Final = MESSAGES + "/{message_id}"
"""Templates of paths."""

NOBODY_IS_CALLED: Final[dict[str, Any]] = {"parse": [], "replied_user": False}
"""Whatever a text holds, and whoever is answered: it rings for nobody."""


class Upload(msgspec.Struct, frozen=True, kw_only=True):
    """A file that travels with a call: its blob, and what people see it called."""

    sha256: str
    name: str


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """`path` is a template of the API's (`/channels/{channel_id}/messages`), `ids` fill it. Its
    rate-limit bucket follows from both. `body` is sent as JSON; beside `uploads` as its form field
    `payload_json`. `reason` goes into the guild's audit log.
    """

    method: str
    path: str
    ids: dict[str, str] = {}
    query: dict[str, str] = {}
    body: dict[str, Any] | list[dict[str, Any]] | None = None
    uploads: tuple[Upload, ...] = ()
    reason: str = ""
    notes: tuple[str, ...] = ()
    """In words for the agent: what is shown otherwise than it was given."""
