"""What the bot says by itself, in public or to one person: as calls of Discord's API. Pure.

Each is said once: a message that is asked for again within minutes, with the same nonce, is the
one that is there. Nobody is called by it, whatever it holds.
"""

from typing import Any, Final

from adapters.discord.community import words
from adapters.discord.community.answers import Press, offered
from adapters.discord.community.custom_ids import Act, CustomIds
from adapters.discord.community.deciding import Reference
from adapters.discord.outgoing.calls import MESSAGE, MESSAGES, NOBODY_IS_CALLED, Call
from adapters.discord.outgoing.limits import TEXT_MAX
from adapters.discord.places import Place
from core.model.ids import MessageId

THREAD_NAME_MAX: Final = 100
ARCHIVED_AFTER_MINUTES: Final = 7 * 24 * 60
_NO_EMBEDS: Final = 1 << 2


def nonce_of(message: MessageId) -> str:
    """At most 25 characters, and none that a reply of an agent's ever has."""
    return f"~{message[2:]}"


def say(
    place: Place,
    text: str,
    message: MessageId,
    *,
    answers: str = "",
    presses: tuple[Press, ...] = (),
) -> Call:
    """`answers`: a message there; if it is gone, it is said all the same."""
    body: dict[str, Any] = {
        "content": text[:TEXT_MAX],
        "nonce": nonce_of(message),
        "enforce_nonce": True,
        "allowed_mentions": NOBODY_IS_CALLED,
        "components": offered(presses),
        "flags": _NO_EMBEDS,
    }
    if answers:
        body["message_reference"] = {"message_id": answers, "fail_if_not_exists": False}
    return Call(method="POST", path=MESSAGES, ids={"channel_id": place.channel}, body=body)


def offered_in_public(about: Reference, custom_ids: CustomIds) -> tuple[Press, ...]:
    """What everybody sees and who asked can use. It names a message, never a conversation."""
    args = about.place.channel, about.message, about.asker
    return tuple(
        Press(label, custom_ids.write(act, *args))
        for label, act in (
            (words.CONTINUE, Act.CONTINUE),
            (words.STATUS, Act.STATUS),
            (words.SOLVED, Act.SOLVED),
        )
    )


def direct_channel(person: str) -> Call:
    """Of the bot and this person: the same one each time."""
    return Call(method="POST", path="/users/@me/channels", body={"recipient_id": person})


def open_thread(place: Place, message_id: str, name: str) -> Call:
    """On a message, whose id it then has."""
    path = MESSAGE + "/threads"
    ids = {"channel_id": place.channel, "message_id": message_id}
    named = words.excerpt(name, THREAD_NAME_MAX) or "A question"
    body = {"name": named, "auto_archive_duration": ARCHIVED_AFTER_MINUTES}
    return Call(method="POST", path=path, ids=ids, body=body)


def let_in(thread: Place, person: str) -> Call:
    path = "/channels/{channel_id}/thread-members/{user_id}"
    return Call(method="PUT", path=path, ids={"channel_id": thread.channel, "user_id": person})
