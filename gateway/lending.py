"""What the gateway lends its adapters, each for one inbox."""

from pathlib import Path

import msgspec

from core.dispatch import Dispatcher
from core.front_desk import AccountFrontDesk
from core.gaps import Gaps
from core.ids import new_ulid
from core.joins import Joins
from core.linking import LinkCodes
from core.ports import Remark, Surroundings, record_nothing
from core.private import PrivateThreads
from core.store.store import Store
from core.telling import Telling
from core.view import Views
from gateway.blobs import DirectoryBlobs
from gateway.journal import Journal
from gateway.quarantine import DirectoryQuarantine
from gateway.secret_key import key_for, secret_key
from gateway.settings import ChannelSettings, WebSettings
from gateway.storage import now


class Lending(msgspec.Struct, frozen=True, kw_only=True):
    """Of one process. `key` is the installation's."""

    store: Store
    views: Views
    gaps: Gaps
    codes: LinkCodes
    blobs: DirectoryBlobs
    quarantine: DirectoryQuarantine
    journal: Journal | None
    key: bytes
    web: WebSettings

    def to(self, channel: ChannelSettings, remark: Remark) -> Surroundings:
        account = channel.id
        return Surroundings(
            account=account,
            secret=key_for(self.key, f"inbox {account}"),
            checkpoints=self.store.checkpoints(account),
            blobs=self.blobs,
            quarantine=self.quarantine,
            record=self.journal.of(account) if self.journal else record_nothing,
            exclusive=self.store.holds(account),
            remark=remark,
            front_desk=AccountFrontDesk(self.store, self.views, self.codes, channel.kind, account),
            record_gap=self.gaps.recorder(account),
            hook_url=self.web.address_of(f"/hooks/{account}"),
            own_hosts=self.web.own_hosts,
        )


def lending_of(
    store: Store,
    codes: LinkCodes,
    data_dir: Path,
    web: WebSettings,
    journal: Journal | None = None,
) -> Lending:
    """`journal` None: nothing of what comes is recorded."""
    return Lending(
        store=store,
        views=Views(store),
        gaps=Gaps(store, now),
        codes=codes,
        blobs=DirectoryBlobs(data_dir / "blobs"),
        quarantine=DirectoryQuarantine(data_dir / "quarantine"),
        journal=journal,
        key=secret_key(data_dir),
        web=web,
    )


def codes_without_a_gateway(store: Store) -> LinkCodes:
    """For who lends while no inbox runs here: whatever is to be said waits for a gateway."""
    dispatcher = Dispatcher(store, new_ulid, None)
    private = PrivateThreads(store, {}, lambda: dispatcher, new_ulid, now)
    return LinkCodes(store, Joins(store, now), private, Telling(store, now, None), now)
