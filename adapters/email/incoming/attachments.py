"""Files of a mail: how they are named and referred to, and their bytes when they are wanted.

A reference is `<sha256 of the raw mail>#<place>`. A place is the number of a part; for a file
inside a part (uuencoded in a text, packed by Outlook) a second number follows after a dot; in a
signed envelope the place in the mail that it holds.
"""

from collections.abc import Iterator

from adapters.email.mime import signed, tnef, transfer
from adapters.email.mime.message import Message
from adapters.email.mime.parse import (
    WHOLE_MAILS,
    Node,
    content,
    content_type,
    file_name,
    header,
    parse,
    printable_name,
    walk,
)
from core.model.content import Attachment, Media, MediaKind
from core.model.ids import AttachmentId

ID_DIGITS = 24
SUBJECT_AS_NAME_MAX = 80
TNEF_NAMES = frozenset({"winmail.dat", "win.dat"})
ENVELOPES = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime"})

ENDINGS = {
    "message/rfc822": ".eml",
    "message/global": ".eml",
    "message/delivery-status": ".txt",
    "message/global-delivery-status": ".txt",
    "message/disposition-notification": ".txt",
    "text/rfc822-headers": ".txt",
    "text/plain": ".txt",
    "text/html": ".html",
    "text/calendar": ".ics",
    "text/csv": ".csv",
    "text/vcard": ".vcf",
    "text/x-vcard": ".vcf",
    "image/png": ".png",
    "image/jpeg": ".jpg",
    "image/gif": ".gif",
    "image/webp": ".webp",
    "image/tiff": ".tif",
    "image/heic": ".heic",
    "audio/mpeg": ".mp3",
    "audio/wav": ".wav",
    "audio/amr": ".amr",
    "video/mp4": ".mp4",
    "video/3gpp": ".3gp",
    "application/pdf": ".pdf",
    "application/zip": ".zip",
    "application/rtf": ".rtf",
    "application/json": ".json",
    "application/pgp-signature": ".asc",
    "application/pgp-encrypted": ".asc",
    "application/pkcs7-signature": ".p7s",
    "application/x-pkcs7-signature": ".p7s",
    "application/pkcs7-mime": ".p7m",
    "application/x-pkcs7-mime": ".p7m",
}
"""What a file without a name is called; by name and by type its reader knows what opens it."""

SIGNATURES = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"%PDF-", "application/pdf"),
)


def identifier(raw_sha256: str, place: str) -> AttachmentId:
    return AttachmentId(f"{raw_sha256[:ID_DIGITS]}-{place.replace('.', '-')}")


def media_of(*, raw_sha256: str, place: str, name: str, kind: str, data: bytes) -> Media:
    """`kind`: the type that it is declared to be of."""
    attachment = Attachment(
        id=identifier(raw_sha256, place),
        name=name or f"part-{place}{ENDINGS.get(sniffed(data) or kind, '')}",
        declared_type=kind,
        media_type=sniffed(data) or kind,
        size_bytes=len(data),
        remote=f"{raw_sha256}#{place}",
    )
    shown = attachment.media_type.partition("/")[0]
    media = {"image": MediaKind.IMAGE, "audio": MediaKind.AUDIO, "video": MediaKind.VIDEO}
    return Media(media=media.get(shown, MediaKind.FILE), attachment=attachment)


def name_of(part: Message, sibling: str) -> str:
    """As the sender named it; an enclosed mail by its subject; "" when nothing names it."""
    name = file_name(part, sibling)
    kind = content_type(part)
    if not name and kind in WHOLE_MAILS:
        subject = header(parse(content(part)[0]), "Subject")[:SUBJECT_AS_NAME_MAX]
        safe = printable_name(subject.replace("/", "-").replace("\\", "-"))
        name = f"{safe}.eml" if safe else ""
    return name


def is_tnef(part: Message) -> bool:
    return content_type(part) in tnef.TYPES or file_name(part).lower() in TNEF_NAMES


def enclosed_mail(part: Message) -> Message | None:
    """The mail in an opaque S/MIME signature."""
    if content_type(part) not in ENVELOPES:
        return None
    inner = signed.signed_content(content(part)[0])
    return parse(inner) if inner else None


def sniffed(data: bytes) -> str:
    """What the first bytes say, for what agents look at most; "" for everything else."""
    for signature, kind in SIGNATURES:
        if data.startswith(signature):
            return kind
    return "image/webp" if data[:4] == b"RIFF" and data[8:12] == b"WEBP" else ""


def bytes_at(raw: bytes, place: str, depth_max: int) -> bytes | None:
    """The bytes of the file at this place of the mail; None when there is none."""
    return _bytes_in(parse(raw), place, depth_max)


def _bytes_in(mail: Message, place: str, depth_max: int) -> bytes | None:
    number, dot, inner = place.partition(".")
    node = _node(walk(mail, depth_max), number)
    if node is None:
        return None
    if not dot:
        return content(node.part)[0]
    enclosed = enclosed_mail(node.part)
    if enclosed is not None:
        return _bytes_in(enclosed, inner, depth_max)
    return _file_in(node.part, inner)


def _file_in(part: Message, number: str) -> bytes | None:
    data = content(part)[0]
    if is_tnef(part):
        opened = tnef.read(data)
        files = [file.data for file in opened.files] if opened else []
    else:
        files = [file.data for file in transfer.enclosed(data)[1]]
    return files[int(number)] if number.isdecimal() and int(number) < len(files) else None


def _node(nodes: Iterator[Node], number: str) -> Node | None:
    return next((node for node in nodes if str(node.number) == number), None)
