"""Going on in private, over HTTP."""

from core.model.message import Audience
from tests.e2e.http.rig import Served
from tests.rigs.events import says, thread
from tests.rigs.platform import CommunityAdapter, MemoryAdapter

SQUARE = thread("square")


async def asked(desk: Served) -> str:
    conversation = await desk.rig.hears(says(SQUARE, "mei", "How?", audience=Audience.PUBLIC))
    return conversation.number


async def test_a_private_reply_goes_to_the_leg_that_was_answered_with(desk: Served) -> None:
    """A program would have to guess where the author alone reads."""
    desk.rig.adapters["bot"] = CommunityAdapter()
    number = await asked(desk)

    refused = await desk.http.post(
        f"/api/v1/conversations/{number}/replies", json={"text": "secret"}
    )
    answer = await desk.http.post(f"/api/v1/conversations/{number}/private", json={})
    found = answer.json()
    replied = await desk.http.post(
        f"/api/v1/conversations/{found['conversation']['number']}/replies",
        json={"text": "Your address?", "leg": found["leg"]},
    )

    assert refused.status_code == 409
    assert "/private" in refused.json()["remedy"]
    assert answer.status_code == 200
    assert replied.status_code == 201
    assert replied.json()["leg"] == found["leg"]
    again = await desk.http.post(f"/api/v1/conversations/{number}/private", json={})
    assert again.json()["leg"] == found["leg"]


async def test_a_channel_that_writes_to_nobody_first_says_so(desk: Served) -> None:
    desk.rig.adapters["bot"] = MemoryAdapter()

    answer = await desk.http.post(f"/api/v1/conversations/{await asked(desk)}/private", json={})

    assert answer.status_code == 422
    assert "write to us in private" in answer.json()["detail"]


async def test_who_lets_nobody_write_to_them_is_the_platforms_refusal(desk: Served) -> None:
    closed = CommunityAdapter()
    closed.closed.add("mei")
    desk.rig.adapters["bot"] = closed

    answer = await desk.http.post(f"/api/v1/conversations/{await asked(desk)}/private", json={})

    assert (answer.status_code, answer.json()["code"]) == (502, "platform_refused")
