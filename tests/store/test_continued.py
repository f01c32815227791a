"""What belongs to a message that is there: albums, edits that overtake, members' reactions."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from core.model.content import Attachment, Button, Buttons, Choice, Media, MediaKind, Text
from core.model.conversation import Status
from core.model.event import (
    ActionInvoked,
    Actor,
    ActorKind,
    Inbound,
    MessageCreated,
    MessageDeleted,
    MessageEdited,
    Reacted,
)
from core.model.ids import AttachmentId, MessageId, Number, identity_id
from core.model.message import Audience, Direction
from core.reply import Draft
from core.rules.incoming import as_message
from core.store.legs import new_leg
from tests.rigs.assembly import AGENT, Assembly, make_due, text_in
from tests.rigs.events import actor, event, says, thread

ADA, GROUP = thread("ada"), thread("group")


def picture(remote: str, album: str = "album-1") -> Inbound:
    part = Media(
        media=MediaKind.IMAGE, attachment=Attachment(id=AttachmentId(remote), remote=f"f-{remote}")
    )
    return event(ADA, "ada", MessageCreated(remote=remote, parts=(part,), album=album), remote)


@pytest.mark.parametrize("known", [False, True], ids=["new thread", "home path"])
@pytest.mark.parametrize("at_once", [False, True], ids=["one by one", "at once"])
async def test_an_album_is_one_message(line: Assembly, known: bool, at_once: bool) -> None:
    """However its files come: nothing waits for the last one, and nobody sees three messages."""
    if known:
        await line.dispatcher.accept(says(ADA, "ada", "hello"))
        await line.settle()
    for remote in ("m1", "m2", "m3"):
        await line.dispatcher.accept(picture(remote))
        if not at_once:
            await line.settle()
    await line.settle()

    entry = (await line.log(await line.leg_of(ADA)))[-1]

    assert len(await line.log(await line.leg_of(ADA))) == 1 + known
    assert entry.message.refs == ("m1", "m2", "m3")
    assert len(entry.message.parts) == 3


async def test_a_file_that_comes_again_is_in_its_album_once(line: Assembly) -> None:
    for remote in ("m1", "m2", "m1", "m2"):
        await line.dispatcher.accept(replace(picture(remote), dedup=f"{remote} again"))
        await line.settle()

    (entry,) = await line.log(await line.leg_of(ADA))

    assert entry.message.refs == ("m1", "m2")


async def test_two_albums_are_two_messages(line: Assembly) -> None:
    for remote, album in (("m1", "a"), ("m2", "b"), ("m3", "a"), ("m4", "b")):
        await line.dispatcher.accept(picture(remote, album))
    await line.settle()

    log = await line.log(await line.leg_of(ADA))

    assert [entry.message.refs for entry in log] == [("m1", "m3"), ("m2", "m4")]


async def test_a_worker_lost_within_an_album_costs_nothing(line: Assembly) -> None:
    """It filed the first file and did not live to acknowledge; the next holder has all three."""
    await line.dispatcher.accept(picture("m1"))
    lease = line.handed.popleft()
    await line.dispatcher.dispatch(lease)
    for remote in ("m2", "m3"):
        await line.dispatcher.accept(picture(remote))
    line.handed.clear()
    await make_due(line.store)
    await line.settle()

    (entry,) = await line.log(await line.leg_of(ADA))

    assert entry.message.refs == ("m1", "m2", "m3")


async def test_what_was_edited_long_ago_and_nobody_has_seen_is_no_news(line: Assembly) -> None:
    """A platform repeats what is pinned: an agent would answer last year's question."""
    edit = event(ADA, "ada", MessageEdited(remote="m1", parts=(Text(text="hello"),)))
    old = replace(edit, occurred_at=edit.occurred_at - timedelta(days=365))

    await line.dispatcher.accept(old)
    await line.dispatcher.accept(says(ADA, "ada", "good morning"))
    await line.settle()

    assert await line.texts(await line.leg_of(ADA)) == ["good morning"]


async def test_an_edit_may_come_before_its_original(line: Assembly) -> None:
    """Webhooks overtake one another. The newest words stand, the older ones are its history."""
    await line.dispatcher.accept(says(ADA, "ada", "first of all", remote="m0"))
    edit = MessageEdited(remote="m1", parts=(Text(text="hello"),))
    await line.dispatcher.accept(event(ADA, "ada", edit))
    await line.settle()
    await line.dispatcher.accept(says(ADA, "ada", "helo", remote="m1"))
    await line.settle()

    _, entry = await line.log(await line.leg_of(ADA))

    assert text_in(entry) == "hello"
    assert [one.parts for one in entry.message.history] == [(Text(text="helo"),)]
    assert entry.message.lost == ()


@pytest.mark.parametrize("ending", ["closed", "sealed"])
async def test_an_original_that_comes_after_the_end_belongs_to_its_edit(
    line: Assembly, ending: str
) -> None:
    """It would begin a new conversation with words that the customer has long corrected."""
    edit = MessageEdited(remote="m1", parts=(Text(text="hello"),))
    await line.dispatcher.accept(event(ADA, "ada", edit))
    await line.settle()
    leg = await line.leg_of(ADA)
    conversation = await line.conversation_of(ADA)
    if ending == "closed":
        for status in (Status.RESOLVED, Status.CLOSED):
            await line.triage.set_status(conversation, AGENT, status, MessageId(status))
    else:
        await line.agents.seal(conversation, leg)

    await line.dispatcher.accept(says(ADA, "ada", "helo", remote="m1"))
    await line.settle()
    await line.dispatcher.accept(says(ADA, "ada", "and more", remote="m2"))
    await line.settle()

    first = (await line.log(leg))[0].message
    assert [one.parts for one in first.history] == [(Text(text="helo"),)]
    assert await line.texts(await line.leg_of(ADA)) == ["and more"]


async def test_a_message_that_is_told_under_another_number_is_not_doubled(line: Assembly) -> None:
    for dedup in ("u1", "u2"):
        await line.dispatcher.accept(says(ADA, "ada", "hello", remote="m1", dedup=dedup))
        await line.settle()

    assert await line.texts(await line.leg_of(ADA)) == ["hello"]


async def test_another_message_under_the_same_id_is_kept(line: Assembly) -> None:
    for text in ("hello", "good bye"):
        await line.dispatcher.accept(says(ADA, "ada", text, remote="m1"))
        await line.settle()

    assert await line.texts(await line.leg_of(ADA)) == ["hello", "good bye"]


async def test_a_member_reacts_to_another_members_message(line: Assembly) -> None:
    """In a group every author has a leg; the reaction belongs to the message, not to the reader."""
    for who, remote in (("ada", "m1"), ("ben", "m2")):
        hello = says(GROUP, who, "hello", remote=remote, audience=Audience.GROUP)
        await line.dispatcher.accept(hello)
    await line.settle()
    liked = Reacted(remote="m1", emojis=("👍",))
    await line.dispatcher.accept(event(GROUP, "ben", liked, audience=Audience.GROUP))
    await line.settle()

    ada, ben = [
        await line.log(await line.leg_of(GROUP, f"telegram:bot:{who}")) for who in ("ada", "ben")
    ]

    assert [(one.by, one.emoji) for one in ada[0].message.reactions] == [("ben", "👍")]
    assert len(ben) == 1


async def test_a_member_reacts_to_the_last_file_of_another_members_album(line: Assembly) -> None:
    """It came later than the others; it is theirs all the same."""
    for who in ("ada", "ben"):
        await line.dispatcher.accept(says(GROUP, who, "hello", audience=Audience.GROUP))
    for remote in ("m1", "m2"):
        one = replace(picture(remote), thread=GROUP, audience=Audience.GROUP)
        await line.dispatcher.accept(one)
        await line.settle()
    liked = Reacted(remote="m2", emojis=("👍",))
    await line.dispatcher.accept(event(GROUP, "ben", liked, audience=Audience.GROUP))
    await line.settle()

    _, album = await line.log(await line.leg_of(GROUP, "telegram:bot:ada"))

    assert [one.by for one in album.message.reactions] == ["ben"]


async def test_a_member_reacts_to_what_we_answered_somebody_else(line: Assembly) -> None:
    await line.dispatcher.accept(says(GROUP, "ada", "hello", audience=Audience.GROUP))
    await line.dispatcher.accept(says(GROUP, "ben", "hello", audience=Audience.GROUP))
    await line.settle()
    ada = await line.conversation_of(GROUP, "telegram:bot:ada")
    await line.reply(ada, "good morning", audience=Audience.GROUP, reply_id="answer")
    await line.settle()
    liked = Reacted(remote="sent-1-answer.0", emojis=("👍",))
    await line.dispatcher.accept(event(GROUP, "ben", liked, audience=Audience.GROUP))
    await line.settle()

    _, answer = await line.log(ada.legs[0].id)

    assert [one.by for one in answer.message.reactions] == ["ben"]


async def test_a_pressed_button_is_what_the_customer_chose(line: Assembly) -> None:
    """It needs an answer like any message, and says which of our questions it answers."""
    await line.dispatcher.accept(says(ADA, "ada", "hello"))
    await line.settle()
    conversation = await line.conversation_of(ADA)
    offer = (Text(text="Which?"), Buttons(rows=((Button(label="The first", value="one"),),)))
    draft = Draft(id=MessageId("offer"), parts=offer)
    await line.agents.reply(conversation, AGENT, draft)
    await line.settle()
    remote = "sent-1-offer.0"

    await line.dispatcher.accept(event(ADA, "ada", ActionInvoked(value="b0", on=remote)))
    await line.settle()

    entry = (await line.log(await line.leg_of(ADA)))[-1]
    assert entry.message.parts == (Choice(value="one", label="The first"),)
    assert entry.message.direction is Direction.IN
    assert (await line.conversation_of(ADA)).status is Status.OPEN


async def test_what_staff_write_by_another_way_is_an_answer(line: Assembly) -> None:
    """The owner of a business account answers from their own phone."""
    await line.dispatcher.accept(says(ADA, "ada", "hello"))
    answer = replace(
        says(ADA, "owner", "I am on it"),
        actor=Actor(kind=ActorKind.STAFF, remote="owner"),
        customer=actor("ada"),
    )
    await line.dispatcher.accept(answer)
    await line.settle()

    conversation = await line.conversation_of(ADA)
    log = await line.log(await line.leg_of(ADA))

    assert [entry.message.direction for entry in log] == [Direction.IN, Direction.OUT]
    assert conversation.status is Status.WAITING_CUSTOMER


async def test_staff_may_write_first(line: Assembly) -> None:
    """The conversation is the customer's all the same."""
    answer = replace(
        says(ADA, "owner", "Good morning"),
        actor=Actor(kind=ActorKind.STAFF, remote="owner"),
        customer=actor("ada"),
    )
    await line.dispatcher.accept(answer)
    await line.settle()

    (leg,) = (await line.conversation_of(ADA)).legs

    assert leg.author == "telegram:bot:ada"


async def test_an_original_told_again_after_its_edit_is_not_doubled(line: Assembly) -> None:
    """A platform tells it again under another number; agents would answer the old words anew."""
    await line.dispatcher.accept(says(ADA, "ada", "helo", remote="m1", dedup="u1"))
    await line.dispatcher.accept(
        event(ADA, "ada", MessageEdited(remote="m1", parts=(Text(text="hello"),)))
    )
    await line.settle()
    await line.dispatcher.accept(says(ADA, "ada", "helo", remote="m1", dedup="u2"))
    await line.settle()

    assert await line.texts(await line.leg_of(ADA)) == ["hello"]


async def test_a_worker_lost_after_it_took_an_original_in_costs_nothing(line: Assembly) -> None:
    """It put the original under its edit and did not live to acknowledge: the next sees that."""
    edit = MessageEdited(remote="m1", parts=(Text(text="hello"),))
    await line.dispatcher.accept(event(ADA, "ada", edit))
    await line.settle()
    await line.dispatcher.accept(says(ADA, "ada", "helo", remote="m1"))
    lane = line.store.keys.lane("in", str(ADA))
    (waiting,) = await line.store.redis.lrange(lane, 0, -1)
    lease = line.handed.popleft()
    await line.dispatcher.dispatch(lease)
    await line.store.redis.rpush(lane, waiting)
    ready = line.store.lanes.ready(str(ADA), ADA.account, "in")
    await line.store.redis.zadd(ready, {str(ADA): 1})
    await line.settle()

    assert await line.texts(await line.leg_of(ADA)) == ["hello"]


async def test_a_file_that_is_taken_out_of_an_album_leaves_the_others(line: Assembly) -> None:
    """The customer still sees them: an agent who saw the whole album struck out would not."""
    for remote in ("m1", "m2", "m3"):
        await line.dispatcher.accept(picture(remote))
    await line.settle()
    for dedup in ("gone", "gone again"):
        await line.dispatcher.accept(event(ADA, "ada", MessageDeleted(remote="m2"), dedup))
    await line.settle()

    (entry,) = await line.log(await line.leg_of(ADA))

    assert (entry.message.refs, entry.message.deleted_at) == (("m1", "m3"), None)
    assert [len(form.parts) for form in entry.message.history] == [3]
    for remote in ("m1", "m3"):
        await line.dispatcher.accept(event(ADA, "ada", MessageDeleted(remote=remote)))
    await line.settle()
    (entry,) = await line.log(await line.leg_of(ADA))
    assert entry.message.deleted_at is not None


async def test_what_is_not_one_file_a_message_is_no_album(line: Assembly) -> None:
    """Files are found by their place in the album: one with two parts would shift all behind it."""
    two = picture("m2")
    assert isinstance(two.body, MessageCreated)
    body = replace(two.body, parts=(*two.body.parts, Text(text="see above")))
    for one in (picture("m1"), replace(two, body=body), picture("m3")):
        await line.dispatcher.accept(one)
    await line.settle()

    log = await line.log(await line.leg_of(ADA))

    assert [entry.message.refs for entry in log] == [("m1", "m3"), ("m2",)]


FURTHER = {
    "an edit whose original is not known": (
        event(thread("ada 2"), "ada", MessageEdited(remote="m1", parts=(Text(text="hello"),))),
    ),
    "an album": tuple(replace(picture(one), thread=thread("ada 2")) for one in ("m1", "m2")),
}


@pytest.mark.parametrize("events", FURTHER.values(), ids=FURTHER)
async def test_a_worker_lost_before_it_had_a_leg_joined_costs_nothing(
    line: Assembly, events: tuple[Inbound, ...]
) -> None:
    """Else an agent would not see that the same person is being answered in another thread."""
    await line.dispatcher.accept(says(ADA, "ada", "hello"))
    await line.settle()
    for one in events:
        await line.dispatcher.accept(one)
    lease = line.handed.popleft()
    leg = line.store.keys.leg_id(line.new_id(), events[0].thread)
    await line.store.people.identify(
        identity_id("telegram", "bot", "ada"),
        events[0].thread,
        events[0].actor,
        leg,
        private=True,
    )
    head = new_leg(
        thread=events[0].thread,
        author=identity_id("telegram", "bot", "ada"),
        author_name="Ada",
        audience=Audience.PRIVATE,
        number=Number("T-2"),
        title="",
        previous=None,
        ungathered=True,
    )
    run = [(lease.entries[0].seq, as_message(events[0]))]
    await line.store.threads.file(lease, "", leg, None, head, run, {}, acknowledge=False)
    await make_due(line.store)
    await line.settle()

    assert len((await line.conversation_of(events[0].thread)).legs) == 2
