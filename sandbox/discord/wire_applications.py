"""Applications, their commands and interactions as JSON. Pure."""

from sandbox.discord.applications import Application, Command, Interaction
from sandbox.discord.kinds import InteractionKind
from sandbox.discord.links import Links
from sandbox.discord.permissions import in_channel
from sandbox.discord.wire import channel_json, guild_json, member_json, user_json
from sandbox.discord.wire_messages import message_json
from sandbox.payload import Json

GUILD_CONTEXT, BOT_DM_CONTEXT = 0, 1


def application_json(application: Application, guilds: int) -> Json:
    """An `Application` object, as its bot is told it; `guilds` is in how many it is."""
    return {
        "id": str(application.id),
        "name": application.user.name,
        "icon": None,
        "description": "",
        "summary": "",
        "type": None,
        "bot": user_json(application.user),
        "bot_public": False,
        "bot_require_code_grant": False,
        "verify_key": f"{application.id:064x}",
        "flags": int(application.flags),
        "flags_new": str(int(application.flags)),
        "redirect_uris": [],
        "interactions_endpoint_url": None,
        "role_connections_verification_url": None,
        "owner": user_json(application.owner),
        "approximate_guild_count": guilds,
        "approximate_user_install_count": 0,
        "approximate_user_authorization_count": 0,
        "explicit_content_filter": 0,
        "integration_types_config": {"0": {}},
        "team": None,
        "eligible_oauth2_scopes": ["bot", "applications.commands"],
    }


def command_json(command: Command, application: Application) -> Json:
    """An `Application Command` object: what was registered, and what Discord adds."""
    body: Json = {
        "name_localizations": None,
        "description": "",
        "description_localizations": None,
        "default_member_permissions": None,
        "dm_permission": True,
        "contexts": None,
        "integration_types": [0],
        "nsfw": False,
    }
    body |= command.body | {
        "id": str(command.id),
        "application_id": str(application.id),
        "version": str(command.version),
        "type": int(command.kind),
        "name": command.name,
    }
    return body if command.guild is None else body | {"guild_id": str(command.guild.id)}


def interaction_json(interaction: Interaction, links: Links, size_bytes_max: int) -> Json:
    """The `Interaction` object that INTERACTION_CREATE brings."""
    application, channel = interaction.application, interaction.channel
    installed = "0" if channel.guild is None else str(channel.guild.id)
    body: Json = {
        "id": str(interaction.id),
        "application_id": str(application.id),
        "type": int(interaction.kind),
        "token": interaction.token,
        "version": 1,
        "data": interaction.data,
        "channel_id": str(channel.id),
        "channel": channel_json(channel, application.user),
        "app_permissions": str(int(in_channel(channel, application.user))),
        "locale": "en-GB",
        "entitlements": [],
        "entitlement_sku_ids": [],
        "authorizing_integration_owners": {"0": installed},
        "attachment_size_limit": size_bytes_max,
        "context": BOT_DM_CONTEXT if channel.guild is None else GUILD_CONTEXT,
    }
    if interaction.message is not None:
        body["message"] = message_json(interaction.message, links, application.user)
    return body | _who_json(interaction)


def _who_json(interaction: Interaction) -> Json:
    guild = interaction.guild
    if guild is None:
        return {"user": user_json(interaction.user)}
    member = member_json(guild.members[interaction.user.id])
    member["permissions"] = str(int(in_channel(interaction.channel, interaction.user)))
    small = {name: guild_json(guild)[name] for name in ("id", "features")}
    return {
        "guild_id": str(guild.id),
        "guild": small | {"locale": guild.locale},
        "guild_locale": guild.locale,
        "member": member,
    }


def metadata_json(interaction: Interaction) -> Json:
    """The `interaction_metadata` of a message that answers."""
    guild = interaction.guild
    body: Json = {
        "id": str(interaction.id),
        "type": int(interaction.kind),
        "user": user_json(interaction.user),
        "authorizing_integration_owners": {"0": "0" if guild is None else str(guild.id)},
    }
    if interaction.kind is InteractionKind.COMMAND:
        body |= {"name": interaction.command, "command_type": interaction.data.get("type", 1)}
        return body
    if interaction.kind is InteractionKind.COMPONENT and interaction.message is not None:
        return body | {"interacted_message_id": str(interaction.message.id)}
    if interaction.begun_by is not None:
        return body | {"triggering_interaction_metadata": metadata_json(interaction.begun_by)}
    return body
