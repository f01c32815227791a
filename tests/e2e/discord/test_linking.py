"""Somebody on Discord proves that a mailbox is theirs, too: by a code, and a button in private."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from core.model.ids import identity_id
from sandbox.discord.messages import Message
from sandbox.server import Sandbox
from tests.e2e.discord.town_rig import ACCOUNT, DiscordTown, town
from tests.rigs.assembly import fresh_store
from tests.rigs.events import says, thread
from tests.rigs.platform import MemoryAdapter
from tests.rigs.redis_server import RedisServer
from tests.rigs.waiting import eventually

MAIL = thread("mei's mail", "email", "mail")


@pytest.fixture(scope="module")
def server() -> Iterator[RedisServer]:
    with RedisServer() as running:
        yield running


@pytest.fixture
def post() -> MemoryAdapter:
    return MemoryAdapter()


@pytest.fixture
async def place(
    server: RedisServer, tmp_path: Path, post: MemoryAdapter
) -> AsyncIterator[DiscordTown]:
    async with (
        Sandbox() as sandbox,
        fresh_store(server.url) as store,
        town(sandbox, store, tmp_path, mail=post) as opened,
    ):
        yield opened


async def asked(place: DiscordTown, post: MemoryAdapter) -> Message:
    """Mei asks for a code, mails it, and that it is hers; -> what she is asked on Discord."""
    interaction = place.app.slash("mei", "link", place="support")
    await eventually(lambda: interaction.original is not None)
    assert interaction.original is not None
    code = interaction.original.content.split("`")[1]
    await place.line.dispatcher.accept(says(MAIL, "mei@post.example", code))
    await eventually(lambda: "This is a code of" in "".join(post.texts()))
    await place.line.dispatcher.accept(says(MAIL, "mei@post.example", "It's me"))
    await eventually(lambda: "Is that you" in "".join(place.app.texts("mei")))
    return place.app.seen("mei")[-1]


def mei(place: DiscordTown) -> str:
    return identity_id("discord", ACCOUNT, str(place.app.user("mei").id))


async def test_a_code_by_mail_and_a_button_in_private_make_one_person_of_two(
    place: DiscordTown, post: MemoryAdapter
) -> None:
    """Who asked on Discord and by mail would be asked everything twice."""
    question = await asked(place, post)
    assert "mei@post.example" in question.content
    user = place.app.user("mei")
    assert f"{user.name} ({user.username}) on Discord" in question.content, (
        "who would know a number?"
    )

    place.app.press("mei", question, "It's me")

    await eventually(lambda: "Done" in place.app.texts("mei")[-1])

    async def are_one() -> bool:
        mail = identity_id("email", "mail", "mei@post.example")
        found = await place.line.store.people.linked_with(mail)
        return mei(place) in found

    await eventually(are_one)


async def test_who_presses_that_it_was_not_them_is_left_alone(
    place: DiscordTown, post: MemoryAdapter
) -> None:
    question = await asked(place, post)

    place.app.press("mei", question, "Not me")

    await eventually(lambda: "Nothing was linked" in place.app.texts("mei")[-1])
    mail = identity_id("email", "mail", "mei@post.example")
    assert set(await place.line.store.people.linked_with(mail)) == {mail}
