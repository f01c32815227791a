"""What the bot says to people in answer to what they asked. Pure.

Nothing that is said in public names a private conversation, or holds what was said in one.
"""

from collections.abc import Iterable
from typing import Final

from core.model.conversation import Status
from core.model.message import Audience
from core.ports import Brief
from core.rules.text import beginning

NOT_HERE: Final = "This does not work here. Ask in a channel of the server, or use `/support`."
NOT_THIS_GUILD: Final = "This server is not served by this bot."
NOT_KNOWN: Final = "This is no longer offered. Use `/support` to write to our team."
NOT_A_MEMBER: Final = "That is no member of this server."
NOT_TO_BOTS: Final = "That was written by a bot: there is nobody to talk to."
NOT_READ: Final = "What you asked for could not be understood. Please try once more."
ONLY_MANAGERS: Final = "Only those who manage this community can do this."
ONLY_OWN: Final = (
    "You can open a conversation with a message of your own. To write to our team: `/support`."
)
ONLY_ASKER: Final = (
    "This is for the person who asked the question. To ask one of your own: `/support`."
)
NO_SUCH: Final = "There is no such conversation."
NONE_OPEN: Final = "You have no open conversation with us. To begin one: `/support`."
TRY_LATER: Final = "We cannot look that up at the moment. Please ask again in a few minutes."
STILL_KEEPING: Final = (
    "We cannot store anything at the moment and keep trying. If nothing is confirmed here within "
    "15 minutes, please ask once more."
)
WENT_WRONG: Final = "Something went wrong on our side. Please try once more."
BUSY: Final = "Too much is going on at the moment. Please try once more in a minute."
PRESS_NOT_KEPT: Final = (
    "What you chose is not stored yet: we keep trying. If nobody reacts, please choose once more."
)

CONTINUE: Final = "Continue in private"
STATUS: Final = "Status"
SOLVED: Final = "It is solved"
GO_THERE: Final = "Go there"

DMS_CLOSED: Final = (
    "You take no direct messages from this server, so we cannot write to you. Allow them (the "
    "server's menu, *Privacy Settings*, *Direct Messages*), then try once more. Nothing is lost."
)
REQUEST_KEPT_DMS_CLOSED: Final = (
    "Your request is with our team. But you take no direct messages from this server, so our "
    "answer cannot reach you: allow them (the server's menu, *Privacy Settings*, *Direct "
    "Messages*)."
)
REQUEST_KEPT: Final = "Your request is with our team. We answer in your direct messages."
REQUEST_GREETING: Final = (
    "Your request is with our team. We answer here, in private. If you want to add something, just "
    "write it here."
)
SOLVED_THANKS: Final = "Good to hear. If it comes back, just write again."
SOLVED_BY_ASKER: Final = "who asked says that it is solved"
SOLVED_BY_MANAGER: Final = "a community manager says that it is solved"
NO_CONVERSATION_HERE: Final = "This message is in no conversation."
HANDED_PUBLICLY: Final = "Our team looks into this and answers here."
NOT_TO_BE_READ: Final = (
    "I cannot read that message. Give the bot *View Channel* and *Read Message History* there, or "
    "look whether the message still exists."
)
HANDED: Final = "Support has it, with your reason."
HANDED_QUIETLY: Final = (
    "Support has it, with your reason. I could not say so there: look whether I may write there."
)
GONE_THERE: Final = "I have written to you in private."
WRITTEN_TO: Final = "I have written to them. What they answer goes to our team."
MEMBER_CLOSED: Final = (
    "They take no direct messages from this bot. Nothing was begun; ask them in public."
)

_STATES: Final[dict[Status, str]] = {
    Status.NEW: "with our team",
    Status.OPEN: "with our team",
    Status.WAITING_CUSTOMER: "answered, it is your turn",
    Status.WAITING_THIRD_PARTY: "we wait for somebody else",
    Status.WAITING_INTERNAL: "we are looking into it",
    Status.SNOOZED: "put aside for now",
    Status.RESOLVED: "solved",
    Status.CLOSED: "closed",
}
_READERS: Final[dict[Audience, str]] = {
    Audience.PRIVATE: "in private",
    Audience.GROUP: "in a group",
    Audience.PUBLIC: "in public",
}
TITLE_MAX: Final = 80


def brief(told: Brief) -> str:
    """A conversation in one line, for somebody who may know of it."""
    title = _plain(told.title)[:TITLE_MAX]
    when = f"<t:{int(told.touched_at.timestamp())}:R>"
    about = f" {title}" if title else ""
    return f"**{told.number}**{about}: {_STATES[told.status]}, {_READERS[told.audience]}, {when}"


def briefs(told: Iterable[Brief]) -> str:
    return "\n".join(brief(one) for one in told) or NONE_OPEN


def code(given: str) -> str:
    return (
        f"Your code is `{given}`. Send it to us on the other channel within ten minutes, as a "
        "message of its own. Whoever has it can say that they are you: show it to nobody."
    )


def opened(link: str) -> str:
    return f"It is a conversation now, and answered here: {link}"


def open_already(told: Brief) -> str:
    return f"It is in a conversation already. {brief(told)}"


def handed_over(by: str, reason: str, urgency: str) -> str:
    """The line in the conversation's log, for agents."""
    return f"by {by} ({urgency}): {reason}"


def handed_by_reaction(by: str) -> str:
    return f"by {by}, with a reaction"


def gone_private(where: str, link: str) -> str:
    """What the bot writes to somebody who asked in public and wants to go on in private."""
    return (
        f"Let us go on here, about what you asked in {where}: {link}\n"
        "Only you and our team can read this. Just write here."
    )


def writing_first(guild: str, subject: str) -> str:
    """How the bot begins a conversation with somebody who asked nothing."""
    return (
        f"**{_plain(subject)}**\n"
        f"The team of {_plain(guild)} would like to talk with you about this. "
        "Only you and the team read what is written here: just answer."
    )


def opened_by(manager: str, subject: str, note: str) -> str:
    """The line in the conversation's log, for agents."""
    return f"by {manager}: {subject}. {note}" if note else f"by {manager}: {subject}"


def accepted(author: str, excerpt: str, link: str) -> str:
    """The line in the conversation's log: whose answer was accepted, what it says, where it is."""
    return f"answer of {author}: “{excerpt}” {link}"


def excerpt(text: str, length_max: int = 200) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= length_max else f"{beginning(flat, length_max - 1).rstrip()}…"


def _plain(text: str) -> str:
    """Shown as it is written: Discord's markdown and mentions in it mean nothing."""
    flat = " ".join(text.split())
    return "".join(f"\\{one}" if one in r"\*_~`|>#[]()<@:-" else one for one in flat)
