"""An operator's Redis in a history."""

import resource

from redis.asyncio import Redis
from redis.exceptions import RedisError

from tests.histories.place import Own
from tests.rigs.redis_server import RedisServer
from tests.rigs.waiting import eventually


async def test_a_server_that_ends_where_its_disk_is_full_is_started_again() -> None:
    """Everybody would wait for it to the end of the history, and nobody would be to blame."""
    with RedisServer("--appendfsync", "always") as server:
        own = Own(server)
        _, hard = resource.prlimit(own.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(own.pid, resource.RLIMIT_FSIZE, (0, hard))
        async with Redis.from_url(own.url) as redis:
            try:
                await redis.set("key", "value")
            except RedisError:
                await eventually(lambda: server.has_ended)

            await own.tend()

            assert await redis.exists("key") == 0
            assert await redis.set("key", "value")
