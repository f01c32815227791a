"""What of new settings can be taken while the gateway runs, and what has to wait for a restart."""

import asyncio
from collections.abc import Callable, Iterator
from typing import Final

import msgspec
import structlog
from msgspec.structs import replace

from core.errors import ConfigurationError
from core.model.acknowledgement import Acknowledgement
from core.model.flooding import Flooding
from core.model.taking import Takes
from gateway.registry import DATED_BY_SENDERS
from gateway.sd_notify import Systemd
from gateway.settings import ChannelSettings, Settings
from gateway.settings_file import SECTIONS

log = structlog.get_logger()

AT_ONCE: Final = frozenset(
    {
        *("limits.inbound_per_minute_max", "limits.inbound_burst_max"),
        *("limits.message_files_max", "limits.message_text_length_max"),
    }
)
"""Settings that are looked up each time. So are a channel's texts and limits."""

Reload = Callable[[], Settings]
"""Reads the settings again. Raises ConfigurationError."""


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """From the settings in force to new ones. `reopened` are channels whose inbox has to begin
    anew, `restart` names the settings that change nothing before the gateway is started again.
    """

    settings: Settings
    reopened: tuple[ChannelSettings, ...]
    restart: tuple[str, ...]


def change(old: Settings, new: Settings) -> Change:
    """What has changed. Channels are known by id and kind; one more or one less waits."""
    before = {(one.id, one.kind): one for one in old.channels}
    after = {(one.id, one.kind): one for one in new.channels}
    others = sorted(f"channel.{name}" for name, _ in before.keys() ^ after.keys())
    reopened = tuple(
        one for key, one in after.items() if key in before and one.adapter != before[key].adapter
    )
    return Change(
        settings=new,
        reopened=reopened,
        restart=tuple(dict.fromkeys([*_differing(old, new), *others])),
    )


def _differing(old: Settings, new: Settings) -> Iterator[str]:
    for section in SECTIONS:
        before, after = getattr(old, section), getattr(new, section)
        for field in before.__struct_fields__:
            name = f"{section}.{field}"
            if getattr(before, field) != getattr(after, field) and name not in AT_ONCE:
                yield name


class Reloading:
    """Takes new settings whenever they are `wanted`; bad ones change nothing and are told of.

    `answers`, `limits` and `takes`, by account, are what is looked up each time. `fault` is what
    was wrong with the new settings, or what of them waits for a restart; empty when all of them
    are in force.
    """

    def __init__(
        self,
        settings: Settings,
        read: Reload | None,
        reopen: Callable[[ChannelSettings], None],
        systemd: Systemd,
    ) -> None:
        self._settings, self._read, self._reopen = settings, read, reopen
        self._systemd = systemd
        self.wanted = asyncio.Event()
        self.fault = ""
        self.answers: dict[str, Acknowledgement] = {}
        self.limits: dict[str, Flooding] = {}
        self.takes: dict[str, Takes] = {}
        self._look_up(settings)

    async def run(self) -> None:
        """Until cancelled."""
        while self._read:
            await self.wanted.wait()
            self.wanted.clear()
            self._systemd.reloading()
            try:
                self._take(change(self._settings, await asyncio.to_thread(self._read)))
            except ConfigurationError as error:
                self.fault = f"the settings were not taken: {error}"
                log.error("settings not taken", reason=str(error))
            self._systemd.ready()

    def _take(self, new: Change) -> None:
        """What waits for a restart stays as it was, and so is told of each time."""
        self._look_up(new.settings)
        for channel in new.reopened:
            self._reopen(channel)
        self._settings = replace(self._settings, channels=_known(self._settings, new.settings))
        waits = ", ".join(new.restart)
        self.fault = f"waits for a restart: {waits}" if waits else ""
        reopened = [channel.id for channel in new.reopened]
        log.info("settings taken", reopened=reopened, waits_for_a_restart=list(new.restart))

    def _look_up(self, settings: Settings) -> None:
        limits = settings.limits
        usual = limits.inbound_per_minute_max, limits.inbound_burst_max
        most = limits.message_files_max, limits.message_text_length_max
        for one in settings.channels:
            by_sender = one.kind in DATED_BY_SENDERS
            self.answers[one.id] = one.acknowledge
            self.takes[one.id] = one.takes.or_else(*most)
            self.limits[one.id] = one.flood.flooding(*usual, dated_by_sender=by_sender)


def _known(old: Settings, new: Settings) -> tuple[ChannelSettings, ...]:
    """The old channels as they are now."""
    now = {(one.id, one.kind): one for one in new.channels}
    return tuple(now.get((one.id, one.kind), one) for one in old.channels)
