"""What is said when somebody links two lines of theirs: to them, and to agents.

To whom: `here` is the line on which it is said, `there` the other one; both are written out, so
that whoever is asked sees what they confirm.
"""

from typing import Final

from core.model.content import Button, Buttons, Choice, Part, System, Text
from core.model.people import Identity

TOO_MANY_CODES: Final = "You have asked for several codes already. Please try again in an hour."
TOO_MANY_TRIES: Final = "That were several codes in a row. Please wait ten minutes, then try again."
MISTYPED: Final = "This is not one of our codes. They look like L-7KQ4-MXR2-9TWA."
NOT_VALID: Final = (
    "This code is not valid: it was used before, or is older than ten minutes. Please ask for a new"
    " one where you got it."
)
OWN_LINE: Final = "This is where you got the code. Please give it on the line you want to link."
KNOWN: Final = "We know already that both are you."
ASKED_HERE: Final = (
    "Thank you. We have written to you in private, and ask whose code it is: please answer there"
    " within an hour."
)
NOT_REACHED_HERE: Final = (
    "We cannot write to you in private here. Please write to us in private first, then give the"
    " code once more."
)
NOT_REACHED: Final = (
    "We cannot write to you in private where you got the code. Please write to us there in private"
    " first, then ask for a new code."
)
NOT_LINKED: Final = "Thank you. We could not link the two by ourselves; our team looks into it."
REFUSED_HERE: Final = "Thank you. Nothing was linked, and our team knows of it."
REFUSED_THERE: Final = (
    "Your code was given by somebody who says that they are not you. Nothing was linked."
)
ENDED: Final = "This question has ended. If you want to link your lines, please ask for a new code."

YES, NO = "yes", "no"
NAME_MAX: Final = 40
_ANSWER: Final = "link"
"""So begins the value of a button that answers such a question."""


def called(identity: Identity) -> str:
    """Somebody as they are shown to whoever has to recognise them. What they call themselves may
    be anything, so little of it is shown, and never without their handle.
    """
    handle, name = identity.handle or identity.remote, " ".join(identity.name.split())[:NAME_MAX]
    known = f"{name} ({handle})" if name not in ("", handle) else handle
    return f"{known} on {identity.channel.capitalize()}"


def asked(here: Identity, there: Identity) -> str:
    """To who gave the code, once they have said whose it is."""
    return (
        f"Thank you. We have asked {called(there)} whether they are you, {called(here)}. Please"
        " confirm it there within an hour."
    )


def question(name: str, here: Identity, there: Identity, *, agreed: bool) -> tuple[Part, ...]:
    """To who gave the code; and if they have agreed, to whose it is. `name`: what the answer is
    kept under.
    """
    code, warning = f"Your code was given by {called(there)}.", ""
    if not agreed:
        code = f"This is a code of {called(there)}."
        warning = " If somebody else told you to send it to us, say that it is not you."
    text = (
        f"{code} Is that you, {called(here)}? If it is, we answer you as one person, and who reads"
        f" one line may learn what was said on the other.{warning}"
    )
    rows = (Button("It's me", value=_value(name, YES)), Button("Not me", value=_value(name, NO)))
    return Text(text=text), Buttons(rows=(rows,))


def linked(there: Identity) -> str:
    return f"Done: we know now that {called(there)} is you, too."


def refused(there: Identity) -> str:
    """To who gave the code."""
    return f"{called(there)} says that it is not you. Nothing was linked."


def answered(parts: tuple[Part, ...]) -> tuple[str, str] | None:
    """What a question was kept under, and the answer that a message gives to it, if it does."""
    for part in parts:
        match part:
            case Choice(value=value) if value.startswith(f"{_ANSWER} "):
                answer, _, name = value.removeprefix(f"{_ANSWER} ").partition(" ")
                return (name, answer) if name and answer in (YES, NO) else None
    return None


def _value(name: str, answer: str) -> str:
    return f"{_ANSWER} {answer} {name}"


def came_unproven(there: Identity) -> str:
    """To whose code it is."""
    return (
        f"Your code came in a message that names {called(there)} as its sender, but nothing proves"
        " that. So it is not valid any more, and nothing was linked. If that was you, please ask"
        " our team to link the two."
    )


# --- lines for agents


def line(text: str) -> tuple[Part, ...]:
    return (System(code="link", text=text),)


def given(there: Identity) -> str:
    return f"a code of {called(there)} was given here; the customer is asked whether it is theirs"


def is_asked(there: Identity) -> str:
    return f"{called(there)} has given this customer's code; they are asked whether it is them"


def unproven(there: Identity) -> str:
    return (
        f"a code of {called(there)} came in a message of which it is not sure who wrote it; it is"
        " not valid any more, and nobody was asked"
    )


def confirmed(there: Identity) -> str:
    return f"the customer has confirmed that they are {called(there)}, too"


def is_confirmed(there: Identity) -> str:
    return f"{called(there)} has confirmed that this customer is them, too"


def is_denied(there: Identity) -> str:
    return f"{called(there)} says that this customer is not them; nothing was linked"


def denied(there: Identity) -> str:
    return f"the customer says that they are not {called(there)}; nothing was linked"
