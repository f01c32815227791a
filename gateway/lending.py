"""What the gateway lends its adapters, each for one inbox."""

from pathlib import Path

import msgspec

from core.front_desk import AccountFrontDesk
from core.gaps import Gaps
from core.ports import Quarantine, Remark, Surroundings
from core.store.store import Store
from core.view import Views
from gateway.blobs import DirectoryBlobs
from gateway.quarantine import DirectoryQuarantine
from gateway.secret_key import key_for, secret_key
from gateway.settings import ChannelSettings, WebSettings
from gateway.storage import now


class Lending(msgspec.Struct, frozen=True, kw_only=True):
    """Of one process. `key` is the installation's."""

    store: Store
    views: Views
    gaps: Gaps
    blobs: DirectoryBlobs
    quarantine: Quarantine
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
            exclusive=self.store.holds(account),
            remark=remark,
            front_desk=AccountFrontDesk(self.store, self.views, channel.kind, account),
            record_gap=self.gaps.recorder(account),
            hook_url=self.web.address_of(f"/hooks/{account}"),
            own_hosts=self.web.own_hosts,
        )


def lending_of(store: Store, data_dir: Path, web: WebSettings) -> Lending:
    return Lending(
        store=store,
        views=Views(store),
        gaps=Gaps(store, now),
        blobs=DirectoryBlobs(data_dir / "blobs"),
        quarantine=DirectoryQuarantine(data_dir / "quarantine"),
        key=secret_key(data_dir),
        web=web,
    )
