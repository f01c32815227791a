"""Reads what a message is to be, wherever the API takes one, and holds Discord's limits."""

from dataclasses import dataclass, field
from typing import Final

from sandbox.discord.guilds import Channel, Emoji, Sticker
from sandbox.discord.kinds import MessageFlag
from sandbox.discord.messages import Answer, Message, Poll, Reference, StoredFile
from sandbox.discord.rest.attachments import read_files
from sandbox.discord.rest.components import ComponentReader
from sandbox.discord.rest.embeds import read_embeds
from sandbox.discord.rest.forms import Form
from sandbox.discord.rest.refusals import Refusal
from sandbox.discord.rest.request import Request
from sandbox.discord.state import DiscordState
from sandbox.payload import Json

CONTENT_MAX: Final = 2000
STICKERS_MAX: Final = 3
NONCE_MAX: Final = 25
MENTIONS_MAX: Final = 100
QUESTION_MAX, ANSWER_MAX, ANSWERS_MAX, HOURS_MAX = 300, 55, 10, 768
SETTABLE: Final = (
    MessageFlag.SUPPRESS_EMBEDS
    | MessageFlag.SUPPRESS_NOTIFICATIONS
    | MessageFlag.IS_VOICE_MESSAGE
    | MessageFlag.IS_COMPONENTS_V2
    | MessageFlag.EPHEMERAL
)
NOT_WITH_NEW_COMPONENTS: Final = ("content", "embeds", "sticker_ids", "poll")
CALLED: Final = frozenset({"users", "roles", "everyone"})


@dataclass(slots=True, kw_only=True)
class Draft:
    """A message as it was asked for, in order."""

    content: str = ""
    flags: MessageFlag = field(default_factory=lambda: MessageFlag(0))
    embeds: list[Json] = field(default_factory=list)
    components: list[Json] = field(default_factory=list)
    stickers: list[Sticker] = field(default_factory=list)
    files: list[StoredFile] = field(default_factory=list)
    poll: Poll | None = None
    allowed_mentions: Json | None = None
    nonce: str | int | None = None
    enforced: bool = False
    tts: bool = False

    @property
    def empty(self) -> bool:
        """Nothing to see in it."""
        shown = self.embeds or self.components or self.stickers or self.files or self.poll
        return not self.content.strip() and not shown

    def fill(self, message: Message) -> Message:
        """Put it into a message."""
        message.content = self.content
        message.flags |= self.flags
        message.embeds, message.components = self.embeds, self.components
        message.stickers, message.attachments = self.stickers, self.files
        message.poll, message.allowed_mentions = self.poll, self.allowed_mentions
        message.nonce, message.tts = self.nonce, self.tts
        return message


def read_draft(
    state: DiscordState,
    call: Request,
    form: Form,
    channel: Channel,
    *,
    may_be_empty: bool = False,
) -> Draft:
    """Read a new message; raises Refusal. `may_be_empty`: it is forwarded, or shows nothing."""
    flags = MessageFlag(form.integer("flags", most=2**31 - 1) or 0) & SETTABLE
    draft = Draft(
        content=form.text("content", most=CONTENT_MAX) or "",
        flags=flags,
        embeds=read_embeds(form),
        components=read_components(form, flags),
        stickers=_stickers(state, form),
        poll=_poll(state, form.form("poll")),
        allowed_mentions=_allowed_mentions(form.form("allowed_mentions")),
        nonce=_nonce(form),
        enforced=form.flag("enforce_nonce"),
        tts=form.flag("tts"),
    )
    form.check()
    draft.files = read_files(state, call, form, channel)
    _check_voice(draft)
    if draft.empty and not may_be_empty:
        raise Refusal(400, 50006, "Cannot send an empty message")
    return draft


def _check_voice(draft: Draft) -> None:
    """A voice message is one sound and nothing else, with its length and its shape."""
    if not draft.flags & MessageFlag.IS_VOICE_MESSAGE:
        return
    if draft.content or draft.embeds or draft.stickers or draft.poll:
        raise Refusal(400, 50159, "Voice messages do not support additional content.")
    sounds = [one for one in draft.files if (one.media_type or "").startswith("audio/")]
    if len(draft.files) != 1 or not sounds:
        raise Refusal(400, 50160, "Voice messages must have a single audio attachment.")
    if sounds[0].duration_seconds is None or sounds[0].waveform is None:
        raise Refusal(400, 50161, "Voice messages must have supporting metadata.")


def read_change(state: DiscordState, call: Request, form: Form, message: Message) -> None:
    """Change a message as an edit says; what it does not name stays. Raises Refusal."""
    flags = message.flags
    if (asked := form.integer("flags", most=2**31 - 1)) is not None:
        wanted = MessageFlag(asked) & (MessageFlag.SUPPRESS_EMBEDS | MessageFlag.IS_COMPONENTS_V2)
        flags = (flags & ~MessageFlag.SUPPRESS_EMBEDS) | wanted
    content = form.text("content", most=CONTENT_MAX)
    embeds, components = read_embeds(form), read_components(form, flags)
    allowed = _allowed_mentions(form.form("allowed_mentions"))
    form.check()
    files = read_files(state, call, form, message.channel, message.attachments)
    message.flags, message.attachments = flags, files
    message.content = content or "" if "content" in form.fields else message.content
    message.embeds = embeds if "embeds" in form.fields else message.embeds
    message.components = components if "components" in form.fields else message.components
    message.allowed_mentions = allowed if allowed is not None else message.allowed_mentions


def read_components(form: Form, flags: MessageFlag) -> list[Json]:
    """Buttons and menus; the new kinds stand alone and only when the flag says so."""
    new = bool(flags & MessageFlag.IS_COMPONENTS_V2)
    for name in NOT_WITH_NEW_COMPONENTS if new else ():
        if form.fields.get(name):
            words = f"The '{name}' field cannot be used when using MessageFlags.IS_COMPONENTS_V2"
            form.complain(name, "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2", words)
    return ComponentReader(new=new).of_message(form)


def read_reference(form: Form, channel: Channel) -> tuple[Reference | None, bool]:
    """What a message answers or forwards, and whether it must be there; raises nothing."""
    inner = form.form("message_reference")
    if inner is None:
        return None, False
    forward = inner.choice("type", frozenset({0, 1})) == 1
    message_id = inner.snowflake("message_id", required=True)
    channel_id = inner.snowflake("channel_id", required=forward) or channel.id
    strict = inner.fields.get("fail_if_not_exists", True) is not False
    guild_id = channel.guild.id if channel.guild else None
    return Reference(channel_id, message_id, guild_id, forward), strict


def _nonce(form: Form) -> str | int | None:
    nonce = form.fields.get("nonce")
    if nonce is None or (isinstance(nonce, int) and not isinstance(nonce, bool)):
        return nonce
    if not isinstance(nonce, str) or len(nonce) > NONCE_MAX:
        words = f"Nonce must be {NONCE_MAX} or fewer in length."
        form.complain("nonce", "NONCE_TYPE_TOO_LONG", words)
        return None
    return nonce


def _stickers(state: DiscordState, form: Form) -> list[Sticker]:
    asked = form.snowflakes("sticker_ids", most=STICKERS_MAX)
    found = [state.sticker(one) for one in asked]
    if None in found:
        form.complain("sticker_ids", "STICKER_NOT_FOUND", "Sticker cannot be used")
    return [one for one in found if one is not None]


def _allowed_mentions(form: Form | None) -> Json | None:
    if form is None:
        return None
    parse = form.values("parse", most=len(CALLED))
    if not set(map(str, parse)) <= CALLED:
        form.complain("parse", "BASE_TYPE_CHOICES", f"Must be among {sorted(CALLED)}.")
    read: Json = {"parse": parse, "replied_user": form.flag("replied_user")}
    for kind in ("users", "roles"):
        named = form.snowflakes(kind, most=MENTIONS_MAX)
        if named and kind in parse:
            words = f'parse:["{kind}"] and {kind}: [ids...] are mutually exclusive.'
            form.complain("parse", "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE", words)
        read[kind] = [str(one) for one in named]
    return read


def _poll(state: DiscordState, form: Form | None) -> Poll | None:
    if form is None:
        return None
    question = form.form("question")
    text = question.text("text", most=QUESTION_MAX, least=1, required=True) if question else None
    if question is None:
        form.complain("question", "BASE_TYPE_REQUIRED", "This field is required")
    hours = form.integer("duration", least=1, most=HOURS_MAX) or 24
    answers = form.forms("answers", most=ANSWERS_MAX, least=1, required=True)
    return Poll(
        text or "",
        [_answer(number, one) for number, one in enumerate(answers, 1)],
        expires_at=state.now() + hours * 3600,
        multiple=form.flag("allow_multiselect"),
    )


def _answer(number: int, form: Form) -> Answer:
    media = form.form("poll_media")
    if media is None:
        form.complain("poll_media", "BASE_TYPE_REQUIRED", "This field is required")
        return Answer(number, None)
    emoji = media.form("emoji")
    name = emoji.text("name", most=100) if emoji else None
    shown = Emoji(name, emoji.snowflake("id")) if emoji and name else None
    return Answer(number, media.text("text", most=ANSWER_MAX, least=1), shown)
