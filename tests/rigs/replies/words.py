"""What customers and we write in the answers of the corpus, in nine languages."""

from typing import NamedTuple


class Words(NamedTuple):
    """`asked` are the two sentences of our mail; each can be answered by one of `answered`."""

    asked: tuple[str, str]
    said: str
    answered: tuple[str, str]
    phone: str
    """What an iPhone writes below a mail."""
    name: str


WORDS = {
    "zh-Hans": Words(
        ("请问您的订单号是多少？", "包裹上有没有损坏？"),
        "谢谢，问题已经解决了！\n我明天再联系你们。",
        ("订单号是 4711。", "没有，包装完好。"),
        "发自我的 iPhone",
        "林晓",
    ),
    "zh-Hant": Words(
        ("請問您的訂單編號是多少？", "包裹有沒有損壞？"),
        "謝謝，問題已經解決了！\n我明天再聯絡你們。",
        ("編號是 4711。", "沒有，包裝完好。"),
        "從我的 iPhone 傳送",
        "陳怡君",
    ),
    "en": Words(
        ("Which order is it about?", "Was the parcel damaged?"),
        "Thanks, that solved it!\nI will call again tomorrow.",
        ("Order 4711.", "No, the box was fine."),
        "Sent from my iPhone",
        "Ada Park",
    ),
    "ja": Words(
        ("ご注文番号をお知らせください。", "荷物に損傷はありましたか。"),
        "ありがとうございます。解決しました。\n明日またご連絡します。",
        ("注文番号は4711です。", "いいえ、問題ありません。"),
        "iPhoneから送信",
        "佐藤 花子",
    ),
    "ko": Words(
        ("주문 번호가 어떻게 되나요?", "상자가 손상되었나요?"),
        "감사합니다. 해결되었습니다!\n내일 다시 연락드릴게요.",
        ("주문 번호는 4711입니다.", "아니요, 괜찮았습니다."),
        "나의 iPhone에서 보냄",
        "김하나",
    ),
    "ru": Words(
        ("Какой у вас номер заказа?", "Посылка была повреждена?"),
        "Спасибо, всё заработало!\nЗавтра напишу ещё раз.",
        ("Номер 4711.", "Нет, коробка целая."),
        "Отправлено с iPhone",
        "Анна Орлова",
    ),
    "es": Words(
        ("¿Cuál es el número del pedido?", "¿Llegó dañado el paquete?"),
        "¡Gracias, ya funciona!\nMañana les llamo otra vez.",
        ("Es el pedido 4711.", "No, la caja estaba bien."),
        "Enviado desde mi iPhone",
        "Inés Vidal",
    ),
    "pt": Words(
        ("Qual é o número do pedido?", "A encomenda chegou danificada?"),
        "Obrigado, já funciona!\nAmanhã ligo de novo.",
        ("É o pedido 4711.", "Não, a caixa estava boa."),
        "Enviado do meu iPhone",
        "João Nunes",
    ),
    "ar": Words(
        ("ما هو رقم الطلب؟", "هل وصل الطرد تالفًا؟"),
        "شكرًا، تم حل المشكلة!\nسأتصل بكم غدًا مرة أخرى.",
        ("رقم الطلب 4711.", "لا، كان الصندوق سليمًا."),
        "أُرسلت من الـ iPhone",
        "ليلى حداد",
    ),
}
