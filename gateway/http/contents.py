"""What a request says, as parts of a message. Everything here raises InvalidRequest."""

from typing import Final
from urllib.parse import urlsplit

from core.errors import InvalidRequest
from core.model.content import Button, Buttons, Media, Part, Span, Text
from gateway.desk import Desk
from gateway.http.schema import ButtonRequest, ReplyRequest, SpanRequest, StartRequest
from gateway.http.uploads import media_of, opened

BUTTONS_MAX: Final = 100


def reply_parts(desk: Desk, data: ReplyRequest | StartRequest) -> tuple[Part, ...]:
    """The text first, if there is one, then the files, then the buttons. Raises NotFound, too."""
    if not data.text.strip() and not data.attachments:
        raise InvalidRequest("a reply needs a text or an attachment")
    text = (checked_text(data.text, data.spans),) if data.text.strip() else ()
    files = tuple(_file(desk, one) for one in data.attachments)
    return (*text, *files, *_buttons(data.buttons))


def checked_text(text: str, asked: tuple[SpanRequest, ...]) -> Text:
    spans = tuple(
        Span(start=one.start, length=one.length, style=one.style, value=one.value) for one in asked
    )
    for span in spans:
        if span.start < 0 or span.length < 1 or span.end > len(text):
            raise InvalidRequest(
                f"a span from {span.start} of length {span.length} is not within the text of"
                f" {len(text)} code points"
            )
    return Text(text=text, spans=spans)


def _file(desk: Desk, upload_id: str) -> Media:
    """Raises NotFound while there still is somebody to tell."""
    media = media_of(opened(upload_id, desk.secret))
    desk.blobs.path(media.attachment.sha256)
    return media


def _buttons(rows: tuple[tuple[ButtonRequest, ...], ...]) -> tuple[Buttons, ...]:
    if sum(map(len, rows)) > BUTTONS_MAX:
        raise InvalidRequest(f"a reply offers at most {BUTTONS_MAX} buttons")
    made = tuple(tuple(_button(one) for one in row) for row in rows if row)
    return (Buttons(rows=made),) if made else ()


def _button(asked: ButtonRequest) -> Button:
    label = " ".join(asked.label.split())
    if not label:
        raise InvalidRequest("a button needs a label")
    if bool(asked.value) == bool(asked.url):
        raise InvalidRequest(f"button {label!r} needs either a value that comes back or a url")
    if asked.url and not _opens(asked.url):
        raise InvalidRequest(f"button {label!r}: a url begins with https:// or http://")
    return Button(label, asked.value, asked.url)


def _opens(url: str) -> bool:
    try:
        found = urlsplit(url)
    except ValueError:
        return False
    whole = url.isprintable() and " " not in url
    return whole and found.scheme in ("https", "http") and bool(found.hostname)
