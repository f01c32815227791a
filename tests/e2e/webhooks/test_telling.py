"""What happens is told to programs: signed, in order, as the API would say it."""

import asyncio
from datetime import UTC, datetime

import pytest
from aiohttp import web
from standardwebhooks.webhooks import Webhook

from gateway.webhooks.events import MISSED, PING, TYPES
from gateway.webhooks.line import Line
from gateway.webhooks.service import WebhookService, webhooks_file
from gateway.webhooks.targets import Allowed
from sandbox.certificates import Authority
from tests.e2e.http.rig import WEBHOOK_SETTINGS, Served
from tests.e2e.webhooks.made import Sending, logged, made
from tests.rigs.events import says, thread
from tests.rigs.openapi import Description
from tests.rigs.receiver import Receiver, Told, never, receiving, refuses, thanks
from tests.rigs.waiting import eventually

CHAT = thread("5")


async def test_a_message_is_told_with_its_conversation(desk: Served, receiver: Receiver) -> None:
    """A CRM would know that something happened, and have to ask what."""
    webhook = await made(desk, receiver, "message.received")

    conversation = await desk.rig.hears(says(CHAT, "mei", "hello"))
    await eventually(lambda: len(receiver.taken) == 1)

    (told,) = receiver.taken
    shown = (await desk.http.get(f"/api/v1/conversations/{conversation.id}")).json()
    page = (await desk.http.get(f"/api/v1/conversations/{conversation.id}/messages")).json()
    assert told.body["type"] == "message.received"
    assert told.body["data"]["conversation"] == shown
    assert told.body["data"]["entry"] == page["entries"][0]
    assert told.id.startswith("evt_")

    await eventually(lambda: logged(desk, webhook, "delivered"))


async def test_what_is_told_is_as_the_description_says(desk: Served, receiver: Receiver) -> None:
    """A program that was generated from the description would not understand us."""
    await made(desk, receiver, "*")
    description = (await desk.stranger.get("/api/v1/openapi.json")).json()
    conversation = await desk.rig.hears(says(CHAT, "mei", "hello"))
    await desk.http.post(f"/api/v1/conversations/{conversation.id}/notes", json={"text": "call"})
    await desk.rig.relay()

    await eventually(lambda: {"note.written", "message.received"} <= set(receiver.types))

    assert description["webhooks"].keys() == {*TYPES, MISSED, PING}
    whole = Description(description)
    for told in receiver.taken:
        post = description["webhooks"][told.body["type"]]["post"]
        schema = post["requestBody"]["content"]["application/json"]["schema"]
        assert whole.wrong(schema, told.body) == []
        assert whole.wrong(schema, {**told.body, "type": "another", "data": {}})


async def test_what_belongs_together_comes_in_its_order(desk: Served, receiver: Receiver) -> None:
    """A program would see an answer before its question, or a note on nothing."""
    await made(desk, receiver, "*")

    for n in range(20):
        await desk.rig.hears(says(CHAT, "mei", f"message {n}"))
    conversation = await desk.rig.hears(says(CHAT, "mei", "and thanks"))
    path = f"/api/v1/conversations/{conversation.number}"
    assert (await desk.http.post(f"{path}/notes", json={"text": "call"})).status_code == 201
    assert (await desk.http.patch(path, json={"status": "resolved"})).status_code == 200
    await desk.rig.relay()
    last = "conversation.status"
    await eventually(lambda: last in receiver.types)

    begun, *rest = receiver.types
    assert begun == "conversation.begun"
    assert rest[:22] == ["message.received"] * 21 + ["note.written"]
    said = [one.words for one in receiver.taken if one.body["type"] == "message.received"]
    assert said == [*(f"message {n}" for n in range(20)), "and thanks"]


async def test_only_what_was_asked_for_is_told(desk: Served, receiver: Receiver) -> None:
    """A supplier would read what is none of their business."""
    await made(desk, receiver, "note.written", inboxes=["mail"])
    by_mail = thread("mails of mei", "email", "mail")

    for where in (CHAT, by_mail):
        conversation = await desk.rig.hears(says(where, "mei", "hello"))
        path = f"/api/v1/conversations/{conversation.number}/notes"
        await desk.http.post(path, json={"text": f"about {where.account}"})
    await desk.rig.relay()
    await eventually(lambda: len(receiver.taken) == 1)

    assert [one.words for one in receiver.taken] == ["about mail"]


async def test_a_slow_receiver_delays_no_other(desk: Served, receiver: Receiver) -> None:
    """One integrator's bad day would be everybody's."""
    async with receiving() as slow:
        slow.answer = never
        await made(desk, slow, "message.received")
        await made(desk, receiver, "message.received")

        for n in range(30):
            await desk.rig.hears(says(thread(str(n)), f"customer {n}", "hello"))
        await eventually(lambda: len(receiver.taken) == 30)

        assert not slow.taken
        assert {one.id for one in slow.told} <= {one.id for one in receiver.taken}


async def test_both_secrets_sign_while_one_replaces_the_other(
    desk: Served, receiver: Receiver
) -> None:
    """Every receiver would have to be changed in the same second."""
    webhook = await made(desk, receiver, "message.received")
    old = receiver.secret
    url = f"/api/v1/webhooks/{webhook}/rotate"

    new = (await desk.http.post(url, json={"overlap_seconds": 60})).json()["secret"]
    await desk.rig.hears(says(CHAT, "mei", "hello"))
    await eventually(lambda: len(receiver.taken) == 1)
    last = (await desk.http.post(url, json={"overlap_seconds": 0})).json()["secret"]
    receiver.secret = last
    await desk.rig.hears(says(CHAT, "mei", "again"))
    await eventually(lambda: len(receiver.taken) == 2)

    both, one = (told.headers["webhook-signature"].split() for told in receiver.taken)
    assert (len(both), len(one)) == (2, 1)
    assert Webhook(new).verify(receiver.taken[0].raw, receiver.taken[0].headers)
    assert len({old, new, last}) == 3


async def test_what_another_process_makes_is_sent(desk: Served, receiver: Receiver) -> None:
    """A gateway that serves its API in a process of its own would have to be started anew."""
    rig = desk.rig
    async with webhooks_file(rig.data_dir) as file:
        serving = WebhookService(
            file, rig.store, rig.views, b"k" * 32, WEBHOOK_SETTINGS, lambda: datetime.now(UTC)
        )
        made_there = await serving.managing.create(receiver.url, ["message.received"], [], "", "1")
        receiver.secret = made_there.secret
        await rig.hears(says(CHAT, "mei", "hello"))
        await eventually(lambda: len(receiver.taken) == 1)
        (one,) = await serving.managing.deliveries(made_there.webhook.id, None, 0, 10)
        await eventually(lambda: logged(desk, made_there.webhook.id, "delivered"))

        await serving.managing.replay(made_there.webhook.id, one.id)
        await eventually(lambda: len(receiver.taken) == 2)

    assert receiver.taken[0].id == receiver.taken[1].id == one.event


async def test_a_new_address_is_used_from_then_on(desk: Served, receiver: Receiver) -> None:
    """What waited would go on knocking at a house where nobody lives any more."""
    async with receiving() as former:
        former.answer = refuses(503, **{"Retry-After": "3600"})
        webhook = await made(desk, former, "message.received")
        await desk.rig.hears(says(CHAT, "mei", "hello"))
        await eventually(lambda: logged(desk, webhook, "waiting", attempts=1))
        receiver.secret = former.secret
        path = f"/api/v1/webhooks/{webhook}"

        changed = await desk.http.patch(path, json={"url": receiver.url})
        await eventually(lambda: [one.words for one in receiver.taken] == ["hello"])

        assert changed.json().keys().isdisjoint({"failing_since", "retry_at"})
        assert len(former.told) == 1


async def test_what_was_under_way_to_an_old_address_goes_to_the_new_one(
    desk: Served, receiver: Receiver
) -> None:
    """Its conversation would wait for hours for what failed where nobody is to be reached."""
    async with receiving() as former:
        asked, changed = asyncio.Event(), asyncio.Event()

        async def refuses_later(_told: Told) -> web.Response:
            asked.set()
            await changed.wait()
            return web.Response(status=503, headers={"Retry-After": "3600"})

        former.answer = refuses_later
        webhook = await made(desk, former, "message.received")
        await desk.rig.hears(says(CHAT, "mei", "hello"))
        await asked.wait()
        receiver.secret = former.secret

        await desk.http.patch(f"/api/v1/webhooks/{webhook}", json={"url": receiver.url})
        changed.set()

        await eventually(lambda: [one.words for one in receiver.taken] == ["hello"])


async def test_what_is_under_way_at_the_end_is_finished(
    desk: Served, sending: Sending, receiver: Receiver
) -> None:
    """Each restart of a gateway would tell some events twice."""
    await made(desk, receiver, "message.received")
    asked, answered = asyncio.Event(), asyncio.Event()

    async def slowly(_told: Told) -> None:
        asked.set()
        await answered.wait()

    receiver.answer = slowly
    await desk.rig.hears(says(CHAT, "mei", "hello"))
    await asked.wait()
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(sending.stop())
        await asyncio.sleep(0)
        answered.set()
    sending.start()
    await desk.rig.hears(says(CHAT, "mei", "again"))
    await eventually(lambda: len(receiver.taken) == 2)

    assert [one.words for one in receiver.told] == ["hello", "again"]


async def test_no_secret_gets_into_the_log(desk: Served, receiver: Receiver) -> None:
    """A receiver that repeats what it was sent would write our signature where many read it."""
    webhook = await made(desk, receiver, "message.received")

    async def echo(told: Told) -> web.StreamResponse:
        signature = told.headers["webhook-signature"]
        text = f"bad {signature} of {receiver.secret} " + "x" * 5000
        return web.Response(status=400, text=text)

    receiver.answer = echo
    await desk.rig.hears(says(CHAT, "mei", "hello"))
    await eventually(lambda: logged(desk, webhook, "waiting", attempts=1))

    (one,) = (await desk.http.get(f"/api/v1/webhooks/{webhook}/deliveries")).json()["deliveries"]
    assert one["response"].startswith("bad *** of *** xxx")
    assert (len(one["response"]), one["status"]) == (1000, 400)
    assert one["error"] == "it answered 400"


async def test_a_redirect_is_not_followed(desk: Served, receiver: Receiver) -> None:
    """A receiver could send us on to where it may not go itself."""
    async with receiving() as behind:
        receiver.answer = refuses(307, Location=behind.url)
        webhook = await made(desk, receiver, "message.received")

        await desk.rig.hears(says(CHAT, "mei", "hello"))
        await eventually(lambda: logged(desk, webhook, "waiting", attempts=1))

        assert not behind.told
        log = (await desk.http.get(f"/api/v1/webhooks/{webhook}/deliveries")).json()
        assert "redirects are not followed" in log["deliveries"][0]["error"]


async def test_who_is_gone_is_told_nothing_more(desk: Served, receiver: Receiver) -> None:
    """It would be knocked at for ever; or switched off, and nobody would know why."""
    receiver.answer = refuses(410)
    webhook = await made(desk, receiver, "message.received")

    for text in ("hello", "again"):
        await desk.rig.hears(says(CHAT, "mei", text))

    async def is_disabled() -> bool:
        found = (await desk.http.get(f"/api/v1/webhooks/{webhook}")).json()
        return found["state"] == "disabled" and "410 Gone" in found["reason"]

    await eventually(is_disabled)
    assert len(receiver.told) == 1
    receiver.answer = thanks
    assert (await desk.http.post(f"/api/v1/webhooks/{webhook}/resume")).status_code == 200
    await eventually(lambda: [one.words for one in receiver.taken] == ["hello", "again"])


async def test_who_cannot_prove_who_they_are_is_told_nothing() -> None:
    """Whoever stands between us and a receiver would read what customers write."""
    stranger = Authority("Nobody knows").context(("127.0.0.1",))
    async with (
        receiving(tls=stranger) as receiver,
        Line(receiver.url, Allowed(("127.0.0.1",)), 5, 1) as line,
    ):
        outcome = await line.post(b"{}", {}, 0)

    assert not receiver.told
    assert outcome.error == "the receiver's certificate is not valid for it"


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
async def test_no_connection_is_made_to_what_is_not_allowed(receiver: Receiver, host: str) -> None:
    """A name that leads to the metadata of a cloud hands out its keys."""
    url = receiver.url.replace("127.0.0.1", host)

    async with Line(url, Allowed(http=True), 5, 1) as line:
        outcome = await line.post(b"{}", {}, 0)

    assert not outcome.ok
    assert "private or special network" in outcome.error
    assert not receiver.told
