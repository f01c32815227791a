"""A Discord bot's events read into a store by the real adapter: by the victim, and by whoever takes
over.
"""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from functools import partial
from pathlib import Path
from typing import Final

from adapters.discord.adapter import open_adapter
from adapters.discord.settings import DiscordSettings
from core.model.secret import Secret
from core.ports import Blobs
from core.store.store import Store
from tests.crash.room import working
from tests.rigs.assembly import Assembly

ACCOUNT: Final = "discord"


def reading(
    store: Store,
    blobs: Blobs,
    directory: Path,
    route: str,
    authority: str,
    token: str,
    support_channels: Sequence[str],
) -> AbstractAsyncContextManager[Assembly]:
    """Receives what the gateway tells, and files it."""
    settings = DiscordSettings(
        token=Secret(token),
        route_to=route,
        authority=authority,
        support_channels=tuple(support_channels),
        back_off_seconds_min=0.02,
        back_off_seconds_max=0.1,
        identify_seconds=0.01,
        invalid_seconds=0.02,
        checkpoint_seconds=0.05,
    )
    return working(store, blobs, directory, ACCOUNT, partial(open_adapter, settings))
