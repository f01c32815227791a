"""What well-known programs send, in small."""

from tests.rigs.odd_mails.structure import HTML, PLAIN
from tests.rigs.odd_mails.writing import (
    GIF,
    JPEG,
    PDF,
    File,
    Odd,
    data,
    file,
    mail,
    mixed,
    multi,
    part,
    word,
)

ICS = """BEGIN:VCALENDAR
PRODID:-//Example//Calendar//EN
METHOD:REQUEST
BEGIN:VTIMEZONE
TZID:Europe/Berlin
BEGIN:STANDARD
DTSTART:19701025T030000
END:STANDARD
END:VTIMEZONE
BEGIN:VEVENT
DTSTART;TZID=Europe/Berlin:20251121T100000
DTEND;TZID=Europe/Berlin:20251121T113000
SUMMARY:Review\\, second part with a summary so long that it has to be
  folded
LOCATION:Room 5
ORGANIZER;CN="Ann Boss":mailto:ann@acme.example
ATTENDEE;CN=Ines;PARTSTAT=NEEDS-ACTION:mailto:ines@kunde.example
BEGIN:VALARM
TRIGGER:-PT15M
SUMMARY:not this
END:VALARM
END:VEVENT
END:VCALENDAR
"""
TOLD = (
    "Invitation: Review, second part with a summary so long that it has to be folded\n"
    "2025-11-21 10:00 to 11:30 (Europe/Berlin)\nRoom 5\norganised by Ann Boss <ann@acme.example>"
)
REPLY = (
    "BEGIN:VCALENDAR\nMETHOD:REPLY\nBEGIN:VEVENT\nDTSTART:20251121T090000Z\nSUMMARY:Review\n"
    "ATTENDEE;PARTSTAT=DECLINED;CN=Ines:MAILTO:ines@kunde.example\nEND:VEVENT\nEND:VCALENDAR\n"
)
CANCEL = (
    "BEGIN:VCALENDAR\r\nMETHOD:CANCEL\r\nBEGIN:VEVENT\r\nDTSTART;VALUE=DATE:20251224\r\n"
    "SUMMARY:圣诞聚会\r\nSTATUS:CANCELLED\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)
STATUS = (
    "Reporting-MTA: dns; mx.other.example\n\nFinal-Recipient: rfc822; jan@other.example\n"
    "Action: failed\nStatus: 5.1.1\n"
)
BOUNCED = "From: x@acme.example\nSubject: Offer\n\nText\n"
OUTLOOK = """<html xmlns:o="urn:schemas-microsoft-com:office:office"><head>
<meta http-equiv="Content-Type" content="text/html; charset=gb2312">
<style><!-- p {color:red} --></style>
</head><body lang="ZH-CN"><div class="WordSection1">
<p class="MsoNormal"><span>您好，<o:p></o:p></span></p>
<p class="MsoNormal"><span>包裹还没有到。<o:p></o:p></span></p></div></body></html>"""
DAEMON = "MAILER-DAEMON@mx.other.example"
QMAIL = (
    "Hi. This is the qmail-send program at mx.other.example.\n\n<jan@other.example>:\n"
    "No such user.\n"
)

MAILS = (
    Odd(
        "outlook-chinese",
        mixed(
            part("text/plain; charset=gb2312", "您好，\n\n包裹还没有到。".encode("gbk")),
            part("text/html; charset=gb2312", OUTLOOK.encode("gbk")),
            kind="alternative",
            From=f'"{word("陈先生", "gb2312")}" <ines@kunde.example>',
        ),
        ("您好，\n\n包裹还没有到。",),
        person="陈先生",
    ),
    Odd(
        "outlook-html-only",
        mail(OUTLOOK.encode("gbk"), Content_Type='text/html; charset="gb2312"'),
        ("您好，\n\n包裹还没有到。",),
    ),
    Odd(
        "foxmail",
        mixed(
            part('text/plain;\n\tcharset="GB2312"', "5YyF6KO5", Content_Transfer_Encoding="base64"),
            part('text/html;\n\tcharset="GB2312"', "<p>包裹</p>".encode("gbk")),
            kind="alternative",
            X_mailer="Foxmail 7.2",
        ),
        ("包裹",),
        lost=("charset 'GB2312'",),
    ),
    Odd(
        "gmail",
        mixed(
            part('text/plain; charset="UTF-8"', "Hallo *Welt*\n"),
            part('text/html; charset="UTF-8"', '<div dir="ltr">Hallo <b>Welt</b></div>'),
            kind="alternative",
        ),
        ("Hallo *Welt*",),
    ),
    Odd(
        "iphone",
        mixed(
            part("text/plain;\n\tcharset=us-ascii", "Sent from my iPhone"),
            file(
                "image/jpeg;\n\tname=IMG_0001.jpeg;\n\tx-apple-part-url=A-1",
                JPEG,
                Content_Disposition="inline;\n\tfilename=IMG_0001.jpeg",
            ),
            part("text/plain;\n\tcharset=utf-8", "\n\nHallo"),
        ),
        ("Sent from my iPhone", "Hallo"),
        files=(File("IMG_0001.jpeg", "image/jpeg", 34),),
    ),
    Odd(
        "yahoo-japan",
        mail(
            "荷物が届きません。".encode("iso-2022-jp"),
            Content_Type="text/plain; charset=iso-2022-jp",
            From=word("山田 太郎", "iso-2022-jp") + " <ines@kunde.example>",
        ),
        ("荷物が届きません。",),
        person="山田 太郎",
    ),
    Odd(
        "naver",
        mixed(
            part("text/html; charset=ks_c_5601-1987", "<p>안녕하세요</p>".encode("cp949")),
            kind="alternative",
            Subject=word("배송 문의", "ks_c_5601-1987"),
        ),
        ("안녕하세요",),
        subject="배송 문의",
    ),
    Odd(
        "mail-ru",
        mixed(
            part(
                "text/plain; charset=utf-8", "0J/RgNC40LLQtdGC", Content_Transfer_Encoding="base64"
            ),
            part(
                "text/html; charset=utf-8",
                "PEhUTUw+0J/RgNC40LLQtdGCPC9IVE1MPg==",
                Content_Transfer_Encoding="base64",
            ),
            kind="alternative",
        ),
        ("Привет",),
    ),
    Odd(
        "arabic-right-to-left",
        mixed(
            part(PLAIN, "مرحبا"),
            part(HTML, '<div dir="rtl">مرحبا</div>'),
            kind="alternative",
            Subject=word("مرحبا", "windows-1256"),
        ),
        ("مرحبا",),
        subject="مرحبا",
    ),
    Odd(
        "thunderbird",
        mail(
            "Dies ist ein \nlanger Satz.\n\nGruß\n-- \nInes\n",
            Content_Type="text/plain; charset=UTF-8; format=flowed",
        ),
        ("Dies ist ein langer Satz.\n\nGruß\n-- \nInes",),
    ),
    Odd(
        "lotus",
        mixed(
            part("text/plain; charset=US-ASCII", "Hallo"),
            file(
                'application/octet-stream;\n name="=?ISO-8859-1?Q?Gr=F6=DFe=2Edoc?="',
                b"doc",
                Content_Disposition='attachment; filename="=?ISO-8859-1?Q?Gr=F6=DFe=2Edoc?="',
            ),
        ),
        files=(File("Größe.doc", "application/octet-stream", 3),),
    ),
    Odd(
        "outlook-signature-picture",
        mixed(
            multi(
                "related",
                multi(
                    "alternative",
                    part(PLAIN, "Hallo\n\n[cid:image001.gif@01DC]"),
                    part(HTML, '<p>Hallo</p><img src="cid:image001.gif@01DC.1">'),
                    boundary="in2",
                ),
                file("image/gif; name=image001.gif", GIF, Content_ID="<image001.gif@01DC.1>"),
                boundary="in1",
            )
        ),
        ("Hallo\n\n[cid:image001.gif@01DC]",),
        files=(File("image001.gif", "image/gif", 36),),
    ),
    Odd(
        "invitation-outlook",
        mixed(
            part(PLAIN, "Bitte kommen."),
            part(HTML, "<p>Bitte kommen.</p>"),
            part("text/calendar; charset=utf-8; method=REQUEST", ICS),
            kind="alternative",
        ),
        ("Bitte kommen.",),
        files=(File("part-3.ics", "text/calendar"),),
        cards=(TOLD,),
    ),
    Odd(
        "invitation-google",
        mixed(
            multi(
                "alternative",
                part(PLAIN, "Bitte kommen."),
                part("text/calendar; charset=UTF-8; method=REQUEST", ICS),
                boundary="in",
            ),
            file('application/ics; name="invite.ics"', data(ICS)),
        ),
        ("Bitte kommen.",),
        files=(
            File("part-3.ics", "text/calendar"),
            File("invite.ics", "application/ics", len(data(ICS))),
        ),
        cards=(TOLD,),
    ),
    Odd(
        "invitation-answered",
        mail(REPLY, Content_Type="text/calendar; method=REPLY"),
        (),
        files=(File("part-0.ics", "text/calendar", len(REPLY)),),
        cards=(
            "Answer to an invitation: Review\n2025-11-21 09:00 (UTC)\n"
            "Ines <ines@kunde.example> declines",
        ),
    ),
    Odd(
        "invitation-cancelled",
        mixed(part("text/calendar; charset=utf-8", CANCEL)),
        (),
        files=(File("part-1.ics", "text/calendar"),),
        cards=("Cancelled: 圣诞聚会\n2025-12-24",),
    ),
    Odd(
        "bounce-postfix",
        mixed(
            part(PLAIN, "could not be delivered"),
            part("message/delivery-status", STATUS),
            part("message/rfc822", BOUNCED),
            kind="report; report-type=delivery-status",
            From=f"<{DAEMON}>",
        ),
        ("could not be delivered",),
        sender=DAEMON.lower(),
        person="",
        files=(File("part-2.txt", "message/delivery-status"), File("Offer.eml", "message/rfc822")),
    ),
    Odd(
        "bounce-exchange",
        mixed(
            part(HTML, "<p>Your message wasn't delivered.</p>"),
            part("message/delivery-status", STATUS),
            part("text/rfc822-headers", BOUNCED),
            kind="report; report-type=delivery-status",
            From=f"Mail Delivery System <{DAEMON}>",
        ),
        ("Your message wasn't delivered.",),
        sender=DAEMON.lower(),
        person="Mail Delivery System",
        files=(
            File("part-2.txt", "message/delivery-status"),
            File("part-3.txt", "text/rfc822-headers"),
        ),
    ),
    Odd(
        "bounce-qmail", mail(QMAIL, From=DAEMON), (QMAIL.strip(),), sender=DAEMON.lower(), person=""
    ),
    Odd(
        "read-receipt",
        mixed(
            part(PLAIN, "Your mail was displayed."),
            part("message/disposition-notification", "Disposition: manual-action; displayed\n"),
            kind="report; report-type=disposition-notification",
        ),
        ("Your mail was displayed.",),
        files=(File("part-2.txt", "message/disposition-notification"),),
    ),
    Odd(
        "fax-gateway",
        mixed(part("text/plain"), file("image/tiff; name=fax.tif", b"II*\x00")),
        (),
        files=(File("fax.tif", "image/tiff", 4),),
    ),
    Odd(
        "scanner",
        mail(
            "JVBERi0xLjQKJSVFT0YK\n",
            Content_Type='application/pdf; name="scan 1.pdf"',
            Content_Transfer_Encoding="base64",
            Subject=None,
        ),
        (),
        subject="",
        files=(File("scan 1.pdf", "application/pdf", 15),),
    ),
    Odd(
        "voice-box",
        mixed(part(PLAIN, "Neue Nachricht"), file("audio/wav; name=msg.wav", b"RIFF0000WAVE")),
        ("Neue Nachricht",),
        files=(File("msg.wav", "audio/wav", 12),),
    ),
    Odd(
        "web-form-of-php",
        b"To: support@acme.example\r\nSubject: A question\r\n"
        b"X-PHP-Originating-Script: 33:form.php\n"
        b"From: Ines Baumann <ines@kunde.example>\nDate: Mon, 3 Nov 2025 15:04:05 +0100\n"
        b"Message-ID: <one@kunde.example>\n\nName: Ines\nText: Gr\xc3\xb6\xc3\x9fe\n",
        ("Name: Ines\nText: Größe",),
    ),
    Odd(
        "list-digest-footer",
        mixed(
            multi("alternative", part(PLAIN, "Hallo"), part(HTML, "Hallo"), boundary="in"),
            part(
                "text/plain; charset=us-ascii",
                "-- \nlists.example",
                Content_Disposition="inline",
                MIME_Version="1.0",
            ),
            List_Id="<l.lists.example>",
        ),
        ("Hallo", "-- \nlists.example"),
    ),
    Odd(
        "telephone",
        mixed(
            part(
                "text/plain; charset=utf-8; name=text_0.txt",
                "SGFsbG8=",
                Content_Transfer_Encoding="base64",
            ),
            file("image/jpeg; name=IMG.jpg", JPEG),
            From="+4930123@mms.example",
        ),
        sender="+4930123@mms.example",
        person="",
        files=(File("IMG.jpg", "image/jpeg", 34),),
    ),
    Odd(
        "old-eudora",
        mail(
            "<x-flowed>Hallo</x-flowed>\n",
            Content_Type='text/plain; charset="us-ascii" ; format=flowed',
        ),
        ("<x-flowed>Hallo</x-flowed>",),
    ),
    Odd(
        "pdf-of-apple-mail",
        mixed(
            part(PLAIN, "Hallo"),
            file(
                'application/pdf;\n\tx-unix-mode=0644;\n\tname="Größe.pdf"',
                PDF,
                Content_Disposition="inline;\n\tfilename*=utf-8''Gro%CC%88%C3%9Fe.pdf",
            ),
        ),
        files=(File("Gro\u0308ße.pdf", "application/pdf", 15),),
    ),
)
