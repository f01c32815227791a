"""The whole way, over the wire on both sides: two channels of one customer, real processes."""

from functools import partial

from core.model.content import Attachment, Choice, Media, Text
from core.model.conversation import Entry
from core.model.message import DeliveryState
from sandbox.server import Sandbox
from tests.rigs.api import Api
from tests.rigs.customer import Customer
from tests.rigs.gateway import MAIL, TELEGRAM, Gateway
from tests.rigs.waiting import eventually

BLUE = Choice(value="b", label="Blue")
FILE = bytes(range(256)) * 400


async def test_a_customer_on_two_channels_is_answered_on_each(
    gateway: Gateway, agent: Api, sandbox: Sandbox
) -> None:
    """Linked or not, each reply arrives only where its question was asked."""
    mei = Customer(sandbox, "mei")
    chat, mail = await two_conversations(mei, agent)

    await agent.settled(await agent.reply(chat, "On the phone"))
    await agent.settled(await agent.reply(mail, "By mail"))
    linked = await gateway.command("link", chat, mail, "--why", "said so")
    joined = await agent.conversation(mail)
    for leg in joined.legs:
        text = f"Linked, {leg.thread.channel}"
        await agent.settled(await agent.reply(joined.number, text, leg=leg.id))
    unlinked = await gateway.command("unlink", chat, mail)
    await agent.settled(await agent.reply(chat, "Phone again"))
    await agent.settled(await agent.reply(mail, "Mail again"))

    assert (linked.returncode, unlinked.returncode) == (0, 0), linked.stderr + unlinked.stderr
    assert {leg.number for leg in joined.legs} == {chat, mail}
    assert mei.read_on_phone == ["On the phone", "Linked, telegram", "Phone again"]
    assert mei.read_by_mail == ["By mail", "Linked, email", "Mail again"]
    assert [len((await agent.conversation(one)).legs) for one in (chat, mail)] == [1, 1]
    for other in ("jonas", "amara"):
        assert not Customer(sandbox, other).mails


async def test_a_mailed_answer_belongs_to_the_mail_that_it_answers(
    agent: Api, sandbox: Sandbox
) -> None:
    """The customer's own mail program shows one thread, and so do we."""
    mei = Customer(sandbox, "mei")
    question = mei.writes("Where is it?", subject="Order 7")
    number = await only_conversation(agent)

    await agent.settled(await agent.reply(number, "On its way"))
    answer = mei.mails[0]
    mei.writes("Thanks!", subject="Re: Order 7", in_reply_to=str(answer["message_id"]))

    assert answer["in_reply_to"] == question
    assert answer["subject"] == f"Re: Order 7 [{number}]"
    await eventually(lambda: heard(agent, number, ["Where is it?", "Thanks!"]))


async def test_a_numbered_list_is_answered_with_a_number_by_mail_and_by_name_on_the_phone(
    agent: Api, sandbox: Sandbox
) -> None:
    """Programs are to learn what was chosen, whichever way the customer had to say it."""
    mei = Customer(sandbox, "mei")
    chat, mail = await two_conversations(mei, agent)
    row = [{"label": "Red", "value": "r"}, {"label": "Blue", "value": "b"}]
    for number in (chat, mail):
        await agent.settled(await agent.reply(number, "Which colour?", buttons=[row]))
    asked = mei.mails[0]
    below = "\n".join(f"> {line}" for line in str(asked["text"]).splitlines())

    mei.says("blue")
    answer = f"2\n\nOn Mon, 23 Nov 2026 at 10:02, Pier <support@acme.example> wrote:\n{below}"
    mei.writes(answer, subject="Re: Order 7", in_reply_to=str(asked["message_id"]))

    async def chose(number: str) -> bool:
        return (await agent.entries(number))[-1].message.parts[1:] == (BLUE,)

    for number in (chat, mail):
        await eventually(partial(chose, number))


async def test_a_part_of_a_question_is_quoted_on_the_phone_and_written_out_in_a_mail(
    agent: Api, sandbox: Sandbox
) -> None:
    """Each question has its answer, wherever the customer reads it."""
    mei = Customer(sandbox, "mei")
    for number in await two_conversations(mei, agent):
        question = (await agent.entries(number))[0]
        (text,) = (one for one in question.message.parts if isinstance(one, Text))
        quote = text.text.split()[0]
        fields = {"answers": question.message.id, "quote": quote}
        sent = await agent.settled(await agent.reply(number, "Yes.", **fields))
        assert sent.delivery is not None
        assert sent.delivery.state is DeliveryState.SENT

    (on_phone,), (mail,) = mei.answers, mei.mails
    assert on_phone.quote is not None
    assert (on_phone.quote["text"], on_phone.text) == ("Hello", "Yes.")
    assert str(mail["text"]).splitlines()[:3] == ["> Hello", "", "Yes."]


async def test_a_reply_from_the_command_line_is_followed_until_it_is_sent(
    gateway: Gateway, agent: Api, sandbox: Sandbox
) -> None:
    mei = Customer(sandbox, "mei")
    mei.says("Anybody there?")
    number = await only_conversation(agent)

    done = await gateway.command("send", number, "Yes, we are", "--silent")

    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[0] == f"{number} on telegram:{TELEGRAM}"
    assert done.stdout.splitlines()[-1] == "sent"
    assert [(one.text, one.silent) for one in mei.answers] == [("Yes, we are", True)]


async def test_files_travel_both_ways_on_both_channels(agent: Api, sandbox: Sandbox) -> None:
    mei, jonas = Customer(sandbox, "mei"), Customer(sandbox, "jonas")
    mei.sends_file("receipt.bin", FILE)
    phone = await only_conversation(agent)
    jonas.writes("See the file", subject="Receipt", receipt=FILE)
    await eventually(lambda: has_open(agent, 2))
    mail = next(
        one.number for one in await agent.conversations() if one.legs[0].thread.account == MAIL
    )

    for number in (phone, mail):
        entry, file = await file_of(agent, number)
        assert file.name == "receipt.bin"
        assert await agent.download(number, entry, file) == FILE
        uploaded = await agent.upload("Übersicht.bin", FILE[::-1], "application/octet-stream")
        sent = await agent.settled(await agent.reply(number, "Here", attachments=[uploaded.id]))
        assert sent.delivery is not None
        assert sent.delivery.state is DeliveryState.SENT, sent.delivery

    documents = [one.file for one in mei.answers if one.file]
    assert [(one.name, one.content) for one in documents] == [("Übersicht.bin", FILE[::-1])]
    assert jonas.enclosed() == FILE[::-1]


async def two_conversations(mei: Customer, agent: Api) -> tuple[str, str]:
    """-> the numbers of one customer's conversations on Telegram and by e-mail."""
    mei.says("Hello from the phone")
    chat = await only_conversation(agent)
    mei.writes("Hello by mail", subject="Hello")
    await eventually(lambda: has_open(agent, 2))
    numbers = {one.number for one in await agent.conversations()}
    return chat, (numbers - {chat}).pop()


async def only_conversation(agent: Api) -> str:
    await eventually(lambda: has_open(agent, 1))
    return str((await agent.conversations())[0].number)


async def has_open(agent: Api, count: int) -> bool:
    return len(await agent.conversations()) == count


async def heard(agent: Api, number: str, texts: list[str]) -> bool:
    return [text.strip() for text in await agent.heard(number)] == texts


async def file_of(agent: Api, number: str) -> tuple[Entry, Attachment]:
    """The first file of a conversation, and where it is."""
    return next(
        (entry, part.attachment)
        for entry in await agent.entries(number)
        for part in entry.message.parts
        if isinstance(part, Media)
    )
