"""A mail's body as the parts of a message: its texts in order, everything else as attachments.

Of alternatives one is chosen; the HTML form is kept beside it. Attachments stay references into
the raw mail: `<sha256 of the raw mail>#<number of the part>`.
"""

import re
from collections.abc import Iterator
from email.message import Message
from hashlib import sha256

from adapters.email.incoming.quotes import quote_spans
from adapters.email.mime import html as html_mail
from adapters.email.mime.parse import (
    Node,
    content,
    content_type,
    disposition,
    file_name,
    is_container,
    parameter,
    text,
    walk,
)
from adapters.email.mime.sanitise import leads_home, sanitise
from adapters.email.settings import Limits
from core.model.content import Attachment, Media, MediaKind, Part, Span, Style, Text
from core.model.ids import AttachmentId

SHOWN_AS_TEXT = frozenset({"text/plain", "text/html"})
STUB = re.compile(r"html|view (?:this|it) in|browser|e-?mail client", re.IGNORECASE)
STUB_LENGTH_MAX = 300
ENDINGS = {"message/rfc822": ".eml", "text/calendar": ".ics", "text/html": ".html"}


class Contents:
    """What was found in the body. `blobs` maps sha256 to the bytes that must be in the blob store
    before the message is handed on.
    """

    def __init__(
        self,
        message: Message,
        raw_sha256: str,
        limits: Limits,
        *,
        quotes: bool,
        own_hosts: frozenset[str] = frozenset(),
    ) -> None:
        self.parts: list[Part] = []
        self.lost: list[str] = []
        self.blobs: dict[str, bytes] = {}
        self._raw_sha256 = raw_sha256
        self._limits = limits
        self._quotes = quotes
        self._own_hosts = own_hosts
        self._pictures: dict[str, str] = {}
        self._charset = ""
        self._room = limits.text_length_max
        nodes = list(self._nodes(message))
        self._read(nodes)
        self.lost += [f"damaged: {name}" for name in _defects(nodes)]

    def _nodes(self, message: Message) -> Iterator[Node]:
        for node in walk(message, self._limits.depth_max):
            if node.number >= self._limits.parts_max:
                self.lost.append(f"parts after the first {self._limits.parts_max}")
                return
            yield node

    def _read(self, nodes: list[Node]) -> None:
        declared = (parameter(node.part, "charset") for node in nodes)
        self._charset = next(filter(None, declared), "")
        self._pictures = {
            name: self._attachment_id(node)
            for node in nodes
            if (name := str(node.part.get("Content-ID") or "").strip().strip("<>"))
        }
        position = 0
        while position < len(nodes):
            node = nodes[position]
            end = _end_of(nodes, position)
            if content_type(node.part) == "multipart/alternative" and end > position + 1:
                self._alternatives(nodes[position + 1 : end])
                position = end
            else:
                self._single(node)
                position += 1

    def _single(self, node: Node) -> None:
        if self._is_opened(node):
            return
        if not _is_body_text(node):
            self._attach(node)
        elif content_type(node.part) == "text/html":
            self._add_text("", self._decoded(node.part))
        else:
            self._add_text(_plain(node.part, self._decoded(node.part)), "")

    def _alternatives(self, nodes: list[Node]) -> None:
        """The plain form, unless it is a stub; the HTML form beside it; the rest as attachments."""
        plain = html = ""
        others: list[Node] = []
        for node in nodes:
            kind = content_type(node.part) if _is_body_text(node) else ""
            if kind == "text/plain" and not plain:
                plain = _plain(node.part, self._decoded(node.part))
            elif kind == "text/html" and not html:
                html = self._decoded(node.part)
            else:
                others.append(node)
        self._add_text(plain, html)
        for node in others:
            if not self._is_opened(node):
                self._attach(node)

    def _is_opened(self, node: Node) -> bool:
        """Its content comes as nodes of its own."""
        return is_container(node.part) and node.depth < self._limits.depth_max

    def _decoded(self, part: Message) -> str:
        decoded, lost = text(part, self._charset)
        if lost:
            self.lost.append(lost)
        return decoded

    def _add_text(self, plain: str, html: str) -> None:
        if len(html) > self._limits.html_length_max:
            self.lost.append("the end of a very long HTML text")
            html = html[: self._limits.html_length_max]
        if html_mail.depth(html) > self._limits.html_depth_max:
            self.lost.append("the form of an HTML text that nests too deeply")
            plain, html = plain or html_mail.stripped(html), ""
        readable = html_mail.to_text(html) if html and _is_stub(plain) else None
        shown = readable.text if readable and (readable.text or not plain) else plain
        spans = readable.spans if readable and shown == readable.text else ()
        spans = tuple(span for span in spans if not self._leads_home(span))
        shown = shown.rstrip("\n") if spans else shown.strip("\n")
        if not shown.strip() and not html:
            return
        if len(shown) > self._room:
            self.lost.append("the end of a very long text")
            shown = shown[: self._room]
        spans = _within(spans, len(shown))
        self._room -= len(shown)
        self.parts.append(Text(text=shown, spans=self._marked(shown, spans), html=self._keep(html)))

    def _leads_home(self, span: Span) -> bool:
        return span.style is Style.LINK and leads_home(span.value, self._own_hosts)

    def _marked(self, shown: str, spans: tuple[Span, ...]) -> tuple[Span, ...]:
        """With the quoted mail and the signature marked."""
        if not self._quotes:
            return tuple(span for span in spans if span.style is not Style.QUOTED_REPLY)
        if any(span.style is Style.QUOTED_REPLY for span in spans):
            return spans
        return (*spans, *quote_spans(shown))

    def _keep(self, html: str) -> str:
        if not html:
            return ""
        safe = sanitise(html, own_hosts=self._own_hosts, pictures=self._pictures).encode(
            "utf-8", "replace"
        )
        digest = sha256(safe).hexdigest()
        self.blobs[digest] = safe
        return digest

    def _attach(self, node: Node) -> None:
        data, lost = content(node.part)
        if lost:
            self.lost.append(lost)
        kind = content_type(node.part)
        name = file_name(node.part)
        if not data and not name and kind.startswith("text/"):
            return  # an empty text part: mailers leave them behind
        attachment = Attachment(
            id=self._attachment_id(node),
            name=name or f"part-{node.number}{ENDINGS.get(kind, '')}",
            declared_type=kind,
            media_type=sniffed(data) or kind,
            size_bytes=len(data),
            remote=f"{self._raw_sha256}#{node.number}",
        )
        is_image = attachment.media_type.startswith("image/")
        media = MediaKind.IMAGE if is_image else MediaKind.FILE
        self.parts.append(Media(media=media, attachment=attachment))

    def _attachment_id(self, node: Node) -> AttachmentId:
        return AttachmentId(f"{self._raw_sha256[:24]}-{node.number}")


def sniffed(data: bytes) -> str:
    """What the first bytes say, for what agents look at most; "" for everything else."""
    for signature, kind in (
        (b"\x89PNG\r\n\x1a\n", "image/png"),
        (b"\xff\xd8\xff", "image/jpeg"),
        (b"GIF87a", "image/gif"),
        (b"GIF89a", "image/gif"),
        (b"%PDF-", "application/pdf"),
    ):
        if data.startswith(signature):
            return kind
    return "image/webp" if data[:4] == b"RIFF" and data[8:12] == b"WEBP" else ""


def _defects(nodes: list[Node]) -> dict[str, None]:
    """What the parser had to mend, by its names for it, each once."""
    return {type(defect).__name__: None for node in nodes for defect in node.part.defects}


def _end_of(nodes: list[Node], position: int) -> int:
    """The position after the last node inside this one."""
    depth = nodes[position].depth
    end = position + 1
    while end < len(nodes) and nodes[end].depth > depth:
        end += 1
    return end


def _is_body_text(node: Node) -> bool:
    if is_container(node.part) or node.part.is_multipart():
        return False
    kind = content_type(node.part)
    if kind.startswith("multipart/"):
        return True  # its boundary is broken: what is there is text
    named = disposition(node.part) == "attachment" or file_name(node.part)
    return kind in SHOWN_AS_TEXT and not named


def _plain(part: Message, decoded: str) -> str:
    if parameter(part, "format").lower() != "flowed":
        return decoded
    return _unflowed(decoded, delsp=parameter(part, "delsp").lower() == "yes")


def _unflowed(decoded: str, *, delsp: bool) -> str:
    """Lines that were broken for the transport are joined again (RFC 3676)."""
    joined: list[str] = []
    open_depth: int | None = None
    for line in decoded.split("\n"):
        rest = line.lstrip(">")
        depth = len(line) - len(rest)
        rest = rest.removeprefix(" ")
        soft = rest.endswith(" ") and rest != "-- "
        shown = rest[:-1] if soft and delsp else rest
        if open_depth == depth and rest != "-- ":
            joined[-1] += shown
        else:
            joined.append(f"{'>' * depth} {shown}" if depth else shown)
        open_depth = depth if soft else None
    return "\n".join(joined)


def _is_stub(plain: str) -> bool:
    """Says nothing itself but that there is HTML."""
    words = plain.strip()
    return not words or (len(words) < STUB_LENGTH_MAX and bool(STUB.search(words)))


def _within(spans: tuple[Span, ...], length: int) -> tuple[Span, ...]:
    return tuple(
        Span(span.start, min(span.end, length) - span.start, span.style, span.value)
        for span in spans
        if span.start < length
    )
