"""HTML mail as people see it: lines, emphasis, links, and nothing that runs."""

import pytest

from adapters.email.mime.html import depth, stripped, to_text
from core.model.content import Style


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("one\n  two", "one two"),
        ("<p>one</p><p>two</p>", "one\n\ntwo"),
        ("<div>one</div><div>two</div>", "one\ntwo"),
        ("one<br>two<br><br>three", "one\ntwo\n\nthree"),
        ("<ul><li>one<li>two</ul>", "• one\n• two"),
        ("<table><tr><td>a<td>b<tr><td>c<td>d</table>", "a b\nc d"),
        ("<pre>a  b\n  c</pre>", "a  b\n  c"),
        ("a&nbsp;b&amp;c &lt;d&gt;", "a b&c <d>"),
        ("<h1>Title</h1>text", "Title\n\ntext"),
        ('see <img src="cid:1" alt="our shop"> here', "see [our shop] here"),
        ("<style>p{}</style><script>x()</script><title>t</title>seen", "seen"),
        ("<!-- no -->yes", "yes"),
        ("a<b> bold </b>c", "a bold c"),
        ("", ""),
    ],
)
def test_text_is_laid_out_as_a_browser_does(html: str, text: str) -> None:
    assert to_text(html).text == text


@pytest.mark.parametrize(
    ("html", "style", "value"),
    [
        ("a <strong>word</strong> b", Style.BOLD, ""),
        ("a <em>word</em> b", Style.ITALIC, ""),
        ("a <u>word</u> b", Style.UNDERLINE, ""),
        ("a <del>word</del> b", Style.STRIKE, ""),
        ("a <code>word</code> b", Style.CODE, ""),
        ("a<blockquote>word</blockquote>b", Style.QUOTE, ""),
        ("<h2>word</h2>b", Style.HEADING, ""),
        (
            'a <a href="https://acme.example/?x=1">word</a> b',
            Style.LINK,
            "https://acme.example/?x=1",
        ),
        ('a<blockquote type="cite">word</blockquote>b', Style.QUOTED_REPLY, ""),
        ('a<div class="yahoo_quoted">word</div>b', Style.QUOTED_REPLY, ""),
        ('a<div class="m_42trunkline-message">word</div>b', Style.QUOTED_REPLY, ""),
        ('a<div id="appendonsend"></div>word', Style.QUOTED_REPLY, ""),
        ('a<div data-marker="__QUOTED_TEXT__">word</div>b', Style.QUOTED_REPLY, ""),
    ],
)
def test_what_is_said_by_markup_becomes_a_span(html: str, style: Style, value: str) -> None:
    text, spans = to_text(html)

    [span] = spans
    assert text[span.start : span.end] == "word"
    assert (span.style, span.value) == (style, value)


def test_nested_quotes_are_one() -> None:
    html = 'a<blockquote type="cite">b<blockquote type="cite">c</blockquote></blockquote>'

    text, [span] = to_text(html)

    assert text[span.start : span.end] == "b\n\nc"


def test_a_link_that_runs_something_is_text() -> None:
    assert to_text('<a href="javascript:alert(1)">word</a>').spans == ()


def test_depth_is_known_without_parsing() -> None:
    assert depth("<div>" * 10 + "</div>" * 10) == 10
    assert depth("<p>a<p>b<li>c<li>d<br><br>") <= 2
    assert depth("no markup, 1 < 2") == 0


def test_stripping_keeps_the_words() -> None:
    assert stripped("<b>a</b> &amp; <i>b</i>").split() == ["a", "&", "b"]
