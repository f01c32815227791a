"""Search and the list of what is closed, over HTTP."""

from datetime import UTC, datetime

from core.model.event import Inbound
from gateway.scopes import Scope
from tests.e2e.http.rig import Served, indexed
from tests.rigs.events import says, thread


def mail(name: str, text: str) -> Inbound:
    return says(thread(name), name, text)


async def test_a_message_is_found_with_the_place_where_it_stands(desk: Served) -> None:
    """An agent who has the words and not the customer would have to scroll."""
    conversation = await desk.rig.hears(mail("mei", "Meine Bestellung 2024-00871 fehlt"))

    async with indexed(desk):
        answer = await desk.http.get("/api/v1/search", params={"q": "bestell 00871"})

    [row] = answer.json()["rows"]
    assert (row["kind"], row["number"], row["position"]) == ("message", conversation.number, 1)
    assert row["leg"] == conversation.legs[0].id
    text, hits = row["snippet"]["text"], row["snippet"]["hits"]
    marked = [text[hit["start"] : hit["start"] + hit["length"]] for hit in hits]
    assert marked == ["Bestellung", "2024-00871"] or marked == ["Bestellung", "00871"]


async def test_pages_follow_one_another_without_a_gap(desk: Served) -> None:
    """What falls between two pages is never found."""
    for n in range(7):
        await desk.rig.hears(mail("mei", f"again and again {n}"))

    found: list[str] = []
    async with indexed(desk):
        after = ""
        while True:
            query = {"q": "again", "limit": "3", "after": after}
            page = (await desk.http.get("/api/v1/search", params=query)).json()
            found += [row["snippet"]["text"] for row in page["rows"]]
            if not (after := page.get("next", "")):
                break

    assert found == [f"again and again {n}" for n in reversed(range(7))]


async def test_people_need_the_scope_for_people(desk: Served) -> None:
    """A token for reading messages would list every customer's address."""
    await desk.rig.hears(mail("mei", "hello"))
    token = desk.rig.desk.tokens.create("reader", frozenset({Scope.CONVERSATIONS_READ}))
    header = {"Authorization": f"Bearer {token}"}
    query = {"q": "mei", "kind": "people"}

    async with indexed(desk):
        refused = await desk.stranger.get("/api/v1/search", params=query, headers=header)
        answer = await desk.http.get("/api/v1/search", params=query)

    assert (refused.status_code, refused.json()["code"]) == (403, "missing_scope")
    assert [row["identity"] for row in answer.json()["rows"]] == ["telegram:bot:mei"]


async def test_a_conversation_is_found_by_its_number_and_by_ids(desk: Served) -> None:
    """A customer who reads their number out on the phone would not be found."""
    conversation = await desk.rig.hears(mail("mei", "hello"))
    page = await desk.rig.views.messages(conversation, "", 1)
    references = (
        conversation.number,
        conversation.number.lower().replace("-", ""),
        conversation.id,
        conversation.id.lower(),
        page.entries[0].message.id,
    )

    async with indexed(desk):
        answers = [
            await desk.http.get("/api/v1/search", params={"q": one, "kind": "conversations"})
            for one in references
        ]

    assert [[row["id"] for row in one.json()["rows"]] for one in answers] == [
        [conversation.id]
    ] * len(references)


async def test_what_is_closed_is_listed_by_itself(desk: Served) -> None:
    """What is done could only be reached by its number."""
    done, going_on = [await desk.rig.hears(mail(name, "hello")) for name in ("mei", "jonas")]
    await desk.http.patch(f"/api/v1/conversations/{done.id}", json={"status": "closed"})

    async with indexed(desk):
        closed = await desk.http.get("/api/v1/conversations", params={"view": "closed"})
        opened = await desk.http.get("/api/v1/conversations", params={"view": "open"})
        none = await desk.http.get(
            "/api/v1/conversations", params={"view": "closed", "inbox": "another"}
        )

    def ids(answer: dict[str, list[dict[str, dict[str, str]]]]) -> list[str]:
        return [row["conversation"]["id"] for row in answer["rows"]]

    assert (ids(closed.json()), ids(opened.json())) == ([done.id], [going_on.id])
    assert ids(none.json()) == []


async def test_what_is_not_indexed_yet_is_told(desk: Served) -> None:
    """An agent would take "not looked yet" for "not there"."""
    await desk.rig.hears(mail("mei", "hello"))

    before = (await desk.http.get("/api/v1/search", params={"q": "hello"})).json()
    async with indexed(desk):
        then = (await desk.http.get("/api/v1/search", params={"q": "hello"})).json()
    last_ms = int((await desk.rig.store.live.last_id()).split("-")[0])
    await desk.rig.store.redis.xadd(
        "{live}events", {"k": "in", "l": "gone-00", "p": "1"}, id=f"{last_ms + 60_000}-0"
    )
    late = (await desk.http.get("/api/v1/search", params={"q": "hello"})).json()

    assert (before["rows"], before["building"]) == ([], 0.0)
    assert not {"building", "indexed_until"} & set(then)
    assert datetime.fromisoformat(late["indexed_until"]) == datetime.fromtimestamp(
        last_ms / 1000, UTC
    )


async def test_a_search_that_nobody_can_answer_is_refused_with_the_remedy(desk: Served) -> None:
    """`in:closde` would be searched for and find nothing."""
    answers = [
        await desk.http.get("/api/v1/search", params=query)
        for query in (
            {"q": "in:closde"},
            {"q": "a " * 17},
            {"q": "x", "after": "f12x"},
            {},
        )
    ]

    assert [one.status_code for one in answers] == [422, 422, 400, 400]
    assert "open, waiting, spam, closed" in answers[0].json()["detail"]


async def test_what_was_searched_for_is_not_said_again_when_it_is_refused(desk: Served) -> None:
    """A client's log of refusals would hold customers' names."""
    query = {"q": "mei tan", "limit": "many"}

    problem = (await desk.http.get("/api/v1/search", params=query)).json()

    assert "mei" not in str(problem)
    assert "limit: " in problem["detail"]
