"""What a bot asks of itself, its application and the gateway."""

from sandbox.discord.rest.refusals import unknown
from sandbox.discord.rest.request import Request
from sandbox.discord.state import DiscordState
from sandbox.discord.wire import me_json, user_json
from sandbox.discord.wire_applications import application_json
from sandbox.payload import Json

GATEWAY_URL = "wss://gateway.discord.gg"


def get_my_user(_state: DiscordState, call: Request) -> Json:
    """The bot itself."""
    return me_json(call.application.user)


def get_user(state: DiscordState, call: Request) -> Json:
    """Anybody by their id."""
    user = state.users.get(call.snowflake("user_id"))
    if user is None:
        raise unknown("User")
    return user_json(user)


def get_my_application(state: DiscordState, call: Request) -> Json:
    """The bot's application."""
    application = call.application
    guilds = sum(application.id in guild.members for guild in state.guilds.values())
    return application_json(application, guilds)


def get_gateway(_state: DiscordState, _call: Request) -> Json:
    """Where the gateway is."""
    return {"url": GATEWAY_URL}


def get_bot_gateway(state: DiscordState, call: Request) -> Json:
    """Where it is, and how often the bot may still begin a session today."""
    application, settings = call.application, state.settings
    left = max(settings.identifies_per_day - state.starts.begun(application.id), 0)
    return {
        "url": GATEWAY_URL,
        "shards": 1,
        "session_start_limit": {
            "total": settings.identifies_per_day,
            "remaining": left,
            "reset_after": int(state.starts.reset_seconds(application.id) * 1000),
            "max_concurrency": settings.max_concurrency,
        },
    }
