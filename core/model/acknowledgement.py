"""What an account answers by itself to whoever begins a conversation."""

from typing import Annotated

import msgspec

from core.model.wording import Wording


class Acknowledgement(Wording, frozen=True, kw_only=True):
    """What an account answers; empty: nothing. `{number}` in it becomes the conversation's.
    `per_minute_max` is the account's.
    """

    per_minute_max: Annotated[int, msgspec.Meta(ge=1)] = 30
