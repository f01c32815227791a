"""What is stored about a person, or of one conversation, written down."""

from pathlib import Path

from core.store.store import Store
from core.view import Views
from gateway.blobs import DirectoryBlobs
from gateway.commands.output import Asked, put_json, say
from gateway.exporting import Exporting, Exports
from gateway.settings import Settings
from gateway.storage import now
from gateway.work.common import identity_of, run_loop, settings_of, store_of


def export(asked: Asked, whom: str, out: Path | None, *, person: bool, as_json: bool) -> None:
    settings = settings_of(asked)
    out = out or Path(f"trunkline-export-{now():%Y%m%d-%H%M%S}")
    run_loop(_export(settings, whom, out, person=person, as_json=as_json))


async def _export(settings: Settings, whom: str, out: Path, *, person: bool, as_json: bool) -> None:
    async with store_of(settings) as store:
        done = await _written(store, settings, whom, out, person=person)
    if as_json:
        put_json(done)
        return
    say(f"{out}: {done.conversations} conversations, {done.messages} messages, {done.files} files.")
    if done.files_missing:
        say(f"{done.files_missing} attachments are not stored here, each with its reason.")


async def _written(
    store: Store, settings: Settings, whom: str, out: Path, *, person: bool
) -> Exports:
    exporting = Exporting(store, DirectoryBlobs(settings.data_dir / "blobs"), now)
    if person or ":" in whom:
        contact = await Views(store).contact(await identity_of(store, whom))
        return await exporting.person(contact, out)
    return await exporting.conversation(await Views(store).conversation(whom), out)
