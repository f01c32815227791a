"""The mail host's submission side, driven by aiosmtplib, and the persons' mail programs."""

import base64
from email.message import EmailMessage

import aiosmtplib
import pytest

from sandbox.mail.programs import Letter
from sandbox.server import Sandbox
from tests.e2e.sandbox.rig import Wire

MEI = "mei.tan@post.example"


async def test_a_sent_mail_is_in_the_recipients_mailbox_and_in_sent(
    sandbox: Sandbox, wire: Wire
) -> None:
    await submit(sandbox, letter(sandbox))

    (mail,) = (await wire.get("/mail/seen/mei"))["mails"]
    support = (await wire.get(f"/mail/mailboxes/{sandbox.support_address}"))["mails"]

    assert mail["from"] == f"Acme Support <{sandbox.support_address}>"
    assert (mail["subject"], mail["text"].strip()) == ("Your order 😀", "On its way")
    assert mail["message_id"] == "<reply-1@acme.example>"
    assert mail["in_reply_to"] == "<q@post.example>"
    assert mail["references"] == ["<p@post.example>", "<q@post.example>"]
    assert [one["folder"] for one in support] == ["Sent"]


async def test_the_copy_in_sent_can_be_switched_off(sandbox: Sandbox, wire: Wire) -> None:
    await wire.post("/mail/settings", saves_sent=False)

    await submit(sandbox, letter(sandbox))

    assert sandbox.world.mail.support.sent.messages == []


async def test_the_journal_names_what_was_accepted(sandbox: Sandbox, wire: Wire) -> None:
    await submit(sandbox, letter(sandbox))

    (entry,) = await wire.get("/journal")

    assert (entry["platform"], entry["target"]) == ("smtp", MEI)
    assert entry["ref"] == "<reply-1@acme.example>"
    assert (await wire.get("/calls"))["smtp.DATA"] == 1


@pytest.mark.parametrize(
    ("address", "code"),
    [("unknown.person@post.example", 550), ("someone@elsewhere.invalid", 550)],
)
async def test_impossible_recipients_are_refused(sandbox: Sandbox, address: str, code: int) -> None:
    message = letter(sandbox)
    message.replace_header("To", address)

    with pytest.raises(aiosmtplib.SMTPRecipientsRefused) as refused:
        await submit(sandbox, message)

    assert refused.value.recipients[0].code == code


async def test_any_other_address_of_a_served_domain_exists(sandbox: Sandbox) -> None:
    message = letter(sandbox)
    message.replace_header("To", "Ana.New+shop@post.example")

    await submit(sandbox, message)

    assert len(sandbox.mail_programs.read("ana.new@post.example")) == 1


async def test_submission_needs_the_right_login(sandbox: Sandbox) -> None:
    with pytest.raises(aiosmtplib.SMTPAuthenticationError) as wrong:
        await submit(sandbox, letter(sandbox), password="wrong")
    with pytest.raises(aiosmtplib.SMTPSenderRefused) as missing:
        await submit(sandbox, letter(sandbox), username=None, password=None)

    assert (wrong.value.code, missing.value.code) == (535, 530)


async def test_a_mail_over_the_size_limit_is_refused(sandbox: Sandbox) -> None:
    async with aiosmtplib.SMTP(
        hostname="127.0.0.1", port=sandbox.smtp_port, start_tls=False
    ) as client:
        await client.ehlo()
        size = client.esmtp_extensions["size"]
        await client.login(sandbox.mail_user, sandbox.mail_password)
        with pytest.raises(aiosmtplib.SMTPSenderRefused) as refused:
            await client.mail(sandbox.support_address, options=[f"SIZE={int(size) + 1}"])

    assert refused.value.code == 552


async def test_a_person_writes_and_answers_as_a_mail_program_does(
    sandbox: Sandbox, wire: Wire
) -> None:
    asked = await wire.post(
        "/mail/send",
        person="mei",
        subject="Where is my order?",
        text="Number 7.",
        html="<p>Number <b>7</b>.</p>",
        attachments=[{"name": "bill.pdf", "content": base64.b64encode(b"%PDF-").decode()}],
    )
    answer = letter(sandbox)
    answer.replace_header("In-Reply-To", asked["message_id"])
    answer.replace_header("References", asked["message_id"])
    await submit(sandbox, answer)
    await wire.post("/mail/send", person="mei", text="Thanks", in_reply_to="<reply-1@acme.example>")

    first, second = [
        mail
        for mail in (await wire.get(f"/mail/mailboxes/{sandbox.support_address}"))["mails"]
        if mail["folder"] == "INBOX"
    ]

    assert first["from"] == f"Mei Tan <{MEI}>"
    assert (first["text"].strip(), "<b>7</b>" in first["html"]) == ("Number 7.", True)
    assert first["attachments"] == [
        {"name": "bill.pdf", "media_type": "application/pdf", "size_bytes": 5}
    ]
    assert second["references"] == [asked["message_id"], "<reply-1@acme.example>"]


async def test_raw_bytes_arrive_as_they_are(sandbox: Sandbox, wire: Wire) -> None:
    """Malformed mail: bad header bytes, no blank line, bare line feeds."""
    poison = b"\xff\xfe: \x00\nSubject: =?broken?=\n" + bytes(range(256))

    await wire.post("/mail/raw", person="jonas", content=base64.b64encode(poison).decode())

    assert sandbox.world.mail.support.inbox.messages[0].raw == poison
    assert await wire.get(f"/mail/mailboxes/{sandbox.support_address}")


async def test_honest_mail_is_vouched_for_and_other_mail_is_not(sandbox: Sandbox) -> None:
    sandbox.mail_programs.send("mei", Letter(text="x"))
    sandbox.mail_programs.send("mei", Letter(text="x", verified=False))

    honest, other = [mail.raw for mail in sandbox.world.mail.support.inbox.messages]

    assert honest.startswith(b"Authentication-Results: mx.acme.example;")
    assert b"Authentication-Results" not in other


def letter(sandbox: Sandbox) -> EmailMessage:
    """What the gateway would send."""
    message = EmailMessage()
    message["From"] = f"Acme Support <{sandbox.support_address}>"
    message["To"] = MEI
    message["Subject"] = "Your order 😀"
    message["Message-ID"] = "<reply-1@acme.example>"
    message["In-Reply-To"] = "<q@post.example>"
    message["References"] = "<p@post.example> <q@post.example>"
    message.set_content("On its way")
    return message


async def submit(
    sandbox: Sandbox,
    message: EmailMessage,
    *,
    username: str | None = "",
    password: str | None = "",
) -> None:
    """Send with the support login unless told otherwise ("" means the right one)."""
    await aiosmtplib.send(
        message,
        hostname="127.0.0.1",
        port=sandbox.smtp_port,
        start_tls=False,
        timeout=5,
        username=sandbox.mail_user if username == "" else username,
        password=sandbox.mail_password if password == "" else password,
    )
