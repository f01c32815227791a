"""Groups and their members, and the private chat's own membership: blocking the bot."""

from collections.abc import Sequence

from sandbox.payload import Json
from sandbox.telegram.phone.acts import Acts
from sandbox.telegram.state import Chat, unix_now
from sandbox.telegram.wire import chat_json, sender_json

LEFT = {"status": "kicked", "until_date": 0}
PRESENT = {"status": "member"}


class Groups(Acts):
    """Opening groups, coming and going."""

    def create_group(self, title: str, person_keys: Sequence[str], *, forum: bool = False) -> Chat:
        """Open a group with these persons and the first bot."""
        members = [self._world.person(key) for key in person_keys]
        return self._telegram.add_group(title, members, [self.bot(None)], forum=forum)

    def block(self, person_key: str, *, blocked: bool = True, bot_id: int | None = None) -> None:
        """Block the bot (its sends answer 403 from now on), or unblock it."""
        person = self._world.person(person_key)
        chat = self._telegram.private_chat(person, self.bot(bot_id))
        if chat.blocked == blocked:
            return
        chat.blocked = blocked
        member, left = ({"user": sender_json(chat.bots[0])} | status for status in (PRESENT, LEFT))
        change: Json = {
            "chat": chat_json(chat),
            "from": sender_json(person),
            "date": unix_now(),
            "old_chat_member": member if blocked else left,
            "new_chat_member": left if blocked else member,
        }
        chat.bots[0].push("my_chat_member", change)
        self._telegram.changed("telegram.blocked", chat)
