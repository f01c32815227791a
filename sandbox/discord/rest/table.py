"""Which address is answered by what. Names are those of Discord's OpenAPI description."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from sandbox.discord.rest import (
    account,
    attachments,
    channels,
    commands,
    guilds,
    interactions,
    messages,
    pins,
    polls,
    reactions,
    threads,
)
from sandbox.discord.rest.request import Request
from sandbox.discord.state import DiscordState

Handler = Callable[[DiscordState, Request], Any]


@dataclass(frozen=True, slots=True)
class Route:
    """`status` is that of an answer; None for 200, or 204 when there is nothing to say. `secret`:
    the address is the secret, no bot has to say who it is.
    """

    method: str
    path: str
    name: str
    handle: Handler
    status: int | None = None
    secret: bool = False


MESSAGE = "/channels/{channel_id}/messages/{message_id}"
EMOJI = MESSAGE + "/reactions/{emoji_name}"

ACCOUNT: Final = (
    Route("GET", "/users/@me", "get_my_user", account.get_my_user),
    Route("GET", "/users/{user_id}", "get_user", account.get_user),
    Route("GET", "/applications/@me", "get_my_application", account.get_my_application),
    Route(
        "GET", "/oauth2/applications/@me", "get_my_oauth2_application", account.get_my_application
    ),
    Route("GET", "/gateway", "get_gateway", account.get_gateway, secret=True),
    Route("GET", "/gateway/bot", "get_bot_gateway", account.get_bot_gateway),
    Route("POST", "/attachments/refresh-urls", "refresh_urls", attachments.refresh_urls),
)

MESSAGES: Final = (
    Route("GET", "/channels/{channel_id}/messages", "list_messages", messages.list_messages),
    Route("POST", "/channels/{channel_id}/messages", "create_message", messages.create_message),
    Route(
        "POST",
        "/channels/{channel_id}/messages/bulk-delete",
        "bulk_delete_messages",
        messages.bulk_delete_messages,
    ),
    Route("GET", "/channels/{channel_id}/messages/pins", "list_pins", pins.list_pins),
    Route(
        "PUT",
        "/channels/{channel_id}/messages/pins/{message_id}",
        "create_pin",
        pins.create_pin,
    ),
    Route(
        "DELETE",
        "/channels/{channel_id}/messages/pins/{message_id}",
        "delete_pin",
        pins.delete_pin,
    ),
    Route("GET", "/channels/{channel_id}/pins", "deprecated_list_pins", pins.list_pins_as_before),
    Route(
        "PUT", "/channels/{channel_id}/pins/{message_id}", "deprecated_create_pin", pins.create_pin
    ),
    Route(
        "DELETE",
        "/channels/{channel_id}/pins/{message_id}",
        "deprecated_delete_pin",
        pins.delete_pin,
    ),
    Route("GET", MESSAGE, "get_message", messages.get_message),
    Route("PATCH", MESSAGE, "update_message", messages.update_message),
    Route("DELETE", MESSAGE, "delete_message", messages.delete_message),
    Route("POST", MESSAGE + "/crosspost", "crosspost_message", pins.crosspost_message),
    Route(
        "POST",
        "/channels/{channel_id}/typing",
        "trigger_typing_indicator",
        messages.trigger_typing_indicator,
    ),
)

REACTIONS: Final = (
    Route("PUT", EMOJI + "/@me", "add_my_message_reaction", reactions.add_my_reaction),
    Route("DELETE", EMOJI + "/@me", "delete_my_message_reaction", reactions.delete_my_reaction),
    Route(
        "DELETE",
        EMOJI + "/{user_id}",
        "delete_user_message_reaction",
        reactions.delete_user_reaction,
    ),
    Route("GET", EMOJI, "list_message_reactions_by_emoji", reactions.list_reactions),
    Route("DELETE", EMOJI, "delete_all_message_reactions_by_emoji", reactions.delete_all_reactions),
    Route(
        "DELETE",
        MESSAGE + "/reactions",
        "delete_all_message_reactions",
        reactions.delete_all_reactions,
    ),
)

CHANNEL = "/channels/{channel_id}"
CHANNELS: Final = (
    Route("POST", "/users/@me/channels", "create_dm", channels.create_dm),
    Route("GET", CHANNEL, "get_channel", channels.get_channel),
    Route("PATCH", CHANNEL, "update_channel", channels.update_channel),
    Route("DELETE", CHANNEL, "delete_channel", channels.delete_channel),
    Route("POST", CHANNEL + "/threads", "create_thread", threads.create_thread, 201),
    Route(
        "POST",
        MESSAGE + "/threads",
        "create_thread_from_message",
        threads.create_thread_from_message,
        201,
    ),
    Route(
        "GET",
        CHANNEL + "/threads/archived/public",
        "list_public_archived_threads",
        threads.list_archived_public,
    ),
    Route(
        "GET",
        CHANNEL + "/threads/archived/private",
        "list_private_archived_threads",
        threads.list_archived_private,
    ),
    Route(
        "GET",
        CHANNEL + "/users/@me/threads/archived/private",
        "list_my_private_archived_threads",
        threads.list_archived_mine,
    ),
    Route("GET", CHANNEL + "/thread-members", "list_thread_members", threads.list_members),
    Route("PUT", CHANNEL + "/thread-members/@me", "join_thread", threads.join),
    Route("DELETE", CHANNEL + "/thread-members/@me", "leave_thread", threads.leave),
    Route("GET", CHANNEL + "/thread-members/{user_id}", "get_thread_member", threads.get_member),
    Route("PUT", CHANNEL + "/thread-members/{user_id}", "add_thread_member", threads.join),
    Route("DELETE", CHANNEL + "/thread-members/{user_id}", "delete_thread_member", threads.leave),
    Route("POST", CHANNEL + "/polls/{message_id}/expire", "poll_expire", polls.expire_poll),
    Route(
        "GET",
        CHANNEL + "/polls/{message_id}/answers/{answer_id}",
        "get_answer_voters",
        polls.list_voters,
    ),
)

GUILD = "/guilds/{guild_id}"
GUILDS: Final = (
    Route("GET", "/users/@me/guilds", "list_my_guilds", guilds.list_my_guilds),
    Route("GET", GUILD, "get_guild", guilds.get_guild),
    Route("GET", GUILD + "/channels", "list_guild_channels", guilds.list_channels),
    Route("POST", GUILD + "/channels", "create_guild_channel", channels.create_guild_channel, 201),
    Route("GET", GUILD + "/roles", "list_guild_roles", guilds.list_roles),
    Route("GET", GUILD + "/members", "list_guild_members", guilds.list_members),
    Route("GET", GUILD + "/members/search", "search_guild_members", guilds.search_members),
    Route("GET", GUILD + "/members/{user_id}", "get_guild_member", guilds.get_member),
    Route("GET", GUILD + "/threads/active", "get_active_guild_threads", threads.list_active),
)

COMMANDS = "/applications/{application_id}/commands"
OF_GUILD = "/applications/{application_id}/guilds/{guild_id}/commands"


def _commands(path: str, of: str) -> tuple[Route, ...]:
    """The same for commands of a guild and for those everywhere."""
    one = path + "/{command_id}"
    name = f"{of}application_command"
    return (
        Route("GET", path, f"list_{name}s", commands.list_commands),
        Route("PUT", path, f"bulk_set_{name}s", commands.set_commands),
        Route("POST", path, f"create_{name}", commands.create_command, 201),
        Route("GET", one, f"get_{name}", commands.get_command),
        Route("PATCH", one, f"update_{name}", commands.update_command),
        Route("DELETE", one, f"delete_{name}", commands.delete_command),
    )


WEBHOOK = "/webhooks/{webhook_id}/{webhook_token}"


def _answers(path: str, of: str) -> tuple[Route, ...]:
    """The same for the first answer to an interaction and for later ones."""
    name = f"{of}webhook_message"
    return (
        Route("GET", path, f"get_{name}", interactions.get_answer, secret=True),
        Route("PATCH", path, f"update_{name}", interactions.update_answer, secret=True),
        Route("DELETE", path, f"delete_{name}", interactions.delete_answer, secret=True),
    )


INTERACTIONS: Final = (
    Route(
        "POST",
        "/interactions/{interaction_id}/{interaction_token}/callback",
        "create_interaction_response",
        interactions.respond,
        secret=True,
    ),
    Route("POST", WEBHOOK, "execute_webhook", interactions.follow_up, secret=True),
    *_answers(WEBHOOK + "/messages/@original", "original_"),
    *_answers(WEBHOOK + "/messages/{message_id}", ""),
)

ROUTES: Final = (
    *ACCOUNT,
    *MESSAGES,
    *REACTIONS,
    *CHANNELS,
    *GUILDS,
    *_commands(COMMANDS, ""),
    *_commands(OF_GUILD, "guild_"),
    *INTERACTIONS,
)
