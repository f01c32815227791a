"""Which address is answered by what. Names are those of Discord's OpenAPI description."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from sandbox.discord.rest import (
    account,
    attachments,
    messages,
    pins,
    reactions,
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

ROUTES: Final = (*ACCOUNT, *MESSAGES, *REACTIONS)
