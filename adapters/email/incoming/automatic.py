"""Which kind of machine wrote a mail, if one did.

Headers decide. What a subject says is looked at only when they say that a machine wrote it: people
are out of the office, too. A list's headers say nothing against somebody who verifiably answers us:
their provider or their list put them there.
"""

import re
from collections.abc import Mapping

from adapters.email.account import Account
from adapters.email.addresses import normalise_address
from adapters.email.identifiers import MESSAGE_ID, verify_own
from adapters.email.incoming.bounces import MAIL_SYSTEM
from adapters.email.incoming.threading import cited_ids, is_our_own
from adapters.email.mime.message import Message
from adapters.email.mime.parse import content_type, header, unfolded
from core.model.message import Automatic

NO_REPLY = re.compile(
    r"(?:[a-z0-9.]{1,64}[._-])?(?:no-?_?reply|do-?_?not-?_?reply|bounces?)(?:[+@=-]|$)"
)
LISTED = frozenset({"list-id", "list-unsubscribe", "x-auto-response-suppress"})
"""Not Feedback-ID: Proton, Fastmail and Zoho put it into whatever people write."""

ANSWERING = frozenset({"x-autoreply", "x-autorespond", "x-autoresponder"})
"""Not X-Loop: whoever passes mail on puts it there, above all the old recipes of procmail."""
MARKS = LISTED | ANSWERING | {"auto-submitted", "precedence", "return-path"}
RULES_LOOP = "x-ms-exchange-inbox-rules-loop"
ABSENCE = re.compile(
    r"\b(?:vacation|out of (?:the )?office|away from (?:the )?office|on (?:annual )?leave|ooo)\b"
    r"|abwesenheit|außer haus|nicht im büro|automatische antwort|absence|hors du bureau"
    r"|r[ée]ponse automatique|ausente|fuera de la oficina|respuesta autom[áa]tica"
    r"|fora do escrit[óo]rio|resposta autom[áa]tica|assente|fuori ufficio|risposta automatica"
    r"|afwezig|automatisch antwoord|nieobecno|automatyczna odpowied|автоответ|вне офиса|отпуск"
    r"|自动回复|自動回覆|自动答复|外出|不在|自動応答|자동 회신|자동 응답|부재중"
    r"|رد تلقائي|خارج المكتب|automatic reply|auto(?:matic)?[ -]?repl(?:y|ied)"
)
"""Of subjects, in lower case; only beside a header that says so."""


Marks = Mapping[str, str]
"""The headers that tell machines from people, by name, all in lower case."""


def automatic(message: Message, sender: str, account: Account) -> Automatic:
    """`sender` is the From address, "" if there is none."""
    marks = _marks(message)
    if _is_report(message, sender):
        return Automatic.REPORT
    if _is_absence(message, marks):
        return Automatic.ABSENCE
    if _is_answer(message, marks) or _is_ours(message, account):
        return Automatic.REPLY
    if _is_bulk(message, marks, sender, account):
        return Automatic.BULK
    return Automatic.NO


def _marks(message: Message) -> Marks:
    found: dict[str, str] = {}
    for name, value in message.items():
        lowered = name.lower()
        if lowered in MARKS or lowered == RULES_LOOP:
            found.setdefault(lowered, str(value).strip().lower())
    return found


def _is_report(message: Message, sender: str) -> bool:
    """By a mail system or a mail program about a mail."""
    return content_type(message) == "multipart/report" or bool(MAIL_SYSTEM.match(sender))


def _is_absence(message: Message, marks: Marks) -> bool:
    """Exchange, Sieve, Zimbra and iCloud say so; of Gmail's two headers either alone is not it."""
    submitted = marks.get("auto-submitted", "")
    suppresses = "x-auto-response-suppress" in marks
    if suppresses and RULES_LOOP in marks:
        return True
    if submitted.startswith("auto-") and re.search(r"vacation|owner-email", submitted):
        return True
    if marks.get("x-autoreply") == "yes" and marks.get("precedence") == "bulk":
        return True
    if not (suppresses or _is_answer(message, marks)):
        return False
    return bool(ABSENCE.search(header(message, "Subject").lower()))


def _is_answer(message: Message, marks: Marks) -> bool:
    """Of a machine that answers whatever comes."""
    precedence = marks.get("precedence")
    return bool(
        marks.get("auto-submitted", "").startswith(("auto-replied", "auto-notified"))
        or not ANSWERING.isdisjoint(marks)
        or precedence == "auto_reply"
        or (precedence in {"bulk", "junk"} and message.get("In-Reply-To"))
        or marks.get("return-path") == "<>"
    )


def _is_ours(message: Message, account: Account) -> bool:
    """What we wrote to somebody comes back to us, under whatever name."""
    own_id = MESSAGE_ID.search(unfolded(message, "Message-ID"))
    return own_id is not None and is_our_own(message, own_id[0], account.secret)


def _is_bulk(message: Message, marks: Marks, sender: str, account: Account) -> bool:
    """Sent to many, or by a program: newsletters, lists, notifications, web forms."""
    submitted = marks.get("auto-submitted") or "no"
    if not submitted.startswith("no") or NO_REPLY.match(sender):
        return True
    if sender == normalise_address(account.address):
        return True  # a form on our own site: we do not write to ourselves
    if marks.get("precedence") in {"bulk", "junk"}:
        return True
    listed = marks.get("precedence") == "list" or not LISTED.isdisjoint(marks)
    return listed and not _answers_us(message, sender, account)


def _answers_us(message: Message, sender: str, account: Account) -> bool:
    """It cites an id that we signed for this very sender."""
    return any(
        verify_own(cited, secret=account.secret, recipient=sender)
        for cited in cited_ids(message, "In-Reply-To")
    )
