"""What an account takes of one person, and says to who sends more."""

from typing import Annotated

import msgspec

from core.model.wording import Wording


class Allowance(msgspec.Struct, frozen=True, kw_only=True):
    """What one person may bring into one account; `per_minute_max` 0: any amount. `burst_max` of
    them at once. `dated_by_sender`: when a thing happened is the sender's word there.
    """

    per_minute_max: int
    burst_max: int
    dated_by_sender: bool = False


class Flooding(msgspec.Struct, frozen=True, kw_only=True):
    """What one account allows, and says to who exceeds it."""

    allowance: Allowance
    wording: Wording


class FloodSettings(Wording, frozen=True, kw_only=True):
    """The same as an operator sets it; None: what the installation allows."""

    text: str = (
        "You are sending more messages than we can take in. What you have sent last has not"
        " reached us. Please wait a minute, then send what matters once more."
    )
    inbound_per_minute_max: Annotated[int, msgspec.Meta(ge=0)] | None = None
    inbound_burst_max: Annotated[int, msgspec.Meta(ge=1)] | None = None

    def flooding(self, per_minute_max: int, burst_max: int, *, dated_by_sender: bool) -> Flooding:
        """With what holds where nothing is said."""
        own, burst = self.inbound_per_minute_max, self.inbound_burst_max
        allowance = Allowance(
            per_minute_max=per_minute_max if own is None else own,
            burst_max=burst_max if burst is None else burst,
            dated_by_sender=dated_by_sender,
        )
        return Flooding(allowance=allowance, wording=self)
