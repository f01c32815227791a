"""Writing messages of every kind."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import zip_longest

from sandbox.errors import ActError
from sandbox.payload import Json
from sandbox.telegram.kinds import ALBUM_APART, ALBUM_KINDS
from sandbox.telegram.phone.acts import Acts, Saying
from sandbox.telegram.phone.given import Given, content_of
from sandbox.telegram.state import Message, unix_now
from sandbox.telegram.wire import sender_json

ALBUM_MAX = 10
CHANNEL_ID = -1_001_900_000_001


class Writing(Acts):
    """Text, media, places, polls: whatever the app can send."""

    def say(self, person_key: str, saying: Saying | str) -> Message:
        """Write a message."""
        said = Saying(text=saying) if isinstance(saying, str) else saying
        if not said.text and not said.extra:
            raise ActError("an empty message cannot be sent")
        return self._write(person_key, said)

    def start(self, person_key: str, payload: str = "", *, bot_id: int | None = None) -> Message:
        """Open the bot, by a deep link when there is a payload."""
        return self.say(person_key, Saying(text=f"/start {payload}".rstrip(), bot_id=bot_id))

    def send(
        self,
        person_key: str,
        kind: str,
        saying: Saying | None = None,
        *,
        file: Given | None = None,
        value: Json | None = None,
    ) -> Message:
        """Send something of any kind: a medium, location, venue, contact, poll, dice or game.

        Without a `file` or a `value` it is a small real example. `value` changes fields of the
        content: `{"duration": 3}`, `{"live_period": 900}`; of a poll it is question and options.
        """
        return self._write(
            person_key, saying or Saying(), content_of(self._telegram, kind, file, value or {})
        )

    def send_file(
        self,
        person_key: str,
        content: bytes,
        name: str,
        media_type: str = "application/octet-stream",
        *,
        as_photo: bool = False,
        saying: Saying | None = None,
    ) -> Message:
        """Send a document, or a photo, which has to be a PNG, GIF or JPEG."""
        kind = "photo" if as_photo else "document"
        return self.send(person_key, kind, saying, file=Given(content, name, media_type))

    def album(
        self,
        person_key: str,
        kinds: Sequence[str],
        saying: Saying | None = None,
        *,
        files: Sequence[Given] = (),
    ) -> list[Message]:
        """Send several media as one; the text is the caption of the first.

        `files` are those of the first kinds; the others are small real examples.
        """
        if not 2 <= len(kinds) <= ALBUM_MAX or not ALBUM_KINDS.issuperset(kinds):
            raise ActError(f"an album is 2-{ALBUM_MAX} of {', '.join(sorted(ALBUM_KINDS))}")
        if len(set(kinds)) > 1 and not ALBUM_APART.isdisjoint(kinds):
            raise ActError(f"an album of {' or '.join(sorted(ALBUM_APART))} holds nothing else")
        said, group_id = saying or Saying(), self._telegram.next_number()
        messages = []
        for kind, file in zip_longest(kinds, files[: len(kinds)]):
            content = content_of(self._telegram, kind, file, {})
            messages.append(self._write(person_key, said, content, group_id))
            said = replace(said, text="", entities=None)
        return messages

    def forward(
        self, person_key: str, origin: str, name: str, saying: Saying | None = None
    ) -> Message:
        """Pass on what somebody else wrote, "forwarded" unless it is given; see `origin`."""
        said = saying or Saying()
        text = said.text or "forwarded"
        return self.say(person_key, replace(said, text=text, origin=self.origin(origin, name)))

    def origin(self, kind: str, name: str) -> Json:
        """A `MessageOrigin`: a "user" by key, or a "hidden_user", "chat" or "channel" by name.

        For `Saying.origin`, to forward something other than text.
        """
        if kind == "user":
            about: Json = {"sender_user": sender_json(self._world.person(name))}
        elif kind in ORIGINS:
            about = ORIGINS[kind](name)
        else:
            raise ActError(f"an origin is one of user, {', '.join(ORIGINS)}")
        return {"type": kind, "date": unix_now() - 3600, **about}


ORIGINS: dict[str, Callable[[str], Json]] = {
    "hidden_user": lambda name: {"sender_user_name": name},
    "chat": lambda name: {
        "sender_chat": {"id": CHANNEL_ID - 1, "type": "supergroup", "title": name},
        "author_signature": "admin",
    },
    "channel": lambda name: {
        "chat": {"id": CHANNEL_ID, "type": "channel", "title": name, "username": "acme_news"},
        "message_id": 77,
        "author_signature": "The editors",
    },
}
