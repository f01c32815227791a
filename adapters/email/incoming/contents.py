"""A mail's body as the parts of a message: its texts in order, everything else as attachments.

Of alternatives one is chosen; the HTML form is kept beside it, with pictures that came along
referred to as `cid:<id of the attachment>`.
"""

import html as html_entities
import re
from collections.abc import Iterator
from hashlib import sha256

from adapters.email.incoming.attachments import (
    enclosed_mail,
    identifier,
    is_tnef,
    media_of,
    name_of,
)
from adapters.email.incoming.protection import protection_of
from adapters.email.incoming.quotes import RECOGNISED, Answering, quote_spans
from adapters.email.incoming.witness import spans_of_both
from adapters.email.mime import calendar, tnef, transfer
from adapters.email.mime import html as html_mail
from adapters.email.mime.flowed import unflowed
from adapters.email.mime.message import Message
from adapters.email.mime.parse import (
    Node,
    as_text,
    charset_of,
    content,
    content_type,
    disposition,
    file_name,
    is_container,
    is_undivided,
    parameter,
    printable_name,
    walk,
)
from adapters.email.mime.sanitise import leads_home, sanitise
from adapters.email.settings import Limits
from core.model.content import Card, Part, Span, Style, Text, Unsupported
from core.model.message import Protection

SHOWN_AS_TEXT = frozenset({"text/plain", "text/html"})
OTHER_FORMS = frozenset({"text/x-amp-html", "text/watch-html", "text/enriched", "text/richtext"})
"""Say the same once more in an alternative."""
CALENDARS = frozenset({"text/calendar", "application/ics"})
ENCRYPTED = frozenset({Protection.SMIME_ENCRYPTED, Protection.PGP_ENCRYPTED})

STUB = re.compile(r"html|view (?:this|it) in|browser|e-?mail client", re.IGNORECASE)
STUB_LENGTH_MAX = 300
CHARACTER_BYTES_MAX = 4
TAGS_MAX, ENTITIES_MAX = 30_000, 100_000
"""Reading HTML takes time with the square of these: of tags that nest in ways which `depth` does
not see, and of entities.
"""

LINKS_MAX = 1000
LINK_LENGTH_MAX = 2048
LINKS_LENGTH_MAX = 200_000


class Contents:
    """What was found in the body. `blobs` maps sha256 to the bytes that must be in the blob store
    before the message is handed on. Without `answering` nothing is a quote: a mail that is passed
    on is what its sender wanted to say.
    """

    def __init__(
        self,
        message: Message,
        raw_sha256: str,
        limits: Limits,
        *,
        answering: Answering | None,
        own_hosts: frozenset[str] = frozenset(),
    ) -> None:
        self.parts: list[Part] = []
        self.lost: list[str] = []
        self.blobs: dict[str, bytes] = {}
        self._raw_sha256 = raw_sha256
        self._limits = limits
        self._answering = answering
        self._own_hosts = own_hosts
        self._room = limits.text_length_max
        self._prefix = ""
        self._charset = ""
        self._body: Node | None = None
        self._pictures: dict[str, str] = {}
        nodes = self._opened(message)
        texts = (part.text for part in self.parts if isinstance(part, Text))
        self.protection = protection_of((node.part for node in nodes), texts)
        if self.protection in ENCRYPTED and not any(isinstance(p, Text) for p in self.parts):
            notice = "This mail is encrypted. It is attached as it came."
            self.parts.insert(0, Unsupported(platform_kind="encrypted mail", summary=notice))

    def _opened(self, message: Message) -> list[Node]:
        nodes = list(self._nodes(message))
        self._charset = charset_of(message)
        self._pictures |= self._named_pictures(nodes)
        self._body = _named_body(nodes)
        self._read(nodes)
        damage = {words: None for node in nodes for words in node.part.damage}
        self.lost += [f"damaged: {words}" for words in damage]
        return nodes

    def _nodes(self, message: Message) -> Iterator[Node]:
        for node in walk(message, self._limits.depth_max):
            if node.number >= self._limits.parts_max:
                self.lost.append(f"parts after the first {self._limits.parts_max}")
                return
            yield node

    def _named_pictures(self, nodes: list[Node]) -> dict[str, str]:
        """Content-ID -> the id of the attachment."""
        found: dict[str, str] = {}
        for node in nodes:
            cid = node.part.get("Content-ID").strip(" \t<>")
            if cid:
                found[cid] = identifier(self._raw_sha256, f"{self._prefix}{node.number}")
        return found

    def _read(self, nodes: list[Node]) -> None:
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
        if node is not self._body and not _is_body_text(node):
            self._attach(node)
        elif content_type(node.part) == "text/html":
            self._add_text("", self._decoded(node.part))
        else:
            self._add_text(self._plain(node), "")

    def _alternatives(self, nodes: list[Node]) -> None:
        """The plain form, unless it is a stub; the HTML form beside it; the rest as attachments.

        The HTML form may be in pieces with files between them (Apple Mail), or in a branch with a
        plain footer (mailing lists).
        """
        plain: list[str] = []
        html: list[str] = []
        others: list[Node] = []
        html_branch = -1
        for branch, node in _branches(nodes):
            kind = content_type(node.part) if _is_body_text(node) else ""
            if kind == "text/html":
                if branch != html_branch:
                    html, html_branch = [], branch
                html.append(self._decoded(node.part))
            elif kind == "text/plain" and branch == html_branch:
                html.append(f"<pre>{html_entities.escape(self._plain(node))}</pre>")
            elif kind == "text/plain":
                plain.append(self._plain(node))
            elif not self._is_opened(node) and content_type(node.part) not in OTHER_FORMS:
                others.append(node)
        self._add_text(plain[0] if plain else "", "\n".join(html))
        for further in plain[1:]:
            if further.strip() and further.strip() not in plain[0]:
                self._add_text(further, "")
        for node in others:
            self._attach(node)

    def _is_opened(self, node: Node) -> bool:
        """Its content comes as nodes of its own."""
        return node.depth < self._limits.depth_max and is_container(node.part)

    def _decoded(self, part: Message) -> str:
        data, lost = self._content(part, self._limits.html_length_max)
        decoded, guessed = as_text(part, data, self._charset)
        if lost or guessed:
            self.lost.append(lost or guessed)
        return decoded

    def _content(self, part: Message, length_max: int) -> tuple[bytes, str]:
        """The bytes of a text, no more of them than so many characters can take."""
        data, lost = content(part)
        if len(data) > length_max * CHARACTER_BYTES_MAX:
            self.lost.append("the end of a very long text")
        return data[: length_max * CHARACTER_BYTES_MAX], lost

    def _plain(self, node: Node) -> str:
        """The text of a plain part; files written into it are attached."""
        data, lost = self._content(node.part, self._limits.text_length_max)
        data, files = transfer.enclosed(data)
        decoded, guessed = as_text(node.part, data, self._charset)
        if lost or guessed:
            self.lost.append(lost or guessed)
        for number, file in enumerate(files):
            name = printable_name(as_text(node.part, file.name, self._charset)[0])
            self._add_file(f"{node.number}.{number}", name, file.data)
        if parameter(node.part, "format").lower() == "flowed":
            return unflowed(decoded, delsp=parameter(node.part, "delsp").lower() == "yes")
        return decoded

    def _add_text(self, plain: str, html: str) -> None:
        plain, html = self._bounded(plain, html)
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
        spans = self._few(_within(spans, len(shown)))
        spans = self._marked(shown, spans, "" if readable else html)
        self._room -= len(shown)
        self.parts.append(Text(text=shown, spans=spans, html=self._keep(html)))

    def _bounded(self, plain: str, html: str) -> tuple[str, str]:
        if len(html) > self._limits.html_length_max:
            self.lost.append("the end of a very long HTML text")
            html = html[: self._limits.html_length_max]
        if html and html_mail.depth(html) > self._limits.html_depth_max:
            self.lost.append("the form of an HTML text that nests too deeply")
            return plain or html_mail.stripped(html), ""
        if html.count("<") > TAGS_MAX or html.count("&") > ENTITIES_MAX:
            self.lost.append("the form of an HTML text with too many tags or entities")
            return plain or html_mail.stripped(html), ""
        return plain, html

    def _few(self, spans: tuple[Span, ...]) -> tuple[Span, ...]:
        """A mail of nothing but links keeps its text, not all of the links."""
        kept: list[Span] = []
        links = length = 0
        for span in spans:
            if span.style is Style.LINK:
                links += 1
                length += len(span.value)
                is_long = len(span.value) > LINK_LENGTH_MAX
                if is_long or links > LINKS_MAX or length > LINKS_LENGTH_MAX:
                    continue
            kept.append(span)
        if len(kept) < len(spans):
            self.lost.append(f"{len(spans) - len(kept)} of {links} links")
        if len(spans) >= html_mail.SPANS_MAX:
            self.lost.append(f"formatting after the first {html_mail.SPANS_MAX} spans")
        return tuple(kept)

    def _leads_home(self, span: Span) -> bool:
        return span.style is Style.LINK and leads_home(span.value, self._own_hosts)

    def _marked(self, shown: str, spans: tuple[Span, ...], html: str) -> tuple[Span, ...]:
        """With the quoted mail, the signature and the legal notice marked. `html` is another form
        of what is shown, if there is one.
        """
        others = tuple(span for span in spans if span.style not in RECOGNISED)
        if self._answering is None:
            return others
        if html:
            return (*others, *spans_of_both(shown, html, self._answering))
        return (*others, *quote_spans(shown, self._answering, spans))

    def _keep(self, html: str) -> str:
        if not html:
            return ""
        clean = sanitise(html, own_hosts=self._own_hosts, pictures=self._pictures)
        safe = clean.encode("utf-8", "replace")
        digest = sha256(safe).hexdigest()
        self.blobs[digest] = safe
        return digest

    def _attach(self, node: Node) -> None:
        if is_tnef(node.part) and self._unpack(node):
            return
        inner = enclosed_mail(node.part) if not self._prefix else None
        if inner is not None:
            self._open_signed(node, inner)
            return
        kind = content_type(node.part)
        if kind.startswith("multipart/") and not is_container(node.part):
            return  # it has no parts
        data, lost = content(node.part)
        if lost:
            self.lost.append(lost)
        name = name_of(node.part, self._charset)
        if not data and not name and kind.startswith("text/"):
            return  # an empty text part: mailers leave them behind
        if kind in CALENDARS:
            self._tell(as_text(node.part, data, "utf-8")[0])
        self._add_file(str(node.number), name, data, kind)

    def _add_file(
        self, place: str, name: str, data: bytes, kind: str = "application/octet-stream"
    ) -> None:
        found = media_of(
            raw_sha256=self._raw_sha256,
            place=f"{self._prefix}{place}",
            name=name,
            kind=kind,
            data=data,
        )
        self.parts.append(found)

    def _tell(self, written: str) -> None:
        """A calendar entry in words, once: it often comes as an attachment as well."""
        told = calendar.read(written)
        card = Card(title=told.title, text=told.text) if told else None
        if card and card not in self.parts:
            self.parts.append(card)

    def _unpack(self, node: Node) -> bool:
        """What Outlook packed, instead of the package."""
        opened = tnef.read(content(node.part)[0])
        if opened is None or not (opened.whole and (opened.files or opened.text or opened.html)):
            self.lost.append("what is in winmail.dat: it is damaged")
            return False
        if not any(isinstance(part, Text) and part.text.strip() for part in self.parts):
            self._add_text(opened.text.replace("\r\n", "\n").replace("\r", "\n"), opened.html)
        for number, file in enumerate(opened.files):
            self._add_file(f"{node.number}.{number}", printable_name(file.name), file.data)
        return True

    def _open_signed(self, node: Node, inner: Message) -> None:
        self._prefix = f"{node.number}."
        self._opened(inner)
        self._prefix = ""


def _branches(nodes: list[Node]) -> Iterator[tuple[int, Node]]:
    """Each node with the number of the alternative that it is in."""
    top = nodes[0].depth if nodes else 0
    branch = -1
    for node in nodes:
        branch += node.depth == top
        yield branch, node


def _end_of(nodes: list[Node], position: int) -> int:
    """The position after the last node inside this one."""
    depth = nodes[position].depth
    end = position + 1
    while end < len(nodes) and nodes[end].depth > depth:
        end += 1
    return end


def _named_body(nodes: list[Node]) -> Node | None:
    """Telephones give their texts names, too: the first one is no file where there is no other."""
    if any(_is_body_text(node) for node in nodes):
        return None
    named = (node for node in nodes if content_type(node.part) in SHOWN_AS_TEXT)
    return next((node for node in named if disposition(node.part) != "attachment"), None)


def _is_body_text(node: Node) -> bool:
    kind = content_type(node.part)
    if kind.startswith("multipart/"):
        return not is_container(node.part) and is_undivided(node.part)
    if kind not in SHOWN_AS_TEXT or disposition(node.part) == "attachment":
        return False
    return node.number == 0 or not file_name(node.part)


def _is_stub(plain: str) -> bool:
    """Says nothing itself but that there is HTML."""
    words = plain.strip()
    return not words or (len(words) < STUB_LENGTH_MAX and bool(STUB.search(words)))


def _within(spans: tuple[Span, ...], length: int) -> tuple[Span, ...]:
    if not spans or max(span.end for span in spans) <= length:
        return spans
    return tuple(
        Span(span.start, min(span.end, length) - span.start, span.style, span.value)
        for span in spans
        if span.start < length
    )
