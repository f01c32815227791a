"""Mails of people who write like programs: none of their words may be folded away."""

from tests.rigs.replies.mails import ACME, US, WROTE, Mail, whole

PEOPLE = {
    "wrote-in-prose": whole("Your colleague wrote:\nyou will call me.\nNobody did."),
    "wrote-with-a-date-in-prose": whole(
        "On 3 March 2026 your colleague Ben wrote:\nwe will repair it.\nIt is still broken."
    ),
    "date-and-colon": whole("Please call on 22.11.2026 at 15:04:\nthe usual number."),
    "date-address-and-colon": whole(
        f"On 3 March 2026 at 10:00 I asked {US} for the following:\n- a lamp\n- a chair"
    ),
    "our-address-and-colon": whole(f"I wrote to {US} and got this answer:\nnothing at all."),
    "quoting-without-a-program": Mail(
        f"On 3 March 2026 I wrote to {US} and got this:\nThat cannot be.",
        f"On 3 March 2026 I wrote to {US} and got this:\n> We are closed.\nThat cannot be.",
    ),
    "quote-marks-in-a-first-mail": whole(
        "The manual says\n\n> press twice\n\nbut nothing happens.", subject="The button"
    ),
    "blockquote-in-a-first-mail": whole(
        html="<p>The manual says</p><blockquote>press twice</blockquote><p>but no.</p>",
        subject="The button",
    ),
    "blockquote-in-an-answer": whole(
        html="<p>The manual says:</p><blockquote>press twice</blockquote><p>but no.</p>"
    ),
    "faces-and-comparisons": whole("Not good\n>:(\n>_<\n>=5 pieces, please\n-> soon"),
    "arrows": whole("Settings > Mail > Signature\nShop -> Cart"),
    "journey": whole("From: Berlin\nTo: Hamburg\nDate: 5 December 2026\nPassengers: 2"),
    "payment": whole(
        "Here is the transfer:\n\nFrom: Ada Park, DE12 3456\nTo: Acme\nDate: 03.11.2026\n"
        "Subject: deposit 4711\nAmount: 500.00 EUR\n\nPlease look into it.\n\nAda"
    ),
    "payment-in-german": whole(
        "Hier die Überweisung:\n\nVon: Ada Park, DE12 3456\nAn: Acme\nDatum: 3.11.26\n"
        "Betreff: Einzahlung 4711\n\nBitte prüfen Sie das.\n\nAda",
        subject="AW: Einzahlung",
    ),
    "payment-with-its-time-in-russian": whole(
        "Вот перевод:\n\nОтправитель: Иван Петров\nПолучатель: Acme\nДата: 03.11.2026 12:00\n"
        "Тема: пополнение\nСумма: 500\n\nДеньги не пришли!"
    ),
    "transaction": whole(
        "From: 0xAbC123\nTo: 0xDeF456\nDate: 2026-11-03 12:00 UTC\nAmount: 2 ETH\n"
        "Status: pending\n\nPlease check!"
    ),
    "letter": whole("From: Berlin\nwith love"),
    "web-form": whole(
        "New request:\n\nFrom: Ada Park <ada@kunde.example>\nSubject: Lamp\nDate: today\n"
        "Message: It is broken.",
        subject="Contact form",
    ),
    "fields": whole("Name: Ada\nDate: 22.11.2026\nSubject: lamp\nOrder: 4711\nIt is broken."),
    "forward": whole(
        f"Please look.\n\n---------- Forwarded message ---------\nFrom: {ACME}\nDate: Sun, 22 "
        "Nov 2026\n"
        "Subject: Lamp\nTo: Ada <ada@kunde.example>\n\nThe lamp is on its way.",
        subject="Fwd: Lamp",
    ),
    "forward-marked-by-our-own-server": whole(
        "Who pays this?\n\nFrom: Ben <ben@kunde.example>\n"
        "Sent: Sunday, November 22, 2026 3:04 PM\n"
        "To: Ada\nSubject: Invoice\n\nThe invoice is attached.",
        subject="[EXTERNAL] FW: Invoice",
    ),
    "forward-without-its-subject": whole(
        f"Please look.\n\n---------- Forwarded message ---------\nFrom: {ACME}\nDate: Sun, 22 "
        "Nov 2026 "
        "15:04\nSubject: Lamp\nTo: Ada <ada@kunde.example>\n\nThe lamp is on its way.",
        subject="Lamp",
    ),
    "forward-in-html": whole(
        html='<div dir="ltr">Please look.<br><div class="gmail_quote"><div class="gmail_attr">'
        "---------- Forwarded message ---------<br>From: Ben &lt;ben@kunde.example&gt;<br>Date: "
        "Sunday"
        "<br>Subject: Lamp<br></div>The lamp is on its way.</div></div>",
    ),
    "forward-in-apple-mail": whole(
        html="<div>Please look.</div><div>Begin forwarded message:</div><br><blockquote "
        'type="cite">'
        "<div><b>From: </b>Ben</div><div>The lamp is on its way.</div></blockquote>",
        subject="Re: Lamp",
    ),
    "forward-in-chinese": whole(
        f"请看。\n\n---------- 转发的邮件 ---------\n发件人： {ACME}\n日期： "
        "2026年11月22日\n主题： 灯\n收件人： 林\n\n已发货。",
        subject="灯",
    ),
    "only-a-quote": whole(f"{WROTE}\n> Is it on?\n> And plugged in?\n"),
    "only-a-quote-in-html": whole(html='<blockquote type="cite">Is it on?</blockquote>'),
    "only-a-phone-and-a-quote": Mail(
        "Sent from my iPhone", f"Sent from my iPhone\n\n{WROTE}\n> Is it on?\n"
    ),
    "only-a-signature": whole("-- \nAda Park\nKunde Ltd"),
    "sent-from-in-prose": whole("It is broken.\nSent from my old address on Monday, please check."),
    "sent-from-a-phone-in-prose": whole("Hello,\nSent from my phone number two texts, no answer?"),
    "greeting": whole("It works.\n\nBest regards,\nAda Park"),
    "dashes": whole("First part.\n--- 8< ---\nSecond part.\n-----\nThird part."),
    "confidential-in-prose": whole(
        "Hello,\n\nthis e-mail is confidential, I say that only to you: the recipient of the "
        "parcel was "
        "not me. Do you delete my data?"
    ),
    "their-notice-discussed": whole(
        "Hello,\n\nyour notice says it is confidential and for the addressee, and that I am to "
        "delete "
        "it and notify you if it came by mistake. I got it by mistake."
    ),
    "line-with-a-date-above": Mail(
        "Bought on 2025-11-03",
        f"Bought on 2025-11-03\n{ACME} wrote:\n> When did you buy it?\n",
    ),
    "line-right-above": Mail("Thanks!", f"Thanks!\n{WROTE}\n> Well?\n"),
    "ruled-newsletter": whole(
        html='<div style="border:none;border-top:solid #E1E1E1 1.0pt">Spring offers</div><p>'
        "Lamps</p>",
        subject="Spring",
    ),
    "answer-below-an-unmarked-blockquote": Mail(
        "As I said.",
        html=f'<div>22.11.2026, 15:04, "Acme" &lt;{US}&gt;:</div><blockquote><div '
        'id="divRplyFwdMsg">'
        "<b>From:</b> Ben</div>Older.</blockquote><div>As I said.</div>",
    ),
    "table": whole("Parts:\n| lamp | 2 |\n| chair | 4 |\nThanks"),
    "meeting": whole("Agenda for 22.11.2026, 15:04 (ben@kunde.example):\n1. Lamps\n2. Chairs"),
    "many-lines-below-two-dashes": whole(
        "Parts:\n--\n" + "\n".join(f"part {n}" for n in range(30))
    ),
    "wrote-at-a-time-in-prose": whole(
        "On 22.11.2026 at 15:04 your colleague Ben wrote:\nwe will repair it.\nIt is still broken."
    ),
    "our-address-in-brackets-in-prose": whole(
        f"I wrote on 22.11.2026 at 15:04 to your team ({US}):\nplease call.\nNobody did."
    ),
    "our-address-at-the-end-in-prose": whole(
        f"Your mail of 22.11.2026, 15:04 from {US}:\nplease restart.\nI did."
    ),
    "labels-in-prose": whole(
        "A riddle:\nFrom: my wife\nTo: me\nSubject: a matter of taste\nShe does not like it."
    ),
    "second-part-below-dashes": whole("The lamp is broken.\n--\nThe chair is broken as well."),
    "unsubscribing-below-dashes": whole("Hello.\n-----\nPlease unsubscribe me: ada@kunde.example"),
    "own-titles": whole("Here it is:\n--- Original ---\nblue\n--- Copy ---\nred"),
    "log": whole(
        "2026-11-22 15:04:05 error: mail to <ada@kunde.example> failed:\n550 unknown user\nWhy?"
    ),
    "timetable": whole("Opening:\nMon 09:00: open\nTue 10:30: open\n2026: closed:"),
    "own-confidence": whole("Thanks.\n\nConfidential: my new address. Delete the old one."),
    "list-with-dashes": whole("Needed:\n-- two lamps\n-- one chair"),
    "sent-by-somebody": whole("Broken again.\nSent by my phone company"),
    "sent-from-a-place": whole("Got the parcel.\n\nSent from Berlin by DHL"),
    "chinese-sent": whole("你好，\n包裹还没有发送"),
    "japanese-sent": whole("昨日メールを送信"),
    "own-notice": whole(
        "Hi\n\nThis message is confidential. Please notify nobody in error of my name, delete my"
        " attachments and tell no recipient."
    ),
    "ruled-form": whole(
        html='<p>Hello</p><div style="border-top: 1px solid #E1E1E1"><p>Name: Ada</p><p>Phone: 040'
        "</p></div><p>Please call.</p>"
    ),
    "log-in-html": whole(html="<p>Log:</p><pre>&gt; on\n&gt; off</pre><p>Why?</p>", subject="Log"),
    "all-in-a-signature": whole(html='<div class="gmail_signature">All I say is here.</div>'),
    "list-of-labels": whole("To: do list\nDate: 22.11.2026\nFrom: me\nBuy lamps."),
    "words-between-two-signatures": Mail(
        "One.\nTwo.",
        html='<div>One.</div><div class="gmail_signature">Ada</div><div>Two.</div>'
        '<div class="gmail_signature">Kunde Ltd</div>',
    ),
    "words-behind-a-quote-in-their-line": Mail(
        "new words", html=f'<span class="gmail_attr">{"old words " * 60}</span> new words'
    ),
    "words-amid-quotes-of-two-kinds": Mail(
        "Yes.\nNo.",
        html=f'<div>22.11.2026, 15:04, "Acme" &lt;{US}&gt;:</div><blockquote>Is it on?</blockquote>'
        "<div>Yes.</div><div>&gt; Really?</div><div>No.</div>",
    ),
}
