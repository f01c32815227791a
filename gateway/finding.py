"""One line of what `trunkline doctor` tells."""

from enum import StrEnum

import msgspec


class State(StrEnum):
    OK = "ok"
    WORSE = "worse"
    BROKEN = "broken"
    UNSEEN = "unseen"


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was looked at. `of` is the machine, Redis, the web, or an inbox by its id.
    WORSE: it works, but not as well as it could; UNSEEN: nobody has looked.
    """

    of: str
    subject: str
    state: State
    text: str
    remedy: str = ""
