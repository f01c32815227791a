"""getMe, setMyCommands, getMyCommands, getFile."""

import re

from sandbox.payload import Json
from sandbox.telegram.call import Call
from sandbox.telegram.refusals import bad_request
from sandbox.telegram.state import TelegramState
from sandbox.telegram.wire import file_json, me_json

COMMANDS_MAX = 100
COMMAND = re.compile(r"[a-z0-9_]{1,32}")
DOWNLOAD_BYTES_MAX = 20 * 1024 * 1024


async def get_me(_state: TelegramState, call: Call) -> Json:
    """The bot itself."""
    return me_json(call.bot)


async def set_my_commands(_state: TelegramState, call: Call) -> bool:
    """Replace the command menu."""
    commands = call.json_objects("commands")
    if commands is None or len(commands) > COMMANDS_MAX:
        raise bad_request("can't parse commands JSON object")
    for command in commands:
        if not COMMAND.fullmatch(str(command.get("command", ""))):
            raise bad_request("BOT_COMMAND_INVALID")
        if not command.get("description"):
            raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
    call.bot.commands = commands
    return True


async def get_my_commands(_state: TelegramState, call: Call) -> list[Json]:
    """The command menu."""
    return call.bot.commands


async def get_file(state: TelegramState, call: Call) -> Json:
    """Where a file can be downloaded, if it is not too big for a bot."""
    stored = state.files.get(call.text("file_id"))
    if stored is None:
        raise bad_request("invalid file_id")
    if len(stored.content) > DOWNLOAD_BYTES_MAX:
        raise bad_request("file is too big")
    if stored.lost:
        raise bad_request("wrong file_id or the file is temporarily unavailable")
    state.open_path(stored)
    return file_json(stored)
