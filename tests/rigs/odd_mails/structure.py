"""How texts and files are put together, and how that goes wrong."""

from core.model.message import Protection
from tests.rigs.odd_mails.writing import (
    GIF,
    JPEG,
    PDF,
    PNG,
    File,
    Odd,
    file,
    joined,
    mail,
    mixed,
    multi,
    part,
)

PLAIN = "text/plain; charset=utf-8"
HTML = "text/html; charset=utf-8"
INNER = (
    "From: Jan <jan@other.example>\nSubject: Offer 7/2\nMessage-ID: <in@other.example>\n\nInner\n"
)

MAILS = (
    Odd("html-only", mail("<p>Hallo<br>Ines</p>", Content_Type=HTML), ("Hallo\nInes",)),
    Odd("alternative", mixed(part(PLAIN, "Hallo"), part(HTML, "<p>Hallo</p>"), kind="alternative")),
    Odd(
        "alternative-the-other-way-round",
        mixed(part(HTML, "<p>Hallo</p>"), part(PLAIN, "Hallo"), kind="alternative"),
    ),
    Odd(
        "alternative-empty-text",
        mixed(part(PLAIN, " \n"), part(HTML, "<p>Hallo <b>du</b></p>"), kind="alternative"),
        ("Hallo du",),
    ),
    Odd("alternative-of-one", mixed(part(HTML, "<p>Hallo</p>"), kind="alternative")),
    Odd(
        "alternative-with-amp",
        mixed(
            part(PLAIN, "Hallo"),
            part("text/x-amp-html", "<html amp4email></html>"),
            part(HTML, "Hallo"),
            kind="alternative",
        ),
    ),
    Odd(
        "alternative-used-as-mixed",
        mixed(part(PLAIN, "Hallo"), part(PLAIN, "Noch etwas"), kind="alternative"),
        ("Hallo", "Noch etwas"),
    ),
    Odd(
        "alternative-and-file",
        mixed(
            multi("alternative", part(PLAIN, "Hallo"), part(HTML, "Hallo"), boundary="in"),
            file("application/pdf; name=a.pdf", PDF),
        ),
        files=(File("a.pdf", "application/pdf", 15),),
    ),
    Odd(
        "related",
        mixed(
            part(HTML, 'Hallo <img src="cid:a@b">'),
            file("image/png", PNG, Content_ID="<a@b>"),
            kind="related",
        ),
        ("Hallo",),
        files=(File("part-2.png", "image/png", 48),),
    ),
    Odd(
        "related-round-alternative",
        mixed(
            multi(
                "alternative",
                part(PLAIN, "Hallo"),
                part(HTML, 'Hallo<img src="cid:a@b">'),
                boundary="in",
            ),
            file("image/jpeg; name=a.jpg", JPEG, Content_ID="<a@b>"),
            kind="related",
        ),
        files=(File("a.jpg", "image/jpeg", 34),),
    ),
    Odd(
        "alternative-round-related",
        mixed(
            part(PLAIN, "Hallo"),
            multi(
                "related",
                part(HTML, 'Hallo<img src="cid:a@b">'),
                file("image/gif; name=a.gif", GIF, Content_ID="<a@b>"),
                boundary="in",
            ),
            kind="alternative",
        ),
        files=(File("a.gif", "image/gif", 36),),
    ),
    Odd(
        "apple-files-in-the-html-form",
        mixed(
            part(PLAIN, "Vorher\n\nNachher"),
            multi(
                "mixed",
                part(HTML, "<p>Vorher</p>"),
                file("application/pdf; name=a.pdf", PDF),
                part(HTML, "<p>Nachher</p>"),
                boundary="in",
            ),
            kind="alternative",
        ),
        ("Vorher\n\nNachher",),
        files=(File("a.pdf", "application/pdf", 15),),
    ),
    Odd(
        "apple-picture-between-texts",
        mixed(
            part(PLAIN, "Vorher"),
            file("image/jpeg; name=IMG_1.JPG", JPEG, Content_Disposition="inline"),
            part(PLAIN, "Nachher"),
        ),
        ("Vorher", "Nachher"),
        files=(File("IMG_1.JPG", "image/jpeg", 34),),
    ),
    Odd(
        "list-footer",
        mixed(part(HTML, "<p>Hallo</p>"), part(PLAIN, "_____\nlist@lists.example")),
        ("Hallo", "_____\nlist@lists.example"),
    ),
    Odd(
        "notes",
        mixed(
            multi(
                "related",
                multi(
                    "alternative",
                    part(PLAIN, "Hallo"),
                    part(HTML, "<font size=2>Hallo</font>"),
                    boundary="in3",
                ),
                file("image/gif", GIF, Content_ID="<_1_08D>"),
                boundary="in2",
            ),
            file("application/pdf; name=a.pdf", PDF),
        ),
        files=(File("part-5.gif", "image/gif", 36), File("a.pdf", "application/pdf", 15)),
    ),
    Odd(
        "mixed-in-mixed-in-mixed",
        mixed(multi("mixed", multi("mixed", part(PLAIN, "Hallo"), boundary="in2"), boundary="in1")),
    ),
    Odd(
        "no-last-boundary",
        mail(
            "--cut\n\nHallo\n--cut\nContent-Type: application/pdf; name=a.pdf\n\n%PDF-",
            Content_Type="multipart/mixed; boundary=cut",
        ),
        files=(File("a.pdf", "application/pdf", 5),),
    ),
    Odd(
        "inner-without-last-boundary",
        mail(
            "--cut\nContent-Type: multipart/alternative; boundary=in\n"
            "\n--in\n\nHallo\n--in\nContent-Type: text/html\n\n<p>Hallo</p>\n--cut\n"
            "Content-Type: application/pdf; name=a.pdf\n\n%PDF-\n--cut--\n",
            Content_Type="multipart/mixed; boundary=cut",
        ),
        files=(File("a.pdf", "application/pdf", 5),),
    ),
    Odd(
        "boundary-with-spaces-after",
        mail("--cut \n\nHallo\n--cut-- \t\n", Content_Type="multipart/mixed; boundary=cut"),
    ),
    Odd(
        "boundary-of-odd-letters",
        mail(
            "--=_?:(x) y\n\nHallo\n--=_?:(x) y--\n",
            Content_Type='multipart/mixed; boundary="=_?:(x) y"',
        ),
    ),
    Odd(
        "boundary-with-equals",
        mail(
            "------=_Part_1.2\n\nHallo\n------=_Part_1.2--\n",
            Content_Type="multipart/mixed; boundary=----=_Part_1.2",
        ),
    ),
    Odd(
        "boundary-begins-another",
        mixed(multi("alternative", part(PLAIN, "Hallo"), part(HTML, "Hallo"), boundary="cut-1")),
    ),
    Odd(
        "boundary-not-said",
        mail(joined(part(PLAIN, "Hallo")), Content_Type="multipart/mixed"),
        lost=("boundary",),
    ),
    Odd(
        "boundary-is-another",
        mail(
            joined(part(PLAIN, "Hallo"), part(HTML, "Hallo")),
            Content_Type="multipart/alternative; boundary=never",
        ),
        lost=("boundary",),
    ),
    Odd(
        "no-parts-but-text",
        mail("Hallo\n", Content_Type="multipart/mixed; boundary=cut"),
        lost=("not divided",),
    ),
    Odd("no-parts-at-all", mail("--cut--\n", Content_Type="multipart/mixed; boundary=cut"), ("",)),
    Odd(
        "around-the-parts",
        mail(
            "This is a multi-part message.\n" + joined(part(PLAIN, "Hallo")).decode() + "the end\n",
            Content_Type="multipart/mixed; boundary=cut",
        ),
    ),
    Odd(
        "part-after-the-last",
        mail(
            joined(part(PLAIN, "Hallo")) + joined(part(PLAIN, "Danach")),
            Content_Type="multipart/mixed; boundary=cut",
        ),
        ("Hallo", "Danach"),
    ),
    Odd(
        "part-without-headers",
        mail("--cut\n\nHallo\n--cut--\n", Content_Type="multipart/mixed; boundary=cut"),
    ),
    Odd(
        "part-without-empty-line",
        mail(
            "--cut\nContent-Type: text/plain\nHallo\n--cut--\n",
            Content_Type="multipart/mixed; boundary=cut",
        ),
        lost=("no empty line",),
    ),
    Odd("encoded-as-a-whole", mixed(part(PLAIN, "Hallo"), Content_Transfer_Encoding="base64")),
    Odd(
        "digest",
        mixed(part("", INNER), part("", INNER.replace("7/2", "8")), kind="digest"),
        (),
        files=(File("Offer 7-2.eml", "message/rfc822"), File("Offer 8.eml", "message/rfc822")),
    ),
    Odd(
        "forwarded-as-file",
        mixed(part(PLAIN, "Hallo"), part("message/rfc822", INNER)),
        files=(File("Offer 7-2.eml", "message/rfc822", len(INNER) - 1),),
    ),
    Odd(
        "forwarded-in-base64",
        mixed(part(PLAIN, "Hallo"), file("message/rfc822", INNER.encode())),
        files=(File("Offer 7-2.eml", "message/rfc822", len(INNER)),),
    ),
    Odd(
        "forwarded-without-subject",
        mixed(part(PLAIN, "Hallo"), part("message/rfc822", "From: a@b.example\n\nInner")),
        files=(File("part-2.eml", "message/rfc822"),),
    ),
    Odd("type-without-slash", mail(Content_Type="text")),
    Odd("type-in-capitals", mail("Größe", Content_Type="TEXT/PLAIN; CHARSET=UTF-8"), ("Größe",)),
    Odd("type-with-comma", mail("Größe", Content_Type="text/plain, charset=utf-8"), ("Größe",)),
    Odd(
        "type-without-semicolon", mail("Größe", Content_Type="text/plain charset=utf-8"), ("Größe",)
    ),
    Odd("type-empty", mail(Content_Type="")),
    Odd("type-that-is-none", mail(Content_Type="!@#")),
    Odd("text-with-a-name", mail(Content_Type="text/plain; name=body.txt")),
    Odd(
        "text-as-the-only-file",
        mail("a,b\n", Content_Type="text/csv; name=a.csv", Content_Disposition="attachment"),
        (),
        files=(File("a.csv", "text/csv", 4),),
    ),
    Odd(
        "flowed-without-spaces",
        mail(
            "荷物が \n届きません。\n",
            Content_Type="text/plain; charset=utf-8; format=flowed; delsp=yes",
        ),
        ("荷物が届きません。",),
    ),
    Odd(
        "signed-smime",
        mixed(
            part(PLAIN, "Hallo"),
            file("application/pkcs7-signature; name=smime.p7s", b"0" * 9),
            kind='signed; protocol="application/pkcs7-signature"; micalg=sha-256',
        ),
        files=(File("smime.p7s", "application/pkcs7-signature", 9),),
        protection=Protection.SMIME_SIGNED,
    ),
    Odd(
        "signed-pgp",
        mixed(
            part(PLAIN, "Hallo"),
            part(
                "application/pgp-signature; name=signature.asc", "-----BEGIN PGP SIGNATURE-----\n"
            ),
            kind='signed; protocol="application/pgp-signature"',
        ),
        files=(File("signature.asc", "application/pgp-signature"),),
        protection=Protection.PGP_SIGNED,
    ),
    Odd(
        "signed-within-a-list",
        mixed(
            multi(
                'signed; protocol="application/pgp-signature"',
                part(PLAIN, "Hallo"),
                part("application/pgp-signature", "x"),
                boundary="in",
            ),
            part(PLAIN, "footer"),
        ),
        ("Hallo", "footer"),
        files=(File("part-3.asc", "application/pgp-signature", 1),),
        protection=Protection.PGP_SIGNED,
    ),
    Odd(
        "encrypted-pgp",
        mixed(
            part("application/pgp-encrypted", "Version: 1"),
            part("application/octet-stream; name=encrypted.asc", "-----BEGIN PGP MESSAGE-----"),
            kind='encrypted; protocol="application/pgp-encrypted"',
        ),
        (),
        files=(
            File("part-1.asc", "application/pgp-encrypted", 10),
            File("encrypted.asc", "application/octet-stream", 27),
        ),
        protection=Protection.PGP_ENCRYPTED,
    ),
    Odd(
        "encrypted-smime",
        mail(
            "MIIB\n",
            Content_Type="application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m",
            Content_Transfer_Encoding="base64",
        ),
        (),
        files=(File("smime.p7m", "application/pkcs7-mime", 3),),
        protection=Protection.SMIME_ENCRYPTED,
    ),
    Odd(
        "armour-in-text",
        mail("-----BEGIN PGP MESSAGE-----\n\nhQ==\n-----END PGP MESSAGE-----\n"),
        ("-----BEGIN PGP MESSAGE-----\n\nhQ==\n-----END PGP MESSAGE-----",),
        protection=Protection.PGP_ENCRYPTED,
    ),
    Odd(
        "clear-signed-text",
        mail("-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nHallo\n"),
        ("-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nHallo",),
        protection=Protection.PGP_SIGNED,
    ),
)
