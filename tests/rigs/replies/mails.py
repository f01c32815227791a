"""Single mails that no table makes: odd programs, and people who write like programs."""

from typing import NamedTuple

US = "support@acme.example"
ACME = f"Acme Support <{US}>"
WROTE = f"On Sun, Nov 22, 2026 at 3:04 PM {ACME} wrote:"
SHOWN_WHOLE = "*"


class Mail(NamedTuple):
    """`said` is what its author says in it, SHOWN_WHOLE if that is all of it. `subject` decides
    whether it answers.
    """

    said: str
    text: str = ""
    html: str = ""
    subject: str = "Re: 4711"


def whole(text: str = "", html: str = "", subject: str = "Re: 4711") -> Mail:
    return Mail(SHOWN_WHOLE, text, html, subject)


PROGRAMS = {
    "outlook-ios": Mail(
        "Thanks!",
        "Thanks!\n\nGet Outlook for iOS<https://aka.ms/o0ukef>\n________________________________\n"
        f"From: {ACME}\nSent: Sunday, November 22, 2026 3:04:05 PM\nTo: Ada <ada@kunde.example>\n"
        "Subject: Re: 4711\n\nWhich order?",
        '<div dir="auto">Thanks!</div><div id="ms-outlook-mobile-signature" dir="auto"><div><br>'
        "</div>"
        'Get <a href="https://aka.ms/o0ukef">Outlook for iOS</a></div>'
        '<hr style="width:98%"><div id="divRplyFwdMsg" dir="ltr"><b>From:</b> Acme Support<br>'
        "<b>Sent:</b> Sunday<br><b>To:</b> Ada<br><b>Subject:</b> Re: 4711</div><div>Which "
        "order?</div>",
    ),
    "outlook-ios-words-in-signature": Mail(
        "Hi,\nit is order 4711.",
        html='<div id="ms-outlook-mobile-signature"><div>Hi,</div><div>it is order 4711.</div>'
        "</div>"
        '<div id="mail-editor-reference-message-container"><hr><div id="divRplyFwdMsg"><b>From:</b>'
        " Acme Support<br><b>Sent:</b> Sunday</div><div>Which order?</div></div>",
    ),
    "outlook-rule-spelt-anew": Mail(
        "It works.",
        html='<p>It works.</p><div style="border-width: 1pt medium medium; border-style: solid '
        "none none;"
        ' border-color: rgb(225, 225, 225) currentcolor currentcolor; padding: 3pt 0in 0in;"><p>'
        "<b>From:</b> Acme Support<br><b>Sent:</b> Sunday<br><b>To:</b> Ada<br><b>Subject:</b> 4711"
        "</p></div><p>Try it now.</p>",
    ),
    "outlook-german-no-address": Mail(
        "Danke, es geht wieder.",
        "Danke, es geht wieder.\r\n\r\nVon: Acme Support\r\nGesendet: Sonntag, 22. November "
        "2026 15:04"
        "\r\nAn: Baumann, Ines\r\nBetreff: AW: 4711\r\n\r\nBitte neu starten.",
    ),
    "outlook-mac": Mail(
        "See you then.",
        f"See you then.\n\nFrom: Acme Support <{US}<mailto:{US}>>\nDate: Sunday, 22 November "
        "2026 at "
        "15:04\nTo: Ada Park <ada@kunde.example<mailto:ada@kunde.example>>\nSubject: Re: 4711\n"
        "Tomorrow at ten?",
    ),
    "outlook-2003": Mail(
        "Sí, ya llegó.",
        f"Sí, ya llegó.\n\n-----Mensaje original-----\nDe: Acme Support [mailto:{US}] \nEnviado "
        "el: "
        "domingo, 22 de noviembre de 2026 15:04\nPara: Inés Vidal\nAsunto: RE: 4711\n\n¿Llegó?",
    ),
    "hotmail-portuguese": Mail(
        "Chegou, obrigado.",
        f"Chegou, obrigado.\n\nEnviado do Outlook\n{'_' * 32}\nDe: {ACME}\nEnviado: domingo, 22 de "
        "novembro de 2026 15:04\nPara: João <j@kunde.example>\nAssunto: Re: 4711\n\nChegou?",
    ),
    "outlook-web-below-amid": Mail(
        "Please see my answers below.\nOrder 4711.",
        html='<div class="elementToProof">Please see my answers below.</div><div '
        'id="appendonsend"></div>'
        '<hr><div id="divRplyFwdMsg"><b>From:</b> Acme<br><b>Sent:</b> Sunday</div>'
        '<div class="x_elementToProof">Which order?</div><div class="elementToProof">Order '
        "4711.</div>"
        '<div class="x_elementToProof">Was it damaged?</div>',
    ),
    "thunderbird-german": Mail(
        "Danke, das war es.",
        "Am 22.11.26 um 15:04 schrieb Acme Support:\n> Bitte neu starten.\n\nDanke, das war es.\n\n"
        "-- \nInes Baumann\n040 4711\n",
        '<div class="moz-cite-prefix">Am 22.11.26 um 15:04 schrieb Acme Support:<br></div>'
        '<blockquote type="cite" cite="mid:1@acme.example">Bitte neu starten.</blockquote>'
        '<p>Danke, das war es.</p><pre class="moz-signature" cols="72">-- \nInes Baumann\n040 '
        "4711</pre>",
    ),
    "samsung": Mail(
        "Yes, it arrived.",
        "Yes, it arrived.\n\nSent from my Galaxy\n\n\n-------- Original message --------\nFrom: "
        f"{ACME}"
        " \nDate: 22/11/2026  15:04  (GMT+01:00) \nTo: Ada <ada@kunde.example> \nSubject: Re: "
        "4711 \n\n"
        "Did it arrive?",
    ),
    "samsung-russian": Mail(
        "Да, пришло.",
        "Да, пришло.\n\nОтправлено с моего Galaxy\n\n-------- Исходное сообщение --------\nОт: "
        f"{ACME}\n"
        "Дата: 22.11.2026 15:04 (GMT+03:00)\nКому: Анна <a@kunde.example>\nТема: Re: "
        "4711\n\nПришло?",
    ),
    "samsung-arabic": Mail(
        "نعم، وصل.",
        f"نعم، وصل.\n\n-------- رسالة أصلية --------\nمن: {ACME}\nالتاريخ: ٢٢/١١/٢٠٢٦ ٣:٠٤ "
        "م\nإلى: ليلى"
        " <l@kunde.example>\nالموضوع: Re: 4711\n\nهل وصل؟",
    ),
    "huawei": Mail(
        "已经收到了。",
        "已经收到了。\n\n\n发自我的华为手机\n\n\n-------- 原始邮件 --------\n发件人： "
        f"{ACME}\n日期： 2026年"
        "11月22日周日 15:04\n收件人： 小林 <lin@kunde.example>\n主 题： Re: 4711\n\n收到了吗？",
    ),
    "xiaomi": Mail(
        "收到。",
        f"收到。\n\n来自我的小米手机\n在 {ACME}，2026年11月22日 下午3:04写道：\n\n收到了吗？",
    ),
    "qq-phone": Mail(
        "好的，谢谢",
        f'好的，谢谢\n\n发自我的iPhone\n\n\n---原始邮件---\n发件人:"Acme Support"<{US}>'
        "\n发送时间:2026年11月22日"
        '(周日) 下午3:04\n收件人:"小林"<lin@kunde.example>;\n主题:Re: 4711\n\n请重启。',
    ),
    "netease-master": Mail(
        "好了，谢谢。",
        f"好了，谢谢。\n\n\n---- 回复的原邮件 ----\n| 发件人 | Acme Support<{US}> |\n| 日期 | "
        "2026年11月22日 "
        "15:04 |\n| 收件人 | <lin@kunde.example> |\n| 主题 | Re: 4711 |\n请重启。",
        '<div>好了，谢谢。</div><div id="imail_signature" class="ntes-signature"></div><div class='
        '"ntes-mailmaster-quote"><div>---- 回复的原邮件 ----</div><table><tr><td>发件人</td><td>'
        "Acme</td>"
        "</tr></table><div>请重启。</div></div>",
    ),
    "sina": Mail(
        "收到，谢谢。",
        html='收到，谢谢。<br /><div id="origbody"><div style="background:#f2f2f2">----- '
        "原始邮件 -----<br />"
        f"发件人：Acme &lt;{US}&gt;<br />主题：Re: 4711<br /></div><br />请重启。</div>",
    ),
    "aliyun": Mail(
        "可以了。",
        html='<div class="__aliyun_email_body_block"><div><span>可以了。</span></div>'
        "<blockquote><div>"
        f"{'-' * 66}</div><div>发件人：Acme &lt;{US}&gt;</div><div>"
        "发送时间：2026年11月22日(星期日) 15:04</div>"
        "<div>收件人：林 &lt;lin@kunde.example&gt;</div><div>主　题：Re: 4711</div><div><br>"
        "</div>请重启。"
        "</blockquote><div><br></div></div>",
    ),
    "daum": Mail(
        "잘 받았습니다.",
        f'잘 받았습니다.\n\n--------- 원본 메일 ---------\n보낸사람: "Acme Support" <{US}>'
        "\n받는사람: 김하나 "
        "<hana@kunde.example>\n날짜: 26.11.22 15:04 GMT +0900\n제목: Re: 4711\n\n받으셨나요?",
    ),
    "yahoo-japan": Mail(
        "届きました。",
        f'届きました。\n\n----- Original Message -----\nFrom: "Acme Support" <{US}>\nTo: '
        "hanako@kunde."
        "example\nDate: 2026/11/22 日 15:04\nSubject: Re: 4711\n\n届きましたか。",
    ),
    "zimbra": Mail(
        "Oui, merci.",
        f'Oui, merci.\n\n----- Mail original -----\nDe: "Acme Support" <{US}>\nÀ: "Léa" <lea@kunde.'
        "example>\nEnvoyé: Dimanche 22 Novembre 2026 15:04:05\nObjet: Re: 4711\n\nReçu ?",
        '<div>Oui, merci.</div><hr id="zwchr" data-marker="__DIVIDER__"><div '
        'data-marker="__HEADERS__">'
        f'<b>De: </b>Acme &lt;{US}&gt;<br></div><div data-marker="__QUOTED_TEXT__">Reçu ?</div>',
    ),
    "zoho": Mail(
        "Works now.",
        f"Works now.\n\n\n---- On Sun, 22 Nov 2026 15:04:05 +0100 {ACME} wrote ----\n\nPlease "
        "restart.",
        '<div>Works now.</div><div class="zmail_extra"><br><div id="Zm-_Id_-Sgn1">---- On Sun, '
        "22 Nov "
        "2026 15:04:05 +0100 <b>Acme</b> wrote ----<br></div><blockquote><div>Please restart.</div>"
        "</blockquote></div>",
    ),
    "tutanota": Mail(
        "All good.",
        f"All good.\n\n\nNov 22, 2026, 15:04 by {US}:\n\n> Is all well?\n",
        f"<div>All good.<br></div><div>Nov 22, 2026, 15:04 by {US}:<br></div>"
        '<blockquote class="tutanota_quote"><div>Is all well?</div></blockquote>',
    ),
    "icloud": Mail(
        "好的。",
        html=f"<div>好的。</div><div><br>2026年11月22日 下午3:04，Acme &lt;{US}&gt; 写道：<br>"
        "<br></div><div>"
        '<blockquote type="cite"><div class="msg-quote">可以吗？</div></blockquote></div>',
    ),
    "gmx": Mail(
        "Passt.",
        html='<div>Passt.</div><div>&nbsp;<div name="quote" style="margin:10px 5px 5px 10px">'
        "<div><b>"
        f"Gesendet:</b> Sonntag, 22. November 2026 um 15:04 Uhr<br><b>Von:</b> {US}<br></div>"
        '<div name="quoted-content">Passt das?</div></div></div>',
    ),
    "apple-mac-amid": Mail(
        "Order 4711.\nNo.",
        html=f'<div><blockquote type="cite"><div>On 22 Nov 2026, at 15:04, Acme &lt;{US}&gt; '
        "wrote:</div>"
        "<br><div>Which order?</div></blockquote><div><br></div>Order 4711.<br><blockquote "
        'type="cite"><div>Damaged?</div></blockquote><div>No.</div></div>',
    ),
    "gmail-old": Mail(
        "Yes.",
        html='<div dir="ltr">Yes.</div><div class="gmail_extra"><br><div class="gmail_quote">'
        f"{WROTE[:28]}"
        f' Acme &lt;{US}&gt; wrote:<br><blockquote class="gmail_quote">Shall we?</blockquote>'
        "</div></div>",
    ),
    "apple-below-outlook": Mail(
        "That is right.",
        html='<blockquote type="cite"><div>On 22 Nov 2026, at 15:04, Acme wrote:</div><div>See '
        "below."
        '<div id="divRplyFwdMsg"><b>From:</b> Ada<br><b>Sent:</b> Friday</div>Older words.</div>'
        "</blockquote><div>That is right.</div>",
    ),
    "unknown-web-mailer-with-our-words": Mail(
        "Yes, please.",
        html='<p>Yes, please.</p><hr><div class="m_-47trunkline-message">Shall I send '
        "another?</div>",
    ),
    "own-address-without-date": Mail(
        "Gladly.", f"Gladly.\n\nOn Monday, Support <{US}> wrote:\n\nShall we call you?"
    ),
    "own-plus-address": Mail(
        "Gladly.",
        "Gladly.\n\nOn Monday, Acme <Support+c7-x2@acme.example> wrote:\n\nShall we call you?",
    ),
    "spark": Mail("Fine.", f"Fine.\n\nOn Nov 22, 2026 at 3:04 PM +0100, {ACME}, wrote:\n> Fine?"),
    "attribution-over-three-lines": Mail(
        "Yes.\nToday.",
        "Yes.\nToday.\nOn Sun, Nov 22, 2026 at 3:04 PM Acme Support of the Acme Company\n"
        f"<{US}>\nwrote:\n\n> Shall we?\n",
    ),
    "hungarian": Mail(
        "Igen.", f"Igen.\n\n{ACME} ezt írta (időpont: 2026. nov. 22., V, 15:04):\n\n> Jó?"
    ),
    "unknown-language": Mail(
        "Ndiyo.", f"Ndiyo.\n\nTarehe Jpl, 22 Nov 2026 saa 15:04 {ACME} ameandika:\n\n> Sawa?"
    ),
    "list-footer": Mail(
        "I can confirm that.",
        f"{WROTE}\n> Who sees it?\n\nI can confirm that.\n{'_' * 47}\nusers mailing list\n"
        "users@lists.example\nhttps://lists.example/listinfo/users\n",
    ),
    "group-footer": Mail(
        "Same here.",
        "Same here.\n\n-- \nYou received this message because you are subscribed to the group "
        "Users.\n"
        "To unsubscribe send an email to users+unsubscribe@groups.example.",
    ),
    "nested": Mail("Agreed.", f"Agreed.\n\n{WROTE}\n>> Old?\n> > Older?\n> New.\n>\n>>> Oldest.\n"),
    "bars": Mail("Yes.\nNo.", f"{WROTE}\n| Is it on?\n| Really?\nYes.\nNo.\n"),
    "amid-without-empty-lines": Mail(
        "Yes.\nNo!\nThat is all.",
        f"{WROTE}\n> Is it on?\nYes.\n> And plugged in?\nNo!\n> Thanks.\nThat is all.\n",
    ),
    "bottom-with-signature": Mail(
        "It is plugged in.",
        f"{WROTE}\n> Plugged in?\n\nIt is plugged in.\n\n--\nAda Park\nKunde Ltd",
    ),
    "outlook-web-signature": Mail(
        "Works.",
        html='<div class="elementToProof">Works.</div><div id="Signature" '
        'class="elementToProof"><p>'
        'Ada Park<br>Kunde Ltd</p></div><div id="appendonsend"></div><hr><div id="divRplyFwdMsg">'
        "<b>From:</b> Acme<br><b>Sent:</b> Sunday</div><div>Does it?</div>",
    ),
    "k-9": Mail(
        "Ok!",
        f"Ok!\n\nAm 22. November 2026 15:04:05 MEZ schrieb {ACME}:\n>Geht es wieder?\n\n-- \n"
        "Diese Nachricht wurde von meinem Android-Gerät mit K-9 Mail gesendet.",
    ),
    "mail-ru-phone": Mail(
        "Да.",
        "Да.\n\n--\nОтправлено из Mail для Android\nвоскресенье, 22 ноября 2026г., 15:04 +03:00 от "
        f"{ACME}:\n\n>Получили?\n",
    ),
    "yahoo-phone": Mail(
        "Yes",
        html='Yes<br><br><div id="ymail_android_signature"><a href="https://x.example">Sent '
        "from Yahoo "
        "Mail on Android</a></div> <br> <blockquote><div><div>On Sun, Nov 22, 2026 at 3:04 PM, "
        "Acme "
        f"Support</div><div>&lt;{US}&gt; wrote:</div></div><div>Well?</div></blockquote>",
    ),
    "apple-dutch": Mail(
        "Dank je.",
        "Dank je.\n\nVerstuurd vanaf mijn iPhone\n\n> Op 22 nov 2026 om 15:04 heeft Acme <"
        f"{US}> het volgende geschreven:\n> \n> Werkt het?\n",
    ),
    "gmail-japanese-long-name": Mail(
        "はい。",
        f"はい。\n\n2026年11月22日(日) 15:04 アクメ株式会社 お客様サポートセンター\n<{US}>:\n\n> "
        "よろしいですか。\n",
    ),
    "gmail-chinese-long-name": Mail(
        "好。",
        f"好。\n\nAcme 客户服务中心 技术支持与售后服务部门 <{US}> "
        "于2026年11月22日周日\n15:04写道：\n\n> 可以吗？\n",
    ),
    "gmail-hebrew": Mail(
        "תודה",
        "תודה\n\n\u202bבתאריך יום א׳, 22 בנוב׳ 2026 ב-15:04 מאת \u202aAcme\u202c\u200f "
        f"<\u202a{US}\u202c\u200f>:\u202c\n\n> עובד?\n",
    ),
    "foxmail": Mail(
        "收到。",
        html='<div>收到。</div><hr style="width:210px;height:1px" color="#b5c4df"><blockquote>'
        "<div>&nbsp;"
        '</div><div style="border:none;border-top:solid #B5C4DF 1.0pt"><div><b>发件人：</b>'
        "Acme</div>"
        "<div><b>发送时间：</b>2026-11-22 15:04</div><div><b>收件人：</b>林</div><div><b>"
        "主题：</b>Re: 4711"
        "</div></div><div>收到了吗？</div></blockquote>",
    ),
    "outlook-phone-korean": Mail(
        "네",
        f"네\n\nAndroid용 Outlook 다운로드<https://aka.ms/AAb9ysg>\n{'_' * 32}\n보낸 사람: "
        f"{ACME}\n보낸 날짜: "
        "2026년 11월 22일 일요일 오후 3:04:05\n받는 사람: 김하나 <hana@kunde.example>\n제목: "
        "Re: 4711\n\n맞나요?\n",
    ),
    "mutt": Mail(
        "Yes.", "On Sun, Nov 22, 2026 at 03:04:05PM +0100, Acme Support wrote:\n> Well?\n\nYes.\n"
    ),
    "gnus": Mail("Yes.", f"Acme Support <{US}> writes:\n\n> Well?\n\nYes.\n"),
    "gmail-portugal": Mail(
        "Feito.",
        f"Feito.\n\n{ACME} escreveu (domingo, 22/11/2026\nà(s) 15:04):\n\n> Feito?\n",
    ),
    "gmail-arabic-phone": Mail(
        "تمام", f"تمام\n\nفي الأحد، ٢٢ نوفمبر ٢٠٢٦، ٣:٠٤ م {ACME} كتب:\n\n> تمام؟\n"
    ),
    "outlook-phone-japanese": Mail(
        "はい",
        f"はい\n\nOutlook for iOS を入手<https://aka.ms/o0ukef>\n{'_' * 32}\n差出人: "
        f"{ACME}\n送信日時: "
        "日曜日, 11月 22, 2026 3:04:05 午後\n宛先: 佐藤 <h@kunde.example>\n件名: Re: "
        "4711\n\nよいですか。",
    ),
    "naver-html": Mail(
        "감사합니다.",
        html='<p>감사합니다.</p><div id="reply"><p><b>-----Original Message-----</b><br><b>'
        "From:</b> Acme"
        " <br><b>To:</b> hana<br><b>Sent:</b> 2026-11-22 (일) 15:04:05<br><b>Subject:</b> Re</p>"
        "<p>받으셨나요?</p></div>",
    ),
    "mail-ru-amid": Mail(
        "Номер 4711.",
        html="<div><blockquote>Воскресенье, 22 ноября 2026, 15:04 +03:00 от Acme "
        f"&lt;{US}&gt;:<br><div>Номер?</div></blockquote><div>Номер 4711.</div></div>",
    ),
    "thumb": Mail("👍", f"👍\n\n{WROTE}\n\n> Well?\n"),
}
"""What other programs write."""
