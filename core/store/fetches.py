"""What became of attachments that are fetched beside the lanes of messages."""

from core.model.ids import LegId
from core.model.message import Message
from core.store.cold import Cold
from core.store.commit import GroupCommit, binary
from core.store.compact import compact, mark_of
from core.store.keys import Keys
from core.store.lanes import Lanes, Lease


class Fetches:
    def __init__(self, commit: GroupCommit, keys: Keys, lanes: Lanes, cold: Cold) -> None:
        self._commit, self._keys, self._lanes, self._cold = commit, keys, lanes, cold

    async def note(
        self, leg: LegId, position: int, before: Message, after: Message, lease: Lease | None
    ) -> bool:
        """Write down what is known now of a message's attachments; False if it is no longer
        `before`.

        Without a lease only that bytes are stored may be said: it stays true whatever others do.
        Raises Stale.
        """
        keys, partition = self._keys, self._keys.of_leg(leg)
        touched = [keys.log(leg), keys.events(partition)]
        if lease:
            touched.append(self._lanes.ready(lease.key, lease.account, lease.kind))
        answer = await self._commit.call(
            partition,
            "fetched",
            touched,
            leg,
            position,
            binary(mark_of(before)),
            binary(compact(after)),
            lease.key if lease else "",
            lease.token if lease else "",
        )
        if not answer:
            await self._cold.thaw(leg)  # if that is why: whoever looks again finds it as it was
        return bool(answer)
