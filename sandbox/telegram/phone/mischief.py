"""What no app offers and yet happens: odd updates, expired and lost files, what is forbidden."""

from sandbox.errors import UnknownThing
from sandbox.payload import Json
from sandbox.telegram.phone.acts import Acts


class Mischief(Acts):
    """The world's own acts."""

    def inject(self, body: Json, bot_id: int | None = None) -> int:
        """Put any object into a bot's update stream as it is; returns its update id."""
        return self.bot(bot_id).push_as_is(body)

    def expire_files(self) -> None:
        """Make every download path answer 404 until getFile is asked for a new one."""
        for stored in self._telegram.files.values():
            stored.path = None

    def lose_file(self, file_id: str) -> None:
        """Make a file unavailable for good."""
        stored = self._telegram.files.get(file_id)
        if stored is None:
            raise UnknownThing(f"no file {file_id!r}")
        stored.lost, stored.path = True, None

    def forbid_voice(self, person_key: str, *, forbidden: bool = True) -> None:
        """Take no voice and video messages any more, or take them again."""
        key = self._world.person(person_key).key
        change = self._telegram.voice_forbidden
        (change.add if forbidden else change.discard)(key)
