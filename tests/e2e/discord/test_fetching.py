"""The bytes of what people sent: all of them, from Discord's own servers only."""

from pathlib import Path

import pytest

from adapters.discord.adapter import DiscordAdapter
from core.errors import InvalidRequest, NotFound, TemporaryDeliveryError
from core.ids import new_ulid
from core.model.content import Attachment
from core.model.ids import AttachmentId
from sandbox.discord.app import File
from sandbox.discord.messages import Message
from sandbox.faults import Fault, Kind
from sandbox.server import Sandbox
from tests.e2e.discord.sending_rig import sending

LOG = bytes(range(256)) * 2000


async def test_a_file_comes_whole(tmp_path: Path) -> None:
    async with Sandbox() as sandbox, sending(sandbox, tmp_path) as (adapter, _):
        said = _said(sandbox)

        assert await _fetched(adapter, _attachment(said)) == LOG


async def test_an_address_that_is_over_is_asked_for_anew(tmp_path: Path) -> None:
    """An agent opens a file of last week; its address was good for a day."""
    async with Sandbox() as sandbox, sending(sandbox, tmp_path) as (adapter, _):
        said = _said(sandbox)
        sandbox.world.faults.add(Fault("discord", "cdn", Kind.BLOCKED))

        assert await _fetched(adapter, _attachment(said)) == LOG
        assert sandbox.world.journal.calls["discord.get_message"] == 2


async def test_what_somebody_wrote_is_not_taken_for_the_address_of_a_file(tmp_path: Path) -> None:
    """Whoever repeats last week's address beside their file would have that file lost."""
    async with Sandbox() as sandbox, sending(sandbox, tmp_path) as (adapter, _):
        said = _said(sandbox)
        file = said.attachments[0]
        over = f"https://cdn.discordapp.com/attachments/{said.channel.id}/{file.id}/log.bin?ex=1"
        sandbox.discord.edit("mei", said, over)
        sandbox.discord.unfurl(said, {"type": "image", "url": over})

        assert await _fetched(adapter, _attachment(said)) == LOG


async def test_what_is_gone_is_said_to_be_gone(tmp_path: Path) -> None:
    """Nobody tries for days to fetch what the customer has deleted."""
    async with Sandbox() as sandbox, sending(sandbox, tmp_path) as (adapter, _):
        lost, deleted = _said(sandbox), _said(sandbox)
        lost.attachments[0].lost = True
        wanted = _attachment(deleted)
        sandbox.discord.delete("mei", deleted)

        for one in (_attachment(lost), wanted):
            with pytest.raises(NotFound):
                await _fetched(adapter, one)


@pytest.mark.parametrize(
    "fault",
    [
        Fault("discord", "cdn", Kind.CUT, after_bytes=1000),
        Fault("discord", "cdn", Kind.SERVER_ERROR, status=502),
        Fault("discord", "get_message", Kind.SERVER_ERROR, status=500),
        Fault("discord", "get_message", Kind.RATE_LIMIT, retry_after=3),
    ],
    ids=["cut", "server", "lookup", "limit"],
)
async def test_what_breaks_off_is_never_taken_for_the_whole(tmp_path: Path, fault: Fault) -> None:
    """Half a contract would be filed as the contract."""
    async with Sandbox() as sandbox, sending(sandbox, tmp_path) as (adapter, _):
        said = _said(sandbox)
        sandbox.world.faults.add(fault)

        with pytest.raises(TemporaryDeliveryError):
            await _fetched(adapter, _attachment(said))

        assert await _fetched(adapter, _attachment(said)) == LOG


async def test_more_than_is_allowed_is_broken_off(tmp_path: Path) -> None:
    """Law 10: whatever the message says of its size."""
    limit = len(LOG) - 1
    async with (
        Sandbox() as sandbox,
        sending(sandbox, tmp_path, download_size_bytes_max=limit) as (adapter, _),
    ):
        said = _said(sandbox)

        for told in (None, len(LOG)):
            with pytest.raises(InvalidRequest, match="larger"):
                await _fetched(adapter, _attachment(said, size_bytes=told))


@pytest.mark.parametrize(
    "address",
    [
        "https://169.254.169.254/latest/meta-data",
        "https://localhost/attachments/1/2/x",
        "https://cdn.discordapp.com.evil.example/attachments/1/2/x",
        "https://evilcdn.discordapp.comx/x",
        "https://xdiscordapp.com/x",
        "https://mei@cdn.discordapp.com/x",
        "https://cdn.discordapp.com:8443/x",
        "https://[::1",
    ],
)
async def test_nothing_else_than_discord_is_asked_for_a_file(tmp_path: Path, address: str) -> None:
    """A card in a message could name any address inside the operator's network."""
    async with Sandbox() as sandbox, sending(sandbox, tmp_path) as (adapter, _):
        wanted = Attachment(id=AttachmentId(new_ulid()), remote=f"link:{address}")

        with pytest.raises(InvalidRequest, match="not on Discord's own servers"):
            await _fetched(adapter, wanted)

        assert not sandbox.world.journal.calls


async def test_what_is_none_of_discords_is_not_there(tmp_path: Path) -> None:
    async with Sandbox() as sandbox, sending(sandbox, tmp_path) as (adapter, _):
        for remote in ("", "nonsense", "https://cdn.discordapp.com/x", "file:1/2"):
            with pytest.raises(NotFound):
                await _fetched(adapter, Attachment(id=AttachmentId("a"), remote=remote))


def _said(sandbox: Sandbox) -> Message:
    return sandbox.discord.say("mei", "see", files=[File(name="log.bin", content=LOG)])


def _attachment(said: Message, *, size_bytes: int | None = len(LOG)) -> Attachment:
    file = said.attachments[0]
    return Attachment(
        id=AttachmentId(new_ulid()),
        size_bytes=size_bytes,
        remote=f"file:{said.channel.id}/{said.id}/{file.id}",
    )


async def _fetched(adapter: DiscordAdapter, wanted: Attachment) -> bytes:
    return b"".join([chunk async for chunk in adapter.fetch(wanted)])
