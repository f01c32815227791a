"""What the author of a mail says, and nothing else, in the mails of many programs and languages."""

from datetime import UTC, datetime
from email.message import EmailMessage

import pytest

from adapters.email.account import Account, Delivered
from adapters.email.incoming.normalise import normalise
from adapters.email.incoming.quotes import RECOGNISED
from core.model.content import Text
from core.model.event import MessageCreated
from core.model.ids import EventId
from tests.rigs.replies.mails import PROGRAMS, SHOWN_WHOLE, Mail
from tests.rigs.replies.notices import NOTICES
from tests.rigs.replies.people import PEOPLE
from tests.rigs.replies.programs import cases

ACCOUNT = Account(name="support", address="support@acme.example", secret=b"k" * 32)
DELIVERED = Delivered(event=EventId("E"), received_at=datetime(2026, 11, 22, 16, tzinfo=UTC))
EXACT_MIN = 0.95


def _corpus() -> dict[str, tuple[Mail, str, str]]:
    """Name -> the mail, and what it consists of: text alone, HTML alone, or both."""
    mails = {case.name: Mail(case.said, case.text, case.html) for case in cases()}
    mails |= PROGRAMS | NOTICES | PEOPLE
    corpus = {}
    for name, mail in mails.items():
        for form, text, html in (
            ("text", mail.text, ""),
            ("html", "", mail.html),
            ("both", mail.text, mail.html),
        ):
            if (text or html) and (form != "both" or (text and html)):
                corpus[f"{name}-{form}"] = (mail, text, html)
    return corpus


CORPUS = _corpus()


@pytest.mark.parametrize("name", CORPUS)
def test_no_word_of_the_author_is_folded_away(name: str) -> None:
    """A customer would be answered as if they had not said it."""
    mail, text, html = CORPUS[name]

    shown, visible = _read(mail, text, html)

    said = shown if mail.said == SHOWN_WHOLE else mail.said
    assert visible.strip()
    for line in said.split("\n"):
        assert _words(line) in _words(visible)


def test_what_is_shown_is_what_the_author_said() -> None:
    """An agent would read our own words again and again to find three of the customer's."""
    wrong = []
    for name, (mail, text, html) in CORPUS.items():
        shown, visible = _read(mail, text, html)
        said = shown if mail.said == SHOWN_WHOLE else mail.said
        if _words(visible) != _words(said):
            wrong.append(f"{name}: {_words(visible)!r} instead of {_words(said)!r}")

    print(f"{len(CORPUS) - len(wrong)} of {len(CORPUS)} exact", *wrong, sep="\n")
    assert len(CORPUS) >= 150
    assert len(wrong) <= (1 - EXACT_MIN) * len(CORPUS)


BASQUE = "Nork: Acme Support\nNoiz: igandea, 2026.eko azaroaren 22a\nNori: Ane\nGaia: 4711"
BASQUE_HTML = (
    '<p>Bai, badabil.</p><div style="border:none;border-top:solid #E1E1E1 1.0pt"><p><b>Nork:</b>'
    " Acme Support<br><b>Noiz:</b> igandea, 2026.eko azaroaren 22a<br><b>Nori:</b> Ane<br>"
    "<b>Gaia:</b> 4711</p></div><p>Badabil?</p>"
)


def test_the_html_form_tells_where_the_plain_one_is_quoted() -> None:
    """No table has the words of every language in it; Outlook's markup is the same in all."""
    text = f"Bai, badabil.\n\n{BASQUE}\n\nBadabil?"

    shown, visible = _read(Mail("", text, BASQUE_HTML), text, BASQUE_HTML)

    assert shown.strip() == text
    assert visible.strip() == "Bai, badabil."


def test_an_html_form_that_says_something_else_proves_nothing() -> None:
    """Or a sender could have words folded away that only the plain form has."""
    text = f"Bai, badabil. Eta ez.\n\n{BASQUE}\n\nBadabil?"

    shown, visible = _read(Mail("", text, BASQUE_HTML), text, BASQUE_HTML)

    assert visible == shown


def _read(mail: Mail, text: str, html: str) -> tuple[str, str]:
    """The stored text, and what is left of it when all that may be folded is."""
    message = EmailMessage()
    message["From"] = "Ada Park <ada@kunde.example>"
    message["To"] = "support@acme.example"
    message["Subject"] = mail.subject
    message["Message-ID"] = "<one@kunde.example>"
    if text:
        message.set_content(text)
    if html:
        message.add_alternative(html, subtype="html") if text else message.set_content(
            html, subtype="html"
        )
    [event] = normalise(message.as_bytes(), ACCOUNT, DELIVERED).events
    assert isinstance(event.body, MessageCreated)
    [part] = event.body.parts
    assert isinstance(part, Text)
    visible, position = [], 0
    folded = [span for span in part.spans if span.style in RECOGNISED]
    for span in sorted(folded, key=lambda span: span.start):
        visible.append(part.text[position : span.start])
        position = max(position, span.end)
    return part.text, "".join((*visible, part.text[position:]))


def _words(text: str) -> str:
    return " ".join(text.split())
