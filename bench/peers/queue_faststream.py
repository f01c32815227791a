"""FastStream on Redis: streams with a consumer group, acknowledged after the handler.

At least once: what was not acknowledged stays pending, for whoever claims it. Many handlers run at
once, so in no order; a message that was sent twice is handled twice.

Set up for speed as it documents: the binary format of messages, no validation of arguments, no log,
a hundred entries a read. The ways:

- `each`: every message is sent, handled and acknowledged by itself, as many at once as callers.
- `plain`: so it is, by a broker as the first page of its documentation has it: messages are JSON,
  arguments are validated, entries come as they come, one is handled at a time.
- `lists`: every message is sent by itself; the handler takes what waits as a list, acknowledged as
  a whole, so that all of it comes again where one fails.
- `pipelines`: so it is, and its sender has collected 32 messages of its own accord, which leave by
  one pipeline.
"""

from faststream.redis import BinaryMessageFormatV1, RedisBroker, StreamSub
from redis.asyncio import Redis

from bench.peers.closed_loop import Asked, Trips, acknowledged, measure, run

GROUP = "bench"
AT_ONCE = 32


class Queue:
    """Two streams at most; the last one's handler ends the trip."""

    def __init__(self, asked: Asked, sending: "Redis") -> None:
        self._sending, self._way = sending, asked.way
        self.trips = Trips(asked.text)
        self.broker = (
            RedisBroker(asked.url, logger=None)
            if asked.way == "plain"
            else RedisBroker(
                asked.url, logger=None, apply_types=False, message_format=BinaryMessageFormatV1
            )
        )
        for name, after in zip(asked.queues, (*asked.queues[1:], ""), strict=True):
            if asked.way == "plain":
                self._handle_each(StreamSub(name, group=GROUP, consumer="one"), after, 1)
            elif asked.way == "each":
                stream = StreamSub(
                    name, group=GROUP, consumer="one", max_records=100, polling_interval=1000
                )
                self._handle_each(stream, after, asked.callers)
            else:
                self._handle_lists(name, after)

    def _handle_each(self, stream: StreamSub, after: str, workers: int) -> None:
        @self.broker.subscriber(stream=stream, max_workers=workers)
        async def handle(message: str) -> None:
            if after:
                await self.broker.publish(message, stream=after)
            else:
                self.trips.end(message)

    def _handle_lists(self, name: str, after: str) -> None:
        stream = StreamSub(
            name, group=GROUP, consumer="one", max_records=100, polling_interval=1000, batch=True
        )

        @self.broker.subscriber(stream=stream)
        async def handle(messages: list[str]) -> None:
            if after:
                await self._publish(messages, after)
                return
            for message in messages:
                self.trips.end(message)

    async def _publish(self, messages: list[str], name: str) -> None:
        pipeline = self._sending.pipeline(transaction=False)
        for message in messages:
            await self.broker.publish(message, stream=name, pipeline=pipeline)
        await pipeline.execute()

    async def send(self, key: str) -> None:
        if self._way != "pipelines":
            message, through = self.trips.begin(key)
            await self.broker.publish(message, stream="in")
            await through
            return
        begun = [self.trips.begin(f"{key}.{n}") for n in range(AT_ONCE)]
        await self._publish([message for message, _ in begun], "in")
        for _, through in begun:
            await through


async def main(asked: Asked) -> None:
    async with Redis.from_url(asked.url) as redis:
        queue = Queue(asked, redis)
        async with queue.broker:
            await queue.broker.start()
            await measure(
                redis,
                queue.send,
                lambda: acknowledged(redis, asked.queues, GROUP),
                at_once=AT_ONCE if asked.way == "pipelines" else 1,
            )


if __name__ == "__main__":
    run(main)
