"""What becomes of an event in a leg's log."""

import pytest
from msgspec.structs import replace

from core.ids import new_ulid
from core.model.content import (
    Attachment,
    Button,
    Buttons,
    Choice,
    Media,
    MediaKind,
    System,
    Text,
    Unsupported,
)
from core.model.event import (
    AccountStatus,
    ActionInvoked,
    Actor,
    ActorKind,
    Body,
    MemberChanged,
    MessageCreated,
    MessageDeleted,
    MessageEdited,
    Origin,
    Reacted,
    ReactionsTold,
    Read,
    Typing,
    Unknown,
)
from core.model.ids import AttachmentId
from core.model.message import Direction, Message, Quote, SenderKind
from core.rules.incoming import (
    ALBUM_MAX,
    HISTORY_MAX,
    REACTIONS_MAX,
    amended,
    as_activity,
    as_choice,
    as_message,
    continued,
)
from tests.rigs.events import event, says, thread

ADA = thread("ada")


def message(text: str = "hello") -> Message:
    return as_message(says(ADA, "ada", text, remote="m1"))


def picture(remote: str) -> Media:
    """Each time it is read it gets another id of ours."""
    attachment = Attachment(id=AttachmentId(new_ulid()), remote=f"f-{remote}")
    return Media(media=MediaKind.IMAGE, attachment=attachment)


def file_of(album: str, remote: str) -> Message:
    body = MessageCreated(remote=remote, parts=(picture(remote),), album=album)
    return as_message(event(ADA, "ada", body))


def edit(text: str, rev: int = 0) -> MessageEdited:
    return MessageEdited(remote="m1", parts=(Text(text=text),), rev=rev)


def test_a_message_keeps_what_the_event_said() -> None:
    said = replace(
        says(ADA, "ada", "hello", remote="m1"), origin=Origin.BACKFILL, lost=("sticker.set",)
    )

    made = as_message(said)

    assert (str(made.id), made.direction, made.at) == (said.id, Direction.IN, said.occurred_at)
    assert made.refs == ("m1",)
    assert made.sender.kind is SenderKind.CONTACT
    assert made.sender.id == "telegram:bot:ada"
    assert made.backfilled
    assert made.lost == ("sticker.set",)


def test_an_album_is_one_message_with_all_its_ids() -> None:
    body = MessageCreated(remote="m1", refs=("m2", "m3"), parts=(Text(text="three"),))

    assert as_message(event(ADA, "ada", body)).refs == ("m1", "m2", "m3")


@pytest.mark.parametrize("kind", ActorKind)
def test_every_kind_of_actor_is_some_kind_of_sender(kind: ActorKind) -> None:
    said = replace(says(ADA, "x", "hi"), actor=Actor(kind=kind, remote="x"))

    assert as_message(said).sender.name == "x"


def test_only_what_says_something_is_a_message() -> None:
    with pytest.raises(TypeError):
        as_message(event(ADA, "ada", Typing()))
    with pytest.raises(TypeError):
        as_choice(event(ADA, "ada", Typing()), ())


def test_an_edit_of_nothing_known_is_a_message_whose_original_is_lost() -> None:
    created = as_message(event(ADA, "ada", edit("oh")))

    assert (created.refs, created.rev, created.lost) == (("m1",), 1, ("original",))


def test_an_original_that_comes_after_its_edit_becomes_its_earlier_form() -> None:
    known = as_message(event(ADA, "ada", edit("hello")))

    after = continued(known, message("helo"))

    assert after is not None
    assert after.parts == (Text(text="hello"),)
    assert [one.parts for one in after.history] == [(Text(text="helo"),)]
    assert after.lost == ()


def test_the_same_message_again_changes_nothing() -> None:
    """Telegram may choose the numbers of its updates anew."""
    known = message("hello")

    assert continued(known, message("hello")) is known


def test_another_message_under_the_same_id_is_another_message() -> None:
    """A Message-ID may be given twice; neither mail may be lost."""
    assert continued(message("hello"), message("good bye")) is None


def test_files_that_came_with_their_bytes_are_told_apart() -> None:
    """A platform that hands files over at once has no name to fetch them by."""
    first, second = (
        replace(message(), parts=(Media(media=MediaKind.FILE, attachment=stored(sha256)),))
        for sha256 in ("ab" * 32, "cd" * 32)
    )

    assert continued(first, second) is None
    assert continued(first, first) is first


def stored(sha256: str) -> Attachment:
    return Attachment(id=AttachmentId(sha256), sha256=sha256)


def test_a_file_joins_its_album_once() -> None:
    first, second = file_of("album", "m1"), file_of("album", "m2")

    album = continued(first, second)

    assert album is not None
    assert album.refs == ("m1", "m2")
    assert album.parts == first.parts + second.parts
    assert continued(album, second) is album


def test_an_edit_within_an_album_changes_its_own_file_only() -> None:
    album = continued(file_of("album", "m1"), file_of("album", "m2"))
    assert album is not None
    captioned = replace(picture("m2"), caption="the second")

    after = amended(album, event(ADA, "ada", MessageEdited(remote="m2", parts=(captioned,))))

    assert after is not None
    assert [getattr(part, "caption", None) for part in after.parts] == ["", "the second"]


def test_an_edited_caption_keeps_the_file_that_is_stored() -> None:
    stored = replace(
        picture("m1"), attachment=Attachment(id=AttachmentId("a"), remote="f-m1", sha256="ab")
    )
    before = replace(message(""), parts=(stored,))
    captioned = replace(picture("m1"), caption="look")

    after = amended(before, event(ADA, "ada", MessageEdited(remote="m1", parts=(captioned,))))

    assert after is not None
    assert after.parts == (replace(stored, caption="look"),)


def test_a_pressed_key_is_the_choice_that_was_offered() -> None:
    rows = ((Button(label="Yes", value="confirm"), Button(label="More", url="https://x.example")),)
    offered = (Text(text="Sure?"), Buttons(rows=rows))

    said = as_choice(event(ADA, "ada", ActionInvoked(value="b0", label="?", on="m1")), offered)

    assert as_message(said).parts == (Choice(value="confirm", label="Yes"),)
    assert as_message(said).answers == Quote(remote="m1")


@pytest.mark.parametrize("key", ["b1", "b7", "b", "b-1", "confirm", "b٣", "b00000000000001"])
def test_what_was_not_offered_stays_what_the_platform_said(key: str) -> None:
    """A customer's client may send any key: it must not become a choice of ours."""
    rows = ((Button(label="Yes", value="confirm"), Button(label="More", url="https://x.example")),)

    said = as_choice(event(ADA, "ada", ActionInvoked(value=key)), (Buttons(rows=rows),))

    assert as_message(said).parts == (Choice(value=key),)


def test_what_staff_wrote_elsewhere_goes_out() -> None:
    said = replace(says(ADA, "owner", "hi"), actor=Actor(kind=ActorKind.STAFF, remote="owner"))

    assert as_message(said).direction is Direction.OUT


def test_an_edit_keeps_the_earlier_form() -> None:
    before = message("helo")

    after = amended(before, event(ADA, "ada", edit("hello")))

    assert after is not None
    assert after.parts == (Text(text="hello"),)
    assert after.rev == 1
    assert [one.parts for one in after.history] == [before.parts]


def test_an_edit_that_is_told_twice_changes_nothing_more() -> None:
    once = amended(message("helo"), event(ADA, "ada", edit("hello", rev=7)))
    assert once is not None

    assert amended(once, event(ADA, "ada", edit("hello", rev=7))) is None
    assert amended(once, event(ADA, "ada", edit("an older form", rev=6))) is None


def test_history_has_an_end() -> None:
    """Law 10."""
    found: Message | None = message("0")
    for n in range(1, HISTORY_MAX + 10):
        assert found is not None
        found = amended(found, event(ADA, "ada", edit(str(n))))

    assert found is not None
    assert len(found.history) == HISTORY_MAX
    assert found.history[-1].parts == (Text(text=str(HISTORY_MAX + 8)),)


def test_a_crowd_of_reactions_has_an_end() -> None:
    """Law 10: each one writes the whole message anew."""
    found: Message | None = message()
    for n in range(REACTIONS_MAX + 10):
        assert found is not None
        found = amended(found, event(ADA, f"member {n}", Reacted(remote="m1", emojis=("+",))))

    assert found is not None
    assert len(found.reactions) == REACTIONS_MAX
    assert found.reactions[-1].by == f"member {REACTIONS_MAX + 9}"


def test_an_album_has_an_end() -> None:
    """Law 10: what is too much for one message is another one."""
    album: Message | None = file_of("album", "m0")
    for n in range(1, ALBUM_MAX):
        assert album is not None
        album = continued(album, file_of("album", f"m{n}"))

    assert album is not None
    assert len(album.parts) == ALBUM_MAX
    assert continued(album, file_of("album", "one more")) is None
    assert continued(album, file_of("album", "m7")) is album


def test_a_deleted_message_stays_and_says_so() -> None:
    gone = event(ADA, "ada", MessageDeleted(remote="m1"))

    after = amended(message(), gone)

    assert after is not None
    assert after.parts == message().parts
    assert after.deleted_at == gone.occurred_at
    assert amended(after, gone) is None


def test_reactions_are_each_persons_own() -> None:
    after = message()
    for who, emojis in (("ada", ("+", "!")), ("ben", ("?",)), ("ada", ("-",))):
        changed = amended(after, event(ADA, who, Reacted(remote="m1", emojis=emojis)))
        assert changed is not None
        after = changed

    assert sorted((one.by, one.emoji) for one in after.reactions) == [("ada", "-"), ("ben", "?")]


def after_reactions(*told: tuple[str, ReactionsTold, tuple[str, ...]]) -> list[tuple[str, str]]:
    """Who has which reactions, after two people were told of one by one."""
    found = message()
    for who, how, emojis in told:
        body = Reacted(remote="m1", emojis=emojis, told=how)
        found = amended(found, event(ADA, who, body)) or found
    return sorted((one.by, one.emoji) for one in found.reactions)


ADDED, REMOVED, CLEARED = ReactionsTold.ADDED, ReactionsTold.REMOVED, ReactionsTold.CLEARED


@pytest.mark.parametrize(
    ("last", "left"),
    [
        (("ada", ADDED, ("?",)), [("ada", "!"), ("ada", "+"), ("ada", "?"), ("ben", "+")]),
        (("ada", ADDED, ("+",)), [("ada", "!"), ("ada", "+"), ("ben", "+")]),
        (("ada", REMOVED, ("+",)), [("ada", "!"), ("ben", "+")]),
        (("ada", REMOVED, ("?",)), [("ada", "!"), ("ada", "+"), ("ben", "+")]),
        (("a moderator", CLEARED, ("+",)), [("ada", "!")]),
        (("a moderator", CLEARED, ()), []),
        (("ada", ReactionsTold.EXACTLY, ("?",)), [("ada", "?"), ("ben", "+")]),
    ],
)
def test_reactions_that_are_told_one_by_one_add_up(
    last: tuple[str, ReactionsTold, tuple[str, ...]], left: list[tuple[str, str]]
) -> None:
    """Discord says what has changed; an agent wants to see what there is."""
    before = (("ada", ADDED, ("+",)), ("ada", ADDED, ("!",)), ("ben", ADDED, ("+",)))

    assert after_reactions(*before, last) == left


def test_a_reaction_that_is_told_twice_changes_nothing_again() -> None:
    """Each change writes the whole message anew."""
    added = event(ADA, "ada", Reacted(remote="m1", emojis=("+",), told=ADDED))
    once = amended(message(), added)

    assert once is not None
    assert amended(once, added) is None


def test_what_changes_no_message_amends_none() -> None:
    assert amended(message(), event(ADA, "ada", Read(remote="m1"))) is None


@pytest.mark.parametrize(
    ("body", "parts"),
    [
        (ActionInvoked(value="yes", label="Yes"), (Choice(value="yes", label="Yes"),)),
        (
            MemberChanged(member="Ben", change="joined"),
            (System(code="member_joined", text="Ben"),),
        ),
        (AccountStatus(code="blocked", text="x"), (System(code="blocked", text="x"),)),
        (MessageDeleted(remote="m9"), (System(code="message_deleted_of_unknown", text="m9"),)),
        (Reacted(remote="m9", emojis=()), (System(code="reacted_of_unknown", text="m9"),)),
        (
            Unknown(platform_kind="gift"),
            (Unsupported(platform_kind="gift", summary="an event of the kind gift"),),
        ),
        (Read(remote="m1"), (System(code="read"),)),
    ],
)
def test_whatever_else_happens_is_a_line_that_agents_see(
    body: Body, parts: tuple[object, ...]
) -> None:
    """Law 5: nothing is dropped in silence."""
    happened = event(ADA, "ada", body)

    line = as_activity(happened)

    assert line.direction is Direction.ACTIVITY
    assert line.parts == parts
    assert str(line.id) == happened.id, "the same event makes the same line"
