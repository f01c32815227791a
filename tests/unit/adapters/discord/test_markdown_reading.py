"""What people write on Discord is read as Discord's own clients show it."""

import time

import pytest

from adapters.discord.markdown.reading import read
from adapters.discord.markdown.syntax import Kind
from core.model.content import Span, Style

B, I, U, S = Style.BOLD, Style.ITALIC, Style.UNDERLINE, Style.STRIKE  # noqa: E741

SHOWN = [
    ("**a** *b* _c_ __d__", "a b c d", [(0, 1, B), (2, 3, I), (6, 1, U)]),
    ("**one *two*** *three*", "one two three", [(0, 7, B), (4, 9, I)]),
    ("__a__ __b__", "a b", [(0, 1, U), (2, 1, U)]),
    ("~~a~~ ||b||", "a b", [(0, 1, S), (2, 1, Style.SPOILER)]),
    ("***a***", "a", [(0, 1, B), (0, 1, I)]),
    ("***a** b*", "a b", [(0, 3, I), (0, 1, B)]),
    ("***a* b**", "a b", [(0, 3, B), (0, 1, I)]),
    ("___a___", "a", [(0, 1, I), (0, 1, U)]),
    ("**a *b***", "a b", [(0, 3, B), (2, 1, I)]),
    ("one\n**two\nthree** four", "one\ntwo\nthree four", [(4, 9, B)]),
    ("a_b_c", "a_b_c", []),
    ("a * b * c", "a * b * c", []),
    ("**never closed", "**never closed", []),
    ("*closed _wrongly* there_", "closed _wrongly there_", [(0, 15, I)]),
    (r"\*a\* \_b\_ \> \\ \a", r"*a* _b_ > \ \a", []),
    (r"¯\_(ツ)_/¯", r"¯\_(ツ)_/¯", []),
    ("`a*b*` ``c`d``", "a*b* c`d", [(0, 4, Style.CODE), (5, 3, Style.CODE)]),
    ("`` ` ``", "`", [(0, 1, Style.CODE)]),
    ("**`a`**", "a", [(0, 1, B), (0, 1, Style.CODE)]),
    ("x `a", "x `a", []),
    ("> a\n> b\nc", "a\nb\nc", [(0, 3, Style.QUOTE)]),
    (">a", ">a", []),
    ("a\n>>> b\n\nc", "a\nb\n\nc", [(2, 4, Style.QUOTE)]),
    ("> **a**\n> > b", "a\n> b", [(0, 5, Style.QUOTE), (0, 1, B)]),
    ("-# a *b*", "a b", [(0, 3, Style.SMALL), (2, 1, I)]),
    ("- **a**\n1. b", "- a\n1. b", [(2, 1, B)]),
    ("#a", "#a", []),
]


@pytest.mark.parametrize(("markdown", "text", "spans"), SHOWN)
def test_a_text_is_read_as_discord_shows_it(
    markdown: str, text: str, spans: list[tuple[int, int, Style]]
) -> None:
    """An agent would see marks where the customer sees none, or none where they see some."""
    assert read(markdown) == (text, tuple(Span(*span) for span in spans))


@pytest.mark.parametrize(("mark", "level"), [("#", "1"), ("##", "2"), ("###", "3")])
def test_a_heading_knows_how_large_it_is(mark: str, level: str) -> None:
    text, spans = read(f"{mark} News ##\nwords")

    assert text == "News\nwords"
    assert spans == (Span(0, 4, Style.HEADING, level),)


def test_code_knows_its_language_and_keeps_what_looks_like_marks() -> None:
    text, spans = read("look:\n```py\nx = 2 ** 3\n> y\n```\nand ```plain```")

    assert text == "look:\nx = 2 ** 3\n> y\nand plain"
    assert spans == (Span(6, 14, Style.PRE, "py"), Span(25, 5, Style.PRE))


LINKS = [
    ('[plan](https://a.example/p "Title")', "plan", "https://a.example/p"),
    ("[**plan**](<https://a.example/p>)", "plan", "https://a.example/p"),
    ("<https://a.example/p_q_>", "https://a.example/p_q_", "https://a.example/p_q_"),
    ("see https://a.example/x_(y).", "see https://a.example/x_(y).", "https://a.example/x_(y)"),
    ("(https://a.example/x)", "(https://a.example/x)", "https://a.example/x"),
    ("[a](https://a.example/(b))", "a", "https://a.example/(b)"),
]


@pytest.mark.parametrize(("markdown", "text", "address"), LINKS)
def test_a_link_leads_where_it_led(markdown: str, text: str, address: str) -> None:
    shown, spans = read(markdown)

    assert shown == text
    assert [span.value for span in spans if span.style is Style.LINK] == [address]


@pytest.mark.parametrize(
    "markdown", ["[x](javascript:alert)", "[https://bank.example](https://evil.example)", "[](x)"]
)
def test_a_link_that_discord_does_not_make_is_none_here(markdown: str) -> None:
    """An agent would be led where nobody was."""
    text, spans = read(markdown)

    assert text == markdown
    assert all(text[span.start : span.end] == span.value for span in spans)


def test_who_is_mentioned_is_shown_by_name() -> None:
    names = {(Kind.USER, "1"): "Mei", (Kind.ROLE, "2"): "staff", (Kind.CHANNEL, "3"): "help"}

    text, spans = read(
        "<@1> <@!1> <@&2> <#3> <@9>", lambda kind, number: names.get((kind, number), "")
    )

    assert text == "@Mei @Mei @staff #help <@9>"
    assert [span.value for span in spans] == ["1", "1", "&2", "#3", "9"]


def test_what_stands_for_something_else_is_shown_as_that() -> None:
    text, spans = read(
        "<:wave:5> <a:spin:6> </ticket open:7> <id:customize> <t:1618953630:R> @here"
    )

    assert text == ":wave: :spin: /ticket open Channels & Roles 2021-04-20 21:20 UTC @here"
    assert [(span.style, span.value) for span in spans] == [
        (Style.EMOJI, "5"),
        (Style.EMOJI, "a:6"),
        (Style.COMMAND, "ticket open:7"),
        (Style.MENTION, "id:customize"),
        (Style.MENTION, "here"),
    ]


def test_a_moment_that_no_calendar_has_stays_as_it_was() -> None:
    """One such text would take the whole message into the quarantine."""
    assert read("<t:99999999999999999:F>") == ("<t:99999999999999999:F>", ())


UNITS = ["*", "**", "_", "__a", "**a*", "||a", "~~", "`", "``a", "[", "[a](", "<", "https://", "> "]
UNITS += ["\\", "```", "[](https://a", "*_", "**_", "[[a](https://x", "<@", "-# ", "# *\n", "\n> a"]


@pytest.mark.parametrize("unit", UNITS)
def test_no_text_takes_longer_than_its_length_allows(unit: str) -> None:
    """One customer with a text of nothing but marks would hold up everybody else's."""
    began = time.process_time()

    read(unit * (40_000 // len(unit)))

    assert time.process_time() - began < 2.0
