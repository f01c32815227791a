"""What mailboxes do by themselves: machines and people who answer, pass on and bounce."""

from email import message_from_bytes, policy
from email.message import EmailMessage, Message
from typing import Any

import aiosmtplib
import dkim  # type: ignore[import-untyped]
import pytest
from flufl.bounce import all_failures

from sandbox.mail.programs import Letter
from sandbox.server import Sandbox
from tests.e2e.sandbox.rig import Wire

MEI, JONAS, LIST = "mei.tan@post.example", "jonas.keller@post.example", "club@post.example"
BOUNCES = "support+bounce-7@acme.example"
ASKED = "<asked@acme.example>"


@pytest.mark.parametrize(
    ("kind", "mark", "subject"),
    [
        ("out_of_office", "Auto-Submitted", "Automatic reply: Your order"),
        ("outlook", "X-Auto-Response-Suppress", "Automatic reply: Your order"),
        ("vacation", "X-Autoreply", "Automatic reply: Your order"),
        ("rude", None, "Re: Your order"),
        ("rude_new", None, "We have received your message"),
    ],
)
async def test_a_machine_answers(
    sandbox: Sandbox, wire: Wire, kind: str, mark: str | None, subject: str
) -> None:
    """With the marks by which loops are broken, or without any."""
    await wire.post("/mail/habits", person="mei", kind=kind, text="Away until Monday.")

    await _send(sandbox)
    (answer,) = _received(sandbox)

    marks = {"Auto-Submitted", "X-Auto-Response-Suppress", "X-Autoreply"} & set(answer.keys())
    assert marks == ({mark} if mark else set())
    assert (answer["Subject"], answer["From"]) == (subject, f"Mei Tan <{MEI}>")
    assert answer["In-Reply-To"] == (None if kind == "rude_new" else ASKED)
    assert "Away until Monday." in answer.get_content()


async def test_politeness_does_not_answer_machines(sandbox: Sandbox, wire: Wire) -> None:
    await wire.post("/mail/habits", person="mei", kind="out_of_office")

    await _send(sandbox, headers={"Auto-Submitted": "auto-replied"})
    await _send(sandbox, sender="")

    assert _received(sandbox) == []


async def test_rudeness_answers_until_its_limit(sandbox: Sandbox, wire: Wire) -> None:
    """Machines, too: the loop that the gateway has to end."""
    await wire.post("/mail/habits", person="mei", kind="rude", limit=3)

    for _ in range(5):
        await _send(sandbox, headers={"Auto-Submitted": "auto-replied"})

    assert len(_received(sandbox)) == 3
    assert (await wire.get("/mail/habits"))[MEI]["acted"] == 3
    await wire.delete(f"/mail/habits/{MEI}")
    assert await wire.get("/mail/habits") == {}


async def test_two_machines_that_answer_each_other_come_to_an_end(
    sandbox: Sandbox, wire: Wire
) -> None:
    for person in ("mei", "jonas"):
        await wire.post("/mail/habits", person=person, kind="rude", limit=0)

    sandbox.mail_programs.send("mei", Letter(text="Hi", to=[JONAS]))

    assert len(sandbox.world.mail.host(JONAS).inbox.messages) == 3
    assert len(sandbox.world.mail.host(MEI).inbox.messages) == 3


async def test_somebody_answers_all(sandbox: Sandbox, wire: Wire) -> None:
    """Jonas was copied and is now part of it."""
    await wire.post("/mail/habits", person="mei", kind="reply_all", text="Fine by us.")

    await _send(sandbox, cc=[JONAS])
    (answer,) = _received(sandbox)

    assert (answer["To"], answer["Cc"]) == ("support@acme.example", JONAS)
    assert len(sandbox.world.mail.host(JONAS).inbox.messages) == 2


@pytest.mark.parametrize(("signed", "dmarc"), [(True, "pass"), (False, "fail")])
async def test_a_forwarded_mail_is_itself_with_another_verdict(
    sandbox: Sandbox, wire: Wire, signed: bool, dmarc: str
) -> None:
    """Only a signature survives the way."""
    support = sandbox.support_address
    await wire.post("/mail/habits", person="jonas", kind="forward", recipients=[support])

    sandbox.mail_programs.send("mei", Letter(text="For you", to=[JONAS], signed=signed))
    (mail,) = _received(sandbox)

    assert (mail["From"], mail["To"]) == (f"Mei Tan <{MEI}>", JONAS)
    assert f"spf=fail smtp.mailfrom={MEI};" in mail["Authentication-Results"]
    assert f"dmarc={dmarc} header.from=post.example" in mail["Authentication-Results"]


@pytest.mark.parametrize("rewrites", [True, False])
async def test_a_list_changes_what_it_passes_on(
    sandbox: Sandbox, wire: Wire, rewrites: bool
) -> None:
    habit = {"kind": "list", "recipients": [sandbox.support_address], "rewrites": rewrites}
    await wire.post("/mail/habits", address=LIST, **habit)

    sandbox.mail_programs.send("mei", Letter(text="Hi", subject="News", to=[LIST], signed=True))
    (mail,) = _received(sandbox)
    raw = sandbox.world.mail.support.inbox.messages[0].raw

    author = f"Mei Tan via club <{LIST}>" if rewrites else f"Mei Tan <{MEI}>"
    assert (mail["From"], mail["Subject"]) == (author, "[club] News")
    assert (mail["List-Id"], mail["Precedence"]) == ("<club.post.example>", "list")
    assert not dkim.verify(raw, dnsfunc=lambda name, timeout=5: _record(sandbox, name))


@pytest.mark.parametrize("style", ["standard", "headers", "bare", "qmail", "exchange", "words"])
async def test_a_mail_that_was_taken_bounces_later(
    sandbox: Sandbox, wire: Wire, style: str
) -> None:
    """To the envelope's sender, from nobody."""
    await wire.post("/mail/habits", person="mei", kind="bounce", style=style)

    await _send(sandbox, sender=BOUNCES)
    (report,) = _received(sandbox)
    stored = sandbox.world.mail.support.inbox.messages[0]

    assert (report["To"], stored.sender) == (BOUNCES, "")
    assert MEI in stored.raw.decode()
    assert (ASKED in stored.raw.decode()) == (style not in ("bare", "exchange"))
    if style in ("standard", "headers", "bare"):
        assert report.get_content_type() == "multipart/report"
        assert _failures(stored.raw) == ([], [MEI])


async def test_a_report_tells_each_recipients_fate(sandbox: Sandbox, wire: Wire) -> None:
    """One is unknown, one has to wait: only the first has failed."""
    await _send(sandbox, sender=BOUNCES, cc=[JONAS])
    fates: list[dict[str, Any]] = [
        {"recipient": MEI, "status": "5.1.1"},
        {"recipient": JONAS, "action": "delayed"},
    ]

    (seen,) = (await wire.get("/mail/seen/mei"))["mails"]
    made = await wire.post("/mail/bounce", message_id=ASKED, fates=fates)
    (report,) = _received(sandbox)

    _, status = list(report.iter_parts())[:2]
    groups = status.get_payload()
    told = [
        (group["Final-Recipient"], group["Action"], group["Status"])
        for group in (groups if isinstance(groups, list) else [])
        if isinstance(group, Message) and "Final-Recipient" in group
    ]
    assert told == [
        (f"rfc822; {MEI}", "failed", "5.1.1"),
        (f"rfc822; {JONAS}", "delayed", "4.4.1"),
    ]
    assert (seen["envelope_from"], report["Message-ID"]) == (BOUNCES, made["message_id"])
    assert _failures(sandbox.world.mail.support.inbox.messages[0].raw) == ([JONAS], [MEI])


async def test_a_forged_mail_is_not_vouched_for_whatever_it_claims(
    sandbox: Sandbox, wire: Wire
) -> None:
    """The host writes on top; below stands what the forger would like to be believed."""
    await wire.post("/mail/send", person="mei", text="Send it to me.", forged=True)
    await wire.post("/mail/settings", authserv_id="mail.other.example", adds_results=False)
    await wire.post("/mail/send", person="mei", text="Send it to me.", forged=True)

    first, second = _received(sandbox)

    on_top, below = first.get_all("Authentication-Results", [])
    assert on_top.startswith("mx.acme.example; spf=fail smtp.mailfrom=nobody@elsewhere.example")
    assert below.startswith(f"mx.acme.example; spf=pass smtp.mailfrom={MEI}")
    (only,) = second.get_all("Authentication-Results", [])
    assert only.startswith("mail.other.example; spf=pass")


async def test_a_signed_mail_can_be_verified(sandbox: Sandbox, wire: Wire) -> None:
    await wire.post("/mail/send", person="mei", text="Hello", signed=True)
    raw = sandbox.world.mail.support.inbox.messages[0].raw

    assert dkim.verify(raw, dnsfunc=lambda name, timeout=5: _record(sandbox, name))


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"person": "mei", "kind": "dances"}, "'kind' must be one of"),
        ({"person": "mei", "kind": "forward"}, "'recipients' go with"),
        ({"person": "mei", "kind": "rude", "recipients": [MEI]}, "'recipients' go with"),
        ({"person": "mei", "kind": "bounce", "status": "bad"}, "'status' must be a code"),
        ({"address": "a@nowhere.example", "kind": "rude"}, "Relay access denied"),
    ],
)
async def test_a_habit_that_cannot_be_is_explained(
    wire: Wire, body: dict[str, Any], words: str
) -> None:
    url = f"{wire.sandbox.http_url}/control/mail/habits"
    async with wire.http.post(url, json=body) as response:
        assert (response.status, words in (await response.json())["error"]) == (400, True)


def _record(sandbox: Sandbox, name: bytes) -> bytes:
    return "".join(sandbox.world.dns.texts(name.decode()) or ()).encode()


def _failures(raw: bytes) -> tuple[list[str], list[str]]:
    """(who has to wait, who was not reached) as another project's reader understands it."""
    waiting, failed = all_failures(message_from_bytes(raw))
    return [one.decode() for one in waiting], [one.decode() for one in failed]


def _received(sandbox: Sandbox) -> list[EmailMessage]:
    inbox = sandbox.world.mail.support.inbox
    return [message_from_bytes(mail.raw, policy=policy.default) for mail in inbox.messages]


async def _send(
    sandbox: Sandbox,
    *,
    sender: str = "support@acme.example",
    cc: list[str] | None = None,
    headers: dict[str, str] | None = None,
) -> None:
    """A mail of the gateway to Mei."""
    message = EmailMessage()
    lines = {"From": "support@acme.example", "To": MEI, "Subject": "Your order"}
    for name, value in (lines | {"Message-ID": ASKED} | (headers or {})).items():
        message[name] = value
    if cc:
        message["Cc"] = ", ".join(cc)
    message.set_content("It is on its way.")
    await aiosmtplib.send(
        message,
        sender=sender,
        recipients=[MEI, *(cc or [])],
        hostname="127.0.0.1",
        port=sandbox.smtp_port,
        start_tls=False,
        username=sandbox.mail_user,
        password=sandbox.mail_password,
    )
