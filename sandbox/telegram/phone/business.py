"""Letting a bot into one's personal account. Customers then write to the owner, as to anybody."""

from collections.abc import Mapping

from sandbox.errors import ActError
from sandbox.telegram.phone.acts import Acts
from sandbox.telegram.state import BusinessConnection, unix_now
from sandbox.telegram.wire import connection_json

RIGHTS = {
    "can_reply": True,
    "can_read_messages": True,
    "can_delete_sent_messages": True,
    "can_delete_all_messages": True,
}


class Business(Acts):
    """Connecting and disconnecting. A person's chat with another has the other's Telegram id."""

    def connect_business(
        self,
        owner_key: str,
        bot_id: int | None = None,
        *,
        rights: Mapping[str, bool] | None = None,
    ) -> BusinessConnection:
        """Connect a bot to one's account, or change its rights; without any it may do all here."""
        owner, bot = self._world.person(owner_key), self.bot(bot_id)
        connection = self._telegram.connection(owner, bot)
        if connection is None:
            number = f"c{self._telegram.next_number()}"
            connection = BusinessConnection(number, bot, owner, unix_now())
            self._telegram.connections[number] = connection
        connection.rights = dict(RIGHTS if rights is None else rights)
        bot.push("business_connection", connection_json(connection))
        return connection

    def disconnect_business(self, owner_key: str, bot_id: int | None = None) -> None:
        """End the connection; the next one gets an id of its own."""
        owner, bot = self._world.person(owner_key), self.bot(bot_id)
        connection = self._telegram.connection(owner, bot)
        if connection is None:
            raise ActError(f"{owner.key} has not connected bot {bot.id}")
        connection.enabled = False
        bot.push("business_connection", connection_json(connection))
