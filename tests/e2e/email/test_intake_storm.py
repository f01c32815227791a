"""Mail in while everything on the line goes wrong by chance, repeatably."""

import pytest

from sandbox.mail.weather import mail_storm
from tests.contract.email_harness import EmailHarness
from tests.contract.harness import Person
from tests.contract.running import receiving, words
from tests.contract.surroundings import Inbox, Lent
from tests.rigs.waiting import eventually

ROUNDS = 6
MAILS_A_ROUND = 5
ROUND_SECONDS_MAX = 20.0


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_every_mail_comes_whatever_strikes_and_the_same_each_time(
    host: EmailHarness, lent: Lent, mei: Person, seed: int
) -> None:
    """A mail may come twice, which the gateway notices by its key; it may not be lost or torn."""
    storm = mail_storm(seed, slow_seconds=0.05)
    host.sandbox.world.faults.storms.append(storm)
    inbox, written = Inbox(), set[str]()

    def all_are_here() -> bool:
        return written <= {words(event) for event in inbox.events}

    async with host.adapter(lent.surroundings) as adapter, receiving(adapter, inbox):
        for number in range(ROUNDS):
            texts = {f"mail {number}.{one}" for one in range(MAILS_A_ROUND)}
            written.update(texts)
            for text in texts:
                host.write(mei, text)
            await eventually(all_are_here, timeout_seconds=ROUND_SECONDS_MAX)

    told = {(event.dedup, words(event)) for event in inbox.events}
    assert {text for _, text in told} == written
    assert len(told) == len({key for key, _ in told}) == len(written)
    assert storm.struck
