"""What mail programs write by themselves, in the languages of those who use them.

Only what grammar cannot tell is listed. Words are compared folded: case, spaces and vowel signs do
not count.
"""

import re
import unicodedata


def folded(words: str) -> str:
    """As phrases are compared."""
    if words.isascii():
        return "".join(words.lower().split())
    plain = unicodedata.normalize("NFKC", words).casefold()
    return "".join(c for c in plain if c.isprintable() and not c.isspace() and c not in _MARKS)


_MARKS = frozenset("\u0640") | {chr(code) for code in range(0x064B, 0x0653)}
"""The Arabic vowel signs and the stretching stroke."""


def _phrases(*lines: str) -> frozenset[str]:
    return frozenset(folded(phrase) for line in lines for phrase in line.split("|"))


ORIGINAL = _phrases(
    "original|original message|original mail|original email|original e-mail|original appointment",
    "reply message|replied message|reply above this line",
    "ursprüngliche nachricht|originalnachricht|original-nachricht",
    "message d'origine|message d’origine|message original|courriel original|mail original",
    "mensaje original|correo original|mensagem original|messaggio originale|missatge original",
    "oorspronkelijk bericht|origineel bericht|ursprungligt meddelande|originalmeddelande",
    "oprindelig meddelelse|opprinnelig melding|alkuperäinen viesti|upprunaleg skilaboð",
    "oryginalna wiadomość|wiadomość oryginalna|původní zpráva|pôvodná správa|eredeti üzenet",
    "mesajul original|mesaj original|αρχικό μήνυμα|izvorna poruka|originalna poruka",
    "исходное сообщение|исходное письмо|оригинальное сообщение|первоначальное сообщение",
    "оригінальне повідомлення|вихідне повідомлення|оригинално писмо|оригинално съобщение",
    "orijinal mesaj|özgün ileti|orijinal ileti|pesan asli|mesej asal|thư gốc|tin nhắn gốc",
    "原始邮件|原邮件|回复的原邮件|原始信息|原始消息|原始郵件|原始信件|原始訊息|原郵件|回覆的原郵件",
    "元のメッセージ|オリジナルメッセージ|オリジナルのメッセージ|元のメール",
    "원본 메시지|원본 메일|원본 이메일|원본 메세지|الرسالة الأصلية|رسالة أصلية|البريد الأصلي",
    "הודעה מקורית|پیام اصلی|मूल संदेश|ข้อความต้นฉบับ",
)
FORWARDED = _phrases(
    "forwarded message|forwarded mail|begin forwarded message|end of forwarded message",
    "weitergeleitete nachricht|anfang der weitergeleiteten nachricht",
    "anfang der weitergeleiteten e-mail",
    "message transféré|message réexpédié|début du message transféré|début du message réexpédié",
    "mensaje reenviado|inicio del mensaje reenviado|mensagem encaminhada|mensagem reencaminhada",
    "início da mensagem encaminhada|início da mensagem reencaminhada",
    "messaggio inoltrato|inizio messaggio inoltrato|doorgestuurd bericht",
    "begin doorgestuurd bericht",
    "vidarebefordrat meddelande|videresendt meddelelse|videresendt melding|przekazana wiadomość",
    "пересылаемое сообщение|пересланное сообщение|начало переадресованного сообщения",
    "переслане повідомлення|yönlendirilen mesaj|iletilmiş mesaj|pesan terusan",
    "pesan yang diteruskan",
    "转发的邮件|转发邮件信息|转发邮件|转发的信息|开始转发的邮件|轉寄的郵件|轉寄郵件|轉寄的訊息",
    "開始轉寄郵件|開始轉寄訊息",
    "転送されたメッセージ|転送メッセージ|転送メール|전달된 메시지|전달된 메일|전달된 이메일",
    "전달 메시지",
    "رسالة معاد توجيهها|الرسالة المعاد توجيهها|بدء الرسالة المعاد توجيهها",
)

LABELS = {
    word: meaning
    for meaning, words in {
        "from": _phrases(
            "from|von|de|da|van|från|fra|frá|od|lähettäjä|feladó|από|expéditeur|remitente|mittente",
            "remetente|от|от кого|отправитель|від|kimden|gönderen|dari|daripada|từ|người gửi",
            "发件人|发信人|寄件者|寄件人|發件人|發信人|差出人|送信者|送信元",
            "보낸 사람|보낸이|보내는 사람|발신|발신자|발신인|من|المرسل|מאת|از|จาก",
        ),
        "sent": _phrases(
            "sent|date|sent at|gesendet|datum|envoyé|envoyé le|date d'envoi|enviado|enviado el",
            "enviada em|enviado em|enviada|fecha|data|data de envio|inviato|data invio|verzonden",
            "skickat|skickades|sendt|dato|lähetetty|päivämäärä|wysłano|odesláno|odoslané|elküldve",
            "dátum|trimis|ημερομηνία|στάλθηκε|отправлено|дата|дата отправки|надіслано|gönderildi",
            "gönderilme tarihi|tarih|dikirim|terkirim|tanggal|đã gửi|ngày|ส่ง|วันที่|נשלח|תאריך",
            "发送时间|发送日期|日期|时间|寄件日期|已傳送|傳送時間|發送時間|發送日期|時間",
            "送信日時|日時|日付",
            "보낸 날짜|보낸 시간|보낸날짜|날짜|발신일|작성일|تاريخ الإرسال|التاريخ|تم الإرسال",
            "أرسلت|الإرسال",
        ),
        "to": _phrases(
            "to|an|à|a|para|aan|till|til|vastaanottaja|do|komu|címzett|către|προς|destinataire",
            "destinatario|destinatário|кому|получатель|kime|alıcı|kepada|untuk|ke|đến|tới|ถึง|אל",
            "收件人|收信人|收件者|宛先|送信先|받는 사람|받는이|수신|수신자|수신인|إلى|المستلم",
        ),
        "subject": _phrases(
            "subject|betreff|objet|asunto|assunto|oggetto|onderwerp|ämne|emne|aihe|temat|předmět",
            "predmet|tárgy|subiect|θέμα|тема|konu|subjek|perihal|tajuk|chủ đề|เรื่อง|נושא",
            "主题|标题|主旨|主題|標題|件名|題名|제목|الموضوع|موضوع",
        ),
        "copy": _phrases(
            "cc|copie à|kopie|kopia|копия|копія|bilgi|抄送|副本|참조|نسخة إلى|نسخة|importance",
            "priority",
            "wichtigkeit|reply-to|antwort an|organization",
        ),
    }.items()
    for word in words
}

VERB = re.compile(
    r"\b(?:wrote|writes|schrieb|schreef|écrit|scris|scritto|escribió|escriure|escreveu|skrev"
    r"|skrifaði|kirjoitti|napisał(?:a|\(a\))?|napsal(?:a|\(a\))?|napísal(?:a|\(a\))?|napisa(?:o"
    r"|la)|írta|έγραψε|написал(?:а|\(а\))?|написа(?:в|ла)|пишет|пише|yazdı|menulis|viết|kirjutas"
    r"|rašė)(?!\w)|写道|寫道|来信|來信|撰写|撰寫|님이 작성|작성|님이 쓴 글|のメール|書きました"
    r"|書いた|كتبت?|كتابة|כתב|نوشت|เขียนว่า|ने लिखा",
    re.IGNORECASE,
)

SENT_FROM = re.compile(
    r"\W{0,4}(?:sent (?:from|via|with|using)|get outlook|gesendet (?:von|mit|über)|von meinem"
    r"|von mein|diese nachricht wurde|envoyé (?:de|depuis|à partir|avec)|télécharge[rz]? outlook"
    r"|obtenir outlook|enviado (?:desde|do|da|de|a partir|com|con|pelo)|enviada do|obtener outlook"
    r"|obter o outlook|obtenha o outlook|inviato da|ottieni outlook|verstuurd vanaf|verzonden"
    r"|outlook voor|skickat från|sendt fra|lähetetty|wysłan[eo] z|odesláno z|отправлено|послано с"
    r"|надіслано з|скачать outlook|получить outlook|dikirim dari|gửi từ|发自|發自|从我的|從我的"
    r"|来自|來自|获取\s?outlook|取得\s?outlook|下載\s?outlook|使用|나의|내 |أ?ُ?رسلت?ْ? من"
    r"|تم الإرسال|الحصول على outlook|تنزيل outlook|מהאייפון|נשלח)",
    re.IGNORECASE,
)
SENT_BEHIND = re.compile(
    r"(?:gesendet|gönderildi|から送信(?:されました)?|を入手|에서 보냄|에서 전송(?:됨)?"
    r"|에서 보냈습니다|다운로드|发送|傳送|寄出|發送|送信)\W{0,4}(?:<\S{1,100}>"
    r"|\(\S{1,100}\))?\W{0,3}$",
    re.IGNORECASE,
)
DEVICE = re.compile(
    r"i(?:phone|pad|pod)|айфон|آيفون|الآيفون|هاتف|جهاز|galaxy|samsung|android|blackberry|huawei"
    r"|honor|xiaomi|redmi|\bmi \d|oppo|vivo|oneplus|pixel|nokia|xperia|motorola|windows|outlook"
    r"|yahoo|aol|proton|gmx|web\.de|tuta|thunderbird|k-9|fairemail|spark|airmail|bluemail|\bmail\b"
    r"|mail\.ru|яндекс|почт|mobile|handy|smartphone|mobiltelefon|телефон|смартфон|планшет|móvil"
    r"|celular|telemóvel|dispositivo|\bmy phone\W?$|手机|手機|华为|華為|小米|荣耀|邮箱|郵箱|信箱"
    r"|邮件|郵件|携帯|スマ|스마트폰|휴대|메일|갤럭시|아이폰|아웃룩",
    re.IGNORECASE,
)

CONFIDENTIAL = re.compile(
    r"confidential|vertraulich|confidentiel|confidencia[il]|riservat|vertrouwelijk|konfidentiell"
    r"|poufn|konfidenc|конфиденциальн|конфіденційн|gizli|rahasia|保密|机密|機密|기밀|비밀|سري",
    re.IGNORECASE,
)
DISCLAIMER_BEGINS = re.compile(
    r"\W{0,6}(?:(?:confidentiality|privacy|legal|important) (?:notice|note|statement)|disclaimer"
    r"|(?:privileged|confidential)\b|notice:|caution:|haftungsausschluss|vertraulichkeit"
    r"|avis(?:o)? (?:de confidentialit|legal|jur[ií]dico|de confidencialidad)|confidentialité"
    r"|avvertenze|nota di riservatezza|免责声明|免責聲明|保密声明|保密聲明|機密保持|注意:"
    r"|إخلاء مسؤولية|تنبيه|(?:(?:the )?(?:information|contents?)[^.]{0,40} )?\(?(?:of "
    r"|in )?th(?:is|e) (?:e-?mail|electronic|message|communication|transmission|information)"
    r"|the information|diese (?:e-?mail|nachricht)|die(?:se)? informationen|der inhalt dieser"
    r"|ce (?:message|courriel|courrier)|cet e-?mail|les informations|este (?:mensaje|correo"
    r"|e-?mail)|la información|el contenido|esta (?:mensagem|comunicación|transmisión)"
    r"|as informações|a informação|o conteúdo|questo messaggio|questa e-?mail|le informazioni"
    r"|dit (?:bericht|e-?mail)|deze e-?mail|niniejsza|ta wiadomość|(?:настоящее|данное"
    r"|это) (?:электронное )?(?:сообщение|письмо)|содержание (?:данного|этого)|информация"
    r"|bu (?:e-?posta|mesaj|ileti)|email ini|本邮件|本电子邮件|此邮件|此电子邮件|本郵件|本電子郵件"
    r"|此郵件|本信件|この(?:電子)?メール|本(?:電子)?メール|この電子|본 (?:메일|이메일|전자우편"
    r"|메시지)|이 (?:메일|이메일|전자우편|메시지)|هذه الرسالة|هذا البريد|المعلومات|تحتوي هذه)",
    re.IGNORECASE,
)
DISCLAIMER_SAYS = (
    CONFIDENTIAL,
    re.compile(
        r"recipient|addressee|intended|empfänger|adressat|destinatai|destinat[aá]ri|bestemd"
        r"|adresat|адресат|получател|предназначен|alıcı|penerima|收件人|收件者|接收|宛先|受信者"
        r"|名宛|受取人|수신|받는|مستلم|مرسل إليه|المقصود|المرسل",
        re.IGNORECASE,
    ),
    re.compile(
        r"delete|destroy|lösch|vernicht|supprim|détrui|elimin|borr|destru|apag|exclu|cancell"
        r"|verwijder|usun|удал|уничтож|видал|sil|hapus|删除|刪除|銷毀|销毁|削除|破棄|삭제|폐기|حذف"
        r"|إتلاف",
        re.IGNORECASE,
    ),
    re.compile(
        r"in error|by mistake|irrtüm|versehent|fehler|par erreur|por error|por engano|por erro"
        r"|per errore|abusiv|omyłk|ошиб|помилк|yanlış|kesalahan|误收|误发|錯誤|错误|误|誤|잘못"
        r"|실수|خطأ",
        re.IGNORECASE,
    ),
    re.compile(
        r"notify|inform the sender|contact the sender|advise|informieren|benachrichtig|avis|aviser"
        r"|prévenir|notifi|comuni|сообщ|уведом|поставить в известность|bildir|beri ?tahu|通知|告知"
        r"|连絡|連絡|聯絡|联系|알려|통보|연락|إبلاغ|إخطار|إعلام",
        re.IGNORECASE,
    ),
    re.compile(
        r"unauthori[sz]ed|prohibited|strictly|unbefugt|untersagt|nicht gestattet|interdit|prohib"
        r"|proib|vietat|verboden|zabron|запрещ|заборон|yasak|dilarang|禁止|不得|严禁|嚴禁|禁じ"
        r"|금지|يحظر|محظور|ممنوع",
        re.IGNORECASE,
    ),
    re.compile(
        r"attach|anhäng|anlag|pièce|adjunt|anex|allegat|bijlag|załącz|вложен|ek(?:i|ler)|lampiran"
        r"|附件|添付|첨부|مرفق",
        re.IGNORECASE,
    ),
)
PERSONAL = re.compile(
    r"\b(?:my|i|ich|meine?|я|мо[йяи]|mis?|minhas?)\b|我的|私の|제가", re.IGNORECASE
)
"""A company's notice has no "I"."""
LIST_FOOTER = re.compile(
    r"mailing ?list|listinfo|unsubscribe|list-?serv|to unsubscribe|@lists?\.|/lists?/|отписаться"
    r"|abmelden|désabonner|desuscribir|退订|退訂|配信停止|수신거부|إلغاء الاشتراك",
    re.IGNORECASE,
)
