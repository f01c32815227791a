"""Names of things: what a reader can take apart comes back together."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.model.ids import (
    ContactId,
    ConversationId,
    IdentityId,
    LegId,
    MessageId,
    Number,
    ThreadRef,
    identity_id,
)
from core.model.message import Sender, SenderKind
from core.model.outbound import Outbound
from core.model.people import Contact, Identity
from core.store.keys import Keys

words = st.text(st.characters(exclude_characters=":"), max_size=8)


@given(channel=words, account=words, thread=st.text(max_size=20))
def test_a_thread_reads_back_from_its_name(channel: str, account: str, thread: str) -> None:
    """Colons are allowed in the platform's part only."""
    ref = ThreadRef(channel=channel, account=account, thread=thread)

    assert ThreadRef.parse(str(ref)) == ref


@given(thread=st.text(max_size=20), partitions=st.sampled_from([1, 16, 64]))
def test_a_leg_lives_in_the_partition_of_its_thread(thread: str, partitions: int) -> None:
    """So every step of a message's way is one script in one slot."""
    keys, ref = Keys(partitions), ThreadRef(channel="c", account="a", thread=thread)

    assert keys.of_leg(keys.leg_id("0" * 26, ref)) == keys.of(str(ref))


@pytest.mark.parametrize("text", ["", "x", "0-zz", "0-ff", "no id"])
def test_what_is_no_leg_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        Keys(16).of_leg(LegId(text))


def test_every_attempt_to_send_a_piece_has_the_same_key() -> None:
    def piece(n: int, *, attempted: bool) -> Outbound:
        return Outbound(
            thread=ThreadRef(channel="c", account="a", thread="t"),
            message=MessageId("m1"),
            parts=(),
            sender=Sender(kind=SenderKind.AGENT, id="x"),
            conversation=ConversationId("c1"),
            number=Number("T-0001-Z"),
            piece=n,
            attempted=attempted,
        )

    assert piece(0, attempted=False).key == piece(0, attempted=True).key == "m1.0"
    assert piece(1, attempted=False).key == "m1.1"


def test_a_contact_is_called_what_the_first_of_its_identities_is_called() -> None:
    def known(remote: str, name: str = "", handle: str = "") -> Identity:
        one = identity_id("telegram", "bot", remote)
        return Identity(
            id=one, channel="telegram", account="bot", remote=remote,
            contact=ContactId(one), name=name, handle=handle,
        )  # fmt: skip

    def contact(*identities: Identity) -> Contact:
        return Contact(id=ContactId("x"), identities=identities)

    assert contact(known("7", name="Ada", handle="@a"), known("8", name="Al")).name == "Ada"
    assert contact(known("7", handle="@a")).name == "@a"
    assert contact(known("7")).name == "7"
    assert contact().name == ""
    assert known("7").id == IdentityId("telegram:bot:7")
