"""Whatever changes in the settings is taken at once, begins an inbox anew, or is said to wait."""

from pathlib import Path
from types import SimpleNamespace

import msgspec
import pytest
from msgspec.structs import fields, replace

from adapters.telegram.settings import TelegramSettings
from core.model.acknowledgement import Acknowledgement
from core.model.secret import Secret
from gateway.reloading import AT_ONCE, change
from gateway.settings import ChannelSettings, Settings
from gateway.settings_file import SECTIONS

BOT = ChannelSettings(id="tg", kind="telegram", adapter=TelegramSettings(token=Secret("1:a")))
OLD = Settings(base=Path("/"), channels=(BOT,))


@pytest.mark.parametrize("section", SECTIONS)
def test_no_changed_setting_is_passed_over(section: str) -> None:
    """An operator would believe that it counts."""
    for field in fields(SECTIONS[section]):
        name = f"{section}.{field.name}"
        altered = _altered(getattr(OLD, section), field.name)
        found = change(OLD, replace(OLD, **{section: altered}))

        assert found.restart == (() if name in AT_ONCE else (name,))
        assert not found.reopened


def test_an_inbox_begins_anew_when_its_own_settings_change_and_only_then() -> None:
    """A text that is put right needs no new login."""
    renewed = replace(BOT, adapter=TelegramSettings(token=Secret("1:b")))
    worded = replace(BOT, acknowledge=Acknowledgement(text="Thanks"))

    assert change(OLD, replace(OLD, channels=(renewed,))).reopened == (renewed,)
    assert not change(OLD, replace(OLD, channels=(worded,))).reopened


def test_one_inbox_more_or_less_waits_for_a_restart() -> None:
    """Who works and who serves know which there are."""
    another = replace(BOT, id="tg-2")

    assert change(OLD, replace(OLD, channels=(BOT, another))).restart == ("channel.tg-2",)
    assert change(OLD, replace(OLD, channels=())).restart == ("channel.tg",)


def _altered(section: msgspec.Struct, name: str) -> SimpleNamespace:
    """With another value there, whatever the rules for it are."""
    values = {field: getattr(section, field) for field in section.__struct_fields__}
    return SimpleNamespace(**(values | {name: object()}))
