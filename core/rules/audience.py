"""Who may read what: text meant for a narrower audience never goes to a wider one (law 7)."""

from core.model.message import Audience

WIDTH: dict[Audience, int] = {Audience.PRIVATE: 0, Audience.GROUP: 1, Audience.PUBLIC: 2}


def fits(meant: Audience, actual: Audience) -> bool:
    """Whether text meant for `meant` may be shown to `actual`."""
    return WIDTH[actual] <= WIDTH[meant]
