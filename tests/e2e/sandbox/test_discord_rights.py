"""What a bot may and may not do on the sandbox's Discord, and what it is told then."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from sandbox.discord.kinds import Intent, Permission
from sandbox.server import Sandbox
from tests.rigs.discord_rest import Rest

POLL = {"question": {"text": "Better?"}, "answers": [{"poll_media": {"text": "yes"}}]}


@pytest.fixture
async def rest(sandbox: Sandbox) -> AsyncIterator[Rest]:
    async with Rest.of(sandbox) as rest:
        yield rest


@pytest.mark.parametrize(
    ("lacking", "method", "path", "body"),
    [
        (Permission.SEND_MESSAGES, "POST", "messages", {"content": "a"}),
        (Permission.ADD_REACTIONS, "PUT", "messages/{message}/reactions/%F0%9F%91%8D/@me", None),
        (Permission.CREATE_PUBLIC_THREADS, "POST", "messages/{message}/threads", {"name": "a"}),
        (Permission.CREATE_PRIVATE_THREADS, "POST", "threads", {"name": "a", "type": 12}),
        (Permission.MANAGE_MESSAGES, "DELETE", "messages/{message}", None),
        (Permission.PIN_MESSAGES, "PUT", "pins/{message}", None),
        (Permission.MANAGE_CHANNELS, "PATCH", "", {"name": "b"}),
        (Permission.SEND_POLLS, "POST", "messages", {"poll": POLL}),
    ],
)
async def test_what_the_bot_has_no_permission_for_is_refused(
    rest: Rest, lacking: Permission, method: str, path: str, body: Any
) -> None:
    """The doctor names the permission that is missing only if the lack of it shows."""
    state = rest.sandbox.world.discord
    bot = state.guild.roles[state.guild.members[state.applications[0].id].roles[0]]
    message = rest.sandbox.discord.say("mei", "hello", "support")
    where = f"/channels/{state.channel('support').id}/{path}".rstrip("/")
    bot.permissions = (bot.permissions | lacking) & ~lacking
    everyone = state.guild.everyone
    everyone.permissions &= ~lacking

    refused = await rest.ask(method, where.format(message=message.id), body)
    bot.permissions |= lacking
    taken = await rest.ask(method, where.format(message=message.id), body)

    assert (refused.status, refused.code) == (403, 50013)
    assert taken.status < 300, taken.body


async def test_a_person_who_takes_no_direct_messages_is_told_of_by_its_code(rest: Rest) -> None:
    """ "Continue in private" has to say so instead of waiting for ever."""
    person = rest.sandbox.world.discord.user("mei")
    direct = await rest.done("POST", "/users/@me/channels", {"recipient_id": str(person.id)})
    path = f"/channels/{direct['id']}/messages"

    rest.sandbox.discord.close_direct("mei")
    closed = await rest.ask("POST", path, {"content": "a"})
    rest.sandbox.discord.close_direct("mei", closed=False)
    rest.sandbox.discord.block("mei")
    blocked = await rest.ask("POST", path, {"content": "a"})
    again = await rest.done("POST", "/users/@me/channels", {"recipient_id": str(person.id)})

    assert (closed.status, closed.code) == (blocked.status, blocked.code) == (403, 50007)
    assert again["id"] == direct["id"]


async def test_slow_mode_makes_a_bot_wait_that_is_no_moderator(rest: Rest) -> None:
    """An adapter that takes it for a failure would lose the reply."""
    state = rest.sandbox.world.discord
    bot = state.guild.roles[state.guild.members[state.applications[0].id].roles[0]]
    bot.permissions &= ~Permission.MANAGE_MESSAGES
    state.channel("support").slowmode_seconds = 30
    path = f"/channels/{state.channel('support').id}/messages"

    first = await rest.ask("POST", path, {"content": "a"})
    second = await rest.ask("POST", path, {"content": "b"})

    assert first.status == 200
    assert (second.status, second.code) == (429, 20016)
    assert 29 < second.body["retry_after"] <= 30


async def test_a_reaction_needs_an_emoji_that_there_is_and_an_author_who_bears_it(
    rest: Rest,
) -> None:
    """A state that is shown by a reaction would be missing without a word."""
    said = rest.sandbox.discord.say("mei", "hello", "support")
    path = f"/channels/{said.channel.id}/messages/{said.id}/reactions"

    words = await rest.ask("PUT", path + "/thumbsup/@me")
    foreign = await rest.ask("PUT", path + "/thumbs:5/@me")
    rest.sandbox.discord.block("mei")
    blocked = await rest.ask("PUT", path + "/%F0%9F%91%8D/@me")

    assert (words.code, foreign.code, blocked.code) == (10014, 10014, 90001)
    assert not said.reactions


async def test_a_message_has_at_most_twenty_kinds_of_reactions(rest: Rest) -> None:
    """Whoever reacts to a popular post has to expect a refusal."""
    said = rest.sandbox.discord.say("mei", "hello", "support")
    path = f"/channels/{said.channel.id}/messages/{said.id}/reactions"
    for number in range(20):
        await rest.done("PUT", f"{path}/{chr(0x1F600 + number)}/@me")

    one_more = await rest.ask("PUT", f"{path}/{chr(0x1F680)}/@me")
    again = await rest.ask("PUT", f"{path}/{chr(0x1F600)}/@me")

    assert one_more.code == 30010
    assert again.status == 204


async def test_only_fresh_messages_are_deleted_in_bulk(rest: Rest) -> None:
    """A clean-up that includes one old message would do nothing at all."""
    state = rest.sandbox.world.discord
    path = f"/channels/{state.channel('support').id}/messages/bulk-delete"
    said = [str(rest.sandbox.discord.say("mei", text, "support").id) for text in "ab"]

    old = await rest.ask("POST", path, {"messages": [*said, "1059080802140160333"]})
    one = await rest.ask("POST", path, {"messages": said[:1]})
    both = await rest.ask("POST", path, {"messages": said})

    assert (old.code, one.code, both.status) == (50034, 50035, 204)
    assert not state.channel("support").messages


async def test_who_opened_a_thread_may_put_it_away_but_not_lock_it(rest: Rest) -> None:
    """A bot that is no moderator can still tidy up after itself."""
    state = rest.sandbox.world.discord
    bot = state.guild.roles[state.guild.members[state.applications[0].id].roles[0]]
    bot.permissions &= ~Permission.MANAGE_THREADS
    support = state.channel("support").id
    own = await rest.done("POST", f"/channels/{support}/threads", {"name": "own", "type": 11})
    hers = rest.sandbox.discord.open_thread("mei", "hers", "support")

    locked = await rest.ask("PATCH", f"/channels/{own['id']}", {"locked": True})
    put_away = await rest.ask("PATCH", f"/channels/{own['id']}", {"archived": True})
    renamed = await rest.ask("PATCH", f"/channels/{own['id']}", {"name": "later"})
    foreign = await rest.ask("PATCH", f"/channels/{hers.id}", {"archived": True})

    assert (locked.code, renamed.code, foreign.code) == (50013, 50083, 50013)
    assert put_away.body["thread_metadata"]["archived"] is True


async def test_archived_threads_come_in_pages(rest: Rest) -> None:
    """Threads that were put away during an outage would not be looked into."""
    state = rest.sandbox.world.discord
    names = [f"t{number}" for number in range(5)]
    for name in names:
        thread = rest.sandbox.discord.open_thread("mei", name, "support")
        rest.sandbox.discord.archive("noor", thread)
    path = f"/channels/{state.channel('support').id}/threads/archived/public?limit=2"
    seen, before, more = [], "", True

    while more:
        page = await rest.done("GET", path + before)
        seen += [one["name"] for one in page["threads"]]
        last = page["threads"][-1]["thread_metadata"]["archive_timestamp"]
        before, more = "&before=" + last.replace("+", "%2B"), page["has_more"]

    assert seen == names[::-1]


async def test_members_are_listed_to_bots_with_the_intent_for_it(rest: Rest) -> None:
    """An operator who did not switch it on has to be told so."""
    path = f"/guilds/{rest.sandbox.world.discord.guild.id}/members?limit=100"

    rest.sandbox.discord.grant()
    without = await rest.ask("GET", path)
    rest.sandbox.discord.grant(Intent.GUILD_MEMBERS)
    listed = await rest.done("GET", path)

    assert without.code == 50001
    assert len(listed) == 6


async def test_an_archived_thread_takes_messages_and_nothing_else_unless_it_is_locked(
    rest: Rest,
) -> None:
    """A late reply brings the thread back; a late reaction or edit has to be given up."""
    state = rest.sandbox.world.discord
    thread = rest.sandbox.discord.open_thread("mei", "hello", "support")
    path = f"/channels/{thread.id}/messages"
    first = await rest.done("POST", path, {"content": "a"})
    rest.sandbox.discord.archive("noor", thread)

    edit = await rest.ask("PATCH", f"{path}/{first['id']}", {"content": "b"})
    react = await rest.ask("PUT", f"{path}/{first['id']}/reactions/%F0%9F%91%8D/@me")
    revived = await rest.ask("POST", path, {"content": "c"})

    assert edit.code == react.code == 50083
    assert revived.status == 200
    assert thread.thread is not None
    assert not thread.thread.archived
    bot = state.guild.roles[state.guild.members[state.applications[0].id].roles[0]]
    bot.permissions &= ~Permission.MANAGE_THREADS
    rest.sandbox.discord.archive("noor", thread, locked=True)
    locked = await rest.ask("POST", path, {"content": "d"})
    assert locked.code == 50083


async def test_others_messages_can_be_deleted_by_moderators_and_edited_by_nobody(
    rest: Rest,
) -> None:
    """Editing what a customer wrote would be forgery."""
    message = rest.sandbox.discord.say("mei", "hello", "support")
    path = f"/channels/{message.channel.id}/messages/{message.id}"

    edited = await rest.ask("PATCH", path, {"content": "forged"})
    deleted = await rest.ask("DELETE", path)

    assert (edited.status, edited.code) == (403, 50005)
    assert message.content == "hello"
    assert deleted.status == 204
