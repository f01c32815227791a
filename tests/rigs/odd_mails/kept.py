"""Mails that are kept as files, because programs show them as they are."""

from pathlib import Path

from tests.rigs.odd_mails.writing import INES, MADE_ID, File, Odd

FOLDER = Path(__file__).parents[2] / "fixtures" / "email"
LINE = "On Mon, 3 Nov 2025 at 15:04, Acme <support@acme.example> wrote:"


def kept(name: str, *texts: str, **more: object) -> Odd:
    raw = (FOLDER / f"{name}.eml").read_bytes()
    return Odd(name, raw, texts or ("Hallo",))._replace(**more)  # type: ignore[arg-type]


MAILS = (
    kept("latin1", "Der Kühlschrank kostet 5 €.", subject="Rückfrage zum Kühlschrank"),
    kept(
        "gb2312-is-gbk",
        "包裹还没有到，喆。",
        sender="tao@kunde.example",
        person="陶喆喆",
        subject="询问喆字",
    ),
    kept("korean-cp949", "소포가 아직 안 왔어요 똠.", subject="배송 똠"),
    kept("iso-2022-jp-nec", "①② 荷物が届きません。", subject="質問"),
    kept("ascii-with-utf8", "Zażółć gęślą jaźń"),
    kept("unknown-charset", "naïve café", lost=("x-acme-7",)),
    kept(
        "raw-8bit-headers",
        sender="juergen@kunde.example",
        person="Jürgen Groß",
        subject="Größe der Schläuche",
    ),
    kept("split-encoded-word", subject="包裹 42"),
    kept("comma-in-name", person="Baumann, Ines"),
    kept("comment-address"),
    kept("leading-junk"),
    kept("bad-base64", "Grüße aus Köl", lost=("foreign characters",)),
    kept("unknown-encoding", "as it is", lost=("x-acme",)),
    kept(
        "several-texts",
        "before the picture",
        "after the picture",
        "a footer",
        files=(File("screen.png", "image/png", 48),),
    ),
    kept(
        "nested-message",
        "see below",
        subject="Fwd: their mail",
        files=(File("inner.eml", "message/rfc822"),),
    ),
    kept("raw-8bit-file-name", "see file", files=(File("Übersicht.pdf", "application/pdf", 9),)),
    kept(
        "rfc2231-file-name", "see file", files=(File("Übersicht 2025.pdf", "application/pdf", 9),)
    ),
    kept("path-as-file-name", "see file", files=(File("passwd", "text/plain", 4),)),
    kept("broken-boundary", "The text is here.", lost=("boundary",)),
    kept(
        "flowed",
        "This sentence was broken for the way.\n\n> And this quote as well.\nYes.\n-- \nInes",
    ),
    kept("encoded-at-sign", "Pay me.", sender="eve@evil.example", person=""),
    kept("encoded-address", "Pay me.", sender="unknown", person="", lost=("the From address",)),
    kept("no-sender", "Who am I?", sender="unknown", person="", lost=("the From address",)),
    kept("two-senders", "We both ask.", person="Ines", lost=("more than one",)),
    kept("idn-sender", sender="ines@xn--bcher-kva.example", person="Ines"),
    kept("newsletter", "Buy!", sender="news@shop.example", person="News", subject="News"),
    kept("foreign-reply-to", lost=("thief@evil.example",)),
    kept("own-reply-to"),
    kept("empty", ""),
    kept("no-message-id", id=MADE_ID),
    kept("stub-with-html", "• one\n• two"),
    kept(
        "calendar",
        "Please come.",
        subject="Invitation",
        files=(File("part-2.ics", "text/calendar", 29),),
    ),
    kept(
        "html-gmail-reply",
        f"It still does not work.\n\n{LINE}\n\nTry this.",
        sender=INES,
        subject="Re: A question [T-7KQ4-M]",
    ),
    kept(
        "html-outlook-reply",
        "Danke, jetzt geht es.\n\nVon: Acme <support@acme.example>\nGesendet: Montag,"
        " 3. November 2025 15:04\nAn: Ines\nBetreff: A question\n\nTry this.",
        subject="AW: A question",
    ),
)
