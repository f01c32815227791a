"""Which automatic answers may leave: what keeps two machines from writing for ever."""

from core.model.ids import IdentityId, LegId
from core.store.commit import GroupCommit
from core.store.keys import Keys


class Answers:
    def __init__(self, commit: GroupCommit, keys: Keys) -> None:
        self._commit, self._keys = commit, keys

    async def permit(
        self,
        account: str,
        person: IdentityId,
        leg: LegId,
        again_seconds: int,
        count_max: int,
        within_seconds: int,
    ) -> bool:
        """Whether a leg may have one: its person had none for so long, and of the account no more
        than `count_max` have left within that time. Asked again for the same leg, the same.
        """
        touched = self._keys.answered(account, person), self._keys.answers(account)
        return bool(
            await self._commit.call(
                self._keys.of(account),
                "permit",
                touched,
                leg,
                again_seconds * 1000,
                count_max,
                within_seconds * 1000,
            )
        )
