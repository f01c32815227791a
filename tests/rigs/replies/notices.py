"""Legal notices, which companies have their servers add below a mail."""

from tests.rigs.replies.mails import WROTE, Mail

_NOTICE = (
    "This e-mail and any attachments are confidential and intended solely for the addressee. If you"
    " have received it in error, please notify the sender and delete it."
)
NOTICES = {
    "notice-english": Mail(
        "Please send it.", f"Please send it.\n\n{_NOTICE}\n\n{WROTE}\n> Well?\n"
    ),
    "notice-below-the-signature": Mail(
        "Please send it.", f"Please send it.\n\n-- \nAda Park\nKunde Ltd\n\n{_NOTICE}\n"
    ),
    "notice-below-the-quote": Mail(
        "Please send it.",
        f"Please send it.\n\n{WROTE}\n> Well?\n\nCONFIDENTIALITY NOTICE: {_NOTICE}\n",
    ),
    "notice-german": Mail(
        "Bitte senden.",
        "Bitte senden.\n\nDiese E-Mail enthält vertrauliche Informationen. Wenn Sie nicht der "
        "richtige\n"
        "Adressat sind oder diese E-Mail irrtümlich erhalten haben, informieren Sie bitte den\n"
        "Absender und vernichten Sie diese Mail.",
    ),
    "notice-spanish": Mail(
        "Envíenlo, por favor.",
        "Envíenlo, por favor.\n\nEste mensaje y sus adjuntos son confidenciales y se dirigen a su "
        "destinatario. Si lo ha recibido por error, notifíquelo al remitente y elimínelo.",
    ),
    "notice-portuguese": Mail(
        "Podem enviar.",
        "Podem enviar.\n\nEsta mensagem contém informação confidencial destinada ao seu "
        "destinatário. "
        "Se a recebeu por engano, avise o remetente e apague-a.",
    ),
    "notice-russian": Mail(
        "Пришлите, пожалуйста.",
        "Пришлите, пожалуйста.\n\nДанное сообщение содержит конфиденциальную информацию и "
        "предназначено "
        "только адресату. Если вы получили его по ошибке, сообщите отправителю и удалите его.",
    ),
    "notice-chinese": Mail(
        "请寄出。",
        "请寄出。\n\n本邮件及其附件含有保密信息，仅限于发送给上面地址中列出的收件人。"
        "如果您错收了本邮件，请您立即"
        "通知发件人并删除本邮件！",
    ),
    "notice-japanese": Mail(
        "お送りください。",
        "お送りください。\n\nこのメールには機密情報が含まれている場合があります。"
        "宛先の方以外が誤って受信された場合は、"
        "送信者に通知のうえ削除してください。",
    ),
    "notice-korean": Mail(
        "보내 주세요.",
        "보내 주세요.\n\n본 메일은 지정된 수신인만을 위한 것이며 기밀 정보를 포함할 수 "
        "있습니다. 잘못 수신하신 경우 "
        "발신자에게 알려 주시고 삭제해 주십시오.",
    ),
    "notice-arabic": Mail(
        "أرجو الإرسال.",
        "أرجو الإرسال.\n\nهذه الرسالة سرية وموجهة إلى المستلم المقصود فقط. إذا استلمتها عن طريق "
        "الخطأ يرجى "
        "إبلاغ المرسل وحذفها.",
    ),
}
