"""What an operator may write for a Discord bot, and what of it is refused before it is used."""

from typing import Any

import pytest

from adapters.discord.settings import CommunitySettings, DiscordSettings
from core.model.secret import Secret

TOKEN = Secret("MTA1OTA3OTI5MjE5MDcyMDExMQ.Gx-yzA.an_invented-token_of_nobody")
CHANNEL = "1059079292190720111"


def settings(**fields: Any) -> DiscordSettings:
    return DiscordSettings(**{"token": TOKEN} | fields)


def test_what_is_right_is_taken() -> None:
    """An operator would hunt for a mistake that there is not."""
    taken = settings(support_channels=(CHANNEL,), route_to="127.0.0.1:65535", shard_ids=(0,))

    assert taken.support_channels == (CHANNEL,)


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"token": Secret("a client secret")}, "Bot page"),
        ({"token": Secret(f"Bot {TOKEN.reveal()}")}, "Bot page"),
        ({"support_channels": ("#support",)}, "'#support' is no id.*Copy ID"),
        ({"guilds": ("Acme Community",)}, "'Acme Community' is no id.*Copy ID"),
        ({"community": CommunitySettings(manager_roles=("mods",))}, "'mods' is no id.*Copy ID"),
        ({"shards": 2, "shard_ids": (2,)}, "count from 0"),
        ({"keywords": ("help", " ")}, "keywords must not be empty"),
        ({"route_to": "127.0.0.1"}, "host:port"),
        ({"route_to": "127.0.0.1:0"}, "host:port"),
        ({"route_to": "127.0.0.1:65536"}, "host:port"),
    ],
)
def test_what_is_wrong_is_told_with_what_would_help(fields: dict[str, Any], told: str) -> None:
    """The inbox would fail much later, for a reason that Discord does not name."""
    with pytest.raises(ValueError, match=told):
        settings(**fields)


def test_a_token_that_is_none_is_never_repeated() -> None:
    """What was pasted by mistake may be another secret."""
    with pytest.raises(ValueError, match="token") as refused:
        settings(token=Secret("hunter2 is my password"))

    assert "hunter2" not in str(refused.value)
