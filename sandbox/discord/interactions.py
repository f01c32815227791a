"""How somebody begins an interaction, and how it goes on after its answer."""

from sandbox.discord.applications import Application, Interaction
from sandbox.discord.guilds import Channel, User
from sandbox.discord.kinds import CallbackKind, InteractionKind
from sandbox.discord.messages import Message
from sandbox.discord.state import DiscordState
from sandbox.discord.wire_applications import interaction_json
from sandbox.payload import Json


def begin_interaction(
    state: DiscordState,
    application: Application,
    kind: InteractionKind,
    user: User,
    channel: Channel,
    data: Json,
    *,
    message: Message | None = None,
    command: str = "",
    begun_by: Interaction | None = None,
) -> Interaction:
    """Let somebody use a command, press, choose or submit; the application hears of it.

    `data` is the object's `data` as Discord sends it. `message` is the one whose component it is.
    """
    interaction = Interaction(
        state.ids.take(),
        state.new_token(180),
        application,
        kind,
        user,
        channel,
        data,
        created_at=state.now(),
        message=message,
        command=command,
        begun_by=begun_by,
    )
    state.add_interaction(interaction)
    body = interaction_json(interaction, state.links, state.settings.upload_bytes_max)
    to = frozenset({application.id})
    state.publish("INTERACTION_CREATE", body, channel.guild, channel, to)
    return interaction


def answerable(state: DiscordState, interaction: Interaction) -> bool:
    """Whether its first answer would still be in time."""
    late = state.now() - interaction.created_at > state.settings.interaction_seconds
    return interaction.answer is None and not late


def token_valid(state: DiscordState, interaction: Interaction) -> bool:
    """Whether it may still be followed up: it was answered, and not too long ago."""
    young = state.now() - interaction.created_at < state.settings.token_seconds
    return interaction.answer is not None and young


def failed(state: DiscordState, interaction: Interaction) -> bool:
    """Whether the person was shown "This interaction failed"."""
    late = state.now() - interaction.created_at > state.settings.interaction_seconds
    return late and interaction.answer is None


def shown_modal(interaction: Interaction) -> Json | None:
    """The form that the person was given to fill in."""
    return interaction.modal if interaction.answer is CallbackKind.MODAL else None
