"""The mail that an answer quotes below itself."""

from datetime import datetime

import msgspec

from core.model.content import Span


class Earlier(msgspec.Struct, frozen=True, kw_only=True):
    """Who wrote it, when, and its text with what was bold, linked and quoted in it."""

    name: str
    address: str
    at: datetime
    text: str
    spans: tuple[Span, ...] = ()
