"""What is known of guilds, and what the bot may do in them, from what the gateway told."""

from typing import Any

import msgspec
import pytest

from adapters.discord.known import THREADS_MAX, Known
from adapters.discord.objects.permissions import Permission
from core.errors import MalformedPayload
from tests.rigs.discord.events import known
from tests.rigs.discord.people import (
    ADA,
    BO,
    BOT,
    BOT_ROLE,
    CATEGORY,
    DIRECT,
    GENERAL,
    GUILD,
    POST,
    SECRET,
    STAFF_ROLE,
    SUPPORT,
    THREAD,
    bo,
    bot,
)
from tests.rigs.discord.places import channel, guild, thread

READ = Permission.VIEW_CHANNEL | Permission.READ_MESSAGE_HISTORY
WRITE = Permission.SEND_MESSAGES


def told(found: Known, kind: str, **data: Any) -> Known:
    found.note(kind, msgspec.json.encode(data))
    return found


def overwritten(*overwrites: tuple[str, int, Permission, Permission]) -> Known:
    """The support channel with overwrites: of whom, role (0) or member (1), allowed, denied."""
    listed = [
        {"id": one, "type": kind, "allow": str(int(allow)), "deny": str(int(deny))}
        for one, kind, allow, deny in overwrites
    ]
    changed = channel(SUPPORT, "support", permission_overwrites=listed)
    return told(known(), "CHANNEL_UPDATE", **changed)


def test_channels_and_threads_are_known_from_the_beginning() -> None:
    found = known()
    support, lost = found.channel(SUPPORT), found.channel(THREAD)

    assert support is not None
    assert (support.name, support.guild, support.parent) == ("support", GUILD, CATEGORY)
    assert lost is not None
    assert (lost.is_thread, lost.joined, lost.owner, lost.parent) == (True, False, ADA, SUPPORT)
    assert found.channel(SECRET) is not None
    assert found.channel(DIRECT) is None
    assert list(found.above(THREAD)) == [THREAD, SUPPORT, CATEGORY]


def test_what_is_deleted_is_forgotten_with_all_that_is_in_it() -> None:
    """Memory would grow with every thread that ever was."""
    found = known()

    told(found, "CHANNEL_DELETE", **channel(SUPPORT, "support"))
    told(found, "THREAD_DELETE", id=POST, guild_id=GUILD)

    assert found.channel(SUPPORT) is None
    assert found.channel(THREAD) is None
    assert found.channel(POST) is None
    assert found.channel(GENERAL) is not None


def test_a_guild_that_is_out_of_reach_is_not_forgotten_one_that_was_left_is() -> None:
    away, gone = known(), known()

    told(away, "GUILD_DELETE", id=GUILD, unavailable=True)
    told(gone, "GUILD_DELETE", id=GUILD)

    assert away.guild(GUILD) is not None
    assert away.channel(THREAD) is not None
    assert gone.guild(GUILD) is None
    assert list(gone.channels()) == []
    assert not gone.expects(GUILD)


def test_a_guild_that_is_told_again_has_only_the_channels_it_has_now() -> None:
    """What was deleted while we were away nobody tells."""
    found, now = known(), guild()
    now["channels"] = [one for one in now["channels"] if one["id"] != GENERAL]

    told(found, "GUILD_CREATE", **now)

    assert found.channel(GENERAL) is None
    assert found.channel(SUPPORT) is not None


def test_being_in_a_thread_is_not_forgotten_when_it_is_only_spoken_of() -> None:
    """The rest of a customer's thread would not be heard."""
    found = known()

    found.join(THREAD)
    told(found, "THREAD_UPDATE", **thread(THREAD, "Found parcel"))
    facts = found.channel(THREAD)

    assert facts is not None
    assert (facts.joined, facts.name) == (True, "Found parcel")


def test_being_let_into_a_thread_and_thrown_out_is_told_in_several_ways() -> None:
    found = known()

    told(found, "THREAD_MEMBER_UPDATE", id=THREAD, guild_id=GUILD, user_id=BOT)
    let_in = found.channel(THREAD)
    told(found, "THREAD_MEMBERS_UPDATE", id=THREAD, guild_id=GUILD, removed_member_ids=[BOT])
    out = found.channel(THREAD)
    added = [{"id": THREAD, "user_id": BO}]
    told(found, "THREAD_MEMBERS_UPDATE", id=THREAD, guild_id=GUILD, added_members=added)
    another = found.channel(THREAD)

    assert let_in is not None
    assert let_in.joined
    assert out is not None
    assert not out.joined
    assert another is not None
    assert not another.joined


def test_a_sync_of_threads_replaces_those_of_its_channels() -> None:
    found = known()

    told(
        found,
        "THREAD_LIST_SYNC",
        guild_id=GUILD,
        channel_ids=[SUPPORT],
        threads=[thread("6180011223344556777", "New")],
        members=[{"id": "6180011223344556777", "user_id": BOT}],
    )
    new = found.channel("6180011223344556777")

    assert new is not None
    assert new.joined
    assert found.channel(THREAD) is None
    assert found.channel(POST) is not None, "it is of another channel"


def test_threads_have_an_end() -> None:
    """Law 10: a guild has no end of them."""
    found = known()
    for number in range(THREADS_MAX + 10):
        found.note("THREAD_CREATE", msgspec.json.encode(thread(str(10**18 + number), "x")))

    assert sum(one.is_thread for one in found.channels()) == THREADS_MAX
    assert found.channel(THREAD) is None, "those that were told first are forgotten"


@pytest.mark.parametrize(
    ("found", "reads", "writes"),
    [
        (known(), True, True),
        (overwritten((GUILD, 0, Permission(0), WRITE)), True, False),
        (overwritten((GUILD, 0, Permission(0), READ)), False, True),
        (
            overwritten((GUILD, 0, Permission(0), READ), (BOT_ROLE, 0, READ, Permission(0))),
            True,
            True,
        ),
        (
            overwritten((BOT_ROLE, 0, Permission(0), WRITE), (BOT, 1, WRITE, Permission(0))),
            True,
            True,
        ),
        (overwritten((STAFF_ROLE, 0, Permission(0), WRITE)), True, True),
        (overwritten((ADA, 1, Permission(0), WRITE)), True, True),
        (overwritten((BOT, 1, Permission(0), READ | WRITE)), False, False),
    ],
)
def test_who_may_do_what_follows_discords_own_order(
    found: Known, reads: bool, writes: bool
) -> None:
    """The doctor would send an operator to the wrong switch."""
    assert found.may(SUPPORT, READ) is reads
    assert found.may(SUPPORT, WRITE) is writes
    assert found.may(THREAD, READ) is reads, "a thread has the rights of its channel"


def test_an_administrator_may_do_everything() -> None:
    found = overwritten((GUILD, 0, Permission(0), READ | WRITE))
    role = {"id": BOT_ROLE, "name": "Harbour", "permissions": str(int(Permission.ADMINISTRATOR))}

    told(found, "GUILD_ROLE_UPDATE", guild_id=GUILD, role=role)

    assert found.may(SUPPORT, READ | WRITE | Permission.MANAGE_THREADS)


def test_the_bots_rights_change_with_its_roles() -> None:
    found = known()
    may = found.may(GENERAL, Permission.MANAGE_MESSAGES)

    told(found, "GUILD_MEMBER_UPDATE", guild_id=GUILD, user=bo(), roles=[])
    still = found.may(GENERAL, Permission.MANAGE_MESSAGES)
    told(found, "GUILD_MEMBER_UPDATE", guild_id=GUILD, user=bot(), roles=[])

    assert may
    assert still
    assert not found.may(GENERAL, Permission.MANAGE_MESSAGES)


def test_where_nothing_is_known_nothing_may_be_done() -> None:
    assert not known().may("5180011223344556999", READ)


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b'{"id": 7}', b"\xff"])
def test_what_makes_no_sense_is_refused_and_changes_nothing(data: bytes) -> None:
    found = known()

    with pytest.raises(MalformedPayload):
        found.note("GUILD_CREATE", data)

    assert found.channel(SUPPORT) is not None


def test_events_about_anything_else_are_not_even_read() -> None:
    known().note("PRESENCE_UPDATE", b"no JSON")
