"""Mails as they really come, odd ones above all, and what a person would read in each."""

import pytest

from adapters.email.account import Account, Delivered
from adapters.email.incoming.attachments import bytes_at
from adapters.email.incoming.normalise import normalise
from core.model.content import Card, Media, Text
from core.model.event import Inbound, MessageCreated
from core.model.ids import EventId
from tests.rigs.odd_mails import ODD_MAILS
from tests.rigs.odd_mails.writing import MADE_ID, NOW, US, File, Odd

DELIVERED = Delivered(event=EventId("E"), received_at=NOW)
ACCOUNT = Account(name="support", address=US, secret=b"k" * 32)
COUNT_MIN = 120
RIGHT_MIN = 0.95


def test_the_odd_mails_are_many_and_each_has_a_name() -> None:
    names = [odd.name for odd in ODD_MAILS]

    assert len(names) >= COUNT_MIN
    assert len(set(names)) == len(names)


def test_nearly_all_odd_mails_are_right_in_every_field() -> None:
    """Each of these stopped or garbled some other help desk."""
    wrong = {odd.name: found for odd in ODD_MAILS if (found := mistakes(odd))}

    said = "\n".join(f"{name}: {'; '.join(found)}" for name, found in wrong.items())
    assert len(wrong) <= (1 - RIGHT_MIN) * len(ODD_MAILS), said


@pytest.mark.parametrize("odd", ODD_MAILS, ids=[odd.name for odd in ODD_MAILS])
def test_an_odd_mail_is_read_as_people_mean_it(odd: Odd) -> None:
    assert mistakes(odd) == []


def mistakes(odd: Odd) -> list[str]:
    """Every field that is not as expected: what it is, and what it should be."""
    [event] = normalise(odd.raw, ACCOUNT, DELIVERED).events
    body = event.body
    assert isinstance(body, MessageCreated)
    found = {
        "texts": (tuple(part.text for part in body.parts if isinstance(part, Text)), odd.texts),
        "sender": (
            event.actor.remote.partition("-")[0] if odd.sender == "unknown" else event.actor.remote,
            odd.sender,
        ),
        "person": (event.actor.name, odd.person),
        "subject": (body.subject, odd.subject),
        "recipients": (recipients(body), odd.recipients),
        "files": files(body, odd.files),
        "cards": (cards(body), odd.cards),
        "id": (MADE_ID if body.remote.startswith("<gen-") else body.remote, odd.id),
        "at": (event.occurred_at, odd.at),
        "protection": (body.protection, odd.protection),
    }
    wrong = [f"{name} {is_!r}, not {want!r}" for name, (is_, want) in found.items() if is_ != want]
    return wrong + wrongly_lost(event, odd.lost)


def wrongly_lost(event: Inbound, expected: tuple[str, ...]) -> list[str]:
    missing = [
        f"not lost: {one}" for one in expected if not any(one in lost for lost in event.lost)
    ]
    further = [f"lost: {lost}" for lost in event.lost if not any(one in lost for one in expected)]
    return missing + further


def recipients(body: MessageCreated) -> tuple[str, ...]:
    return tuple(
        " ".join(filter(None, (one.role.value, one.name, f"<{one.address}>")))
        for one in body.recipients
    )


def files(body: MessageCreated, expected: tuple[File, ...]) -> tuple[object, object]:
    found = [part.attachment for part in body.parts if isinstance(part, Media)]
    sizes = [file.size for file in expected] + [None] * len(found)
    read = tuple(
        File(one.name, one.media_type, one.size_bytes if size is not None else None)
        for one, size in zip(found, sizes, strict=False)
    )
    return read, expected


def cards(body: MessageCreated) -> tuple[str, ...]:
    return tuple(f"{card.title}\n{card.text}" for card in body.parts if isinstance(card, Card))


def test_pictures_in_the_html_form_are_those_attached() -> None:
    """Shown where the sender put them, by the attachment's id, whatever order they came in."""
    [odd] = [odd for odd in ODD_MAILS if odd.name == "related-round-alternative"]

    normalised = normalise(odd.raw, ACCOUNT, DELIVERED)

    [event] = normalised.events
    assert isinstance(event.body, MessageCreated)
    [text] = [part for part in event.body.parts if isinstance(part, Text)]
    [picture] = [part for part in event.body.parts if isinstance(part, Media)]
    assert f"cid:{picture.attachment.id}" in normalised.blobs[text.html].decode()


@pytest.mark.parametrize("odd", ODD_MAILS, ids=[odd.name for odd in ODD_MAILS])
def test_every_file_of_an_odd_mail_can_be_fetched(odd: Odd) -> None:
    """An agent who clicks on a file gets that one, in the size that was told."""
    [event] = normalise(odd.raw, ACCOUNT, DELIVERED).events

    assert isinstance(event.body, MessageCreated)
    for part in event.body.parts:
        if isinstance(part, Media):
            place = part.attachment.remote.partition("#")[2]
            data = bytes_at(odd.raw, place, ACCOUNT.limits.depth_max)
            assert data is not None
            assert len(data) == part.attachment.size_bytes
