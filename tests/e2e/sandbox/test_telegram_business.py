"""A bot connected to a personal account: what it sees, what it may do, what it is refused."""

from typing import Any

import pytest
from telegram import Bot, ReplyParameters

from sandbox.server import Sandbox
from sandbox.telegram.phone import Saying
from sandbox.telegram.state import BusinessConnection, Chat
from tests.e2e.sandbox.rig import Wire

DAY_SECONDS = 24 * 3600


@pytest.fixture
def connection(sandbox: Sandbox) -> BusinessConnection:
    """Amara lets the bot into her account."""
    return sandbox.phone.connect_business("amara")


@pytest.fixture
def amara(sandbox: Sandbox) -> int:
    return sandbox.world.person("amara").telegram_id


@pytest.fixture
def chat_id(sandbox: Sandbox, connection: BusinessConnection, amara: int) -> int:
    """Mei has written to Amara; to Amara and so to the bot the chat is Mei."""
    sandbox.phone.say("mei", Saying(text="are you open?", chat_id=amara))
    return sandbox.world.person("mei").telegram_id


def personal(sandbox: Sandbox) -> Chat:
    (chat,) = [chat for chat in sandbox.world.telegram.chats if chat.personal]
    return chat


async def refusal(wire: Wire, method: str, **fields: Any) -> str:
    """-> the words with which the call is refused."""
    status, body = await wire.call(method, **fields)
    assert status in (400, 403), body
    return str(body["description"])


async def test_both_sides_of_a_customers_chat_reach_the_bot(
    sandbox: Sandbox, bot: Bot, connection: BusinessConnection, amara: int, chat_id: int
) -> None:
    """And edits and deletions, which a bot hears of nowhere else."""
    own = sandbox.phone.say("amara", Saying(text="until six", chat_id=chat_id))
    sandbox.phone.edit("amara", chat_id, own.id, "until seven")
    sandbox.phone.delete("mei", amara, own.id, own.id - 1)

    connected, question, answer, edited, gone = await bot.get_updates()

    assert connected.business_connection is not None
    assert connected.business_connection.id == connection.id
    for update, name, text in (
        (question.business_message, "Mei", "are you open?"),
        (answer.business_message, "Amara", "until six"),
        (edited.edited_business_message, "Amara", "until seven"),
    ):
        assert update is not None
        assert update.from_user is not None
        assert (update.from_user.first_name, update.text) == (name, text)
        assert (update.chat.id, update.business_connection_id) == (chat_id, connection.id)
    assert gone.deleted_business_messages is not None
    assert gone.deleted_business_messages.message_ids == (own.id, own.id - 1)


async def test_the_bot_answers_as_the_owner_and_hears_no_echo(
    sandbox: Sandbox, wire: Wire, bot: Bot, connection: BusinessConnection, chat_id: int
) -> None:
    (*_, last) = await bot.get_updates()
    assert last.business_message is not None

    sent = await bot.send_message(
        chat_id,
        "we are",
        business_connection_id=connection.id,
        reply_parameters=ReplyParameters(last.business_message.message_id),
    )

    assert sent.from_user is not None
    assert sent.sender_business_bot is not None
    assert (sent.from_user.first_name, sent.sender_business_bot.is_bot) == ("Amara", True)
    assert (sent.business_connection_id, sent.chat.id) == (connection.id, chat_id)
    assert await bot.get_updates(last.update_id + 1) == ()
    (chat,) = (await wire.get("/telegram/seen/mei"))["chats"]
    assert chat["chat"]["first_name"] == "Amara"
    assert chat["messages"][-1]["text"] == "we are"


async def test_the_bot_edits_its_own_and_what_the_owner_wrote_lately(
    sandbox: Sandbox, wire: Wire, bot: Bot, connection: BusinessConnection, chat_id: int
) -> None:
    here = {"chat_id": chat_id, "business_connection_id": connection.id}
    sent = await wire.result("sendMessage", **here, text="frist")
    own = sandbox.phone.say("amara", Saying(text="helo", chat_id=chat_id))
    old = sandbox.phone.say("amara", Saying(text="long ago", chat_id=chat_id))
    old.date -= 2 * DAY_SECONDS

    for message_id in (sent["message_id"], own.id):
        await wire.result("editMessageText", **here, message_id=message_id, text="hello")
    refused = await refusal(wire, "editMessageText", **here, message_id=old.id, text="x")

    assert [m.text for m in personal(sandbox).messages.values()][1:] == [
        "hello",
        "hello",
        "long ago",
    ]
    assert refused == "Bad Request: message can't be edited"


async def test_reading_and_deleting_for_the_owner(
    sandbox: Sandbox, wire: Wire, bot: Bot, connection: BusinessConnection, chat_id: int
) -> None:
    (question,) = personal(sandbox).messages.values()
    sent = await bot.send_message(chat_id, "oops", business_connection_id=connection.id)

    assert await bot.read_business_message(connection.id, chat_id, question.id)
    assert await bot.delete_business_messages(connection.id, [sent.message_id])

    (chat,) = (await wire.get("/telegram/seen/mei"))["chats"]
    assert [message["read"] for message in chat["messages"]] == [True]


async def test_what_the_connection_does_not_allow_is_refused(
    sandbox: Sandbox, wire: Wire, connection: BusinessConnection, amara: int, chat_id: int
) -> None:
    (question,) = personal(sandbox).messages.values()
    here = {"chat_id": chat_id, "business_connection_id": connection.id, "text": "x"}
    gone = {"business_connection_id": connection.id, "message_ids": [question.id]}

    stranger = await refusal(wire, "sendMessage", **here | {"chat_id": 5})
    unknown = await refusal(wire, "sendMessage", **here | {"business_connection_id": "?"})
    question.date -= DAY_SECONDS
    late = await refusal(wire, "sendMessage", **here)
    sandbox.phone.connect_business("amara", rights={"can_delete_sent_messages": True})
    mute = await refusal(wire, "sendMessage", **here)
    theirs = await refusal(wire, "deleteBusinessMessages", **gone)
    sandbox.phone.disconnect_business("amara")
    ended = await refusal(wire, "sendMessage", **here)

    assert [stranger, unknown, late, mute, theirs, ended] == [
        "Bad Request: BUSINESS_PEER_INVALID",
        "Bad Request: business connection not found",
        "Bad Request: BUSINESS_PEER_USAGE_MISSING",
        "Forbidden: BOT_ACCESS_FORBIDDEN",
        "Bad Request: MESSAGE_DELETE_FORBIDDEN",
        "Bad Request: BUSINESS_CONNECTION_INVALID",
    ]


async def test_after_disconnecting_the_bot_sees_nothing_and_a_new_connection_is_another(
    sandbox: Sandbox, wire: Wire, connection: BusinessConnection, amara: int, chat_id: int
) -> None:
    await wire.post("/telegram/disconnect", person="amara")
    await wire.post("/telegram/say", person="mei", text="private", chat_id=amara)
    await wire.post("/telegram/connect", person="amara", rights={"can_reply": True})

    updates = await wire.result("getUpdates")
    ended, begun = [update["business_connection"] for update in updates[2:]]
    known = await wire.result("getBusinessConnection", business_connection_id=connection.id)

    assert (ended["id"], ended["is_enabled"]) == (connection.id, False)
    assert begun["id"] != connection.id
    assert begun["rights"] == {"can_reply": True}
    assert known == ended


async def test_a_button_in_a_customers_chat_is_the_bots(
    sandbox: Sandbox, wire: Wire, connection: BusinessConnection, amara: int, chat_id: int
) -> None:
    markup = {"inline_keyboard": [[{"text": "Ok", "callback_data": "ok"}]]}
    here = {"chat_id": chat_id, "business_connection_id": connection.id}
    sent = await wire.result("sendMessage", **here, text="?", reply_markup=markup)

    sandbox.phone.tap("mei", amara, sent["message_id"], "ok")

    query = (await wire.result("getUpdates"))[-1]["callback_query"]
    assert query["from"]["first_name"] == "Mei"
    assert query["message"]["business_connection_id"] == connection.id


async def test_two_persons_without_a_bot_are_nobodys_business(
    sandbox: Sandbox, wire: Wire, amara: int
) -> None:
    sandbox.phone.say("mei", Saying(text="hi", chat_id=amara))
    sandbox.phone.say("amara", Saying(text="hi", chat_id=sandbox.world.person("mei").telegram_id))

    assert await wire.result("getUpdates") == []
    assert len(personal(sandbox).messages) == 2
