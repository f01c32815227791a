"""Forms (Discord's modals): what they ask, and what somebody wrote into them. Pure.

What comes back is a client's word: it is cut to what was asked for, and what was not is left out.
"""

from collections.abc import Iterable
from enum import StrEnum
from typing import Any, Final

import msgspec

from adapters.discord.community.asking import Asked, Component
from core.errors import InvalidRequest

SUBJECT_MAX: Final = 100
DESCRIPTION_MAX: Final = 3000
REFERENCE_MAX: Final = 200
REASON_MAX: Final = 500
DEPTH_MAX: Final = 3

_LABEL, _SELECT, _INPUT = 18, 3, 4
_LINE, _PARAGRAPH = 1, 2


class Field(StrEnum):
    TOPIC = "topic"
    SUBJECT = "subject"
    DESCRIPTION = "description"
    REFERENCE = "reference"
    REASON = "reason"
    URGENCY = "urgency"


class Urgency(StrEnum):
    NORMAL = "normal"
    HIGH = "high"
    URGENT = "urgent"


class Intake(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody asks of support."""

    subject: str
    description: str
    topic: str = ""
    reference: str = ""

    @property
    def text(self) -> str:
        """As the first message of a conversation."""
        facts = [("Topic", self.topic), ("Reference", self.reference)]
        lines = [f"{name}: {value}" for name, value in facts if value]
        return "\n\n".join(one for one in (self.subject, self.description, "\n".join(lines)) if one)


class HandOver(msgspec.Struct, frozen=True, kw_only=True):
    """Why a manager hands a message to support."""

    reason: str
    urgency: Urgency = Urgency.NORMAL


def support_form(custom_id: str, topics: Iterable[str]) -> dict[str, Any]:
    """Without topics nothing is to be chosen."""
    choices = list(topics)
    reference = _input(Field.REFERENCE, REFERENCE_MAX, required=False)
    fields = [
        _label("What it is about", _input(Field.SUBJECT, SUBJECT_MAX)),
        _label("Your question", _input(Field.DESCRIPTION, DESCRIPTION_MAX, _PARAGRAPH)),
        _label(
            "A reference, if there is one",
            reference,
            "Such as an order number, your user id or a transaction",
        ),
    ]
    if choices:
        fields.insert(0, _label("Topic", _select(Field.TOPIC, choices)))
    return _form(custom_id, "Ask our team in private", fields)


def hand_form(custom_id: str) -> dict[str, Any]:
    urgencies = [one.value for one in Urgency]
    fields = [
        _label("Why support should look at it", _input(Field.REASON, REASON_MAX, _PARAGRAPH)),
        _label("How urgent it is", _select(Field.URGENCY, urgencies, chosen=Urgency.NORMAL)),
    ]
    return _form(custom_id, "Hand to support", fields)


def read_support(asked: Asked, topics: Iterable[str]) -> Intake:
    """Raises InvalidRequest, with words for who filled it in."""
    given = _given(asked)
    topic = given.get(Field.TOPIC, "")
    intake = Intake(
        subject=given.get(Field.SUBJECT, "")[:SUBJECT_MAX],
        description=given.get(Field.DESCRIPTION, "")[:DESCRIPTION_MAX],
        reference=given.get(Field.REFERENCE, "")[:REFERENCE_MAX],
        topic=topic if topic in topics else "",
    )
    if not intake.subject or not intake.description:
        raise InvalidRequest("Please say what it is about, and describe it: `/support` once more.")
    return intake


def read_hand(asked: Asked) -> HandOver:
    """Raises InvalidRequest, with words for who filled it in."""
    given = _given(asked)
    reason = given.get(Field.REASON, "")[:REASON_MAX]
    if not reason:
        raise InvalidRequest("Please say why support should look at it.")
    urgency = given.get(Field.URGENCY, "")
    known = set(Urgency)
    return HandOver(reason=reason, urgency=Urgency(urgency) if urgency in known else Urgency.NORMAL)


def _given(asked: Asked) -> dict[str, str]:
    """What was written or chosen, by the field's name; of one that comes twice, the first."""
    given: dict[str, str] = {}
    for one in _flat(asked.data.components, DEPTH_MAX):
        value = one.value if one.value is not None else next(iter(one.values), "")
        given.setdefault(one.custom_id, value.replace("\0", "").strip())
    return given


def _flat(components: Iterable[Component], depth: int) -> Iterable[Component]:
    if depth == 0:
        return
    for one in components:
        yield one
        inner = (one.component, *one.components) if one.component else one.components
        yield from _flat(inner, depth - 1)


def _form(custom_id: str, title: str, fields: list[dict[str, Any]]) -> dict[str, Any]:
    return {"custom_id": custom_id, "title": title, "components": fields}


def _label(text: str, component: dict[str, Any], description: str = "") -> dict[str, Any]:
    more = {"description": description} if description else {}
    return {"type": _LABEL, "label": text, "component": component} | more


def _input(
    field: Field, length_max: int, style: int = _LINE, *, required: bool = True
) -> dict[str, Any]:
    return {
        "type": _INPUT,
        "custom_id": field.value,
        "style": style,
        "required": required,
        "max_length": length_max,
    }


def _select(field: Field, values: Iterable[str], chosen: str = "") -> dict[str, Any]:
    options = [
        {"label": one[:1].upper() + one[1:], "value": one, "default": one == chosen}
        for one in values
    ]
    return {"type": _SELECT, "custom_id": field.value, "options": options, "required": True}
