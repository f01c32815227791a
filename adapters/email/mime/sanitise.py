"""HTML mail made safe to show: the letter without what acts, asks elsewhere, or hides.

The allow-lists are the rule and the last word: the parser writes what passed them, and nothing
changes it afterwards. Style sheets are left out whole, so styles are those on the elements.
"""

import re
import unicodedata
from collections.abc import Mapping, Set
from functools import lru_cache
from typing import Final
from urllib.parse import urlsplit

import nh3

_TAGS: Final = (
    "a abbr address article aside b bdi bdo big blockquote br caption center cite code col colgroup"
    " dd del dfn div dl dt em figcaption figure font footer h1 h2 h3 h4 h5 h6 header hr i img ins"
    " kbd li main mark nav ol p pre q rp rt ruby s samp section small span strike strong sub sup"
    " table tbody td tfoot th thead time tr tt u ul var wbr"
)
TAGS: Final = set(_TAGS.split())
_DROPPED: Final = (
    "applet audio button canvas embed frameset iframe math noembed noframes noscript object option"
    " script select style svg template textarea title video xml"
)
DROPPED: Final = set(_DROPPED.split())
"""What goes together with what it contains; of other unknown elements the content stays."""

_TABLE: Final = {"align", "valign", "bgcolor", "width", "height"}
_CELL: Final = _TABLE | {"colspan", "rowspan"}
ATTRIBUTES: Final = {
    "*": {"style", "dir", "lang", "title", "align"},
    "a": {"href"},
    "img": {"src", "alt", "width", "height"},
    "font": {"color", "size", "face"},
    "div": {"bgcolor"},
    "ol": {"start", "type"},
    "table": _TABLE | {"border", "cellpadding", "cellspacing"},
    "tr": _TABLE,
    "td": _CELL,
    "th": _CELL,
    "col": {"span", "width"},
    "colgroup": {"span", "width"},
}

_BODY: Final = re.compile(r"<(html|body)(?=[\s>])", re.IGNORECASE)
_WORD: Final = re.compile(r"[a-z-]{1,30}", re.IGNORECASE)
_COLOUR: Final = re.compile(
    r"#(?:[0-9a-f]{3}){1,2}|[a-z]{3,30}|(?:rgb|hsl)a?\([\d\s.%]{1,20}(?:,[\d\s.%]{1,20}){2}\)",
    re.IGNORECASE,
)
"""None that can be seen through: words in it would be hidden."""

_NUMBER: Final = re.compile(r"(\d{0,6}(?:\.\d{0,6})?)(px|pt|em|rem|ex|in|cm|mm|%)?", re.IGNORECASE)
_FAMILY: Final = re.compile(r"[\w\s,'\"-]{1,200}")
_CONTROL: Final = re.compile(r"[\x00-\x20\x7f-\xa0\\]")
_PLAIN_URL: Final = re.compile(
    r"https?://((?:[a-z0-9][a-z0-9-]{0,62}\.){1,8}[a-z]{2,24})(?::[0-9]{1,5})?(?=[/?#]|\Z)"
)
"""Most links: their host has no other spelling, and every reader finds the same one."""

_NUMERIC: Final = re.compile(r"[0-9]+|0x[0-9a-f]*")
_DOTTED: Final = re.compile(r"(?:(?:0|[1-9][0-9]{0,2})\.){3}(?:0|[1-9][0-9]{0,2})")
_PX: Final = {"px": 1.0, "pt": 4 / 3, "em": 16.0, "rem": 16.0, "ex": 8.0, "in": 96, "cm": 38}
_PX_MM: Final = 3.8

SIZE_PX_MAX: Final = 1200
FONT_PX: Final = (7.0, 64.0)
"""Smaller is not read, larger hides what stands beside it."""

STYLE_LENGTH_MAX: Final = 2000
BODIES_MAX: Final = 8
URL_LENGTH_MAX: Final = 8000

_LENGTHS: Final = frozenset(
    f"{name}{side}"
    for name in ("margin", "padding")
    for side in ("", "-top", "-right", "-bottom", "-left")
) | {"width", "max-width", "min-width", "border-spacing", "border-radius", "border-width"}
_BORDERS: Final = frozenset(
    {"border", *(f"border-{s}" for s in ("top", "right", "bottom", "left"))}
)
_COLOURS: Final = frozenset({"color", "background-color", "background", "border-color"})
UNSEEN: Final = frozenset({"transparent"})
_WORDED: Final = (
    "font-style font-weight text-align text-decoration text-transform vertical-align white-space"
    " direction border-collapse border-style list-style-type word-break overflow-wrap"
)
_WORDS: Final = frozenset(_WORDED.split())


def sanitise(
    html: str,
    *,
    own_hosts: Set[str] = frozenset(),
    pictures: Mapping[str, str] | None = None,
) -> str:
    """A fragment that runs nothing, loads nothing, and leads nowhere near this installation.

    `pictures` says which of the mail's own attachments its `cid:` URLs mean: by Content-ID, the
    attachment's id. They become `cid:<attachment id>`. Every other picture loses its address (it
    would tell the sender who reads, and when) and stands there by its `alt` text. Links open in
    another window that knows nothing of this one; those that lead to `own_hosts` lead nowhere.
    """
    known = pictures or {}

    def kept(tag: str, attribute: str, value: str) -> str | None:
        if tag == "img" and attribute == "src":
            return _picture(value, known)
        if attribute == "href":
            return None if leads_home(value, own_hosts) else value
        return _kept_attribute(attribute, value)

    return nh3.clean(
        # The body's own colours and direction are the letter's: they pass as a block's.
        _BODY.sub("<div", html, count=BODIES_MAX),
        tags=TAGS,
        clean_content_tags=DROPPED,
        attributes=ATTRIBUTES,
        attribute_filter=kept,
        url_schemes={"http", "https", "mailto", "tel", "cid"},
        url_relative="deny",
        link_rel="noopener noreferrer nofollow",
        set_tag_attribute_values={"a": {"target": "_blank"}},
    )


def leads_home(url: str, own_hosts: Set[str]) -> bool:
    """Whether a link may lead to this installation, or hides where it leads."""
    if url.lower().startswith(("mailto:", "tel:")):
        return False
    host, own = _host(url), _one_spelling_each(frozenset(own_hosts))
    return not host or host in own or (_is_this_machine(host) and any(map(_is_this_machine, own)))


def _host(url: str) -> str:
    """As a browser finds it; "" for what browsers and we might read differently."""
    if len(url) > URL_LENGTH_MAX or _CONTROL.search(url):
        return ""
    plain = _PLAIN_URL.match(url)
    if plain is not None:
        return plain[1]
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return ""
    readable = parts.scheme in ("http", "https") and "@" not in parts.netloc and "%" not in host
    return _one_spelling(host) if readable else ""


@lru_cache(maxsize=16)
def _one_spelling_each(hosts: frozenset[str]) -> frozenset[str]:
    return frozenset(map(_one_spelling, hosts))


def _one_spelling(host: str) -> str:
    """Letters have several forms; of a number, the one that people write is known."""
    host = unicodedata.normalize("NFKC", host).casefold().rstrip(".")
    if _NUMERIC.fullmatch(host.rpartition(".")[2]) and not _DOTTED.fullmatch(host):
        return ""
    try:
        return host.encode("idna").decode()
    except UnicodeError:
        return host


def _is_this_machine(host: str) -> bool:
    """A server that listens here has all of these names."""
    return host.startswith(("127.", "0.", "::")) or host.rpartition(".")[2] == "localhost"


def _picture(value: str, pictures: Mapping[str, str]) -> str | None:
    scheme, _, name = value.strip().partition(":")
    known = pictures.get(name.strip("<>")) if scheme.lower() == "cid" else None
    return f"cid:{known}" if known else None


def _kept_attribute(attribute: str, value: str) -> str | None:
    match attribute:
        case "style":
            return _style(value) or None
        case "dir":
            return value if value.lower() in ("ltr", "rtl", "auto") else None
        case "bgcolor" | "color":
            return value if _COLOUR.fullmatch(value.strip()) else None
        case "width" | "height":
            return value if _fits(value.strip(), 0, SIZE_PX_MAX) else None
        case "face":
            return value if _FAMILY.fullmatch(value) else None
        case "title" | "alt" | "lang" | "rel" | "target":
            return value
        case _:
            return value if re.fullmatch(r"[+-]?\w{1,10}", value.strip()) else None


@lru_cache(maxsize=2048)
def _style(value: str) -> str:
    """The declarations that only dress the words. Mails repeat the same ones over and over."""
    kept = []
    for declaration in value[:STYLE_LENGTH_MAX].split(";"):
        name, _, said = declaration.partition(":")
        name, said = name.strip().lower(), said.strip().removesuffix("!important").rstrip()
        if said and _is_kept_style(name, said):
            kept.append(f"{'background-color' if name == 'background' else name}:{said}")
    return ";".join(kept)


def _is_kept_style(name: str, value: str) -> bool:
    if name in _COLOURS:
        return bool(_COLOUR.fullmatch(value)) and value.lower() not in UNSEEN
    if name in _WORDS:
        return all(_WORD.fullmatch(word) or word.isdigit() for word in value.split())
    if name in _LENGTHS:
        return all(_fits(word, 0, SIZE_PX_MAX) for word in value.split())
    if name in _BORDERS:
        return all(_fits(word, 0, 40) or _COLOUR.fullmatch(word) for word in _border(value))
    if name == "font-size":
        return bool(_WORD.fullmatch(value)) or _fits(value, *FONT_PX)
    if name == "line-height":
        return value == "normal" or (
            _fits(value, 0.8, 5) if _is_bare(value) else _fits(value, 8, 200)
        )
    return name == "font-family" and bool(_FAMILY.fullmatch(value))


def _border(value: str) -> list[str]:
    """Its words; a colour in brackets is one of them."""
    return re.sub(r"\s*([(,])\s*", r"\1", value).split()


def _is_bare(value: str) -> bool:
    return value.replace(".", "", 1).isdigit()


def _fits(value: str, least: float, most: float) -> bool:
    """Whether a length is one, within bounds in pixels. No length is negative: what is moved out of
    its place covers other words, or is not seen.
    """
    if value.lower() in ("auto", "inherit", "normal", "none", "medium", "thin"):
        return True
    found = _NUMBER.fullmatch(value)
    if not found or not found[1].strip("."):
        return False
    number, unit = float(found[1]), (found[2] or "px").lower()
    if unit == "%":
        return (50 if least > 1 else 0) <= number <= (300 if least > 1 else 100)
    return least <= number * _PX.get(unit, _PX_MM) <= most
