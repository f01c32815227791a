"""What a mail program's markup says about who wrote what.

Tables, for there is no rule: every program names the element that holds the quoted mail in its
own way. A program that quotes another's HTML puts a prefix before all names in it.
"""

import re
from enum import Enum, auto
from itertools import islice

from selectolax.lexbor import LexborNode

OWN_CLASS = "trunkline-message"
"""Marks what we wrote, so that it is recognised when it comes back below an answer. Mailers put
prefixes before a class; none removes it."""


class Mark(Enum):
    """What an element says about the words in it, or after it."""

    QUOTE = auto()
    CONTAINER = auto()
    """Holds an attribution and its quote; what comes after the quote is the author's again."""
    REST = auto()
    """From here on all is quoted: Outlook draws a line and puts the quoted mail below it."""
    REST_PERHAPS = auto()
    """The same, unless REST comes later."""
    SIGNATURE = auto()
    AUTHOR = auto()
    """Typed by the author, even amid a quote."""


_NAMES = {
    Mark.CONTAINER: "gmail_quote gmail_quote_container protonmail_quote zmail_extra",
    Mark.QUOTE: (
        "gmail_attr yahoo_quoted moz-cite-prefix tutanota_quote iosymail skiff_quote"
        # NetEase, Sina, 139, Tencent Exmail; Outlook on phones; Mail.ru; GMX
        " ntes-mailmaster-quote isReplyContent origbody reply139content oriMsgHtmlSeperator"
        " mail-editor-reference-message-container ms-outlook-mobile-reference-message"
        " mail-quote-collapse mailru-blockquote quoted-content"
    ),
    Mark.REST: "divRplyFwdMsg OLK_SRC_BODY_SECTION replySplit zwchr",
    Mark.REST_PERHAPS: "appendonsend",
    Mark.SIGNATURE: (
        "gmail_signature moz-signature ms-outlook-mobile-signature protonmail_signature_block"
        " composer_signature AppleMailSignature ntes-mailmaster-signature imail_signature"
        " Zm-_Id_-Sgn Signature signature"
    ),
    # Outlook on the web marks so what was typed here; in what it quotes the class has a prefix.
    Mark.AUTHOR: "elementToProof",
}
NAMES = {name: mark for mark, names in _NAMES.items() for name in names.split()}
MARKERS = {
    "__QUOTED_TEXT__": Mark.QUOTE,
    "__DIVIDER__": Mark.REST,
    "__HEADERS__": Mark.REST,
    "__SIG_PRE__": Mark.SIGNATURE,
    "__SIG_POST__": Mark.SIGNATURE,
}
"""Zimbra's `data-marker`."""
QUOTED_NAME = re.compile(r"(?:x_|m_-?\d+|yiv\d+|ydp[0-9a-f]+)+")

RULE = re.compile(
    r"border-top:[^;]{0,40}(?:#(?:E1E1E1|B5C4DF)|rgb\((?:225, ?225, ?225|181, ?196, ?223)\))"
    r"|border-(?:top-)?color:\s?(?:#(?:E1E1E1|B5C4DF)|rgb\((?:225, ?225, ?225|181, ?196, ?223)\))",
    re.IGNORECASE,
)
"""The line above Outlook's header block, however a later program spells its style."""
HEADERS_MIN = 3
HEADERS_NODES_MAX = 60
HINT = re.compile(
    r"quote|cite|RplyFwd|appendonsend|reference-message|OLK_SRC|isReplyContent|origbody"
    r"|reply139|oriMsg|border-top|zmail_extra|iosymail|signature|data-marker|trunkline-message",
    re.IGNORECASE,
)


def hints_at_quote(html: str) -> bool:
    """Whether parsing may find marks at all. Much quicker than parsing."""
    return HINT.search(html) is not None


def mark_of(node: LexborNode, tag: str, attributes: dict[str, str | None]) -> Mark | None:
    """What this element says; most say nothing."""
    for kind in ("id", "class"):
        for name in (attributes.get(kind) or "").split():
            mark = NAMES.get(name) or _mark_of_odd_name(name)
            if mark is not None:
                return Mark.QUOTE if mark is Mark.CONTAINER and tag == "blockquote" else mark
    if tag in {"div", "blockquote", "hr"}:
        return _mark_of_attributes(node, tag, attributes)
    return None


def _mark_of_odd_name(name: str) -> Mark | None:
    """Of one with something before or after it."""
    if name.endswith(OWN_CLASS) or name.startswith("yahoo_quoted_"):
        return Mark.QUOTE
    if name[0] in "xmy" and (prefix := QUOTED_NAME.match(name)):
        mark = NAMES.get(name[prefix.end() :])
        return mark if mark is not Mark.AUTHOR else None
    return None


def _mark_of_attributes(
    node: LexborNode, tag: str, attributes: dict[str, str | None]
) -> Mark | None:
    style = attributes.get("style")
    if style and tag == "div" and RULE.search(style) and _is_header_block(node):
        return Mark.REST
    if tag == "blockquote" and attributes.get("type") == "cite":
        return Mark.QUOTE
    if "data-marker" in attributes:
        return MARKERS.get(attributes["data-marker"] or "")
    if "data-quote" in attributes or attributes.get("name") == "quote":
        return Mark.QUOTE
    return Mark.SIGNATURE if "data-signature-widget" in attributes else None


def _is_header_block(node: LexborNode) -> bool:
    """From, Sent, To, Subject: in any language there are that many colons."""
    colons = 0
    for inner in islice(node.traverse(include_text=True), HEADERS_NODES_MAX):
        if inner.is_text_node:
            text = inner.text(deep=False)
            colons += text.count(":") + text.count("：")
            if colons >= HEADERS_MIN:
                return True
    return False
