"""What the bot answers to an interaction, as Discord's API takes it. Pure.

Whatever is said in answer is seen by who asked and by nobody else, and names nobody in a way that
calls them.
"""

from enum import IntEnum
from typing import Any, Final

import msgspec

from adapters.discord.outgoing.buttons import PER_ROW_MAX, button, row
from adapters.discord.outgoing.calls import NOBODY_IS_CALLED, Call
from adapters.discord.outgoing.limits import TEXT_MAX

_EPHEMERAL: Final = 1 << 6


class Callback(IntEnum):
    """Discord's types of first answers that this bot gives."""

    PONG = 1
    MESSAGE = 4
    DEFERRED = 5
    DEFERRED_UPDATE = 6
    CHOICES = 8
    FORM = 9


class Press(msgspec.Struct, frozen=True):
    """A button: either a `custom_id`, which comes back, or a `url`, which opens."""

    label: str
    custom_id: str = ""
    url: str = ""


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """To who asked, in private."""

    text: str
    presses: tuple[Press, ...] = ()


def said_at_once(answer: Answer) -> dict[str, Any]:
    return {"type": int(Callback.MESSAGE), "data": {**said(answer), "flags": _EPHEMERAL}}


def deferred() -> dict[str, Any]:
    """Discord shows that the bot thinks, to who asked."""
    return {"type": int(Callback.DEFERRED), "data": {"flags": _EPHEMERAL}}


def taken() -> dict[str, Any]:
    """A press was taken; the message that offered it stays as it is."""
    return {"type": int(Callback.DEFERRED_UPDATE)}


def pong() -> dict[str, Any]:
    return {"type": int(Callback.PONG)}


def choices() -> dict[str, Any]:
    """Nothing to complete what is being typed with."""
    return {"type": int(Callback.CHOICES), "data": {"choices": []}}


def form(shown: dict[str, Any]) -> dict[str, Any]:
    return {"type": int(Callback.FORM), "data": shown}


def said(answer: Answer) -> dict[str, Any]:
    """As the body of a message or of an edit of one."""
    return {
        "content": answer.text[:TEXT_MAX],
        "allowed_mentions": NOBODY_IS_CALLED,
        "components": offered(answer.presses),
    }


def offered(presses: tuple[Press, ...]) -> list[dict[str, Any]]:
    """None without any."""
    shown = [button(one.label, one.custom_id, one.url) for one in presses[:PER_ROW_MAX]]
    return [row(shown)] if shown else []


# The names of the ids are the library's: by these two it tells apart the rate limits of calls.


def callback(interaction: str, token: str, body: dict[str, Any]) -> Call:
    return Call(
        method="POST",
        path="/interactions/{webhook_id}/{webhook_token}/callback",
        ids={"webhook_id": interaction, "webhook_token": token},
        body=body,
    )


def edit_of_answer(application: str, token: str, answer: Answer) -> Call:
    """Of the deferred answer, or one given before."""
    return Call(
        method="PATCH",
        path="/webhooks/{webhook_id}/{webhook_token}/messages/@original",
        ids={"webhook_id": application, "webhook_token": token},
        body=said(answer),
    )


def further_answer(application: str, token: str, answer: Answer) -> Call:
    """One more, beside the first."""
    return Call(
        method="POST",
        path="/webhooks/{webhook_id}/{webhook_token}",
        ids={"webhook_id": application, "webhook_token": token},
        body={**said(answer), "flags": _EPHEMERAL},
    )
