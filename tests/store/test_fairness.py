"""Law 3: what is wrong with one thread, or one account, costs no other anything."""

from core.model.message import DeliveryState
from tests.rigs.redis_server import RedisServer
from tests.rigs.trouble import ANSWERS_TO_FAILING, FAILING, LIMITED, OTHERS, Office, office

ROUNDS = 5


async def _cost(desk: Office) -> tuple[int, int]:
    """Operations on the others' lanes and platform calls into their threads, for some rounds."""
    operations, calls = desk.operations_of_others(), desk.calls_for_others()
    for _ in range(ROUNDS):
        await desk.round()
    return desk.operations_of_others() - operations, desk.calls_for_others() - calls


async def test_others_cost_the_same_while_an_account_is_at_its_limit_and_a_thread_fails(
    server: RedisServer,
) -> None:
    """Customers who are answered while somebody else's phone is off, or their inbox is flooded."""
    async with office(server.url) as desk:
        calm = await _cost(desk)
        await desk.get_into_trouble()
        failed = desk.platform.calls[FAILING.thread]

        troubled = await _cost(desk)

        assert troubled == calm
        assert troubled == (2 * ROUNDS * len(OTHERS), ROUNDS * len(OTHERS)), "reply, sent; one call"
        assert await _waiting(desk) > len(LIMITED) / 2, "the account is at its limit all the while"
        assert desk.platform.calls[FAILING.thread] >= failed > 1


async def _waiting(desk: Office) -> int:
    """Answers that wait for an account's turn, or behind one that fails."""
    line, waiting = desk.line, 0
    for where in LIMITED:
        delivery = (await line.log(await line.leg_of(where)))[-1].delivery
        assert delivery is not None
        waiting += delivery.state is DeliveryState.QUEUED
    log = await line.log(await line.leg_of(FAILING))
    states = [one.delivery.state for one in log if one.delivery]
    assert len(states) == ANSWERS_TO_FAILING
    assert DeliveryState.SENT not in states
    return waiting
