"""Answering interactions: the first answer within 3 seconds, others as long as the token lives."""

from typing import Final

from sandbox.discord.applications import Interaction
from sandbox.discord.happenings import change, delete, post
from sandbox.discord.interactions import answerable, token_valid
from sandbox.discord.kinds import CallbackKind, InteractionKind, MessageFlag, MessageKind
from sandbox.discord.messages import Message, Reference
from sandbox.discord.rest.components import ComponentReader
from sandbox.discord.rest.drafts import read_draft
from sandbox.discord.rest.forms import Form
from sandbox.discord.rest.messages import edit
from sandbox.discord.rest.refusals import Refusal, invalid_form, unknown
from sandbox.discord.rest.request import Request
from sandbox.discord.state import DiscordState
from sandbox.discord.wire_applications import metadata_json
from sandbox.discord.wire_messages import message_json
from sandbox.payload import Json

COMPONENT_ONLY: Final = frozenset({CallbackKind.DEFERRED_UPDATE, CallbackKind.UPDATE})
CHOICES_MAX = 25
ORIGINAL: Final = "@original"
TRUE: Final = ("1", "true")


def respond(state: DiscordState, call: Request) -> Json | None:
    """The first answer. It comes back only when `with_response` asks for it."""
    interaction = _waiting(state, call)
    form = call.form()
    kind = form.choice("type", frozenset(CallbackKind), required=True)
    form.check()
    answer = CallbackKind(kind or 0)
    if not _fits(interaction, answer):
        words = "This type of answer cannot be used for this interaction."
        raise invalid_form({"type": {"_errors": [{"code": "BASE_TYPE_CHOICES", "message": words}]}})
    data = form.form("data") or Form({})
    _answer(state, call, interaction, answer, data)
    interaction.answer, interaction.answered_at = answer, state.now()
    if str(call.query.get("with_response", "")).lower() not in TRUE:
        return None
    return _response_json(state, interaction, answer)


def _waiting(state: DiscordState, call: Request) -> Interaction:
    interaction = state.interactions.get(call.ids["interaction_token"])
    if interaction is None or str(interaction.id) != call.ids["interaction_id"]:
        raise unknown("interaction")
    if interaction.answer is not None:
        raise Refusal(400, 40060, "Interaction has already been acknowledged.")
    if not answerable(state, interaction):
        raise unknown("interaction")
    return interaction


def _fits(interaction: Interaction, answer: CallbackKind) -> bool:
    completing = interaction.kind is InteractionKind.AUTOCOMPLETE
    if completing or answer is CallbackKind.AUTOCOMPLETE:
        return completing and answer is CallbackKind.AUTOCOMPLETE
    if answer in COMPONENT_ONLY:
        return interaction.message is not None
    if answer is CallbackKind.MODAL:
        return interaction.kind is not InteractionKind.MODAL
    return answer is not CallbackKind.PONG


def _answer(
    state: DiscordState,
    call: Request,
    interaction: Interaction,
    answer: CallbackKind,
    data: Form,
) -> None:
    match answer:
        case CallbackKind.MESSAGE:
            interaction.original = _say(state, call, interaction, data)
        case CallbackKind.DEFERRED_MESSAGE:
            interaction.original = _promise(state, interaction, data)
        case CallbackKind.DEFERRED_UPDATE:
            interaction.original = interaction.message
        case CallbackKind.UPDATE if interaction.message is not None:
            edit(state, call, data, interaction.message)
            interaction.original = interaction.message
        case CallbackKind.MODAL:
            modal = ComponentReader(new=False).of_modal(data)
            data.check()
            interaction.modal = modal
            state.feed.publish("discord", interaction.user.key, event="form")
        case CallbackKind.AUTOCOMPLETE:
            choices = data.forms("choices", most=CHOICES_MAX)
            data.check()
            interaction.choices = [one.fields for one in choices]
        case _:
            pass


def _say(state: DiscordState, call: Request, interaction: Interaction, data: Form) -> Message:
    """Put a message before whoever began it, or before everybody."""
    draft = read_draft(state, call, data, interaction.channel)
    # Nonces mean nothing here: https://github.com/discord/discord-api-docs/issues/6647
    draft.nonce = None
    message = draft.fill(_message(state, interaction))
    if message.flags & MessageFlag.EPHEMERAL:
        message.only_for = interaction.user
        for stored in draft.files:
            stored.ephemeral = True
    interaction.ephemeral = message.ephemeral
    return post(state, message)


def _promise(state: DiscordState, interaction: Interaction, data: Form) -> Message:
    """Show that an answer will come."""
    flags = MessageFlag(data.integer("flags", most=2**31 - 1) or 0) & MessageFlag.EPHEMERAL
    data.check()
    message = _message(state, interaction)
    message.flags |= flags | MessageFlag.LOADING
    message.only_for = interaction.user if flags else None
    interaction.deferred, interaction.ephemeral = True, bool(flags)
    return post(state, message)


def _message(state: DiscordState, interaction: Interaction) -> Message:
    application = interaction.application
    message = Message(state.ids.take(), interaction.channel, application.user)
    message.webhook_id = message.application_id = application.id
    message.interaction = metadata_json(interaction)
    if interaction.kind is InteractionKind.COMMAND:
        slash = interaction.data.get("type", 1) == 1
        chosen = MessageKind.CHAT_INPUT_COMMAND if slash else MessageKind.CONTEXT_MENU_COMMAND
        message.kind = chosen
    elif interaction.message is not None and not interaction.message.ephemeral:
        _answer_to(message, interaction.message)
    return message


def _answer_to(message: Message, original: Message) -> None:
    guild = original.channel.guild
    guild_id = guild.id if guild else None
    message.kind = MessageKind.REPLY
    message.reference = Reference(original.channel.id, original.id, guild_id)
    message.referenced = original


def _response_json(state: DiscordState, interaction: Interaction, answer: CallbackKind) -> Json:
    body: Json = {"id": str(interaction.id), "type": int(interaction.kind)}
    original = interaction.original
    if original is None:
        return {"interaction": body}
    body |= {
        "response_message_id": str(original.id),
        "response_message_loading": interaction.deferred,
        "response_message_ephemeral": original.ephemeral,
        "channel_id": str(interaction.channel.id),
    }
    if interaction.guild is not None:
        body["guild_id"] = str(interaction.guild.id)
    if answer not in (CallbackKind.MESSAGE, CallbackKind.UPDATE):
        return {"interaction": body}
    message = message_json(original, state.links, interaction.application.user)
    return {"interaction": body, "resource": {"type": int(answer), "message": message}}


def follow_up(state: DiscordState, call: Request) -> Json:
    """Say something more. After a promise the first of these is the promised answer."""
    interaction = _answered(state, call)
    if interaction.deferred and interaction.original is not None:
        return _keep_promise(state, call, interaction, interaction.original)
    message = _say(state, call, interaction, call.form())
    interaction.followups.append(message)
    return message_json(message, state.links, interaction.application.user)


def get_answer(state: DiscordState, call: Request) -> Json:
    """An answer as it is now."""
    interaction = _answered(state, call)
    return message_json(_named(call, interaction), state.links, interaction.application.user)


def update_answer(state: DiscordState, call: Request) -> Json:
    """Change an answer, or keep what was promised."""
    interaction = _answered(state, call)
    message = _named(call, interaction)
    if interaction.deferred and message is interaction.original:
        return _keep_promise(state, call, interaction, message)
    edit(state, call, call.form(), message)
    return message_json(message, state.links, interaction.application.user)


def delete_answer(state: DiscordState, call: Request) -> None:
    """Take an answer away."""
    interaction = _answered(state, call)
    message = _named(call, interaction)
    interaction.deferred = interaction.deferred and message is not interaction.original
    delete(state, message)


def _keep_promise(
    state: DiscordState, call: Request, interaction: Interaction, message: Message
) -> Json:
    draft = read_draft(state, call, call.form(), interaction.channel)
    draft.nonce = None
    draft.flags &= ~MessageFlag.EPHEMERAL
    for stored in draft.files:
        stored.ephemeral = message.ephemeral
    message.flags &= ~MessageFlag.LOADING
    interaction.deferred = False
    change(state, draft.fill(message), edited=False)
    return message_json(message, state.links, interaction.application.user)


def _answered(state: DiscordState, call: Request) -> Interaction:
    """The interaction whose token the address has; raises Refusal when it does not, any more."""
    interaction = state.interactions.get(call.ids["webhook_token"])
    if interaction is None or str(interaction.application.id) != call.ids["webhook_id"]:
        raise unknown("Webhook")
    if not token_valid(state, interaction):
        if interaction.answer is None:
            raise unknown("Webhook")
        raise Refusal(401, 50027, "Invalid Webhook Token")
    return interaction


def _named(call: Request, interaction: Interaction) -> Message:
    asked = call.ids.get("message_id", ORIGINAL)
    own = [interaction.original, *interaction.followups]
    for message in own:
        if message is None or message.deleted:
            continue
        original = message is interaction.original
        if (asked == ORIGINAL and original) or asked == str(message.id):
            return message
    raise unknown("Message")
