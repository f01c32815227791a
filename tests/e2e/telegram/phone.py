"""What customers see of the bot, and files for agents to send."""

from core.model.content import Attachment, Media, MediaKind
from core.model.ids import AttachmentId
from sandbox.server import Sandbox
from sandbox.telegram.state import Message
from tests.e2e.telegram.rig import Core
from tests.rigs.files import real_file

MEI = "6104882371"


def received(sandbox: Sandbox, chat_id: str = MEI) -> list[Message]:
    """What the bot has put into this chat."""
    bot = sandbox.world.telegram.bots[0]
    chat = sandbox.world.telegram.find_chat(bot, int(chat_id))
    assert chat is not None
    return [message for message in chat.messages.values() if message.sender is bot]


def remote(message: Message) -> str:
    return f"{message.chat.id}:{message.id}"


def stored(core: Core, kind: MediaKind, *, content: bytes = b"", **more: object) -> Media:
    """A file of this kind (or with this content), as an upload leaves it."""
    found = real_file(kind)
    sha256, size = core.blobs.keep(content or found.content)
    attachment = Attachment(
        id=AttachmentId("a1"),
        name=found.name,
        media_type=found.media_type,
        sha256=sha256,
        size_bytes=size,
    )
    return Media(media=kind, attachment=attachment, **more)  # type: ignore[arg-type]
