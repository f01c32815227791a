"""The form in which a piece is sent, and the one that is sent instead of a refused one. Pure.

Discord says what it does not take only when it is asked. Nothing was sent then, and the same words
are taken as something plainer: better an answer that names no message than no answer.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from msgspec.structs import replace

from adapters.discord.markdown.writing import write
from adapters.discord.outgoing.calls import Call
from adapters.discord.outgoing.limits import TEXT_MAX
from adapters.discord.outgoing.reasons import INVALID_BODY
from adapters.discord.places import Place
from core.model.content import Button, Buttons, Part, Text
from core.model.outbound import Outbound

_NO_ANSWER_POSSIBLE: Final = frozenset({160002, 50024})
"""The bot may not read what it would answer, or nothing can be answered there."""

ANSWERS_NOTHING: Final = "it is not shown as an answer: the message that it answers is gone"
ANSWERS_UNSEEN: Final = (
    "it is not shown as an answer: the bot may not read earlier messages there (give it Read"
    " Message History)"
)
BUTTONS_AS_TEXT: Final = "the buttons are shown as text: Discord does not take one of them"


def addressed(outbound: Outbound, place: Place) -> Outbound:
    """In a guild many ask at once: what answers no message by the agent's word answers the newest
    one of whom it is for, or nobody there would know who is meant.
    """
    if outbound.answers or outbound.piece or not place.guild:
        return outbound
    return replace(outbound, answers=outbound.context.get("message", ""))


def plainer(
    outbound: Outbound, code: int, fields: Mapping[str, str]
) -> tuple[Outbound, str] | None:
    """The piece in its next plainer form, and what to tell the agent; None if there is none.

    `code` and `fields` are the refusal's. No form is tried twice: each takes away what the refusal
    was about.
    """
    about = {name.partition(".")[0] for name in fields} if code == INVALID_BODY else set()
    if outbound.answers and (code in _NO_ANSWER_POSSIBLE or "message_reference" in about):
        note = ANSWERS_NOTHING if about else ANSWERS_UNSEEN
        return replace(outbound, answers=""), note
    if "components" in about and (parts := _without_buttons(outbound.parts)):
        return replace(outbound, parts=parts), BUTTONS_AS_TEXT
    return None


def unanswered(call: Call, answers: object) -> tuple[str, ...]:
    """What to tell of a call that Discord has taken: it was to answer a message, and answers none,
    because that one is gone.
    """
    asked = isinstance(call.body, dict) and "message_reference" in call.body
    return (ANSWERS_NOTHING,) if asked and not answers else ()


def wordings(outbound: Outbound) -> Iterator[Outbound]:
    """The forms of a piece that differ in what people read."""
    yield outbound
    if parts := _without_buttons(outbound.parts):
        yield replace(outbound, parts=parts)


def _without_buttons(parts: tuple[Part, ...]) -> tuple[Part, ...]:
    """Empty where there are none, or where they do not fit into the text."""
    match parts:
        case (Text() as text, Buttons() as buttons):
            listed = "\n".join(_line(one) for row in buttons.rows for one in row)
            words = f"{text.text}\n\n{listed}"
            fits = len(write(words, text.spans)) <= TEXT_MAX
            return (replace(text, text=words),) if fits else ()
        case _:
            return ()


def _line(button: Button) -> str:
    return f"• {button.label}: {button.url}" if button.url else f"• {button.label}"
