"""What requests may hold, and answers that are no values of the model. Unknown fields are refused.

Answers leave out what has its default, as the model's values do everywhere.
"""

from typing import Annotated, Final

import msgspec

from core.model.content import Style
from core.model.ids import LegId, MessageId
from core.model.message import Audience

TEXT_LENGTH_MAX: Final = 100_000
"""Code points. Far above what any channel takes in one message: long ones are split."""

QUOTE_LENGTH_MAX: Final = 4096

Line = Annotated[str, msgspec.Meta(max_length=500)]
Body = Annotated[str, msgspec.Meta(max_length=TEXT_LENGTH_MAX)]
Address = Annotated[
    str,
    msgspec.Meta(
        max_length=254,
        pattern=r"^[!-?A-~]{1,64}@[!-?A-~]{1,189}$",
        description="An address of the channel: someone@example.org.",
    ),
]
Reference = Annotated[
    str,
    msgspec.Meta(max_length=200, description="A conversation: its id, the id of a leg, a number."),
]


class _Request(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The body of a request."""


class SpanRequest(_Request, frozen=True):
    """`length` code points of the text from `start` have this style; `value` is a link's URL."""

    start: int
    length: int
    style: Style
    value: str = ""


Spans = Annotated[tuple[SpanRequest, ...], msgspec.Meta(max_length=1000)]


class ButtonRequest(_Request, frozen=True):
    """Either a `value` that comes back when it is pressed, or a `url` that opens."""

    label: Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
    value: Annotated[str, msgspec.Meta(max_length=200)] = ""
    url: Annotated[str, msgspec.Meta(max_length=2000)] = ""


ButtonRow = Annotated[tuple[ButtonRequest, ...], msgspec.Meta(max_length=8)]


class PrivateRequest(_Request, frozen=True):
    """`leg`: whose author is meant; without it, the one that they wrote on last."""

    leg: LegId | None = None


class _Message(_Request, frozen=True, kw_only=True):
    text: Body = ""
    spans: Spans = ()
    attachments: Annotated[tuple[str, ...], msgspec.Meta(max_length=10)] = ()
    buttons: Annotated[tuple[ButtonRow, ...], msgspec.Meta(max_length=50)] = ()
    subject: Line = ""
    silent: bool = False


class StartRequest(_Message, frozen=True, kw_only=True):
    """`to` is what the channel calls the person (an address, a user's id), or their identity.
    `attachments` are ids that uploads answered with. `silent`: let it arrive without a sound, where
    the channel can.
    """

    inbox: Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
    to: Annotated[str, msgspec.Meta(min_length=1, max_length=400)]


class ReplyRequest(_Message, frozen=True):
    """`attachments` are ids that uploads answered with. `leg` or `answers` (the id of a message)
    says where it goes; without either, to the leg on which the customer wrote last. `quote`: the
    part of the answered message that is meant, word for word. `copies`: who gets a copy besides the
    customer, where the channel can. `silent`: let it arrive without a sound, where the channel can.
    """

    leg: LegId | None = None
    answers: MessageId | None = None
    quote: Annotated[str, msgspec.Meta(max_length=QUOTE_LENGTH_MAX)] = ""
    audience: Audience = Audience.PRIVATE
    copies: Annotated[tuple[Address, ...], msgspec.Meta(max_length=50)] = ()


class EditRequest(_Request, frozen=True):
    """The text, or the caption of files; empty takes a caption away."""

    text: Body
    spans: Spans = ()


class ReactionRequest(_Request, frozen=True):
    """An emoji, or one that the channel knows by a name; empty takes our reaction back."""

    emoji: Annotated[str, msgspec.Meta(max_length=64, pattern=r"^\S*$")]


class TypingRequest(_Request, frozen=True):
    """`leg`: where it is shown; without it, where the customer wrote last."""

    leg: LegId | None = None


class ReadRequest(_Request, frozen=True):
    """`message`: the id of the last one that was read."""

    message: MessageId


class NoteRequest(_Request, frozen=True):
    text: Annotated[str, msgspec.Meta(min_length=1, max_length=TEXT_LENGTH_MAX)]


class SealRequest(_Request, frozen=True):
    leg: LegId


class MergeRequest(_Request, frozen=True, rename={"other": "with"}):
    other: Reference


class BlockRequest(_Request, frozen=True):
    """`why` is for the agents and the audit; the person is told nothing."""

    why: Line = ""


class SplitRequest(_Request, frozen=True):
    """`legs` are those that are taken out; some have to be left."""

    legs: Annotated[tuple[LegId, ...], msgspec.Meta(min_length=1, max_length=100)]


class UnsplitRequest(_Request, frozen=True, rename={"other": "from"}):
    other: Reference


class LinkRequest(_Request, frozen=True):
    """`a` and `b` are ids of identities (`telegram:bot:42`), or conversations whose customers are
    meant.
    """

    a: Reference
    b: Reference
    why: Line = ""


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """`finished` false: it is on record and will be carried out, but was not yet."""

    finished: bool
