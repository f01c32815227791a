"""Which leg a message goes to, and who may read what."""

import pytest

from core.model.conversation import Status
from core.model.ids import IdentityId, LegId
from core.model.message import Audience
from core.rules.audience import fits
from core.rules.routing import Bound, author_key, goes_on

ADA = IdentityId("telegram:bot:ada")
LEG = LegId("01J-00")


def test_a_private_thread_is_one_whoever_writes() -> None:
    """The platform says it is one person's; their handle may change."""
    assert author_key(Audience.PRIVATE, ADA) == ""


@pytest.mark.parametrize("audience", [Audience.GROUP, Audience.PUBLIC])
def test_elsewhere_each_author_has_their_own(audience: Audience) -> None:
    assert author_key(audience, ADA) == ADA


@pytest.mark.parametrize("status", Status)
def test_a_message_goes_on_with_whatever_is_not_closed(status: Status) -> None:
    assert goes_on(Bound(leg=LEG, status=status)) is (status is not Status.CLOSED)


def test_a_sealed_leg_or_none_means_a_new_one() -> None:
    assert not goes_on(Bound(leg=LEG, status=Status.OPEN, sealed=True))
    assert not goes_on(None)


@pytest.mark.parametrize(
    ("meant", "actual", "allowed"),
    [
        (Audience.PRIVATE, Audience.PRIVATE, True),
        (Audience.PRIVATE, Audience.GROUP, False),
        (Audience.PRIVATE, Audience.PUBLIC, False),
        (Audience.GROUP, Audience.PRIVATE, True),
        (Audience.GROUP, Audience.GROUP, True),
        (Audience.GROUP, Audience.PUBLIC, False),
        (Audience.PUBLIC, Audience.PRIVATE, True),
        (Audience.PUBLIC, Audience.GROUP, True),
        (Audience.PUBLIC, Audience.PUBLIC, True),
    ],
)
def test_text_goes_to_no_wider_audience_than_it_was_meant_for(
    meant: Audience, actual: Audience, allowed: bool
) -> None:
    """Law 7, all of it."""
    assert fits(meant, actual) is allowed
