"""Writes a new installation: settings with comments, secrets apart, a token. Overwrites nothing."""

import json
import os
from pathlib import Path
from typing import Final, NamedTuple

from core.errors import ConfigurationError
from gateway.data_dir import prepare
from gateway.scopes import ALL
from gateway.tokens import Tokens

SETTINGS: Final = "trunkline.toml"
SECRETS: Final = "secrets"
DATA: Final = "data"

HEAD: Final = """\
# The settings of Trunkline. `trunkline check` says whether they are right, `trunkline config show`
# what is in force. All there are: docs/settings.md.

[app]
name = {name}
# Conversations, files and tokens; relative to this file. Back it up, and keep it to yourself.
data_dir = "{data}"

[web]
# The API and the agent page. There is no TLS here: put a proxy in front to reach it from elsewhere.
bind = "127.0.0.1:8080"
# How that proxy is reached from outside: for webhooks, and for files that are sent as links.
# public_url = "https://support.example.org"

[redis]
# Without this a private server runs beside the gateway, which is enough for one machine.
# url = {{file = "{secrets}/redis-url"}}
"""

CHANNELS: Final = {
    "telegram": """
[[channel]]
# The inbox' name everywhere, also in stored ids: do not change it later.
id = "telegram"
kind = "telegram"
token = {{file = "{secrets}/telegram"}}
# In groups: "addressed" takes what answers or names the bot, "all" everything.
# groups = "addressed"
""",
    "discord": """
[[channel]]
# The inbox' name everywhere, also in stored ids: do not change it later.
id = "discord"
kind = "discord"
token = {{file = "{secrets}/discord"}}
# Channels, by their ids, in which every message is for us.
# support_channels = ["1126530000000000000"]
""",
    "email": """
[[channel]]
# The inbox' name everywhere, also in stored ids: do not change it later.
id = "mail"
kind = "email"
address = {address}
name = {name}
# The two servers, as the provider of the mailbox names them.
[channel.imap]
host = {imap}
user = {address}
password = {{file = "{secrets}/mail"}}
[channel.smtp]
host = {smtp}
user = {address}
password = {{file = "{secrets}/mail"}}
""",
    "none": """
# An inbox is a table of its own; there may be several. For example:
# [[channel]]
# id = "telegram"
# kind = "telegram"
# token = {{file = "{secrets}/telegram"}}
""",
}

KEPT_IN: Final = {"telegram": "telegram", "discord": "discord", "email": "mail"}
"""Kind of channel → the file of its secret."""


class Installation(NamedTuple):
    """What `trunkline init` was told; everything printable."""

    name: str
    channel: str
    address: str
    secret: str
    agent: str


def free(directory: Path) -> None:
    """Raises ConfigurationError when there is an installation already."""
    for name in (SETTINGS, SECRETS):
        if (directory / name).exists():
            raise ConfigurationError(
                f"{directory / name} is there already, and nothing is overwritten: edit it, or "
                "choose another directory with --dir"
            )


def text_of(new: Installation) -> str:
    domain = new.address.rpartition("@")[2]
    return (HEAD + CHANNELS[new.channel]).format(
        name=_quoted(new.name),
        address=_quoted(new.address),
        imap=_quoted(f"imap.{domain}"),
        smtp=_quoted(f"smtp.{domain}"),
        data=DATA,
        secrets=SECRETS,
    )


def write(directory: Path, new: Installation) -> str:
    """-> the first token, with every scope. The settings come last: they are what says that there
    is an installation. Raises ConfigurationError, InvalidRequest.
    """
    try:
        directory.mkdir(parents=True, exist_ok=True)
        token = Tokens(prepare(directory / DATA)).create(new.agent, ALL)
        (directory / SECRETS).mkdir(mode=0o700)
        if new.secret:
            _create(directory / SECRETS / KEPT_IN[new.channel], new.secret + "\n", 0o600)
        _create(directory / SETTINGS, text_of(new), 0o644)
    except OSError as error:
        raise ConfigurationError(
            f"{directory} cannot be written ({error.strerror}): choose another one with --dir"
        ) from error
    return token


def _create(path: Path, text: str, mode: int) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
